/**
 * What people order while the agent does not run: nothing is heard, asked or judged, and what changes is what a tick would have saved and told. Pure; loaded by
 * the commands alone.
 */
import type { Instant } from '../base/clock.ts';
import type { AlertAnswer, AlertOrder } from './alerts/alert-order.ts';
import { obeyAlertOrder } from './alerts/obey-alert-order.ts';
import { keepSilences } from './alerts/silences.ts';
import { judge } from './health/judge.ts';
import { promisedWithinMs } from './health/profiles.ts';
import { addedIds, summariesAfter } from './inventory/changes.ts';
import type { InventoryContext } from './inventory/inventory.ts';
import type { Answer } from './inventory/order.ts';
import { obey } from './inventory/orders.ts';
import { withPlansOf } from './lifecycle-watch.ts';
import { nowToTell } from './outbox/told-devices.ts';
import type { Told } from './pipeline.ts';
import type { Policy } from './policy.ts';
import { withSilences } from './site-state.ts';
import type { AgentState } from './state.ts';
import type { TickChange } from './store/agent-store.ts';
import { devicesToSave } from './unsaved-devices.ts';
import { type Happened, toKeep, whatToSave } from './what-to-save.ts';

/** An order about devices. No change where it was refused. */
export function carryOut(
  state: AgentState,
  { order, past }: Told,
  now: Instant,
  { policy, ...context }: InventoryContext & { readonly policy: Policy },
): { readonly change?: TickChange; readonly answer: Answer } {
  const done = obey(state.inventory, order, past, now, context);
  if (!('done' in done.answer)) return { answer: done.answer };
  const summaries = summariesAfter(state.summaries, done.changes);
  const { book } = judge(state.book, {
    devices: done.inventory.devices,
    life: [],
    results: [],
    hub: state.hub,
    hearing: state.hearing,
    policy,
    now,
  });
  const next: AgentState = { ...state, inventory: done.inventory, summaries, book, told: nowToTell(state.told, summaries, now.monoMs) };
  const toSave = devicesToSave(state.unsaved, done.changes, now.monoMs, true).now;
  const happened: Happened = { found: done.changes, toSave, rows: done.rows, transitions: [], alerts: [], readings: [] };
  const change = whatToSave(state, next, happened, now, { clock: 'unsynced', canRevalidate: false, policy });
  // Whoever came into being has no verdict yet, and is to be listed all the same.
  const born = addedIds(done.changes).flatMap((id) => next.book.get(id) ?? []);
  return {
    change: { ...change, health: [...change.health, ...born.map((record) => toKeep(record, promisedWithinMs(record.profile, false)))] },
    answer: done.answer,
  };
}

/** The same for what people decide about alerts. */
export function carryOutAlertOrder(
  state: AgentState,
  order: AlertOrder,
  now: Instant,
  policy: Policy,
): { readonly change?: TickChange; readonly answer: AlertAnswer } {
  const silent = keepSilences(state.silences, state.summaries, [], now.monoMs);
  const done = obeyAlertOrder({ alerts: state.alerts, silences: silent, devices: state.summaries }, order, now);
  if ('problem' in done.answer) return { answer: done.answer };
  const site = withSilences(state.site, done.silences, now);
  const lifecycle = withPlansOf(state.lifecycle, done.alerts);
  const next: AgentState = { ...state, alerts: done.alerts, silences: done.silences, site, lifecycle };
  const happened: Happened = { found: [], toSave: [], rows: [], transitions: [], alerts: done.changes, readings: [] };
  return { change: whatToSave(state, next, happened, now, { clock: 'unsynced', canRevalidate: false, policy }), answer: done.answer };
}
