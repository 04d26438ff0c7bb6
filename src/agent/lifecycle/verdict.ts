/**
 * One verdict on a device: how near its end it is, why, on what grade of evidence, and what to do. A current or unknown device gets none rather
 * than a guess; what only general knowledge says, or what its source doubts, asks the desk to check and never reaches a client.
 */

import { DAY_MS, firstMomentOf, lastMomentOf } from '../../base/partial-date.ts';
import { type DeviceKind, kindTraits } from '../inventory/kinds.ts';
import { ageWords } from './age-words.ts';
import type { End, Fact } from './fact.ts';
import type { Found } from './match.ts';
import { type Age, isContradicted, type ServiceLife } from './service-life.ts';

/** In the order of urgency. `check` and `ask-revision` are work for the desk, not verdicts for a client. */
export const STATES = ['at-risk', 'overdue', 'due', 'plan', 'check', 'ask-revision', 'fine'] as const;
export type VerdictState = (typeof STATES)[number];

export type Grade =
  | 'announced date'
  | "maker's promise"
  | 'observed'
  | 'told by the device'
  | 'observed decay'
  | 'usual life'
  | 'general knowledge';

export type Verdict = {
  readonly state: VerdictState;
  /** Acted on at once: attacked holes that nobody closes, or something that guards lives past its date. */
  readonly critical: boolean;
  readonly tell: 'client' | 'desk';
  /** One sentence. */
  readonly why: string;
  readonly grade: Grade;
  /** What ends, and when as far as it is known: `2025-03`; `atTheLatest` where it was called ended then and nobody told the day. */
  readonly ends?: { readonly what: string; readonly on: string; readonly atTheLatest?: true };
  /** Whole days until the last moment of `ends.on`; negative when past. None where it was not told, or the clock is not sure. */
  readonly daysLeft?: number;
  readonly toDo: string;
  readonly stops?: string;
  readonly stays?: string;
  readonly source: { readonly title: string; readonly url?: string; readonly readOn?: string };
  /** Ids of the facts it rests on; none for an age. */
  readonly facts: readonly string[];
};

/**
 * `isSure` is false where nothing proves the wall clock: then `at` is a moment that has passed for certain, and nothing is counted down. `isDesks`: by
 * the clock of the desk, which has the last word.
 */
export type Now = { readonly at: number; readonly isSure: boolean; readonly isDesks?: true | undefined };

export type Evidence = {
  readonly kind?: DeviceKind | undefined;
  readonly found: readonly Found[];
  readonly age?: Age | undefined;
  /** The usual life of its kind. */
  readonly life?: ServiceLife | undefined;
  /** What the device says itself of what wears out in it. */
  readonly told?: Told | undefined;
};

/** `name` and `stage`: as in a track (tracks.ts). */
export type ToldEnd = {
  readonly cause: 'battery' | 'certificate' | 'replace' | 'support';
  readonly name: string;
  readonly stage?: 0 | 365;
  readonly verdict: Verdict;
};

/** `ends`: what is near or past. `dates`: all that has a day, also years ahead. */
export type Told = { readonly ends: readonly ToldEnd[]; readonly dates: readonly NonNullable<Verdict['ends']>[] };

const PLAN_DAYS = 365;
const DUE_DAYS = 90;

/** The most urgent verdict; undefined where nothing is known. */
export function verdictOn(evidence: Evidence, now: Now): Verdict | undefined {
  const { found, kind } = evidence;
  const all = found.flatMap((one): Verdict[] =>
    one.is === 'about' ? [verdictOnFact(one.fact, kind, now)] : askingVerdict(one, kind, now),
  );
  const aged = verdictOnAge(evidence);
  const told = (evidence.told?.ends ?? []).map(({ verdict }) => verdict);
  return [...all, ...told, ...(aged ? [aged] : [])].toSorted(byUrgency)[0];
}

/** A maker's word on updates beats an age. */
export function verdictOnAge({ found, kind, age, life }: Evidence): Verdict | undefined {
  const isSpoken = found.some((one) => one.is === 'about' && one.fact.confidence !== 'low' && decidingEnd(one.fact) !== 'sale');
  return isSpoken || !age || !life ? undefined : ageVerdict(age, life, kind);
}

export function byUrgency(one: Verdict, other: Verdict): number {
  const left = ({ daysLeft = Number.MAX_SAFE_INTEGER }: Verdict): number => daysLeft;
  return STATES.indexOf(one.state) - STATES.indexOf(other.state) || left(one) - left(other);
}

/** A moment that has certainly passed: the newest day on which a source was read. */
export function certainlyPast(facts: Iterable<Fact>): number {
  let latest = 0;
  for (const { readOn } of facts) if (readOn !== undefined) latest = Math.max(latest, firstMomentOf(readOn));
  return latest;
}

