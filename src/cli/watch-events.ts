/** What happened between two looks at the agent, for `hearthbeat watch`. Pure. */
import type { AgentView, DeviceView } from '../agent/diagnostics/view.ts';
import { titleAndPlace } from '../agent/inventory/describe.ts';
import type { HealthState } from '../protocol/messages.ts';

/** `at` in Unix milliseconds, as the agent knows it. */
export type WatchEvent = {
  readonly at: number;
  readonly kind: 'state' | 'new' | 'gone' | 'alert' | 'cleared' | 'internet';
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
  const old = new Set(before.alerts.map(({ key }) => key));
  const now = new Set(after.alerts.map(({ key }) => key));
  return [
    ...after.alerts
      .filter(({ key }) => !old.has(key))
      .map(({ raisedAt, title, text }): WatchEvent => ({ at: raisedAt, kind: 'alert', subject: title, text })),
    ...before.alerts
      .filter(({ key }) => !now.has(key))
      .map(({ title }): WatchEvent => ({ at: after.at, kind: 'cleared', subject: title, text: 'It is over.' })),
  ];
}

function internetEvents(before: AgentView, { internet }: AgentView): WatchEvent[] {
  if (before.internet.state === internet.state) return [];
  return [
    { at: internet.since, kind: 'internet', subject: 'Internet', from: before.internet.state, to: internet.state, text: internet.reason },
  ];
}
