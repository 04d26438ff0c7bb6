/**
 * How often who may ask: a program by its token, a person in all windows, and who is not signed in from one network. Each has the quota of a minute at once, and then as it grows
 * again: the generic cell rate algorithm (ITU-T I.371), which keeps one instant for each, the one at which the whole quota is there again.
 */
import type { Clock } from '../../base/clock.ts';

/** Requests a minute. */
export type Limits = { readonly token: number; readonly account: number; readonly address: number };
export type Limited = keyof Limits;

/**
 * A page asks for itself at most once a second while something changes, and nobody can have more than forty that listen: an account is never refused by what its pages do. An
 * office with one address comes in within a minute at the change of shifts.
 */
export const STANDARD_LIMITS: Limits = { token: 600, account: 6000, address: 600 };

export const WINDOW_MS = 60_000;
/** Of each sort: some 3 MB. Whoever has more addresses than that is not held back by counting them. */
const MOST_KEPT = 20_000;

/** What came of a request. `waitMs`: 0 where it may go on, else when the next may. `fullInMs`: when the whole quota is there again. */
export type Taken = {
  readonly limited: Limited;
  readonly quota: number;
  readonly left: number;
  readonly fullInMs: number;
  readonly waitMs: number;
};

export class RateLimits {
  readonly #limits: Limits;
  readonly #clock: Clock;
  /** When the whole quota is there again, monotonic; in the order of the last request. */
  readonly #fullAt: Readonly<Record<Limited, Map<string, number>>> = { token: new Map(), account: new Map(), address: new Map() };

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** How many are remembered: those that lack some of their quota. */
  get size(): number {
    return Object.values(this.#fullAt).reduce((sum, { size }) => sum + size, 0);
  }

  /** One request more, where there is room for it; what is refused costs nothing. */
  take(limited: Limited, name: string): Taken {
    const [quota, fullAt, { monoMs: now }] = [this.#limits[limited], this.#fullAt[limited], this.#clock.now()];
    const eachMs = WINDOW_MS / quota;
    const before = Math.max(0, (fullAt.get(name) ?? 0) - now);
    const missingMs = before + eachMs;
    fullAt.delete(name);
    // A sum of many parts is not exact.
    if (missingMs > WINDOW_MS + 0.001) {
      fullAt.set(name, now + before);
      return { limited, quota, left: 0, fullInMs: before, waitMs: missingMs - WINDOW_MS };
    }
    fullAt.set(name, now + missingMs);
    forget(fullAt, now);
    return { limited, quota, left: Math.floor((WINDOW_MS - missingMs) / eachMs + 0.001), fullInMs: missingMs, waitMs: 0 };
  }
}

/** Who has the whole quota again needs no memory; then those that were not heard for longest make room. */
function forget(fullAt: Map<string, number>, now: number): void {
  for (const [name, at] of fullAt) {
    if (at > now && fullAt.size <= MOST_KEPT) return;
    fullAt.delete(name);
  }
}
