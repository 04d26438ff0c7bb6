/**
 * What waits to be committed, by site: sites take turns, so that one that floods the desk delays itself and hardly the others. Order holds
 * within a site. What does not fit is counted and dropped, newest first.
 */
export type FairQueueLimits = { readonly items: number; readonly perSite: number };

export class FairQueue<T> {
  readonly #waiting = new Map<string, T[]>();
  readonly #limits: FairQueueLimits;
  #length = 0;
  #dropped = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** False when there was no room and `item` was dropped. */
  push(site: string, item: T): boolean {
    const mine = this.#waiting.get(site) ?? [];
    if (this.#length >= this.#limits.items || mine.length >= this.#limits.perSite) {
      this.#dropped++;
      return false;
    }
    mine.push(item);
    this.#waiting.set(site, mine);
    this.#length++;
    return true;
  }

  /** At most `count` items, at most `perSite` of each site; sites that still wait come last the next time. */
  take(count: number, perSite: number): T[] {
    const taken: T[] = [];
    for (const [site, mine] of [...this.#waiting]) {
      if (taken.length >= count) break;
      taken.push(...mine.splice(0, Math.min(perSite, count - taken.length)));
      this.#waiting.delete(site);
      if (mine.length > 0) this.#waiting.set(site, mine);
    }
    this.#length -= taken.length;
    return taken;
  }

  get length(): number {
    return this.#length;
  }

  get dropped(): number {
    return this.#dropped;
  }
}
