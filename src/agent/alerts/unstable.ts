/**
 * Devices that go down and come back again and again: one message says so, instead of two for each time. Pure.
 */
import type { AlertMessage } from '../../protocol/messages.ts';
import type { Transition } from '../health/health.ts';
import type { Policy } from '../policy.ts';

/** When a device went down, oldest first, and since when it counts as unstable; monotonic milliseconds. */
export type Flaps = { readonly downAtMs: readonly number[]; readonly unstableSinceMs?: number };
export type FlapBook = ReadonlyMap<string, Flaps>;

const MOST_KEPT = 64;

/** So many falls within so long make it unstable; as long without one makes it stable again. The same book where nothing went down and no time ran out. */
export function noteFlaps(before: FlapBook, transitions: readonly Transition[], nowMs: number, unstable: Policy['unstable']): FlapBook {
  const fallen = transitions.filter(({ from, to }) => from === 'suspect' && to === 'down').map(({ deviceId }) => deviceId);
  const isOver = (flaps: Flaps): boolean => nowMs >= overAtMs(flaps, unstable);
  if (fallen.length === 0 && !before.values().some(isOver)) return before;
  const after = new Map(before.entries().filter(([, flaps]) => !isOver(flaps)));
  for (const id of fallen) after.set(id, fellAgain(after.get(id), nowMs, unstable));
  return after;
}

function overAtMs({ downAtMs }: Flaps, { withinMs }: Policy['unstable']): number {
  return (downAtMs.at(-1) ?? 0) + withinMs;
}

/** When the next of them is over by time alone; Infinity where none is. */
export function flapsDueAtMs(book: FlapBook, unstable: Policy['unstable']): number {
  return Math.min(Number.POSITIVE_INFINITY, ...book.values().map((flaps) => overAtMs(flaps, unstable)));
}

function fellAgain(before: Flaps | undefined, nowMs: number, { falls, withinMs }: Policy['unstable']): Flaps {
  const kept = (before?.downAtMs ?? []).slice(1 - MOST_KEPT);
  // While it is unstable every time counts, so that the message can tell how often.
  const recent = before?.unstableSinceMs === undefined ? kept.filter((at) => nowMs - at < withinMs) : kept;
  const downAtMs = [...recent, nowMs];
  const unstableSinceMs = before?.unstableSinceMs ?? (downAtMs.length >= falls ? downAtMs[0] : undefined);
  return { downAtMs, ...(unstableSinceMs === undefined ? {} : { unstableSinceMs }) };
}

/** What is told as unstable stays so in a new process, until it has been calm for a whole window. */
export function restoreFlaps(alerts: Iterable<AlertMessage>, nowMs: number): FlapBook {
  const told = [...alerts].filter(({ code, device }) => code === 'device-unstable' && device !== undefined);
  return new Map(told.map(({ device }) => [device as string, { downAtMs: [nowMs], unstableSinceMs: nowMs }]));
}

/** Without the falls that had a common cause: that one is told of its own coming and going. */
export function withoutExplained(
  book: FlapBook,
  outages: readonly { readonly members: ReadonlySet<string>; readonly silentSinceMs: number }[],
): FlapBook {
  const excused = outages.flatMap(({ members, silentSinceMs }) =>
    [...members].flatMap((id): [string, Flaps][] => {
      const flaps = book.get(id);
      if (!flaps || flaps.unstableSinceMs !== undefined || (flaps.downAtMs.at(-1) ?? 0) < silentSinceMs) return [];
      return [[id, { downAtMs: flaps.downAtMs.slice(0, -1) }]];
    }),
  );
  return excused.length === 0 ? book : new Map([...book, ...excused]);
}
