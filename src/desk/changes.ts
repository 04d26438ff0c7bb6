/** Tells open pages that something changed, at most once a second, with the sites it concerns; what changed they ask for themselves. */
import type { Clock, Timer } from '../base/clock.ts';

export type Change = { readonly sites: readonly string[] };

const EVERY_MS = 1000;

export class Changes {
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: Change) => void>();
  #sites = new Set<string>();
  #timer: Timer | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An empty set tells of the desk itself, such as a lost broker. */
  add(sites: ReadonlySet<string>): void {
    for (const site of sites) this.#sites.add(site);
    this.#timer ??= this.#clock.setTimer(Math.max(0, this.#toldAtMs + EVERY_MS - this.#clock.now().monoMs), () => this.#tell());
  }

  /** Returns how to stop listening. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#listeners.clear();
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAtMs = this.#clock.now().monoMs;
    const change = { sites: [...this.#sites] };
    this.#sites = new Set();
    for (const listener of this.#listeners) listener(change);
  }
}
