/** Round-trip times of a day in a quarter of a kilobyte: how many fell into each quarter of a doubling, from 0.1 ms to 7 s. */

const FIRST_MS = 0.1;
const A_DOUBLING = 4;
const BUCKETS = 64;

export class RoundTrips {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log2(Math.max(ms, FIRST_MS) / FIRST_MS) * A_DOUBLING);
    this.#counts[Math.min(BUCKETS - 1, bucket)]!++;
    this.#total++;
  }

  /** The time below which such a part of them lies, in ms, to about a tenth; undefined where there are none. */
  at(part: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = this.#total * part;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const here = this.#counts[bucket] as number;
      if (left <= here && here > 0) return FIRST_MS * 2 ** ((bucket + left / here) / A_DOUBLING);
      left -= here;
    }
    return undefined;
  }
}
