/** The desk's questions to its own store, answered as views. Everything here only reads. */
import type { Presence } from './presence.ts';
import { type AlertFilter, listAlerts } from './store/alerts.ts';
import { countDevices, listDevices, listSiteStates } from './store/devices.ts';
import { listEvents } from './store/events.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { SiteRow } from './store/schema.ts';
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
  siteName,
  siteView,
} from './views.ts';

export type DeskReader = {
  sites(): Promise<SiteView[]>;
  site(id: string): Promise<SiteView | undefined>;
  devices(site: string): Promise<DeviceView[]>;
  /** Firing alerts by urgency. */
  firing(site?: string): Promise<AlertView[]>;
  /** Newest first. */
  alerts(filter: AlertFilter): Promise<AlertView[]>;
  events(filter: { after: number; site?: string; kind?: string; limit: number }): Promise<EventView[]>;
};

/** More alerts than this at once are an incident of the desk, not a list for people. */
const MAX_FIRING = 2000;

/** `livePresence` is newer than the store for every hub that was heard since the start. */
export function createReader(database: DeskDatabase, livePresence: (site: string) => Presence | undefined): DeskReader {
  const presenceFor = (row: SiteRow): Presence => livePresence(row.id) ?? presenceOf(row);

  async function alerts(filter: AlertFilter): Promise<AlertView[]> {
    const sites = new Map((await listSites(database)).map((row) => [row.id, row]));
    return (await listAlerts(database, filter)).map((row) => {
      const site = sites.get(row.site_id);
      return alertView(row, siteName(site ?? { id: row.site_id, name: null }), site && presenceFor(site));
    });
  }

  return {
    async sites() {
      const [rows, counts, states] = await Promise.all([listSites(database), countDevices(database), listSiteStates(database)]);
      const countsOf = Map.groupBy(counts, (count) => count.site_id);
      const stateOf = new Map(states.map((state) => [state.site_id, state.body]));
      return rows.map((row) => siteView(row, presenceFor(row), countsOf.get(row.id) ?? [], stateOf.get(row.id)));
    },
    async site(id) {
      const row = await findSite(database, id);
      if (row === undefined) return undefined;
      const [counts, states] = await Promise.all([countDevices(database, id), listSiteStates(database, id)]);
      return siteView(row, presenceFor(row), counts, states[0]?.body);
    },
    async devices(id) {
      const row = await findSite(database, id);
      if (row === undefined) return [];
      return (await listDevices(database, id)).map((device) => deviceView(device, presenceFor(row)));
    },
    async firing(site) {
      return (await alerts({ site, firing: true, limit: MAX_FIRING })).sort(byUrgency);
    },
    alerts,
    async events(filter) {
      return (await listEvents(database, filter)).map(eventView);
    },
  };
}
