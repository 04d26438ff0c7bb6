/** The desk's questions to its own store, answered as views. Everything here only reads. */
import type { Presence } from './presence.ts';
import type { Serving } from './serving.ts';
import { type AlertFilter, countFiring, findAlert, listAlerts, listFiring, type Occurrence } from './store/alerts.ts';
import { type DeedFilter, listDeeds } from './store/audit.ts';
import { countDevices, countVerdicts, listDevices, listSiteStates } from './store/devices.ts';
import { listEvents } from './store/events.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { AlertRow, SiteRow } from './store/schema.ts';
import { findSite, listSites, presenceOf } from './store/sites.ts';
import { countOpenTickets, findTicket, listAlertsOfTicket, listTickets, listTicketsOfFiring, type TicketFilter } from './store/tickets.ts';
import { firstBroken, type Link } from './tickets/audit.ts';
import type { Ticket } from './tickets/ticket.ts';
import {
  type AlertView,
  alertView,
  byUrgency,
  type DeviceView,
  deviceView,
  type EventView,
  eventView,
  type SiteParts,
  type SiteView,
  siteNames,
  siteView,
} from './views.ts';

export type TicketView = Ticket & { readonly siteName: string };
export type TicketPageView = TicketView & { readonly alerts: readonly AlertView[]; readonly deeds: readonly Link[] };

/** The newest would be missed after so many: more than people write on one. */
const DEEDS_OF_A_TICKET = 500;

export type DeskReader = {
  sites(): Promise<SiteView[]>;
  site(id: string): Promise<SiteView | undefined>;
  devices(site: string): Promise<DeviceView[]>;
  /** Firing alerts by urgency; at most `perSite` of each home. */
  firing(site?: string, perSite?: number): Promise<AlertView[]>;
  /** One occurrence, whether it fires or is over. */
  alert(site: string, key: string, raisedHubAt: number): Promise<AlertView | undefined>;
  /** Newest first. */
  alerts(filter: AlertFilter): Promise<AlertView[]>;
  tickets(filter: TicketFilter): Promise<TicketView[]>;
  ticket(number: number): Promise<TicketPageView | undefined>;
  /** How many people work on. */
  openTickets(): Promise<number>;
  /** Who did what in a home, in their order; `brokenAt`: the first link of the chain that does not follow from the one before. */
  audit(filter: DeedFilter): Promise<{ readonly deeds: Link[]; readonly brokenAt?: number }>;
  events(filter: { after: number; site?: string; kind?: string; limit: number }): Promise<EventView[]>;
};

/** `livePresence` is newer than the store for every hub that was heard since the start. Without `serving` nothing is promised. */
export function createReader(database: DeskDatabase, livePresence: (site: string) => Presence | undefined, serving?: Serving): DeskReader {
  const presenceFor = (row: SiteRow): Presence => livePresence(row.id) ?? presenceOf(row);

  async function viewsOf(rows: readonly AlertRow[]): Promise<AlertView[]> {
    const sites = await listSites(database);
    const [names, siteOf] = [siteNames(sites), new Map(sites.map((site) => [site.id, site]))];
    const serve = await serving?.alerts(rows);
    return rows.map((row) => {
      const site = siteOf.get(row.site_id);
      const view = alertView(row, names.get(row.site_id) ?? row.site_id, site && presenceFor(site));
      const service = serve?.(view, site);
      return service ? { ...view, service } : view;
    });
  }

  /** What the views of sites are made of, of one site or of all. */
  async function readParts(site?: string): Promise<(row: SiteRow) => SiteParts> {
    const [devices, verdicts, states, firing] = await Promise.all([
      countDevices(database, site),
      countVerdicts(database, site),
      listSiteStates(database, site),
      countFiring(database, site),
    ]);
    const [devicesOf, verdictsOf, firingOf] = [bySite(devices), bySite(verdicts), bySite(firing)];
    const stateOf = new Map(states.map((state) => [state.site_id, state]));
    return (row) => ({
      presence: presenceFor(row),
      devices: devicesOf.get(row.id) ?? [],
      verdicts: verdictsOf.get(row.id) ?? [],
      firing: firingOf.get(row.id) ?? [],
      state: stateOf.get(row.id),
    });
  }

  return {
    async sites() {
      const rows = await listSites(database);
      const partsFor = await readParts();
      const names = siteNames(rows);
      return rows.map((row) => siteView(row, names.get(row.id) ?? row.id, partsFor(row)));
    },
    async site(id) {
      const row = await findSite(database, id);
      if (row === undefined) return undefined;
      const [sites, partsFor] = await Promise.all([listSites(database), readParts(id)]);
      return siteView(row, siteNames(sites).get(id) ?? id, partsFor(row));
    },
    async devices(id) {
      const row = await findSite(database, id);
      if (row === undefined) return [];
      return (await listDevices(database, id)).map((device) => deviceView(device, presenceFor(row)));
    },
    async firing(site, perSite = Number.MAX_SAFE_INTEGER) {
      const [alerts, tickets] = await Promise.all([listFiring(database, { site, perSite }), listTicketsOfFiring(database, site)]);
      const numbers = new Map(tickets.map(({ number, ...occurrence }) => [nameOf(occurrence), number]));
      const views = await viewsOf(alerts);
      return views.map((view, i) => withTicket(view, numbers.get(nameOf(alerts[i] as AlertRow)))).sort(byUrgency);
    },
    async tickets(filter) {
      const names = siteNames(await listSites(database));
      return (await listTickets(database, filter)).map((ticket) => ({ ...ticket, siteName: names.get(ticket.site) ?? ticket.site }));
    },
    async ticket(number) {
      const ticket = await findTicket(database, number);
      if (ticket === undefined) return undefined;
      const [sites, alerts, deeds] = await Promise.all([
        listSites(database),
        listAlertsOfTicket(database, number),
        listDeeds(database, { site: ticket.site, ticket: number, limit: DEEDS_OF_A_TICKET }),
      ]);
      return { ...ticket, siteName: siteNames(sites).get(ticket.site) ?? ticket.site, alerts: await viewsOf(alerts), deeds };
    },
    openTickets: () => countOpenTickets(database),
    async audit(filter) {
      const [deeds, whole] = await Promise.all([
        listDeeds(database, filter),
        listDeeds(database, { site: filter.site, limit: Number.MAX_SAFE_INTEGER }),
      ]);
      const brokenAt = firstBroken(whole);
      return { deeds, ...(brokenAt === undefined ? {} : { brokenAt }) };
    },
    async alert(site, key, raisedHubAt) {
      const row = await findAlert(database, site, key, raisedHubAt);
      return row && (await viewsOf([row]))[0];
    },
    alerts: async (filter) => viewsOf(await listAlerts(database, filter)),
    async events(filter) {
      return (await listEvents(database, filter)).map(eventView);
    },
  };
}

function bySite<T extends { readonly site_id: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(rows, (row) => row.site_id);
}

function nameOf({ site_id, key, raised_hub_at }: Occurrence): string {
  return `${site_id} ${raised_hub_at} ${key}`;
}

function withTicket(view: AlertView, ticket: number | undefined): AlertView {
  return ticket === undefined ? view : { ...view, ticket };
}
