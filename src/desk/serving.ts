/** Looks up what a service policy has to know of alerts beyond their own words, and says what is promised about each. Only reads. */
import type { Clock } from '../base/clock.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { isToPlan } from '../protocol/alert-catalogue.ts';
import type { CallTimes } from './dossier/contact.ts';
import { isOfLine } from './incidents/incident.ts';
import { type InteractionsView, interactionsView, type Recorded } from './service/interactions.ts';
import { circumstances, type NextRung, nextRung } from './service/ladder.ts';
import { homeOf, homesOfDealer, type Plan, planOf, type ServicePolicy } from './service/policy.ts';
import { type HomeServiceView, homeServiceOf, type ServiceView, serviceOf, timeZoneOf } from './service/service-view.ts';
import { coverOf, type SkillCover, skillsFor } from './service/skills.ts';
import { occurrenceName } from './store/alerts.ts';
import { countSilent, findDeviceTraits, type NamedDevice } from './store/device-kinds.ts';
import { findSites } from './store/homes.ts';
import { listToldHomes } from './store/incidents.ts';
import type { DeskDatabase } from './store/migrations.ts';
import type { AlertRow, SiteRow } from './store/schema.ts';
import { listShifts } from './store/shifts.ts';
import { listAnswered } from './store/tickets.ts';
import { countsFrom, isOpen, type Ticket } from './tickets/ticket.ts';
import { QUALIFIED_WITHIN_MS } from './vendors/vendor-case.ts';
import type { AlertView } from './views.ts';

export type Serve = (view: AlertView, site: SiteRow | undefined) => ServiceView | undefined;

/** `timeZone`: as its hub says. */
export type ServedHome = { readonly id: string; readonly timeZone?: string | undefined };

export type Serving = {
  /** What is promised about these alerts. Nothing about what is over or to be planned for. */
  alerts(rows: readonly AlertRow[]): Promise<Serve>;
  home(site: ServedHome): HomeServiceView;
  /** When nobody is to call there. */
  callTimes(site: ServedHome): CallTimes;
  /** Undefined where its plan counts no questions. */
  interactions(site: ServedHome, recorded: readonly Recorded[]): InteractionsView | undefined;
  /** What each of these tickets asks for, by its number, and who on shift knows it. Nothing where the policy names no skills. */
  skills(tickets: readonly OpenTicket[]): Promise<ReadonlyMap<number, readonly SkillCover[]>>;
  /** Whom each of these tickets is passed on to next, by its number; `alerts`: of each, those that fire. None of what somebody sees to. */
  nextRungs(tickets: readonly Ticket[], alerts: ReadonlyMap<number, readonly AlertView[]>): Promise<ReadonlyMap<number, NextRung>>;
  /** In short: whose it is, and what its plan is called. */
  ofHome(site: string): { readonly dealer?: string; readonly plan: string };
  /** How soon somebody qualified at a vendor is to be reached. */
  readonly qualifiedWithinMs: number;
  /** Who is billed for what: the homes that have a dealer of record, and by which policy. */
  readonly billed: {
    readonly policy: Pick<ServicePolicy, 'version' | 'since'>;
    readonly homes: readonly { readonly site: string; readonly dealer: string; readonly plan: Plan }[];
  };
  /** The ids of the homes of a dealer of record. */
  homesOf(dealer: string): readonly string[];
};

/** A ticket as people read it, with those of its alerts that fire. */
type OpenTicket = Pick<Ticket, 'number' | 'site' | 'title'> & { readonly alerts: readonly Pick<AlertView, 'site' | 'device'>[] };

export type ServingDeps = { readonly policy: ServicePolicy; readonly database: DeskDatabase; readonly clock: Clock };

/** From this share of its devices on a home is down as a whole. */
const MOST = 0.5;

