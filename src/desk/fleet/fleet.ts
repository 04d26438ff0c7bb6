/**
 * All homes of a desk: which of them somebody asks for, whose they are, and how often something called for somebody there. Only reads. It costs a few bytes for each home and what is
 * shown; what the service policy says of homes is in memory.
 */
import type { Homes } from '../homes.ts';
import type { Presence } from '../presence.ts';
import type { Serving } from '../serving.ts';
import { countCalls, type HomeInShort, listCalls, listHomesInShort } from '../store/fleet.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listFaults } from '../store/troubles.ts';
import { SEVERITY_RANK, type SiteView } from '../views.ts';
import {
  byTrouble,
  type Counts,
  countsOf,
  type Faults,
  type FleetFilter,
  fits,
  type Group,
  groupsBy,
  NONE,
  type Standings,
  standingOf,
} from './standing.ts';

export const FLEET_ON_A_PAGE = 50;
const HEAT_ROWS = 30;
const DAY_MS = 86_400_000;
export const HEAT_DAYS = 30;
/** What is not to be exceeded, of alerts that call for somebody, in a home and a month: more often, and people stop looking at them. */
export const BUDGET = 1;

export type FleetHome = SiteView & Pick<Standings, 'standing' | 'dealer' | 'plan'> & { readonly standingSince?: number };

export type Choice = { readonly name: string; readonly homes: number };

export type FleetPage = {
  readonly homes: readonly FleetHome[];
  readonly page: number;
  readonly pages: number;
  /** Of those that fit all that is asked but their standing. */
  readonly counts: Counts;
  readonly total: number;
  /** What else could be asked for, of all homes; none where there is no service policy. */
  readonly dealers: readonly Choice[];
  readonly plans: readonly Choice[];
  readonly versions: readonly Choice[];
};

export type HeatRow = {
  readonly site: string;
  readonly siteName: string;
  readonly dealer?: string;
  readonly calls: number;
  readonly days: readonly number[];
};

export type Heat = {
  readonly from: number;
  readonly to: number;
  readonly homes: number;
  readonly calls: number;
  /** For a home in thirty days. */
  readonly perHome?: number;
  readonly budget: number;
  readonly overBudget: number;
  /** Those with the most, the most first. */
  readonly rows: readonly HeatRow[];
  readonly dealers: readonly Choice[];
};

export type Fleet = {
  page(filter: FleetFilter, number: number): Promise<FleetPage>;
  /** Dealers with how their homes stand, those in the most trouble first. */
  dealers(): Promise<{ readonly groups: readonly Group[]; readonly counts: Counts }>;
  /** Day by day up to `to`. */
  heat(filter: Pick<FleetFilter, 'dealer'>, to: number): Promise<Heat>;
};

export type FleetDeps = {
  readonly database: DeskDatabase;
  readonly homes: Homes;
  readonly presenceOf: (home: HomeInShort) => Pick<Presence, 'phase' | 'sinceAt' | 'heardAt'>;
  readonly serving?: Serving | undefined;
};

