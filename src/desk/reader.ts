/** The desk's questions to its own store, answered as views. Everything here only reads. */
import type { Presence } from './presence.ts';
import { type AlertFilter, countFiring, listAlerts, listFiring } from './store/alerts.ts';
import { countDevices, listDevices, listSiteStates } from './store/devices.ts';
import { listEvents } from './store/events.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { AlertRow, SiteRow } from './store/schema.ts';
import { findSite, listSites, presenceOf } from './store/sites.ts';
import {
  type AlertView,
  alertView,
  byUrgency,
  type DeviceView,
  deviceView,
  type EventView,
  eventView,
  type SiteView,
  siteNames,
  siteView,
} from './views.ts';

export type DeskReader = {
  sites(): Promise<SiteView[]>;
  site(id: string): Promise<SiteView | undefined>;
  devices(site: string): Promise<DeviceView[]>;
  /** Firing alerts by urgency; at most `perSite` of each home. */
  firing(site?: string, perSite?: number): Promise<AlertView[]>;
  /** Newest first. */
  alerts(filter: AlertFilter): Promise<AlertView[]>;
  events(filter: { after: number; site?: string; kind?: string; limit: number }): Promise<EventView[]>;
};

/** `livePresence` is newer than the store for every hub that was heard since the start. */
export function createReader(database: DeskDatabase, livePresence: (site: string) => Presence | undefined): DeskReader {
  const presenceFor = (row: SiteRow): Presence => livePresence(row.id) ?? presenceOf(row);

  async function viewsOf(rows: readonly AlertRow[]): Promise<AlertView[]> {
    const sites = await listSites(database);
    const [names, siteOf] = [siteNames(sites), new Map(sites.map((site) => [site.id, site]))];
    return rows.map((row) => {
      const site = siteOf.get(row.site_id);
      return alertView(row, names.get(row.site_id) ?? row.site_id, site && presenceFor(site));
    });
  }

  return {
    async sites() {
      const [rows, counts, states, firing] = await Promise.all([
        listSites(database),
        countDevices(database),
        listSiteStates(database),
        countFiring(database),
      ]);
      const firingOf = Map.groupBy(firing, (count) => count.site_id);
      const countsOf = Map.groupBy(counts, (count) => count.site_id);
      const stateOf = new Map(states.map((state) => [state.site_id, state]));
      const names = siteNames(rows);
      return rows.map((row) =>
        siteView(
          row,
          names.get(row.id) ?? row.id,
          presenceFor(row),
          countsOf.get(row.id) ?? [],
          firingOf.get(row.id) ?? [],
          stateOf.get(row.id),
        ),
      );
    },
    async site(id) {
      const row = await findSite(database, id);
      if (row === undefined) return undefined;
      const [sites, counts, states, firing] = await Promise.all([
        listSites(database),
        countDevices(database, id),
        listSiteStates(database, id),
        countFiring(database, id),
      ]);
      return siteView(row, siteNames(sites).get(id) ?? id, presenceFor(row), counts, firing, states[0]);
    },
    async devices(id) {
      const row = await findSite(database, id);
      if (row === undefined) return [];
      return (await listDevices(database, id)).map((device) => deviceView(device, presenceFor(row)));
    },
    async firing(site, perSite = Number.MAX_SAFE_INTEGER) {
      return (await viewsOf(await listFiring(database, { site, perSite }))).sort(byUrgency);
    },
    alerts: async (filter) => viewsOf(await listAlerts(database, filter)),
    async events(filter) {
      return (await listEvents(database, filter)).map(eventView);
    },
  };
}