/** The earliest of what hurts decides; that it is no longer sold, only where nothing else is known. */
export function decidingEnd({ ends }: Fact): End | 'pastBy' | undefined {
  const hurting = (['security', 'support', 'cloud', 'apps'] as const).filter((end) => ends[end] !== undefined);
  const earliest = hurting.toSorted((a, b) => lastMomentOf(ends[a] ?? '') - lastMomentOf(ends[b] ?? ''))[0];
  return earliest ?? (ends.pastBy !== undefined ? 'pastBy' : ends.sale !== undefined ? 'sale' : undefined);
}

/** Nobody read it, or who read it doubts it: the desk has to look first. */
export function isDoubtful({ confidence, doubt }: Fact): boolean {
  return confidence === 'low' || doubt !== undefined;
}

export function verdictOnFact(fact: Fact, kind: DeviceKind | undefined, now: Now): Verdict {
  const end = decidingEnd(fact);
  const on = end === undefined ? undefined : fact.ends[end];
  const isPast = end === 'pastBy' || (on !== undefined && lastMomentOf(on) < now.at);
  const guards = kindTraits(kind ?? fact.kind).criticality === 'safety';
  const state = stateOf(fact, { end, on, isPast, guards }, now);
  const told: VerdictState = state !== 'fine' && isDoubtful(fact) ? 'check' : state;
  const [source] = fact.sources;
  return {
    state: told,
    critical: told === 'at-risk',
    tell: isDoubtful(fact) ? 'desk' : 'client',
    why: sentence(fact, end, isPast, guards && told === 'at-risk'),
    grade: gradeOf(fact),
    ...(end === undefined || on === undefined ? {} : { ends: { what: WHAT[end], on, ...(end === 'pastBy' ? { atTheLatest: true } : {}) } }),
    ...(now.isSure && on !== undefined && end !== 'pastBy' ? { daysLeft: daysUntil(on, now) } : {}),
    toDo: toDoFor(fact, told, end),
    ...(fact.stops === undefined ? {} : { stops: fact.stops }),
    ...(fact.stays === undefined ? {} : { stays: fact.stays }),
    source: { title: source?.title ?? '', ...(source?.url ? { url: source.url } : {}), ...(fact.readOn ? { readOn: fact.readOn } : {}) },
    facts: [fact.id],
  };
}

function gradeOf({ confidence, promised, observed }: Fact): Grade {
  if (confidence === 'low') return 'general knowledge';
  return promised ? "maker's promise" : observed ? 'observed' : 'announced date';
}

type Ending = {
  readonly end: End | 'pastBy' | undefined;
  readonly on: string | undefined;
  readonly isPast: boolean;
  readonly guards: boolean;
};

function stateOf({ ends, exploited, supportedOn }: Fact, { end, on, isPast, guards }: Ending, now: Now): VerdictState {
  if (end === undefined || on === undefined) return 'fine';
  if (end === 'sale') return isPast && supportedOn === undefined ? 'plan' : 'fine';
  if (isPast && (exploited || guards)) return 'at-risk';
  if (isPast) return end === 'security' && ends.paidSecurity !== undefined && lastMomentOf(ends.paidSecurity) >= now.at ? 'due' : 'overdue';
  const days = daysUntil(on, now);
  return days <= DUE_DAYS ? 'due' : days <= PLAN_DAYS ? 'plan' : 'fine';
}

/** Whole days until the last moment of the date. */
function daysUntil(date: string, now: Now): number {
  return Math.floor((lastMomentOf(date) - now.at) / DAY_MS);
}

/** What ends, in words. */
export const WHAT: Readonly<Record<End | 'pastBy', string>> = {
  sale: 'sale',
  features: 'new functions',
  security: 'security updates',
  paidSecurity: 'paid security updates',
  support: "the maker's support",
  apps: 'apps of others',
  cloud: "the maker's cloud",
  pastBy: 'support',
};

function sentence(fact: Fact, end: End | 'pastBy' | undefined, isPast: boolean, guards: boolean): string {
  const { product, ends, exploited, supportedOn } = fact;
  if (end === undefined) return `${product} is looked after, and no end was announced (as of ${supportedOn ?? fact.readOn}).`;
  const on = ends[end] ?? '';
  const cloud = isPast && end !== 'cloud' && ends.cloud === on ? "; the maker's cloud is off" : '';
  const paid =
    isPast && end === 'security' && ends.paidSecurity ? `; for those who pay, or by volunteers, they go on until ${ends.paidSecurity}` : '';
  const attacked = isPast && exploited ? '; attackers use holes in it that nobody closes' : '';
  return `${product}: ${words(end, on, isPast, fact.promised === true)}${cloud}${paid}${attacked}${guards ? '; people rely on it to be safe' : ''}.`;
}

function words(end: End | 'pastBy', on: string, isPast: boolean, isPromise: boolean): string {
  if (end === 'pastBy') return `at its end by ${on} at the latest, the exact day is not known`;
  if (end === 'sale') return isPast ? `no longer made since ${on}, and no end of its support is known` : `made until ${on}`;
  if (isPromise) return isPast ? `${WHAT[end]} were promised until ${on}` : `${WHAT[end]} are promised until ${on}`;
  if (end === 'security') return isPast ? `no more security updates since ${on}` : `security updates end ${on}`;
  if (end === 'apps') return isPast ? `large apps no longer run on it since ${on}` : `large apps stop running on it ${on}`;
  return isPast ? `${WHAT[end]} ended ${on}` : `${WHAT[end]} ends ${on}`;
}

