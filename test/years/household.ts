/** Homes as they are drawn for years: devices that near an end by the real catalogue, and what happens to them, to the hub, its clock, its memory and its desk. */
import type { DeviceSummary } from '../../src/agent/inventory/device.ts';
import { kindTraits } from '../../src/agent/inventory/kinds.ts';
import { type Catalogue, compileCatalogue } from '../../src/agent/lifecycle/catalogue.ts';
import type { Fact } from '../../src/agent/lifecycle/fact.ts';
import { lookedOf } from '../../src/agent/lifecycle/looked.ts';
import { type Grounds, standingOf } from '../../src/agent/lifecycle/standing.ts';
import type { Now } from '../../src/agent/lifecycle/verdict.ts';
import { DAY_MS, dayOf, isPartialDate, lastMomentOf } from '../../src/base/partial-date.ts';
import type { Random } from '../../src/base/random.ts';
import { readGrounds, readLifecycleFacts } from '../../src/platform/lifecycle-files.ts';
import { between, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { deviceSummary } from '../builders/device-summary.ts';

/** The first simulated day. */
export const BEGIN = Date.parse('2026-11-22T06:00:00Z');

/** Days, the last one not among them. */
export type Span = readonly [from: number, until: number];

/** `knownOn`: the day on which the hub learns its model. `goneOn`: the day on which it leaves the house. */
export type Dweller = {
  readonly summary: DeviceSummary;
  readonly installed?: string;
  readonly warrantyUntil?: string;
  readonly knownOn: number;
  readonly goneOn?: number;
};

export type Fate = {
  /** No hub. */
  readonly off: readonly Span[];
  /** The desk is not reached. */
  readonly cutOff: readonly Span[];
  /** Nothing vouches for the hub's clock, and it stands at its last good day; only while the desk is not reached. */
  readonly unsure: readonly Span[];
  /** The hub's clock calls itself synchronised and is wrong by so many days; only while the desk is not reached. */
  readonly wrong: readonly { readonly span: Span; readonly days: number }[];
  readonly restarts: ReadonlySet<number>;
  /** A copy of the hub's memory that is put back on a later day. */
  readonly restores: readonly { readonly copiedOn: number; readonly on: number }[];
};

export type Household = { readonly dwellers: readonly Dweller[]; readonly fate: Fate; readonly people: Random };

/** Catalogues by the day from which they are in use: makers move dates. */
export type Edition = { readonly from: number; readonly name: string; readonly catalogue: Catalogue };

const GROUNDS = readGrounds();
/** Of persons' devices nothing is told. */
const FACTS = readLifecycleFacts().filter(({ kind }) => !kindTraits(kind).personal);
const ENDS_IN_THESE_YEARS = 0.7;
const MOVED_SHARE = 0.15;
const MOVES_DAYS = [-120, 540] as const;

/** The real products, most of them with ends that fall into these years, and two later editions in which some of what is still to come has moved. */
export function editionsFrom(seed: string, days: number): Edition[] {
  const random = seededRandom(`${seed}/editions`);
  let facts = FACTS.map((fact) =>
    random.fraction() < ENDS_IN_THESE_YEARS ? broughtNear(fact, between(random, [-0.5, days / 365 + 1]), random) : fact,
  );
  return [0, Math.floor(days * 0.3), Math.floor(days * 0.65)].map((from, n) => {
    if (n > 0) facts = facts.map((fact) => (random.fraction() < MOVED_SHARE ? moved(fact, BEGIN + from * DAY_MS, random) : fact));
    return { from, name: `edition ${n + 1}`, catalogue: compileCatalogue(facts) };
  });
}

/** By whole years, so that the dates stay as exact as they are. */
function broughtNear(fact: Fact, years: number, random: Random): Fact {
  const last = Math.max(...Object.values(fact.ends).map((on) => (on === undefined ? 0 : lastMomentOf(on))));
  if (last <= 0) return fact;
  const by = Math.round((BEGIN - last) / (365.25 * DAY_MS) + years + between(random, [-0.5, 0.5]));
  return { ...fact, ends: Object.fromEntries(Object.entries(fact.ends).map(([end, on]) => [end, on && inAnotherYear(on, by)])) };
}

function inAnotherYear(date: string, by: number): string {
  return `${Number(date.slice(0, 4)) + by}${date.slice(4)}`.replace('-02-29', '-02-28');
}

function moved(fact: Fact, at: number, random: Random): Fact {
  const byMs = between(random, MOVES_DAYS) * DAY_MS;
  const ends = Object.entries(fact.ends).map(([end, on]) => {
    if (on === undefined || !isPartialDate(on) || lastMomentOf(on) < at) return [end, on];
    return [end, dayOf(Math.max(at, lastMomentOf(on) + byMs)).slice(0, on.length)];
  });
  return { ...fact, ends: Object.fromEntries(ends) };
}

export function editionOn(editions: readonly Edition[], day: number): Edition {
  return editions.findLast(({ from }) => from <= day) ?? (editions[0] as Edition);
}

export function groundsOf({ catalogue }: Edition, now: Now): Grounds {
  return { catalogue, ...GROUNDS, now };
}

/** Years in which something happens: an end within them, or behind them already. */
export function householdOf(seed: string, days: number, editions: readonly Edition[]): Household {
  const random = seededRandom(seed);
  const [house, fate, people] = [fork(random), fork(random), fork(random)];
  const grounds = groundsOf(editionOn(editions, 0), { at: BEGIN, isSure: true });
  const dwellers: Dweller[] = [];
  const wanted = 3 + Math.floor(between(house, [0, 12]));
  for (let tries = 0; dwellers.length < wanted && tries < 500; tries++) {
    const dweller = drawn(house, dwellers.length, days);
    if (isOfInterest(dweller, grounds, days, house)) dwellers.push(dweller);
  }
  return { dwellers, fate: fateOf(fate, days), people };
}

/** One in three has an end behind it; the others have one to come. */
function isOfInterest({ summary, installed, warrantyUntil }: Dweller, grounds: Grounds, days: number, random: Random): boolean {
  if (installed !== undefined || warrantyUntil !== undefined) return true;
  const tracks = standingOf(lookedOf(summary, undefined), grounds).flatMap((standing) => standing.tracks);
  const isToCome = tracks.some(({ ends }) => ends !== undefined && isWithin(ends, days));
  return tracks.length > 0 && (isToCome || random.fraction() < 0.02);
}

function isWithin(ends: string, days: number): boolean {
  const left = (lastMomentOf(ends) - BEGIN) / DAY_MS;
  return left > 0 && left < days + 365;
}

const AGEING = ['camera', 'nas', 'router', 'access-point', 'thermostat', 'tv'] as const;

function drawn(random: Random, n: number, days: number): Dweller {
  const fact = FACTS[Math.floor(random.fraction() * FACTS.length)] as Fact;
  const isOfNobody = random.fraction() < 0.02;
  const model = fact.match.models?.[0];
  const told = isOfNobody
    ? { vendor: 'Acme', model: `Box ${n}`, kind: AGEING[Math.floor(random.fraction() * AGEING.length)] as DeviceSummary['kind'] & string }
    : { vendor: fact.vendor, kind: fact.kind, ...(model ? { model: modelName(model) } : {}) };
  const id = (n + 1).toString(16).padStart(26, '0');
  const summary = deviceSummary({ id, ...told, ips: [`192.0.2.${n + 1}`], firstSeenAt: BEGIN, lastSeenAt: BEGIN });
  return {
    summary,
    ...(isOfNobody ? { installed: dayOf(BEGIN - between(random, [0, 8 * 365]) * DAY_MS).slice(0, 7) } : {}),
    ...(random.fraction() < 0.1 ? { warrantyUntil: dayOf(BEGIN + between(random, [60, days]) * DAY_MS) } : {}),
    knownOn: random.fraction() < 0.8 ? 0 : Math.floor(between(random, [1, days / 2])),
    ...(random.fraction() < 0.2 ? { goneOn: Math.floor(between(random, [days / 4, days])) } : {}),
  };
}

function modelName(model: string | { readonly name: string; readonly revisions: readonly string[] }): string {
  return typeof model === 'string' ? model : `${model.name} ${model.revisions[0]}`;
}

function fateOf(random: Random, days: number): Fate {
  const spans = (most: number, lengths: readonly [number, number]): Span[] =>
    Array.from({ length: Math.floor(between(random, [0, most + 1])) }, () => {
      const from = Math.floor(between(random, [2, days]));
      return [from, from + Math.ceil(between(random, lengths))];
    });
  const cutOff = spans(6, [1, 40]);
  const restores = spans(2, [3, 400]).map(([copiedOn, on]) => ({ copiedOn, on }));
  // Without a desk there is often no internet either, and nobody to ask for the time, or somebody who says it wrong.
  const clocks = cutOff.map((span) => ({ span, chance: random.fraction(), days: random.fraction() < 0.5 ? 400 : -3 }));
  return {
    off: [...spans(3, [1, 30]), ...(random.fraction() < 0.2 ? spans(1, [60, 300]) : [])],
    cutOff,
    unsure: clocks.flatMap(({ span, chance }) => (chance < 0.3 ? [span] : [])),
    wrong: clocks.filter(({ chance }) => chance > 0.6),
    restarts: new Set(Array.from({ length: Math.ceil(days / 30) }, () => Math.floor(random.fraction() * days))),
    restores,
  };
}

export function isIn(spans: readonly Span[], day: number): boolean {
  return spans.some(([from, until]) => from <= day && day < until);
}
