/** `hearthbeat status`: whether the agent runs, what it can see, and whether what it sees reaches the desk. */

import type { Command } from 'commander';
import type { AgentView } from '../../agent/diagnostics/view.ts';
import { duration } from '../../base/duration.ts';
import { isToPlan } from '../../protocol/alert-catalogue.ts';
import type { AbsenceMessage } from '../../protocol/messages.ts';
import { readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { mirrorWords } from '../render/mirror-words.ts';
import { silencedWhat, silenceWords } from '../render/silence-words.ts';
import { paint } from '../render/words.ts';

export async function status(context: CliContext, command: Command): Promise<number> {
  const { view, running, dataFolder } = await readAgentView(context, command);
  const problems = problemsIn(view, running);
  if (globalFlags(command).json) {
    const { devices: _, ...rest } = view;
    printJson(context, { running, dataFolder, problems, counts: countStates(view), ...rest });
  } else {
    context.stdout.write(`${lines(view, running, dataFolder).join('\n')}\n`);
    for (const problem of problems) context.stdout.write(`${paint('yellow', '!', context.stdout, context.env)} ${problem}\n`);
  }
  return problems.length > 0 ? EXIT.problems : EXIT.fine;
}

function lines(view: AgentView, running: boolean, dataFolder: string): string[] {
  const lans = view.interfaces.map((lan) => `${lan.name} ${lan.address}/${lan.prefixLength}`).join(', ');
  const counts = Object.entries(countStates(view)).map(([state, count]) => `${count} ${state}`);
  return [
    `Agent     ${running ? `running, version ${view.version}` : 'not running'} (data in ${dataFolder})`,
    `LAN       ${lans || 'not known'}`,
    `Devices   ${counts.join(', ') || 'none yet'}`,
    `Router    ${view.site.gateway}`,
    `Internet  ${view.internet.state}. ${view.internet.reason}`,
    `Names     ${view.names.state}. ${view.names.reason}`,
    `Alerts    ${alertsLine(view.alerts.filter((alert) => !isToPlan(alert)))}`,
    ...(view.alerts.some(isToPlan) ? [`To plan   ${alertsLine(view.alerts.filter(isToPlan))}`] : []),
    ...view.silences.map((silence) => `Silence   ${silencedWhat(silence, view.devices)}: ${silenceWords(silence, view.at)}`),
    `Desk      ${deskLine(view)}`,
    ...(view.mirror ? [`Mirror    ${mirrorWords(view.mirror)}`] : []),
    ...(view.site.absence ? [`Away      ${awayWords(view.site.absence)}`] : []),
  ];
}

/** By the clock of the hub, like all times here. */
function awayWords({ from, to, text }: AbsenceMessage): string {
  const at = (instant: number): string => new Date(instant).toISOString().slice(0, 16).replace('T', ' ');
  return `between ${at(from)} and ${at(to)} UTC, for ${duration(to - from)} at most. ${text}`;
}

function alertsLine(alerts: AgentView['alerts']): string {
  return alerts.length === 0 ? 'none' : alerts.map(alertWords).join('; ');
}

function alertWords({ title, acknowledged }: AgentView['alerts'][number]): string {
  return acknowledged ? `${title} (acknowledged by ${acknowledged.by})` : title;
}

function deskLine({ uplink, mirror }: AgentView): string {
  if (!uplink)
    return `none: this hub works for its house alone${mirror ? '; the mirror shows the present, and nothing is kept for a desk' : ''}`;
  const waiting =
    uplink.waiting.count === 0
      ? 'nothing waits'
      : `${uplink.waiting.count} entries wait${uplink.oldestAgeMs === undefined ? '' : `, the oldest for ${duration(uplink.oldestAgeMs)}`}`;
  return `${uplink.granted ? `connected, session ${uplink.session}` : 'not connected'}; ${waiting}`;
}

function problemsIn(view: AgentView, running: boolean): string[] {
  if (!running) return ['The agent does not run: nothing is watched. Start it with `hearthbeat up` or the service manager.'];
  const blind = view.coverage.filter((coverage) => coverage.status === 'unavailable' || coverage.status === 'degraded');
  return [
    ...(view.storeProblem ? [view.storeProblem] : []),
    ...(view.uplink?.problem ? [view.uplink.problem] : []),
    ...(view.mirror?.problem ? [`Mirror: ${view.mirror.problem}`] : []),
    ...(view.lifecycle?.failures
      ? [`How near their end devices are could not be found out (${view.lifecycle.failures} times; see the log).`]
      : []),
    ...blind.map(
      (coverage) =>
        `${coverage.interface} ${coverage.method}: ${coverage.problem ?? coverage.status}${coverage.fix ? ` ${coverage.fix}` : ''}`,
    ),
  ];
}

function countStates(view: AgentView): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const device of view.devices) counts[device.state] = (counts[device.state] ?? 0) + 1;
  return counts;
}
