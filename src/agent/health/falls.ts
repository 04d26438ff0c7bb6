/**
 * Which devices fall silent together, time after time: where no switch tells its ports, that suggests what hangs on what. People are told,
 * and nothing is concluded from it: two plugs in one breaker fall together too. Pure.
 */
import type { Transition } from './health.ts';

/** When each device was last found silent, oldest first, at most 16; Unix milliseconds. */
export type FallBook = ReadonlyMap<string, readonly number[]>;

/** `times` of `of` falls of either were falls of both. */
export type Companion = { readonly id: string; readonly times: number; readonly of: number };

const MOST_KEPT = 16;
/** Verdicts on one cause come within this time: over Wi-Fi half a minute later than on a wire. */
const TOGETHER_MS = 60_000;
const FEWEST_TIMES = 3;
const LEAST_SHARE = 0.9;

/** The same book where nothing fell. */
export function noteFalls(before: FallBook, transitions: readonly Transition[]): FallBook {
  const fallen = transitions.filter(({ to }) => to === 'down' || to === 'unreachable');
  if (fallen.length === 0) return before;
  const after = new Map(before);
  for (const { deviceId, from, at } of fallen)
    if (from !== 'down' && from !== 'unreachable') after.set(deviceId, [...(after.get(deviceId) ?? []), at.wallMs].slice(-MOST_KEPT));
  return after;
}

/** Those that fell three times or more with a device, and hardly ever without it; the most faithful first. */
export function companionsOf(falls: FallBook, deviceId: string): Companion[] {
  const own = falls.get(deviceId) ?? [];
  if (own.length < FEWEST_TIMES) return [];
  const found = [...falls].flatMap(([id, others]): Companion[] => {
    if (id === deviceId || others.length < FEWEST_TIMES) return [];
    const times = jointly(own, others);
    const of = own.length + others.length - times;
    return times >= FEWEST_TIMES && times / of > LEAST_SHARE ? [{ id, times, of }] : [];
  });
  return found.sort((a, b) => b.times / b.of - a.times / a.of || b.times - a.times || (a.id < b.id ? -1 : 1));
}

/** How many falls of the one have a fall of the other beside them; each counts once. */
function jointly(one: readonly number[], other: readonly number[]): number {
  let [i, j, count] = [0, 0, 0];
  while (i < one.length && j < other.length) {
    const apartMs = (one[i] as number) - (other[j] as number);
    if (Math.abs(apartMs) <= TOGETHER_MS) {
      count++;
      i++;
      j++;
    } else if (apartMs < 0) i++;
    else j++;
  }
  return count;
}

/** From the history that the store keeps, newest first as it is kept. */
export function restoreFalls(history: readonly { readonly deviceId: string; readonly sinceAt: number }[]): FallBook {
  const book = new Map<string, number[]>();
  for (const { deviceId, sinceAt } of history) {
    const known = book.get(deviceId) ?? [];
    if (known.length < MOST_KEPT) book.set(deviceId, [sinceAt, ...known]);
  }
  return book;
}
