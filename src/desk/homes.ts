/**
 * Many homes: listed page by page, found by words, and what is wrong in all of them. Whatever is asked costs as much as what is shown and what is wrong now, and not as much
 * as all devices or the whole history.
 */
import type { Presence } from './presence.ts';
import { askedFor, LONGEST_SEARCH } from './search-words.ts';
import type { Serving } from './serving.ts';
import { nameBeside } from './site-name.ts';
import { countFiring, findAlert } from './store/alerts.ts';
import { countDevices, countVerdicts, type DeviceWithState, listDevicesNamed, listSiteStates } from './store/devices.ts';
import { countHomes, findSites, listHomes, listHomesAfter, sharedNames } from './store/homes.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { AlertRow, SiteRow } from './store/schema.ts';
import { type FoundDevice, findDevices, findHomes } from './store/search.ts';
import { presenceOf } from './store/sites.ts';
import { findTicketOf } from './store/tickets.ts';
import { countEnds, type Ends, type Fault, listEnds, listFaults } from './store/troubles.ts';
import {
  type AlertView,
  alertView,
  byUrgency,
  type DeviceView,
  deviceView,
  isUnheard,
  SEVERITY_RANK,
  type SiteView,
  siteView,
} from './views.ts';

export const HOMES_ON_A_PAGE = 50;
/** Of all that is wrong so much is shown at once, and so much of one home: one in great trouble must not hide the others. */
const WRONG_SHOWN = 40;
const WRONG_OF_A_HOME = 5;
const ENDS_SHOWN = 20;
const DEVICES_FOUND = 50;

export type HomesPage = { readonly homes: readonly SiteView[]; readonly page: number; readonly pages: number; readonly total: number };

/** `site` and `siteName`: of its home. */
export type FoundDeviceView = DeviceView & { readonly site: string; readonly siteName: string };

export type Found = HomesPage & {
  readonly devices: readonly FoundDeviceView[];
  /** False where there are more devices than are shown. */
  readonly areAllDevices: boolean;
  /** False where nothing was asked for: signs alone are no word. */
  readonly isAsked: boolean;
};

/** `wrong`: that holds, as far as anybody can know; `unheard`: about how many homes nothing is known. */
export type Totals = {
  readonly homes: number;
  readonly unheard: number;
  readonly wrong: { readonly total: number; readonly homes: number; readonly acknowledged: number };
  readonly toPlan: Ends;
};

export type Wrong = {
  /** The most urgent. */
  readonly firing: readonly AlertView[];
  /** Of the homes that are among them, and of all others, how many faults are not. */
  readonly more: ReadonlyMap<string, number>;
  readonly moreElsewhere: { readonly total: number; readonly homes: number };
};

