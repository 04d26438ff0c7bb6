/**
 * How many devices of persons the desk is told of. The number alone would tell at what time a guest came, if it were renewed when it changes:
 * it is counted at a fixed time of day, and freely only while the hub is new to the house. Pure.
 */
import type { DeviceSummary } from '../inventory/device.ts';

export type PeopleCount = { readonly count: number /** Monotonic milliseconds. */; readonly countedAtMs: number };

const DAY_MS = 86_400_000;
/** The first inventory is complete by then (alerts/new-devices.ts). */
const FREELY_FOR_MS = 10 * 60_000;

export const NOBODY: PeopleCount = { count: 0, countedAtMs: Number.NEGATIVE_INFINITY };

/** `runningMs` is how long this process has run, so that a restart is all that a new count can tell. */
export function countPeople(before: PeopleCount, summaries: ReadonlyMap<string, DeviceSummary>, runningMs: number): PeopleCount {
  if (runningMs > FREELY_FOR_MS && runningMs < before.countedAtMs + DAY_MS) return before;
  const count = [...summaries.values()].filter((device) => device.personal).length;
  return count === before.count && runningMs <= FREELY_FOR_MS ? before : { count, countedAtMs: runningMs };
}

/** When they are counted by time alone. */
export function peopleDueAtMs({ countedAtMs }: PeopleCount, runningMs: number): number {
  return runningMs <= FREELY_FOR_MS ? FREELY_FOR_MS + 1 : countedAtMs + DAY_MS;
}
