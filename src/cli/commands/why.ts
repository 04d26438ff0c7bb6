/** `hearthbeat why <device>`: the state of a device, since when, and everything that led to it. */

import type { Command } from 'commander';
import { titleOf } from '../../agent/inventory/describe.ts';
import { duration } from '../../base/duration.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { stageWords } from '../../web/lifecycle-words.ts';
import { noteStopped, readAgentView, readSaved } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { findDevice } from '../find-device.ts';
import { evidenceLines } from '../render/evidence.ts';
import { pastLines, type Stretch, stretchesOf } from '../render/past-states.ts';
import { acknowledgedWords, silenceWords } from '../render/silence-words.ts';
import { promiseWords, servingLines } from '../render/watched-words.ts';
import { clockTime, paint, stateColour } from '../render/words.ts';

const SHOWN = 5;
/** Of what is printed for programs. */
const TOLD = 50;

export async function why(context: CliContext, command: Command): Promise<number> {
  const known = await readAgentView(context, command);
  const device = findDevice(known.view.devices, String(command.args[0]));
  const alerts = known.view.alerts.filter((alert) => alert.device === device.id);
  const past = pastOf(known.dataFolder, device);
  if (globalFlags(command).json) {
    const {
      id,
      name,
      state,
      since,
      reason,
      profile,
      detectWithinMs,
      detectBecause,
      reportAfterMs,
      explainedBy,
      decline,
      serving,
      evidence,
    } = device;
    printJson(context, {
      device: { id, name, ips: device.ips },
      running: known.running,
      state,
      since,
      reason,
      profile,
      detectWithinMs,
      ...(detectBecause === undefined ? {} : { detectBecause }),
      ...(reportAfterMs === undefined ? {} : { reportAfterMs }),
      ...(explainedBy === undefined ? {} : { explainedBy }),
      ...(decline === undefined ? {} : { decline }),
      ...(serving === undefined ? {} : { serving }),
      evidence,
      past,
      alerts,
      ...(device.silence ? { silence: device.silence } : {}),
    });
    return EXIT.fine;
  }
  noteStopped(context, known);
  const { at } = known.view;
  const state = paint(stateColour(device.state), device.state, context.stdout, context.env);
  const lines = [
    `${titleOf(device)} at ${device.ips[0] ?? 'no address'} is ${state} since ${clockTime(device.since, at)} (${duration(at - device.since)}).`,
    device.reason,
    ...servingLines(device),
    ...alerts.map((alert) => {
      const seen = alert.acknowledged ? `, ${acknowledgedWords(alert.acknowledged, at)}` : '';
      const stage = stageWords(alert, at);
      const why = stage === undefined ? '' : ` ${stage.charAt(0).toUpperCase()}${stage.slice(1)}. ${alert.text}`;
      return `Alert: ${alert.title}, since ${clockTime(alert.raisedAt, at)}${seen}.${why}`;
    }),
    ...(device.silence ? [`It is ${silenceWords(device.silence, at)}: no new alert about it is raised before.`] : []),
    ...(device.personal ? ['It belongs to a person: no alert is raised and nothing about it leaves this house.'] : []),
    '',
    ...evidenceLines(device.evidence, at),
    ...pastLines(past.slice(0, SHOWN), at),
    promiseWords(device),
  ];
  context.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.fine;
}

/** How it was before, the newest first; nothing where the disk cannot be read while the agent works from memory. */
function pastOf(dataFolder: string, { id, since }: { readonly id: string; readonly since: number }): Stretch[] {
  try {
    const changes = readSaved(dataFolder, ({ health }) => health.history(id, TOLD));
    return stretchesOf(changes, since);
  } catch (error) {
    if (error instanceof HearthbeatError) return [];
    throw error;
  }
}
