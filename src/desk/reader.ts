/** The desk's questions to its own store, answered as views. Everything here only reads. */
import type { Look } from './access/look.ts';
import type { Scope } from './access/roles.ts';
import type { Course, CourseDays } from './courses/course.ts';
import { hasCourse, readCourse, withoutPresence } from './courses/courses.ts';
import { byReach, type ContactView, type HomeNote, reachOf } from './dossier/contact.ts';
import type { HomeLink, HomeVisit, Picture } from './dossier/record.ts';
import { createFleet, type Fleet } from './fleet/fleet.ts';
import { createHomes, type Homes } from './homes.ts';
import { isOfLine } from './incidents/incident.ts';
import { createIncidents, type Incidents } from './incidents/incident-view.ts';
import { aboutTicket } from './notices/notice.ts';
import { type NoticeView, noticeView } from './notices/notice-view.ts';
import type { Presence } from './presence.ts';
import { type Report, reportOf, type Span } from './reports/report.ts';
import { type InteractionsView, periodAt } from './service/interactions.ts';
import type { NextRung } from './service/ladder.ts';
import type { Consent } from './service/policy.ts';
import { type AnswerView, byDue } from './service/service-view.ts';
import type { SkillCover } from './service/skills.ts';
import type { Statement } from './service/statement.ts';
import { sumOf, type TimeSum, type WorkedTime } from './service/worked-time.ts';
import { callTimesIn, type Serving } from './serving.ts';
import { findStatement } from './statements.ts';
import { type AlertFilter, findAlert, listAlerts, listFiring, occurrenceName } from './store/alerts.ts';
import { type DeedFilter, listAnswersRecorded, listDeeds, listDeedsOfTicket } from './store/audit.ts';
import { listDevices, listDevicesNamed } from './store/devices.ts';
import { listContacts, listNotes } from './store/dossier.ts';
import { listEvents } from './store/events.ts';
import type { HomeInShort } from './store/fleet.ts';
import { countHomes, findSites } from './store/homes.ts';
import { findIncidentOf } from './store/incidents.ts';
import { listLooks } from './store/looks.ts';
import type { DeskDatabase } from './store/migrations.ts';
import { listNoticesAbout } from './store/notices.ts';
import { listInReach } from './store/people.ts';
import { findPicture, listHomeLinks, listHomeVisits, listPictures } from './store/record.ts';
import { listCounted } from './store/reports.ts';
import type { AlertRow, SiteRow } from './store/schema.ts';
import { scopedTo } from './store/scoped.ts';
import { findSite, presenceOf } from './store/sites.ts';
import {
  countOpenTickets,
  findTicket,
  listAlertsOfTicket,
  listFiringOfTickets,
  listTickets,
  listTicketsOfFiring,
  type TicketFilter,
} from './store/tickets.ts';
import { listCasesOf, listCasesOpened, listWaitingCases } from './store/vendor-cases.ts';
import { listTime } from './store/worked-time.ts';
import { firstBroken, type Link } from './tickets/audit.ts';
import { isOpen, type Ticket } from './tickets/ticket.ts';
import { aroundMonth, type TimeSheet, timeSheet } from './time-sheet.ts';
import { contractHomes } from './vendors/contract-homes.ts';
import { type Contracts, createContracts, type TicketContract } from './vendors/contracts-view.ts';
import { nextDue, QUALIFIED_WITHIN_MS, type VendorCaseView, vendorCaseView } from './vendors/vendor-case.ts';
import { type AlertView, byUrgency, type DeviceView, deviceView, type EventView, eventView, type SiteView } from './views.ts';

