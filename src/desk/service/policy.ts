/**
 * What a support desk promises its homes, as data: plans, and which home has which. Read from a file (config/service.ts), never changed. Times of day are minutes since
 * midnight, days `YYYY-MM-DD`, spans of time milliseconds; fees are money, and other prices words that people read.
 */
import type { Weekday } from '../../base/time-zone.ts';
import type { AlertCode, AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { Money } from './money.ts';

/** So long of each of these days; one that ends at or before its beginning goes on into the next day. */
export type WallSpan = { readonly days: ReadonlySet<Weekday>; readonly from: number; readonly to: number };

/** Days on which nobody works, and what the file calls them. */
type Holidays = { readonly holidays: ReadonlySet<string>; readonly calendar?: string };

/** When people are at work. Without `timeZone` by the clock of the home. */
export type Hours = Holidays & { readonly spans: readonly WallSpan[]; readonly timeZone?: string };

/** A person answers within so long of service; whoever is to do so is warned after that share of it. Without `hours` the clock never stands. */
export type FirstAnswer = { readonly withinMs: number; readonly warnShare: number; readonly hours?: Hours };

/** Somebody comes on the day on which it is reported, where it is reported before the cut-off of a work day; else on the next work day. */
export type Visit = Holidays & {
  readonly reportBy: number;
  readonly until: number;
  readonly days: ReadonlySet<Weekday>;
  readonly severities: ReadonlySet<AlertSeverity>;
};

/** Absent `codes` and `kinds`: all. */
export type Cover = {
  readonly severities: ReadonlySet<AlertSeverity>;
  readonly codes?: ReadonlySet<AlertCode>;
  readonly kinds?: ReadonlySet<string>;
};

/** Who is asked next where nobody has taken or answered a ticket so long after it was asked, counted in the hours in which the plan answers. */
export type Rung = {
  readonly afterMs: number;
  /** In the policy's own words; notices are routed by them. */
  readonly to: string;
  /** How bad it must be. Absent: however bad. */
  readonly severities?: ReadonlySet<AlertSeverity>;
  /** Not only in those hours. */
  readonly atAnyHour: boolean;
  /** Asked only where the plan pays or the client's yes is on record. */
  readonly bills: boolean;
};

/** Questions a month or year that cost nothing, and what each one beyond costs. */
export type Interactions = { readonly free: number; readonly per: 'month' | 'year'; readonly beyond?: string };

export type Plan = {
  readonly id: string;
  readonly title: string;
  /** Absent: nothing. */
  readonly covers?: Cover;
  readonly firstAnswer?: FirstAnswer;
  /** Where the house as a whole is down this holds instead of all other limits, at any hour. */
  readonly premisesDown?: FirstAnswer;
  readonly visit?: Visit;
  /** Step by step, each later than the one before. */
  readonly unanswered: readonly Rung[];
  readonly interactions?: Interactions;
  /** What a home pays for it. */
  readonly fee?: Money & { readonly per: 'month' | 'year' };
  /** Of the fee, as a fraction of at most four decimals. */
  readonly dealerShare?: number;
  /** What the dealer does on what is covered costs no more. */
  readonly dealerIncluded: boolean;
};

/** The client said yes to be billed for the dealer's work: who, when, at which rate, and who wrote it down. */
export type Consent = { readonly by: string; readonly on: string; readonly rate: string; readonly recordedBy: string };

export type Home = {
  readonly plan: string;
  readonly timeZone?: string;
  /** The dealer of record. */
  readonly dealer?: string;
  /** Who its line is from, and where it is: what homes that fall silent together may have in common. */
  readonly provider?: string;
  readonly area?: string;
  readonly consent?: Consent;
  /** When nobody is to call there. */
  readonly noCalls: readonly WallSpan[];
};

/** What somebody has to know for devices of these makers, or of these kinds. */
export type Skill = { readonly vendors: readonly string[]; readonly kinds: ReadonlySet<string> };

/** Who works at the desk: by his name as it stands in the audit. `hours`: in which he usually is on shift, by the clock that they name. */
export type Person = { readonly name: string; readonly skills: ReadonlySet<string>; readonly hours?: Hours };

export type ServicePolicy = {
  readonly version: string;
  /** From which day on it holds. */
  readonly since: string;
  /** The plan of homes that are not named. */
  readonly standardPlan: string;
  readonly plans: ReadonlyMap<string, Plan>;
  /** By site id. */
  readonly homes: ReadonlyMap<string, Home>;
  readonly holidays: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly skills: ReadonlyMap<string, Skill>;
  readonly people: ReadonlyMap<string, Person>;
  /** So soon somebody qualified at a vendor is to be reached; absent: as vendors/vendor-case.ts has it. */
  readonly qualifiedWithinMs?: number;
  /** Time that is worked is counted in such parts, in minutes. */
  readonly timeIncrement: number;
};

/** A home that the policy does not name has the standard plan and nothing on record. */
export function homeOf({ homes, standardPlan }: ServicePolicy, site: string): Home {
  return homes.get(site) ?? { plan: standardPlan, noCalls: [] };
}

/** Where a file does not say what it is. */
const NO_PLAN: Plan = { id: 'none', title: 'No plan', unanswered: [], dealerIncluded: false };

/** Every plan that a home names is there, or the file was refused; `none` need not be written down. */
/** Their ids. */
export function homesOfDealer({ homes }: ServicePolicy, dealer: string): string[] {
  return [...homes].flatMap(([id, home]) => (home.dealer === dealer ? [id] : []));
}

export function planOf(policy: ServicePolicy, site: string): Plan {
  return policy.plans.get(homeOf(policy, site).plan) ?? NO_PLAN;
}
