/** When to try again: full-jitter exponential backoff, so that after an outage every hub comes back at its own moment (AWS Architecture Blog, "Exponential Backoff and Jitter"). */
import type { Random } from './random.ts';

/** All times in milliseconds. */
export type ReconnectLimits = {
  readonly floorMs: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** A connection that lasted this long was a good one: the next loss starts again with a quick retry. */
  readonly stableMs: number;
  /** However chance draws, no more attempts than this begin within any minute. */
  readonly mostAMinute: number;
};

export const RECONNECT_LIMITS: ReconnectLimits = { floorMs: 250, baseMs: 1_500, capMs: 60_000, stableMs: 30_000, mostAMinute: 6 };

const MINUTE_MS = 60_000;
/** Hubs that reached the limit together do not go on together. */
const SPREAD_MS = 10_000;

/** Of one link. It is told of each attempt and of what became of it, in monotonic milliseconds. */
export class Reconnection {
  readonly #limits: ReconnectLimits;
  readonly #random: Random;
  #failures = 0;
  #connectedAtMs: number | undefined;
  /** When the latest attempts began, the oldest first. */
  #attempts: readonly number[] = [];

  constructor(random: Random, limits = RECONNECT_LIMITS) {
    this.#random = random;
    this.#limits = limits;
  }

  begun(nowMs: number): void {
    this.#attempts = [...this.#attempts, nowMs].slice(-this.#limits.mostAMinute);
  }

  connected(nowMs: number): void {
    this.#connectedAtMs = nowMs;
  }

  /** Whether another attempt may begin at once, for what was learned of the broker by the one before. */
  mayBegin(nowMs: number): boolean {
    return this.#untilAllowed(nowMs) === 0;
  }

  /** The attempt failed, or its connection was lost: how long to wait before the next. */
  ended(nowMs: number): number {
    const lastedMs = this.#connectedAtMs === undefined ? 0 : nowMs - this.#connectedAtMs;
    this.#connectedAtMs = undefined;
    if (lastedMs >= this.#limits.stableMs) this.#failures = 0;
    return Math.max(this.#jitter(this.#failures++), this.#untilAllowed(nowMs));
  }

  /** Uniform between the floor and min(cap, base * 2^failures). */
  #jitter(failures: number): number {
    const { floorMs, baseMs, capMs } = this.#limits;
    const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
    return Math.round(floorMs + this.#random.fraction() * Math.max(0, ceilingMs - floorMs));
  }

  #untilAllowed(nowMs: number): number {
    const [oldest = 0] = this.#attempts;
    const waitMs = oldest + MINUTE_MS - nowMs;
    if (this.#attempts.length < this.#limits.mostAMinute || waitMs < 0) return 0;
    return Math.ceil(waitMs + this.#random.fraction() * SPREAD_MS);
  }
}