/** `answer`: of its alerts that fire, the first answer that is due next; missing where none is promised. `next`: whom it is passed on to next, while nobody sees to it. `skills`: what it asks for, while it is open. */
export type TicketView = Ticket & {
  readonly siteName: string;
  readonly answer?: AnswerView;
  readonly next?: NextRung;
  readonly skills?: readonly SkillCover[];
  /** The vendor of whom somebody qualified is to be reached next. */
  readonly vendor?: { readonly name: string; readonly since: number; readonly dueAt: number };
};
/** `consent`: to be billed, as the service policy has it on record. */
export type TicketPageView = TicketView & {
  readonly alerts: readonly AlertView[];
  readonly deeds: readonly Link[];
  /** Who was told of it outside the page, the newest first. */
  readonly notices: readonly NoticeView[];
  readonly consent?: Consent;
  /** The time that was worked on it. */
  readonly time: readonly WorkedTime[];
  /** With vendors, that cover what it is about: the nearest first. */
  readonly contracts: readonly TicketContract[];
  /** What vendors were asked about it, in their order. */
  readonly cases: readonly VendorCaseView[];
  /** The questions of its home that the plan counts. */
  readonly interactions?: InteractionsView;
};

/** What a home has used of what its plan counts: `time` of this month, by its own clock. */
export type UsageView = { readonly interactions?: InteractionsView; readonly time: TimeSum & { readonly month: string } };
/** Who may be called first; `timeZone`: by whose clock, UTC where nobody knows that of the home. */
export type ContactsView = { readonly timeZone: string; readonly isZoneKnown: boolean; readonly contacts: readonly ContactView[] };
export type DeviceCourseView = { readonly device: DeviceView; readonly course?: Course };

/** At once: of more nobody makes use, and the desk would stand still. */
export const MOST_SITES = 1000;

/** So many open tickets are looked at for what is due next. */
const MOST_SORTED = 2_000;

/** On its page: the newest. The audit of its home has all. */
const DEEDS_OF_A_TICKET = 500;
const NOTICES_OF_A_TICKET = 50;

export type DeskReader = {
  /** In the order in which they were registered: the first thousand behind the home `after`. */
  sites(after?: string, limit?: number): Promise<SiteView[]>;
  /** Many homes. */
  readonly homes: Homes;
  /** All of them in short. */
  readonly fleet: Fleet;
  /** Of many homes each. */
  readonly incidents: Incidents;
  /** With vendors. */
  readonly contracts: Contracts;
  /** How the desk does. */
  report(span: Span): Promise<Report>;
  site(id: string): Promise<SiteView | undefined>;
  devices(site: string): Promise<DeviceView[]>;
  /** One of them. `course`: how it did up to now; nothing of what is somebody's own. */
  device(site: string, id: string, span: { readonly days: CourseDays; readonly now: number }): Promise<DeviceCourseView | undefined>;
  /** Firing alerts by urgency; at most `perSite` of each home. */
  firing(site?: string, perSite?: number): Promise<AlertView[]>;
  /** One occurrence, whether it fires or is over. */
  alert(site: string, key: string, raisedHubAt: number): Promise<AlertView | undefined>;
  /** Newest first. */
  alerts(filter: AlertFilter): Promise<AlertView[]>;
  /** Of those that are open the first are those whose first answer is due next. */
  tickets(filter: TicketFilter): Promise<TicketView[]>;
  countOpenTickets(at: number): Promise<{ readonly open: number; readonly unanswered: number }>;
  ticket(number: number): Promise<TicketPageView | undefined>;
  usage(site: string, at: number): Promise<UsageView | undefined>;
  /** The people of a home, those first who may be called at that moment. `isHouseDown`: then it is called at any hour. */
  contacts(site: string, at: number, isHouseDown?: boolean): Promise<ContactsView | undefined>;
  /** What stays known of a home: the pinned first, then the newest. */
  notes(site: string): Promise<HomeNote[]>;
  /** Who was there for what, the newest first. */
  homeVisits(site: string): Promise<HomeVisit[]>;
  /** By their titles. */
  links(site: string): Promise<HomeLink[]>;
  /** The newest first, without what they show. */
  pictures(site: string): Promise<Picture[]>;
  /** A JPEG. */
  picture(site: string, no: number): Promise<Uint8Array | undefined>;
  /** `month`: `2026-11`. `dealer`: only of his homes. */
  timeSheet(month: string, dealer?: string): Promise<TimeSheet>;
  /** What it comes to, dealer by dealer. */
  statement(month: string, dealer?: string): Promise<Statement>;
  /** Who did what in a home, in their order; `brokenAt`: the first link of the chain that does not follow from the one before. */
  audit(filter: DeedFilter): Promise<{ readonly deeds: Link[]; readonly brokenAt?: number }>;
  /** Who looked into a home since that day (`2026-11-23`, UTC), the newest day first. */
  looks(site: string, since: string): Promise<Look[]>;
  events(filter: { after: number; site?: string; kind?: string; limit: number }): Promise<EventView[]>;
};

