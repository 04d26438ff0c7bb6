/** Tells open pages that something changed, at most once a second, with the sites it concerns; what changed they ask for themselves. */
import type { Clock, Timer } from '../base/clock.ts';

/** `sites`: none where it concerns the desk itself, or too many to name. `trouble`: what is wrong in one of them may have changed, and not only how its devices are. */
export type Change = { readonly sites: readonly string[]; readonly trouble?: true };

/** What changed within a second, of all homes. `isOfDesk`: the desk itself is among it. */
export type News = { readonly sites: ReadonlySet<string>; readonly troubled: ReadonlySet<string>; readonly isOfDesk: boolean };

const EVERY_MS = 1000;
/** A broker that is back brings back thousands at once. */
const MOST_NAMED = 200;

/** As a page is told of it that sees only the homes for which `sees` says so; undefined where nothing is about them. */
export function changeIn({ sites: all, troubled, isOfDesk }: News, sees?: (site: string) => boolean): Change | undefined {
  const sites = sees === undefined ? [...all] : [...all].filter(sees);
  if (sites.length === 0 && !isOfDesk) return undefined;
  const isTrouble = sees === undefined ? troubled.size > 0 : [...troubled].some(sees);
  return { sites: isOfDesk || sites.length > MOST_NAMED ? [] : sites, ...(isTrouble ? { trouble: true } : {}) };
}

export class Changes {
  readonly #clock: Clock;
  readonly #listeners = new Set<(news: News) => void>();
  #sites = new Set<string>();
  #troubled = new Set<string>();
  #isOfDesk = false;
  #timer: Timer | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An empty set tells of the desk itself, such as a lost broker. Without `troubled` it is all of them. */
  add(sites: ReadonlySet<string>, troubled: ReadonlySet<string> = sites): void {
    this.#isOfDesk ||= sites.size === 0;
    for (const site of sites) this.#sites.add(site);
    for (const site of troubled) this.#troubled.add(site);
    this.#timer ??= this.#clock.setTimer(Math.max(0, this.#toldAtMs + EVERY_MS - this.#clock.now().monoMs), () => this.#tell());
  }

  /** Returns how to stop listening. */
  listen(listener: (news: News) => void): () => void {
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
    const news: News = { sites: this.#sites, troubled: this.#troubled, isOfDesk: this.#isOfDesk };
    this.#sites = new Set();
    this.#troubled = new Set();
    this.#isOfDesk = false;
    for (const listener of this.#listeners) listener(news);
  }
}
