/**
 * What changes of a person's device nobody is told, and only the next start of this process wants to know. It waits until something else is written, five minutes at
 * most, because an SD card wears by the write and the phones of a house wake twenty times an hour. A crash loses as much. Pure.
 */
import { isEmpty, type TickChange } from './store/agent-store.ts';
import type { StoredHealth } from './store/health-store.ts';

/** The newest verdict on each device that waits; `dueAtMs` on the monotonic clock. */
export type WaitingHealth = { readonly rows: ReadonlyMap<string, StoredHealth>; readonly dueAtMs: number };

export const NONE_WAITS: WaitingHealth = { rows: new Map(), dueAtMs: Number.POSITIVE_INFINITY };

const LONGEST_WAIT_MS = 5 * 60_000;

/** The change without what may wait, or with what has waited. The same objects where there is nothing of either. */
export function putOffHealth(before: WaitingHealth, change: TickChange, nowMs: number): { waiting: WaitingHealth; change: TickChange } {
  const isDue = nowMs >= before.dueAtMs;
  if (change.health.length === 0 && !isDue && isEmpty(change)) return { waiting: before, change };
  const mayWait = !isDue && change.health.every(({ isPersonal }) => isPersonal) && isEmpty({ ...change, health: [] });
  const rows = new Map([...before.rows, ...change.health.map((row) => [row.deviceId, row] as const)]);
  if (mayWait) return { waiting: { rows, dueAtMs: Math.min(before.dueAtMs, nowMs + LONGEST_WAIT_MS) }, change: { ...change, health: [] } };
  if (before.rows.size === 0) return { waiting: before, change };
  for (const id of change.removedDevices) rows.delete(id);
  return { waiting: NONE_WAITS, change: { ...change, health: [...rows.values()] } };
}