export type Homes = {
  /** In the order in which they were registered: at most `limit` behind the home `after`. */
  after(after: string | undefined, limit: number): Promise<SiteView[]>;
  /** Those with trouble first, then those nobody looks at, then by name. Pages count from 1; behind the last comes an empty one. */
  page(number: number): Promise<HomesPage>;
  /** `text`: at most 128 characters. */
  search(text: string, page: number): Promise<Found>;
  totals(): Promise<Totals>;
  wrong(): Promise<Wrong>;
  /** What is to be planned for, the most urgent of it. */
  toPlan(): Promise<AlertView[]>;
  site(id: string): Promise<SiteView | undefined>;
  sites(ids: readonly string[]): Promise<SiteView[]>;
  /** Those that are there. */
  devices(names: readonly FoundDevice[]): Promise<FoundDeviceView[]>;
  alertViews(rows: readonly AlertRow[]): Promise<AlertView[]>;
  /** By id. */
  names(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
};

/** `livePresence` is newer than the store for every hub that was heard since the start. Without `serving` nothing is promised. */
export function createHomes(database: DeskDatabase, livePresence: (site: string) => Presence | undefined, serving?: Serving): Homes {
  const presenceFor = (row: SiteRow): Presence => livePresence(row.id) ?? presenceOf(row);

  async function namesOf(rows: readonly SiteRow[]): Promise<ReadonlyMap<string, string>> {
    const shared = await sharedNames(database, [...new Set(rows.map(({ sort_name }) => sort_name))]);
    return new Map(rows.map((row) => [row.id, nameBeside(row, shared.has(row.sort_name))]));
  }

  async function siteViews(rows: readonly SiteRow[]): Promise<SiteView[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const [names, devices, verdicts, states, firing] = await Promise.all([
      namesOf(rows),
      countDevices(database, ids),
      countVerdicts(database, ids),
      listSiteStates(database, ids),
      countFiring(database, ids),
    ]);
    const [devicesOf, verdictsOf, firingOf] = [bySite(devices), bySite(verdicts), bySite(firing)];
    const stateOf = new Map(states.map((state) => [state.site_id, state]));
    return rows.map((row) =>
      siteView(row, names.get(row.id) ?? row.id, {
        presence: presenceFor(row),
        devices: devicesOf.get(row.id) ?? [],
        verdicts: verdictsOf.get(row.id) ?? [],
        firing: firingOf.get(row.id) ?? [],
        state: stateOf.get(row.id),
      }),
    );
  }

  async function alertViews(rows: readonly AlertRow[]): Promise<AlertView[]> {
    const sites = await findSites(database, [...new Set(rows.map(({ site_id }) => site_id))]);
    const [names, siteOf] = [await namesOf(sites), new Map(sites.map((site) => [site.id, site]))];
    const serve = await serving?.alerts(rows);
    return rows.map((row) => {
      const site = siteOf.get(row.site_id);
      const view = alertView(row, names.get(row.site_id) ?? row.site_id, site && presenceFor(site));
      const service = serve?.(view, site);
      return service === undefined ? view : { ...view, service };
    });
  }

  async function deviceViews(rows: readonly DeviceWithState[]): Promise<FoundDeviceView[]> {
    const sites = await findSites(database, [...new Set(rows.map(({ site_id }) => site_id))]);
    const [names, siteOf] = [await namesOf(sites), new Map(sites.map((site) => [site.id, site]))];
    return rows.flatMap((row) => {
      const site = siteOf.get(row.site_id);
      return site ? [{ ...deviceView(row, presenceFor(site)), site: site.id, siteName: names.get(site.id) ?? site.id }] : [];
    });
  }

  /** Which homes are not heard is known of those that were heard since the start, and read of the few others that have a fault. */
  async function unheardAmong(faults: readonly Fault[]): Promise<ReadonlySet<string>> {
    const ids = [...new Set(faults.map(({ site_id }) => site_id))];
    const unknown = ids.filter((id) => livePresence(id) === undefined);
    const read = new Map((unknown.length === 0 ? [] : await findSites(database, unknown)).map((row) => [row.id, presenceOf(row)]));
    return new Set(ids.filter((id) => isUnheard(livePresence(id) ?? read.get(id) ?? { phase: 'never' })));
  }

  return {
    after: async (after, limit) => siteViews(await listHomesAfter(database, after, limit)),
    async page(number) {
      const [rows, counts] = await Promise.all([
        listHomes(database, { limit: HOMES_ON_A_PAGE, offset: (number - 1) * HOMES_ON_A_PAGE }),
        countHomes(database),
      ]);
      return paged(await siteViews(rows), number, counts.homes);
    },
    async search(text, number) {
      const words = text.length > LONGEST_SEARCH ? [] : askedFor(text);
      const [homes, devices] = await Promise.all([
        findHomes(database, words, { limit: HOMES_ON_A_PAGE, offset: (number - 1) * HOMES_ON_A_PAGE }),
        findDevices(database, words, DEVICES_FOUND),
      ]);
      const rows = await findSites(database, homes.ids);
      const inOrder = homes.ids.flatMap((id) => rows.find((row) => row.id === id) ?? []);
      return {
        ...paged(await siteViews(inOrder), number, homes.total),
        devices: await deviceViews(await listDevicesNamed(database, devices.found)),
        areAllDevices: devices.isWhole,
        isAsked: words.length > 0,
      };
    },
    async totals() {
      const [counts, faults, toPlan] = await Promise.all([countHomes(database), listFaults(database), countEnds(database)]);
      const unheard = await unheardAmong(faults);
      const holding = faults.filter(({ source, site_id }) => source === 'desk' || !unheard.has(site_id));
      return {
        ...counts,
        wrong: {
          total: holding.length,
          homes: new Set(holding.map(({ site_id }) => site_id)).size,
          acknowledged: holding.filter(({ isSeen }) => isSeen).length,
        },
        toPlan,
      };
    },
    async wrong() {
      const faults = await listFaults(database);
      const unheard = await unheardAmong(faults);
      const listed = mostUrgent(faults, unheard);
      const rows = await Promise.all(listed.map(({ site_id, key, raised_hub_at }) => findAlert(database, site_id, key, raised_hub_at)));
      const still = rows.filter((row) => row !== undefined);
      const [views, tickets] = await Promise.all([alertViews(still), Promise.all(still.map((row) => findTicketOf(database, row)))]);
      const firing = views.map((view, i) => (tickets[i] === undefined ? view : { ...view, ticket: tickets[i].number })).sort(byUrgency);
      const shown = new Set(listed);
      const rest = Map.groupBy(
        faults.filter((fault) => !shown.has(fault)),
        ({ site_id }) => site_id,
      );
      const isListed = new Set(listed.map(({ site_id }) => site_id));
      const elsewhere = [...rest].filter(([site]) => !isListed.has(site));
      return {
        firing,
        more: new Map([...rest].filter(([site]) => isListed.has(site)).map(([site, missing]) => [site, missing.length])),
        moreElsewhere: { total: elsewhere.reduce((sum, [, missing]) => sum + missing.length, 0), homes: elsewhere.length },
      };
    },
    toPlan: async () => alertViews(await listEnds(database, ENDS_SHOWN)),
    site: async (id) => (await siteViews(await findSites(database, [id])))[0],
    devices: async (names) => deviceViews(await listDevicesNamed(database, names)),
    sites: async (ids) => siteViews(await findSites(database, ids)),
    alertViews,
    names: async (ids) => namesOf(await findSites(database, [...new Set(ids)])),
  };
}

function paged(homes: readonly SiteView[], page: number, total: number): HomesPage {
  return { homes, page, pages: Math.max(1, Math.ceil(total / HOMES_ON_A_PAGE)), total };
}

/** In the order of `byUrgency`, without knowing what is said of them. */
function mostUrgent(faults: readonly Fault[], unheard: ReadonlySet<string>): Fault[] {
  const isStale = ({ source, site_id }: Fault): number => Number(source === 'hub' && unheard.has(site_id));
  const rank = ({ severity }: Fault): number => SEVERITY_RANK[severity as keyof typeof SEVERITY_RANK];
  const sorted = [...faults].sort(
    (left, right) =>
      isStale(left) - isStale(right) ||
      Number(left.isSeen) - Number(right.isSeen) ||
      rank(left) - rank(right) ||
      left.raised_at - right.raised_at ||
      (left.key < right.key ? -1 : 1),
  );
  const taken = new Map<string, number>();
  const fits = ({ site_id }: Fault): boolean => {
    const before = taken.get(site_id) ?? 0;
    taken.set(site_id, before + 1);
    return before < WRONG_OF_A_HOME;
  };
  return sorted.filter(fits).slice(0, WRONG_SHOWN);
}

function bySite<T extends { readonly site_id: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(rows, (row) => row.site_id);
}
