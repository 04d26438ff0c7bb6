/** A running line of progress, and lines of news about what changed since the last look. */
import type { AgentView } from '../../agent/diagnostics/view.ts';
import { titleOf } from '../../agent/inventory/describe.ts';
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
      const time = new Date(view.at).toTimeString().slice(0, 8);
      for (const line of lines) stdout.write(`${time}  ${line}\n`);
    },
  };
}

type Colour = (state: AgentView['devices'][number]['state'], text: string) => string;

function newsBetween(before: AgentView, after: AgentView, colour: Colour): string[] {
  const devices = new Map(before.devices.map((device) => [device.id, device]));
  const firing = new Set(before.alerts.map((alert) => alert.key));
  const still = new Set(after.alerts.map((alert) => alert.key));
  return [
    ...after.devices.flatMap((device) => {
      if (device.personal) return [];
      const known = devices.get(device.id);
      if (!known) return [`new: ${titleOf(device)} at ${device.ips[0] ?? 'no address'}`];
      if (known.state === device.state || device.state === 'suspect' || (known.state === 'suspect' && device.state === 'up')) return [];
      return [`${titleOf(device)} is ${colour(device.state, device.state)}. ${device.reason}`];
    }),
    ...after.alerts.filter((alert) => !firing.has(alert.key)).map((alert) => colour('down', `alert: ${alert.title}. ${alert.text}`)),
    ...before.alerts.filter((alert) => !still.has(alert.key)).map((alert) => colour('up', `over: ${alert.title}`)),
  ];
}
