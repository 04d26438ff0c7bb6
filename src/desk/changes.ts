/** Tells open pages that something changed, at most once a second, with the sites it concerns; what changed they ask for themselves. */
import type { Clock, Timer } from '../base/clock.ts';

/** `sites`: none where it concerns the desk itself, or too many to name. `trouble`: what is wrong in one of them may have changed, and not only how its devices are. */
export type Change = { readonly sites: readonly string[]; readonly trouble?: true };

const EVERY_MS = 1000;
/** A broker that is back brings back thousands at once. */
const MOST_NAMED = 200;

export class Changes {
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: Change) => void>();
  #sites = new Set<string>();
  #isTrouble = false;
  /** The desk itself is among it. */
  #isOfDesk = false;
  #timer: Timer | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An empty set tells of the desk itself, such as a lost broker. Without `troubled` it is all of them. */
  add(sites: ReadonlySet<string>, troubled: ReadonlySet<string> = sites): void {
    this.#isTrouble ||= troubled.size > 0;
    this.#isOfDesk ||= sites.size === 0;
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
    const isNamed = !this.#isOfDesk && this.#sites.size <= MOST_NAMED;
    const change: Change = { sites: isNamed ? [...this.#sites] : [], ...(this.#isTrouble ? { trouble: true } : {}) };
    this.#sites = new Set();
    this.#isTrouble = false;
    this.#isOfDesk = false;
    for (const listener of this.#listeners) listener(change);
  }
}