export function createServing({ policy, database, clock }: ServingDeps): Serving {
  const hasKinds = [...policy.plans.values()].some(({ covers }) => covers?.kinds !== undefined);

  async function kindsOf(rows: readonly AlertRow[]): Promise<(device: NamedDevice) => string | undefined> {
    if (!hasKinds) return () => undefined;
    const named = rows.flatMap(({ site_id, device_id, cleared_at }) =>
      device_id === null || cleared_at !== null ? [] : [{ site: site_id, device: device_id }],
    );
    const traitsOf = await findDeviceTraits(database, named);
    return (device) => traitsOf(device)?.kind;
  }

  return {
    async alerts(rows) {
      const sites = [...new Set(rows.map(({ site_id }) => site_id))];
      const [kindOf, areMostDown, answered, told] = await Promise.all([
        kindsOf(rows),
        homesMostlyDown(database, rows),
        listAnswered(database, sites),
        listToldHomes(database, sites),
      ]);
      const answers = new Map(answered.map((row) => [occurrenceName(row), row.answered_at]));
      const { wallMs: now } = clock.now();
      return (view, site) => {
        if (view.clearedAt !== undefined || isToPlan(view)) return undefined;
        const kind = view.device === undefined ? undefined : kindOf({ site: view.site, device: view.device });
        const name = occurrenceName({ site_id: view.site, key: view.key, raised_hub_at: view.raisedHubAt });
        const answeredAt = earliest(view.acknowledged?.at, answers.get(name), isOfLine(view) ? told.get(view.site) : undefined);
        const asked = { ...view, kind, isMostOfHome: areMostDown.has(view.site), answeredAt };
        return serviceOf(policy, { site: view.site, hubTimeZone: site?.time_zone ?? undefined }, asked, now);
      };
    },
    async nextRungs(tickets, alerts) {
      const asked = tickets.filter(
        (ticket) => isOpen(ticket) && ticket.seenAt === undefined && planOf(policy, ticket.site).unanswered.length > 0,
      );
      const sites = await findSites(database, [...new Set(asked.map(({ site }) => site))]);
      const zones = new Map(sites.map(({ id, time_zone }) => [id, time_zone ?? undefined]));
      const nexts = asked.flatMap((ticket): [number, NextRung][] => {
        const { site, number, symptom, passed, askedAt } = ticket;
        const about = { isByHand: symptom === undefined, alerts: alerts.get(number) ?? [] };
        const around = circumstances(policy, { site, hubTimeZone: zones.get(site) }, about);
        const waiting = { askedAt, passed: passed?.step ?? 0, countsFrom: countsFrom(ticket) };
        const next = around && nextRung(planOf(policy, site).unanswered, waiting, around);
        return next === undefined ? [] : [[number, next]];
      });
      return new Map(nexts);
    },
    async skills(tickets) {
      if (policy.skills.size === 0 || tickets.length === 0) return new Map();
      const { wallMs: now } = clock.now();
      const named = tickets.flatMap(({ alerts }) => alerts.flatMap(({ site, device }) => (device === undefined ? [] : [{ site, device }])));
      const [traitsOf, shifts] = await Promise.all([findDeviceTraits(database, named), listShifts(database, now)]);
      const covers = new Map([...policy.skills.keys()].map((skill) => [skill, coverOf(policy, shifts, skill, now)]));
      return new Map(
        tickets.map(({ number, site, title, alerts }) => {
          const things = alerts.flatMap((alert) =>
            alert.device === undefined ? [] : (traitsOf({ site: alert.site, device: alert.device }) ?? []),
          );
          const { dealer } = homeOf(policy, site);
          const asked = skillsFor(policy, things.length > 0 ? things : [{ words: title }]).map((skill) => covers.get(skill)!);
          return [number, asked.map((cover) => (cover.on.length > 0 || dealer === undefined ? cover : { ...cover, dealer }))];
        }),
      );
    },
    interactions({ id, timeZone }, recorded) {
      const { interactions } = planOf(policy, id);
      const home = timeZoneOf(policy, { site: id, hubTimeZone: timeZone });
      return interactions && interactionsView(interactions, home.timeZone, recorded, clock.now().wallMs);
    },
    ofHome(site) {
      const { dealer } = homeOf(policy, site);
      return { plan: planOf(policy, site).title, ...(dealer === undefined ? {} : { dealer }) };
    },
    qualifiedWithinMs: policy.qualifiedWithinMs ?? QUALIFIED_WITHIN_MS,
    billed: {
      policy: { version: policy.version, since: policy.since },
      homes: [...policy.homes].flatMap(([site, { dealer }]) =>
        dealer === undefined ? [] : [{ site, dealer, plan: planOf(policy, site) }],
      ),
    },
    homesOf: (dealer) => homesOfDealer(policy, dealer),
    callTimes({ id, timeZone: hubTimeZone }) {
      const { timeZone, by } = timeZoneOf(policy, { site: id, hubTimeZone });
      return { timeZone, isZoneKnown: by !== 'nobody', noCalls: homeOf(policy, id).noCalls };
    },
    home: ({ id, timeZone }) => homeServiceOf(policy, { site: id, hubTimeZone: timeZone }, clock.now().wallMs),
  };
}

/** Without a service policy it is the hub that knows the clock of its home, or nobody. */
export function callTimesIn(serving: Serving | undefined, { id, time_zone }: Pick<SiteRow, 'id' | 'time_zone'>): CallTimes {
  const timeZone = time_zone ?? undefined;
  if (serving) return serving.callTimes({ id, timeZone });
  const isZoneKnown = timeZone !== undefined && isTimeZone(timeZone);
  return { timeZone: isZoneKnown ? timeZone : 'UTC', isZoneKnown, noCalls: [] };
}

function earliest(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Of homes that tell of devices which fell silent together, those of which most devices do not answer. */
async function homesMostlyDown(database: DeskDatabase, rows: readonly AlertRow[]): Promise<ReadonlySet<string>> {
  const sites = new Set(rows.flatMap(({ site_id, code, cleared_at }) => (code === 'devices-down' && cleared_at === null ? [site_id] : [])));
  const counted = await countSilent(database, [...sites]);
  return new Set(counted.flatMap(({ site, answering, silent }) => (silent > 0 && silent >= (silent + answering) * MOST ? [site] : [])));
}
