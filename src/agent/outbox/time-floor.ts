/**
 * An instant that is certainly past, for a hub whose clock may start anywhere: when this program was written, and what the desk's clock said when it was last heard. The
 * newest word of the desk counts, not its greatest: a desk that was wrong once is not believed for ever.
 */
/** Moved on with each version. */
export const WRITTEN_AT = Date.UTC(2026, 10, 1);

/** Certificates last for weeks at least, and a memory card wears by each write. */
const KEPT_EVERY_MS = 3_600_000;

/** Where it outlives the process. */
export type KeptTime = { get(key: 'desk-time'): string | undefined; set(key: 'desk-time', value: string): void };

export class TimeFloor {
  readonly #kept: KeptTime;
  #keptAtMs = Number.NEGATIVE_INFINITY;

  constructor(kept: KeptTime) {
    this.#kept = kept;
  }

  /** Unix milliseconds. What a damaged disk made of the kept time opens nothing: no certificate would have ended before an instant that is no number. */
  past(): number {
    return Math.max(WRITTEN_AT, Number(this.#kept.get('desk-time')) || 0);
  }

  /** The desk's clock says `deskNow` (Unix ms) at `nowMs` of the monotonic clock; kept at most once an hour. */
  heard(deskNow: number, nowMs: number): void {
    if (nowMs - this.#keptAtMs < KEPT_EVERY_MS) return;
    this.#kept.set('desk-time', String(Math.round(deskNow)));
    this.#keptAtMs = nowMs;
  }
}
