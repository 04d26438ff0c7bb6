/** What the homes of a desk have in common, and how often one of them falls silent by itself. Looked up now and then: it changes slowly, and to count it goes through all homes. */
import { countSilences, listHomesHeard } from '../store/incidents.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { type Group, groupName, type HomeTraits, traitsShared, WINDOW_MS } from './common-cause.ts';

/** What the operator wrote down of a home. */
export type TraitsOf = (site: string) => Pick<HomeTraits, 'provider' | 'area'>;

export type Fleet = {
  readonly groupsOf: (site: string) => readonly Group[];
  /** How often one home falls silent within a window by itself. */
  readonly usual: number;
};

const DAY_MS = 86_400_000;
const MEASURED_OVER_MS = 7 * DAY_MS;
/** Homes that are never silent would make an incident of any five: one is taken to be silent once in thirty days at least. */
const USUAL_AT_LEAST = WINDOW_MS / (30 * DAY_MS);
const LOOK_AGAIN_MS = 10 * 60_000;

export class FleetView {
  readonly #traitsOf: TraitsOf;
  #known: { readonly fleet: Fleet; readonly at: number } | undefined;

  constructor(traitsOf: TraitsOf) {
    this.#traitsOf = traitsOf;
  }

  async look(db: DeskDatabase, at: number): Promise<Fleet> {
    if (this.#known === undefined || at - this.#known.at >= LOOK_AGAIN_MS || at < this.#known.at)
      this.#known = { fleet: await this.#count(db, at), at };
    return this.#known.fleet;
  }

  async #count(db: DeskDatabase, at: number): Promise<Fleet> {
    const homes = await listHomesHeard(db);
    const versions = new Map(homes.map(({ id, hub_version }) => [id, hub_version ?? undefined]));
    const sharedBy = (site: string) => traitsShared({ ...this.#traitsOf(site), version: versions.get(site) });
    const sizes = new Map<string, number>();
    for (const { id } of homes) for (const shared of sharedBy(id)) sizes.set(groupName(shared), (sizes.get(groupName(shared)) ?? 0) + 1);
    // What may be an incident now is not by chance.
    const silences = await countSilences(db, at - MEASURED_OVER_MS, at - WINDOW_MS);
    const measured = (silences / Math.max(1, homes.length)) * (WINDOW_MS / MEASURED_OVER_MS);
    return {
      groupsOf: (site) => sharedBy(site).map((shared) => ({ ...shared, size: sizes.get(groupName(shared)) ?? 1 })),
      usual: Math.max(USUAL_AT_LEAST, measured),
    };
  }
}