function toDoFor({ replacement, exploited, match, doubt }: Fact, state: VerdictState, end: End | 'pastBy' | undefined): string {
  const instead = replacement === undefined ? '' : `: ${replacement}`;
  if (state === 'fine') return 'Nothing.';
  if (state === 'check')
    return `Check this with the maker before anybody is told${doubt === undefined ? '' : `. ${doubt.replace(/\.$/, '')}`}.`;
  if (match.system) return `Update it${replacement === undefined ? ', or replace it where nothing newer runs on it' : instead}.`;
  if (exploited && state === 'at-risk') return `Take it off the network, or replace it now${instead}.`;
  if (end === 'sale') return `Think of what comes after it${instead}.`;
  return state === 'at-risk' || state === 'overdue' ? `Replace it${instead}.` : `Plan its replacement${instead}.`;
}

/** Nothing is asked where no answer would matter. */
function askingVerdict({ facts, by, lookFor }: Extract<Found, { is: 'ask' }>, kind: DeviceKind | undefined, now: Now): Verdict[] {
  const worst = facts.map((fact) => verdictOnFact(fact, kind, now)).toSorted(byUrgency)[0];
  if (!worst || worst.state === 'fine') return [];
  const { grade, source, ends } = worst;
  return [
    {
      state: 'ask-revision',
      critical: false,
      tell: 'desk',
      why: `It may be one that has ended (${worst.why.replace(/\.$/, '')}): all that is known is ${by}.`,
      grade,
      ...(ends ? { ends } : {}),
      toDo: `Look for ${lookFor}. Then say it: hearthbeat device set <device> model="..."`,
      source,
      facts: facts.map(({ id }) => id),
    },
  ];
}

/** At most `due`, but for what guards lives: an age is no end that anybody announced. */
function ageVerdict(age: Age, life: ServiceLife, kind: DeviceKind | undefined): Verdict | undefined {
  const counted = life.clock === 'manufacture' && age.made ? age.made : age;
  const { atLeast, atMost = atLeast, from } = counted;
  if (Math.max(atLeast, atMost) < life.warnAt) return hintedVerdict(age, life);
  if (counted === age && isContradicted(age)) return askingInstalled(life, `${from}, but ${age.block?.from}`, 'one of the two is wrong');
  const isDue = atLeast >= life.dueAt;
  const guards = kind !== undefined && kindTraits(kind).criticality === 'safety' && life.clock === 'manufacture';
  const state: VerdictState = life.confidence === 'low' ? 'check' : isDue && guards ? 'at-risk' : isDue ? 'due' : 'plan';
  const printed = life.clock === 'manufacture' ? ' The date printed on it decides.' : '';
  const [source] = life.sources;
  return {
    state,
    critical: state === 'at-risk',
    tell: state === 'check' ? 'desk' : 'client',
    why: `${life.label} of ${ageWords(counted)} (${from}): they usually last ${life.low} to ${life.high} years.${printed}`,
    grade: 'usual life',
    toDo:
      state === 'check'
        ? 'Look how well it still does; the figure is a guess.'
        : isDue
          ? 'Plan its replacement.'
          : 'Think of what comes after it.',
    source: { title: source?.title ?? '', ...(source?.url ? { url: source.url } : {}) },
    facts: [],
  };
}

/**
 * What it was made, or has an old trace of, says what somebody has to find out: when it was put in. A usual life that is a guess is not worth the way, and a hint that its
 * address block contradicts is none: factories put one certificate into every unit for years.
 */
function hintedVerdict({ made, trace, block }: Age, life: ServiceLife): Verdict | undefined {
  const bound = block?.atMost ?? Number.POSITIVE_INFINITY;
  const hints = [
    ...(made && made.atLeast <= bound ? [{ years: Math.min(made.atMost, bound), from: made.from }] : []),
    ...(trace && trace.atLeast <= bound ? [{ years: trace.atLeast, from: trace.from }] : []),
  ];
  const hint = life.confidence === 'low' ? undefined : hints.find(({ years }) => years >= life.warnAt);
  return (
    hint &&
    askingInstalled(life, hint.from, `it may be ${Math.floor(hint.years)} years old, and they usually last ${life.low} to ${life.high}`)
  );
}

function askingInstalled({ label, sources: [source] }: ServiceLife, known: string, open: string): Verdict {
  return {
    state: 'check',
    critical: false,
    tell: 'desk',
    why: `${label}, ${known}: ${open}.`,
    grade: 'usual life',
    toDo: 'Find out when it was put in. Then say it: hearthbeat device set <device> installed=...',
    source: { title: source?.title ?? '', ...(source?.url ? { url: source.url } : {}) },
    facts: [],
  };
}