export function createFleet({ database, homes, presenceOf, serving }: FleetDeps): Fleet {
  async function all(): Promise<Standings[]> {
    const [rows, faults] = await Promise.all([listHomesInShort(database), listFaults(database)]);
    const faultsOf = gathered(faults);
    return rows.map((row) => {
      const { phase, sinceAt, heardAt } = presenceOf(row);
      const own = faultsOf.get(row.id);
      const standing = standingOf(phase, own);
      const since = standing === 'burning' ? own?.since : standing === 'well' ? undefined : (heardAt ?? sinceAt);
      return {
        id: row.id,
        name: row.sort_name,
        standing,
        faults: own?.total ?? 0,
        unseen: own?.unseen ?? 0,
        worst: own?.worst ?? Number.MAX_SAFE_INTEGER,
        ...(since === undefined ? {} : { since }),
        ...(row.hub_version === null ? {} : { version: row.hub_version }),
        ...serving?.ofHome(row.id),
      };
    });
  }

  return {
    async page(filter, number) {
      const known = await all();
      const { standing, ...rest } = filter;
      const around = known.filter((home) => fits(rest, home));
      const found = standing === undefined ? around : around.filter((home) => home.standing === standing);
      const shown = found.sort(byTrouble).slice((number - 1) * FLEET_ON_A_PAGE, number * FLEET_ON_A_PAGE);
      const views = new Map((await homes.sites(shown.map(({ id }) => id))).map((view) => [view.id, view]));
      return {
        homes: shown.flatMap(({ id, standing: word, since, dealer, plan }) => {
          const view = views.get(id);
          const said = {
            standing: word,
            ...(since === undefined ? {} : { standingSince: since }),
            ...(dealer === undefined ? {} : { dealer }),
          };
          return view ? [{ ...view, ...said, ...(plan === undefined ? {} : { plan }) }] : [];
        }),
        page: number,
        pages: Math.max(1, Math.ceil(found.length / FLEET_ON_A_PAGE)),
        total: found.length,
        counts: countsOf(around),
        ...choicesOf(known, serving !== undefined),
      };
    },
    async dealers() {
      const known = await all();
      return { groups: groupsBy(known, ({ dealer }) => dealer), counts: countsOf(known) };
    },
    async heat({ dealer }, to) {
      const span = { from: to - HEAT_DAYS * DAY_MS, to };
      const [rows, counted] = await Promise.all([listHomesInShort(database), countCalls(database, span)]);
      const dealerOf = (id: string): string | undefined => serving?.ofHome(id).dealer;
      const known = rows.map(({ id }) => ({ id, dealer: dealerOf(id), calls: counted.get(id) ?? 0 }));
      const asked = dealer === undefined ? known : known.filter((home) => (home.dealer ?? NONE) === dealer);
      const calls = asked.reduce((sum, home) => sum + home.calls, 0);
      const worst = asked.filter((home) => home.calls > 0).sort((one, other) => other.calls - one.calls || (one.id < other.id ? -1 : 1));
      return {
        ...span,
        homes: asked.length,
        calls,
        ...(asked.length === 0 ? {} : { perHome: calls / asked.length }),
        budget: BUDGET,
        overBudget: worst.filter((home) => home.calls > BUDGET).length,
        rows: await heatRows(worst.slice(0, HEAT_ROWS), span),
        dealers: serving === undefined ? [] : choices(known.map((home) => home.dealer)),
      };
    },
  };

  async function heatRows(
    worst: readonly { readonly id: string; readonly dealer: string | undefined; readonly calls: number }[],
    span: { readonly from: number; readonly to: number },
  ): Promise<HeatRow[]> {
    const ids = worst.map(({ id }) => id);
    const [names, raised] = await Promise.all([homes.names(ids), listCalls(database, ids, span)]);
    const bySite = Map.groupBy(raised, ({ site_id }) => site_id);
    return worst.map(({ id, dealer, calls }) => {
      const days = Array.from({ length: HEAT_DAYS }, () => 0);
      for (const { raised_at } of bySite.get(id) ?? []) {
        const day = Math.min(HEAT_DAYS - 1, Math.floor((raised_at - span.from) / DAY_MS));
        days[day] = (days[day] ?? 0) + 1;
      }
      return { site: id, siteName: names.get(id) ?? id, calls, days, ...(dealer === undefined ? {} : { dealer }) };
    });
  }
}

function gathered(faults: Awaited<ReturnType<typeof listFaults>>): ReadonlyMap<string, Faults> {
  const bySite = new Map<string, Faults>();
  for (const { site_id, severity, raised_at, isSeen } of faults) {
    const { total, unseen, worst, since } = bySite.get(site_id) ?? { total: 0, unseen: 0, worst: 9, since: raised_at };
    const rank = SEVERITY_RANK[severity as keyof typeof SEVERITY_RANK];
    bySite.set(site_id, {
      total: total + 1,
      unseen: unseen + (isSeen ? 0 : 1),
      worst: Math.min(worst, rank),
      since: Math.min(since, raised_at),
    });
  }
  return bySite;
}

function choicesOf(known: readonly Standings[], hasPolicy: boolean): Pick<FleetPage, 'dealers' | 'plans' | 'versions'> {
  return {
    dealers: hasPolicy ? choices(known.map(({ dealer }) => dealer)) : [],
    plans: hasPolicy ? choices(known.map(({ plan }) => plan)) : [],
    versions: choices(known.map(({ version }) => version)),
  };
}

function choices(names: readonly (string | undefined)[]): Choice[] {
  const counted = Map.groupBy(names, (name) => name ?? NONE);
  return [...counted].map(([name, some]) => ({ name, homes: some.length })).sort((one, other) => (one.name < other.name ? -1 : 1));
}
