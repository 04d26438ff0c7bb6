/** How a device was before, for people: each state that is over with how long it lasted. */
import type { StoredTransition } from '../../agent/store/health-store.ts';
import { duration } from '../../base/duration.ts';
import { clockTime } from './words.ts';

/** Unix milliseconds. */
export type Stretch = { readonly state: string; readonly from: number; readonly to: number; readonly reason: string };

/** Of changes, the newest first, those that were over when the state of now began (`since`). A clock that was set back makes a stretch of no length. */
export function stretchesOf(changes: readonly StoredTransition[], since: number): Stretch[] {
  const over = changes.filter(({ sinceAt }) => sinceAt < since);
  return over.map(({ state, sinceAt, reason }, i) => {
    const to = over[i - 1]?.sinceAt ?? since;
    return { state, from: sinceAt, to: Math.max(sinceAt, to), reason };
  });
}

export function pastLines(stretches: readonly Stretch[], now: number): string[] {
  if (stretches.length === 0) return [];
  const lengths = stretches.map(({ from, to }) => duration(to - from));
  const width = Math.max(...lengths.map(({ length }) => length));
  const lines = stretches.map(
    ({ state, from, reason }, i) => `  ${clockTime(from, now)}  ${state.padEnd(11)} for ${(lengths[i] ?? '').padEnd(width)}  ${reason}`,
  );
  return ['How it was before:', ...lines];
}
