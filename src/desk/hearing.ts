/**
 * How long the desk has been able to hear, which is how it measures the silence of hubs: while it was deaf nobody was silent. Pure
 * arithmetic on instants that are handed in.
 */
import type { Instant } from '../base/clock.ts';

/** An instant of the desk, with how long it had listened until then, in all since its start. */
export type Moment = Instant & { readonly listenedMs: number };

/** After this long hubs may have lost their connection too: their longest wait between two attempts. */
const LONG_DEAFNESS_MS = 60_000;

export class Hearing {
  #connectedAtMs: number | undefined;
  /** Before the first connection the desk was deaf for long enough. */
  #deafSinceMs = Number.NEGATIVE_INFINITY;
  #listenedMs = 0;
  #excusedFromMs = 0;

  change(connected: boolean, { monoMs }: Instant): void {
    if (connected && this.#connectedAtMs === undefined) {
      if (monoMs - this.#deafSinceMs >= LONG_DEAFNESS_MS) this.#excusedFromMs = this.#listenedMs;
      this.#connectedAtMs = monoMs;
    } else if (!connected && this.#connectedAtMs !== undefined) {
      this.#listenedMs += monoMs - this.#connectedAtMs;
      this.#connectedAtMs = undefined;
      this.#deafSinceMs = monoMs;
    }
  }

  at(now: Instant): Moment {
    const current = this.#connectedAtMs === undefined ? 0 : now.monoMs - this.#connectedAtMs;
    return { ...now, listenedMs: this.#listenedMs + current };
  }

  isDeaf(): boolean {
    return this.#connectedAtMs === undefined;
  }

  /** What the desk had listened to when its last long deafness ended; hubs are excused for a while from then on. */
  get excusedFromMs(): number {
    return this.#excusedFromMs;
  }
}
