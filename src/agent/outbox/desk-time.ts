/**
 * What the desk's clock says, as learned from grants: the hub has no battery-backed clock, the desk is the clock of record. Kept against
 * the monotonic clock, so that a step of the wall clock shows instead of spoiling it.
 */
import type { Instant } from '../../base/clock.ts';

export type DeskTime = {
  /** Desk time (Unix ms) at monotonic zero of this process. */
  readonly zeroMs: number;
  /** Half the round trip in which it was learned: the desk's time lies within this. */
  readonly errorMs: number;
};

/** From a question asked at `askedMonoMs` and its answer, which carried the desk's time and arrived now. */
export function learnDeskTime(deskMs: number, askedMonoMs: number, now: Instant): DeskTime {
  const errorMs = Math.max(0, now.monoMs - askedMonoMs) / 2;
  return { zeroMs: deskMs + errorMs - now.monoMs, errorMs };
}

/** How far the desk's clock is ahead of the hub's wall clock. */
export function offsetMs(desk: DeskTime, now: Instant): number {
  return desk.zeroMs + now.monoMs - now.wallMs;
}
