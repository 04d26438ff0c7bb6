/**
 * What is learned of devices over days outlives the process. It is written four times a day and when the agent stops, all of it at once, and of
 * one device when what is told of it changes: what a crash loses is learned again, and memory cards wear.
 */
import type { CheckRecord, SavedLearning } from './health.ts';

export const LEARNING_SAVED_EVERY_MS = 6 * 3_600_000;

/** When the learning was saved last, after this tick: now, when it is due. */
export function savedLearningAtMs(lastMs: number, nowMs: number): number {
  return nowMs - lastMs >= LEARNING_SAVED_EVERY_MS ? nowMs : lastMs;
}

/** Of what may be silent by habit nothing is kept: no verdict hangs on it. */
export function learnedIn(records: Iterable<CheckRecord>): SavedLearning[] {
  const worthKeeping = [...records].filter(({ profile, rounds }) => profile.silence === 'fault' && rounds > 0);
  return worthKeeping.map(({ deviceId, rounds, losses, past: { usualMs, quarters, decline } }) => ({
    deviceId,
    learning: { rounds, losses, past: { usualMs, quarters, decline } },
  }));
}
