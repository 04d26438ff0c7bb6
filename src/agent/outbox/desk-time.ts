/**
 * What the desk's clock says, as learned from its answers: a hub often has no battery-backed clock, the desk is the clock of record. Kept
 * against the monotonic clock, so that a step of the wall clock shows instead of spoiling it.
 */
import type { Instant } from '../../base/clock.ts';

export type DeskTime = {
  /** Desk time (Unix ms) at monotonic zero of this process. */
  readonly zeroMs: number;
  readonly learnedAtMonoMs: number;
  /** Half the round trip in which it was learned: the desk's time then lay within this. */
  readonly errorMs: number;
};

/** Cheap oscillators run wrong by up to 100 parts per million (8.6 s a day). */
const DRIFT = 100e-6;

/**
 * From a question asked at `askedMonoMs` and its answer, which carried the desk's time and arrived now; what is known already stays when
 * it is still the more exact.
 */
export function learnDeskTime(known: DeskTime | undefined, deskMs: number, askedMonoMs: number, now: Instant): DeskTime {
  const errorMs = Math.max(0, now.monoMs - askedMonoMs) / 2;
  if (known && deskErrorMs(known, now) < errorMs) return known;
  return { zeroMs: deskMs + errorMs - now.monoMs, learnedAtMonoMs: now.monoMs, errorMs };
}

/** How far the desk's clock is ahead of the hub's wall clock. */
export function deskOffsetMs(desk: DeskTime, now: Instant): number {
  return desk.zeroMs + now.monoMs - now.wallMs;
}

/** By how much that may be wrong by now. */
export function deskErrorMs(desk: DeskTime, now: Instant): number {
  return desk.errorMs + (now.monoMs - desk.learnedAtMonoMs) * DRIFT;
}
