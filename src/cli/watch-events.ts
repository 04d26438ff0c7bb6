/** What happened between two looks at the agent, for `hearthbeat watch`. Pure. */
import type { AgentView, DeviceView } from '../agent/diagnostics/view.ts';
import { titleAndPlace } from '../agent/inventory/describe.ts';
import type { HealthState, SilenceMessage } from '../protocol/messages.ts';
import { silencedWhat, silenceWords } from './render/silence-words.ts';

/** `at` in Unix milliseconds, as the agent knows it. */
export type WatchEvent = {
  readonly at: number;
  readonly kind: 'state' | 'new' | 'gone' | 'alert' | 'acknowledged' | 'cleared' | 'silenced' | 'heard-again' | 'internet';
  readonly subject: string;
  readonly device?: string;
  readonly from?: HealthState;
  readonly to?: HealthState;
  readonly text: string;
};

export function eventsBetween(before: AgentView, after: AgentView): WatchEvent[] {
  const known = new Map(before.devices.map((device) => [device.id, device]));
  const still = new Set(after.devices.map(({ id }) => id));
  return [
    ...after.devices.flatMap((device) => deviceEvents(known.get(device.id), device, after.at)),
    ...before.devices.filter(({ id }) => !still.has(id)).map((device) => gone(device, after.at)),
    ...alertEvents(before, after),
    ...silenceEvents(before, after),
    ...internetEvents(before, after),
  ].sort((a, b) => a.at - b.at);
}

function deviceEvents(before: DeviceView | undefined, { state, since, reason, ...device }: DeviceView, at: number): WatchEvent[] {
  const about = { subject: titleAndPlace(device), device: device.id };
  if (!before) return [{ at, kind: 'new', ...about, to: state, text: reason }];
  // A phone is in doubt many times an hour, which means nothing.
  const isIdleDoubt = device.personal && (state === 'suspect' || before.state === 'suspect');
  if (before.state === state || isIdleDoubt) return [];
  return [{ at: since, kind: 'state', ...about, from: before.state, to: state, text: reason }];
}

function gone(device: DeviceView, at: number): WatchEvent {
  return { at, kind: 'gone', subject: titleAndPlace(device), device: device.id, from: device.state, text: 'It is not listed any more.' };
}

function alertEvents(before: AgentView, after: AgentView): WatchEvent[] {
  const old = new Map(before.alerts.map((alert) => [alert.key, alert]));
  const now = new Set(after.alerts.map(({ key }) => key));
  return [
    ...after.alerts
      .filter(({ key }) => !old.has(key))
      .map(({ raisedAt, title, text }): WatchEvent => ({ at: raisedAt, kind: 'alert', subject: title, text })),
    ...after.alerts
      .filter(({ key, acknowledged }) => acknowledged && old.has(key) && !old.get(key)?.acknowledged)
      .map(({ title, acknowledged }): WatchEvent => {
        const { by = '', note } = acknowledged ?? {};
        return { at: after.at, kind: 'acknowledged', subject: title, text: `${by} sees to it${note === undefined ? '.' : `: ${note}`}` };
      }),
    ...before.alerts
      .filter(({ key }) => !now.has(key))
      .map(({ title }): WatchEvent => ({ at: after.at, kind: 'cleared', subject: title, text: 'It is over.' })),
  ];
}

function silenceEvents(before: AgentView, after: AgentView): WatchEvent[] {
  const [old, now] = [before, after].map(({ silences }) => new Set(silences.map(({ n, setAt }) => `${n} ${setAt}`))) as [
    Set<string>,
    Set<string>,
  ];
  const subjectOf = (silence: SilenceMessage): string => silencedWhat(silence, after.devices);
  return [
    ...after.silences
      .filter(({ n, setAt }) => !old.has(`${n} ${setAt}`))
      .map((each): WatchEvent => ({ at: after.at, kind: 'silenced', subject: subjectOf(each), text: silenceWords(each, after.at) })),
    ...before.silences
      .filter(({ n, setAt }) => !now.has(`${n} ${setAt}`))
      .map((each): WatchEvent => ({ at: after.at, kind: 'heard-again', subject: subjectOf(each), text: 'The silence is over.' })),
  ];
}

function internetEvents(before: AgentView, { internet }: AgentView): WatchEvent[] {
  if (before.internet.state === internet.state) return [];
  return [
    { at: internet.since, kind: 'internet', subject: 'Internet', from: before.internet.state, to: internet.state, text: internet.reason },
  ];
}
