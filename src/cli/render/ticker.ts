/** A running line of progress, and lines of news about what changed since the last look. */
import type { AgentView } from '../../agent/diagnostics/view.ts';
import { titleAndPlace } from '../../agent/inventory/describe.ts';
import type { CliContext } from '../context.ts';
import { paint, stateColour } from './words.ts';

export type Ticker = {
  /** Shows `text` in place of the last progress; on something that is no terminal only now and then. */
  progress(text: string): void;
  clear(): void;
  /** Prints what differs from the view before: alerts that came and went, devices that appeared or changed state; people's own devices are nobody's news. */
  news(view: AgentView): void;
};

const PLAIN_PROGRESS_EVERY = 6;

export function createTicker({ stdout, stderr, env }: CliContext): Ticker {
  let calls = 0;
  let before: AgentView | undefined;
  const clear = (): void => {
    if (stderr.isTTY) stderr.write('\r\u001b[K');
  };
  return {
    progress(text) {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${text} ...`);
      else if (calls++ % PLAIN_PROGRESS_EVERY === 0) stderr.write(`${text}\n`);
    },
    clear,
    news(view) {
      const lines = before ? newsBetween(before, view, (state, text) => paint(stateColour(state), text, stdout, env)) : [];
      before = view;
      for (const { at, text } of lines) stdout.write(`${new Date(at).toTimeString().slice(0, 8)}  ${text}\n`);
    },
  };
}

type Colour = (state: AgentView['devices'][number]['state'], text: string) => string;

type News = { readonly at: number; readonly text: string };

function newsBetween(before: AgentView, after: AgentView, colour: Colour): News[] {
  const fired = new Set(before.alerts.map((alert) => alert.key));
  const firing = new Set(after.alerts.map((alert) => alert.key));
  const raised = after.alerts.filter((alert) => !fired.has(alert.key));
  const over = before.alerts.filter((alert) => !firing.has(alert.key));
  const told = new Set([...raised, ...over].map((alert) => alert.device));
  return [
    ...deviceNews(before, after, colour).filter(({ id }) => !told.has(id)),
    ...raised.map((alert) => ({ at: alert.raisedAt, text: colour('down', `${alert.title}. ${alert.text}`) })),
    ...over.map((alert) => ({ at: after.at, text: colour('up', `Over: ${alert.title}.`) })),
  ].sort((a, b) => a.at - b.at);
}

function deviceNews(before: AgentView, after: AgentView, colour: Colour): (News & { id: string })[] {
  const known = new Map(before.devices.map((device) => [device.id, device]));
  return after.devices.flatMap((device) => {
    const { id, state } = device;
    const was = known.get(id)?.state;
    if (device.personal || was === state || state === 'suspect' || (was === 'suspect' && state === 'up')) return [];
    if (was === undefined) return [{ id, at: device.firstSeenAt, text: `New: ${titleAndPlace(device)}.` }];
    return [{ id, at: device.since, text: `${titleAndPlace(device)} is ${colour(state, state)}. ${device.reason}` }];
  });
}
