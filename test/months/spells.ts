/** Stretches of time in which something holds, as sorted lists that do not overlap; and a reader that walks them once, because time only goes forward. */

/** `fromMs` belongs to it, `toMs` does not. */
export type Spell = { readonly fromMs: number; readonly toMs: number };

/** All of them as one sorted list without overlaps. */
export function union(...lists: readonly (readonly Spell[])[]): Spell[] {
  const sorted = lists.flat().sort((a, b) => a.fromMs - b.fromMs);
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of sorted) {
    const last = merged.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else if (toMs > fromMs) merged.push({ fromMs, toMs });
  }
  return merged;
}

/** What is left of `whole` between these, which are sorted and do not overlap. */
export function without({ fromMs, toMs }: Spell, holes: readonly Spell[]): Spell[] {
  const edges = [fromMs, ...holes.flatMap((hole) => [hole.fromMs, hole.toMs]), toMs];
  const rest: Spell[] = [];
  for (let i = 0; i < edges.length; i += 2) rest.push({ fromMs: edges[i] as number, toMs: edges[i + 1] as number });
  return rest.filter((each) => each.toMs > each.fromMs);
}

export function spellAt<T extends Spell>(spells: readonly T[], atMs: number): T | undefined {
  let [low, high] = [0, spells.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spells[middle] as T).toMs > atMs) high = middle;
    else low = middle + 1;
  }
  const found = spells[low];
  return found && found.fromMs <= atMs ? found : undefined;
}

/** Reads a list at instants that are mostly near each other. */
export class SpellWalk<T extends Spell = Spell> {
  readonly #spells: readonly T[];
  #next = 0;

  constructor(spells: readonly T[]) {
    this.#spells = spells;
  }

  at(nowMs: number): T | undefined {
    const spell = this.#ahead(nowMs);
    return spell && spell.fromMs <= nowMs ? spell : undefined;
  }

  /** When it begins or ends next, after `nowMs`. */
  changesAtMs(nowMs: number): number {
    const spell = this.#ahead(nowMs);
    if (!spell) return Number.POSITIVE_INFINITY;
    return spell.fromMs <= nowMs ? spell.toMs : spell.fromMs;
  }

  /** The first that is not over. */
  #ahead(nowMs: number): T | undefined {
    while (this.#next > 0 && (this.#spells[this.#next - 1] as T).toMs > nowMs) this.#next--;
    while (this.#next < this.#spells.length && (this.#spells[this.#next] as T).toMs <= nowMs) this.#next++;
    return this.#spells[this.#next];
  }
}