export type Readers = {
  /** Whatever it is asked, it answers of these homes alone. */
  within(scope: Scope): DeskReader;
  /** Their ids. */
  homesWithin(scope: Exclude<Scope, 'all'>): Promise<ReadonlySet<string>>;
};

/** Of who asked last: each keeps the statements that were made for it. */
const MOST_READERS = 300;

export function createReaders(...[database, ...others]: Parameters<typeof createReader>): Readers {
  const all = createReader(database, ...others);
  const limited = new Map<string, DeskReader>();
  return {
    within(scope) {
      if (scope === 'all') return all;
      const { holder } = scope;
      const reader = limited.get(holder) ?? createReader(scopedTo(database, scope), others[0], others[1], true);
      limited.delete(holder);
      limited.set(holder, reader);
      for (const oldest of limited.keys()) {
        if (limited.size <= MOST_READERS) break;
        limited.delete(oldest);
      }
      return reader;
    },
    homesWithin: async ({ holder }) => new Set(await listInReach(database, holder)),
  };
}

/** `livePresence` is newer than the store for every hub that was heard since the start. Without `serving` nothing is promised. */
export function createReader(
  database: DeskDatabase,
  livePresence: (site: string) => Presence | undefined,
  serving?: Serving,
  /** The database shows only some homes. */
  isPart = false,
): DeskReader {
  const presenceFor = (row: SiteRow): Presence => livePresence(row.id) ?? presenceOf(row);

  const homes = createHomes(database, livePresence, serving);
  const qualifiedWithinMs = serving?.qualifiedWithinMs ?? QUALIFIED_WITHIN_MS;
  const contracts = createContracts(database, contractHomes(serving), homes);

  function consentOf(id: string): { readonly consent?: Consent } {
    const consent = serving?.home({ id }).consent;
    return consent ? { consent } : {};
  }

  type Promises = { of(ticket: Ticket): Promised; readonly firing: ReadonlyMap<number, readonly AlertView[]> };

  async function interactionsOf({ id, time_zone }: SiteRow): Promise<{ readonly interactions?: InteractionsView }> {
    const interactions = serving?.interactions({ id, timeZone: time_zone ?? undefined }, await listAnswersRecorded(database, id));
    return interactions ? { interactions } : {};
  }

  /** What is promised of tickets that are open. */
  async function promisesOf(tickets: readonly Ticket[]): Promise<Promises> {
    if (!serving) return { of: () => ({}), firing: new Map() };
    const fired = await listFiringOfTickets(
      database,
      tickets.filter(isOpen).map(({ number }) => number),
    );
    const views = await homes.alertViews(fired.map(({ row }) => row));
    const byNumber = Map.groupBy(views, (_, i) => (fired[i] as { number: number }).number);
    const nexts = await serving.nextRungs(tickets, byNumber);
    return { of: ({ number }) => promisedOf(byNumber.get(number) ?? [], nexts.get(number)), firing: byNumber };
  }

  /** Of those that people work on: whose vendor has nobody qualified yet. */
  async function withVendors(tickets: readonly TicketView[]): Promise<readonly TicketView[]> {
    const waiting = (await listWaitingCases(database)).map((one) => vendorCaseView(one, qualifiedWithinMs));
    const byTicket = Map.groupBy(waiting, ({ ticket }) => ticket);
    return tickets.map((ticket) => {
      const due = nextDue(byTicket.get(ticket.number) ?? []);
      return due === undefined ? ticket : { ...ticket, vendor: { name: due.vendor, since: due.opened.at, dueAt: due.dueAt } };
    });
  }

  async function withSkills(tickets: readonly TicketView[], firing: Promises['firing']): Promise<TicketView[]> {
    const open = tickets.filter(isOpen).map((ticket) => ({ ...ticket, alerts: firing.get(ticket.number) ?? [] }));
    const skills = await serving?.skills(open);
    return tickets.map((ticket) => {
      const asked = skills?.get(ticket.number) ?? [];
      return asked.length === 0 ? ticket : { ...ticket, skills: asked };
    });
  }

  const inShort = (row: HomeInShort) =>
    livePresence(row.id) ?? {
      phase: row.presence,
      sinceAt: row.presence_since,
      ...(row.last_seen_at === null ? {} : { heardAt: row.last_seen_at }),
    };

  async function sheetOf(month: string, dealer?: string): Promise<TimeSheet> {
    const entries = await listTime(database, aroundMonth(month));
    const ids = [...new Set(entries.map(({ site }) => site))];
    const [names, rows] = await Promise.all([homes.names(ids), findSites(database, ids)]);
    const known = rows.map(({ id, time_zone }) => {
      const service = serving?.home({ id, timeZone: time_zone ?? undefined });
      return [id, { siteName: names.get(id) ?? id, service }] as const;
    });
    return timeSheet(month, entries, new Map(known), dealer);
  }

  return {
    homes,
    fleet: createFleet({ database, homes, presenceOf: inShort, serving }),
    incidents: createIncidents(database, homes, isPart),
    contracts,
    async report(span) {
      const [tickets, counts, cases] = await Promise.all([
        listCounted(database, span),
        countHomes(database),
        listCasesOpened(database, span),
      ]);
      return reportOf(tickets, counts.homes, span, cases);
    },
    sites: (after, limit = MOST_SITES) => homes.after(after, limit),
    site: (id) => homes.site(id),
    async devices(id) {
      const row = await findSite(database, id);
      if (row === undefined) return [];
      return (await listDevices(database, id)).map((device) => deviceView(device, presenceFor(row)));
    },
    async device(site, id, span) {
      const [row, [known]] = await Promise.all([findSite(database, site), listDevicesNamed(database, [{ site_id: site, device_id: id }])]);
      if (row === undefined || known === undefined) return undefined;
      const presence = presenceFor(row);
      const device = deviceView(known, presence);
      return hasCourse(device)
        ? { device, course: await readCourse(database, known, presence, span) }
        : { device: withoutPresence(device) };
    },
    async firing(site, perSite = Number.MAX_SAFE_INTEGER) {
      const [alerts, tickets, incident] = await Promise.all([
        listFiring(database, { site, perSite }),
        listTicketsOfFiring(database, site),
        site === undefined ? undefined : findIncidentOf(database, site),
      ]);
      const numbers = new Map(tickets.map(({ number, ...occurrence }) => [occurrenceName(occurrence), number]));
      const views = await homes.alertViews(alerts);
      return views
        .map((view, i) => withTicket(view, numbers.get(occurrenceName(alerts[i] as AlertRow))))
        .map((view) => (incident !== undefined && isOfLine(view) ? { ...view, incident } : view))
        .sort(byUrgency);
    },
    async tickets(filter) {
      // What is due next is known only when it is worked out, by the clock of each home.
      const isByDue = filter.open === true && serving !== undefined;
      const { limit, page = 1 } = filter;
      const end = limit * page;
      const isSorted = isByDue && end - limit < MOST_SORTED;
      const tickets = await listTickets(database, isSorted ? { ...filter, limit: Math.max(end, MOST_SORTED), page: 1 } : filter);
      const [names, promised] = await Promise.all([homes.names(tickets.map(({ site }) => site)), promisesOf(tickets)]);
      const views = tickets.map(
        (ticket): TicketView => ({ ...ticket, siteName: names.get(ticket.site) ?? ticket.site, ...promised.of(ticket) }),
      );
      return withSkills(await withVendors(isSorted ? sortedByDue(views).slice(end - limit, end) : views), promised.firing);
    },
    countOpenTickets: (at) => countOpenTickets(database, at),
    async ticket(number) {
      const ticket = await findTicket(database, number);
      if (ticket === undefined) return undefined;
      const [site, names, time, alerts, deeds, notices] = await Promise.all([
        findSite(database, ticket.site),
        homes.names([ticket.site]),
        listTime(database, { ticket: number }),
        listAlertsOfTicket(database, number),
        listDeedsOfTicket(database, ticket, DEEDS_OF_A_TICKET),
        listNoticesAbout(database, aboutTicket(number), NOTICES_OF_A_TICKET),
      ]);
      const views = await homes.alertViews(alerts);
      const firing = views.filter(({ clearedAt }) => clearedAt === undefined);
      const ofIt = new Map([[number, firing]]);
      const nexts = await serving?.nextRungs([ticket], ofIt);
      const view = { ...ticket, siteName: names.get(ticket.site) ?? ticket.site, ...promisedOf(firing, nexts?.get(number)) };
      const [whole = view] = await withSkills([view], ofIt);
      return {
        ...whole,
        alerts: views,
        deeds,
        notices: notices.map(noticeView),
        time,
        cases: (await listCasesOf(database, number)).map((one) => vendorCaseView(one, qualifiedWithinMs)),
        contracts: await contracts.ofTicket(ticket, firing.length > 0 ? firing : views),
        ...consentOf(ticket.site),
        ...(site ? await interactionsOf(site) : {}),
      };
    },
    async usage(id, at) {
      const site = await findSite(database, id);
      if (site === undefined) return undefined;
      const zone = serving?.home({ id, timeZone: site.time_zone ?? undefined }).timeZone ?? 'UTC';
      const { name: month, from, to } = periodAt('month', zone, at);
      return { ...(await interactionsOf(site)), time: { month, ...sumOf(await listTime(database, { site: id, from, to })) } };
    },
    async contacts(id, at, isHouseDown = false) {
      const site = await findSite(database, id);
      if (site === undefined) return undefined;
      const { noCalls, ...zone } = callTimesIn(serving, site);
      const times = { ...zone, noCalls: isHouseDown ? [] : noCalls };
      const contacts = (await listContacts(database, id)).map((contact) => ({ ...contact, reach: reachOf(contact, times, at) }));
      return { ...zone, contacts: contacts.sort(byReach) };
    },
    notes: (site) => listNotes(database, site),
    homeVisits: (site) => listHomeVisits(database, site),
    links: (site) => listHomeLinks(database, site),
    pictures: (site) => listPictures(database, site),
    picture: (site, no) => findPicture(database, site, no),
    statement: async (month, dealer) => findStatement({ database, homes, serving }, await sheetOf(month, dealer), dealer),
    timeSheet: sheetOf,
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
      return row && (await homes.alertViews([row]))[0];
    },
    alerts: async (filter) => homes.alertViews(await listAlerts(database, filter)),
    looks: (site, since) => listLooks(database, site, since),
    async events(filter) {
      return (await listEvents(database, filter)).map(eventView);
    },
  };
}

function withTicket(view: AlertView, ticket: number | undefined): AlertView {
  return ticket === undefined ? view : { ...view, ticket };
}

/** What stands behind those that are looked at keeps the place that the database gives it, or pages would show it twice. */
function sortedByDue(views: readonly TicketView[]): TicketView[] {
  const sorted = views.slice(0, MOST_SORTED).sort((left, right) => byDue(left.answer, right.answer));
  return [...sorted, ...views.slice(MOST_SORTED)];
}

type Promised = Pick<TicketView, 'answer' | 'next'>;

/** `firing`: the alerts of a ticket. */
function promisedOf(firing: readonly AlertView[], next: NextRung | undefined): Promised {
  const [answer] = firing.flatMap(({ service }) => service?.firstAnswer ?? []).sort(byDue);
  return { ...(answer === undefined ? {} : { answer }), ...(next === undefined ? {} : { next }) };
}
