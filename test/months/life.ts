/**
 * What happens to a household in so many days, made from a seed: sleep and absence, reboots, firmware nights, dead devices, dead switches, brown-outs,
 * line cuts, interference, a hub that is busy, stopped or unplugged, and holidays. It is the truth that verdicts are measured by. How often things
 * happen follows the design's complaints and the founders' experience of installed homes; none of it was counted in the field.
 */
import { kindTraits } from '../../src/agent/inventory/kinds.ts';
import type { Random } from '../../src/base/random.ts';
import { between, exponential, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import type { Household, Resident } from './household.ts';
import type { Noise } from './link.ts';
import type { Offer } from './offers.ts';
import { type Spell, spellAt, union } from './spells.ts';

/** What really broke: one cause, whatever falls silent with it. `device` is missing where the line or the power of the house failed. */
export type Fault = Spell & { readonly what: 'device' | 'carrier' | 'service' | 'internet' | 'power'; readonly device?: string };

/** From `atMs` on it has another address. `tells`: it says so, or as soon as it is there. */
export type Move = { readonly atMs: number; readonly device: string; readonly ip: string; readonly tells: boolean };

export type Busy = Spell & { readonly lagMs: number };

export type Life = {
  readonly household: Household;
  readonly untilMs: number;
  /** Nobody is at home. */
  readonly holidays: readonly Spell[];
  /** Names of what visitors bring (guests.ts). */
  readonly guests: ReadonlySet<string>;
  /** Addresses that change (moves.ts), in order. */
  readonly moves: readonly Move[];
  /** What each is there for (offers.ts). */
  readonly offers: ReadonlyMap<string, readonly Offer[]>;
  readonly faults: readonly Fault[];
  /** When each device by itself is off, asleep, away or starting. */
  readonly off: ReadonlyMap<string, readonly Spell[]>;
  /** When each can not be reached from the hub's own port, its carriers counted in. */
  readonly silent: ReadonlyMap<string, readonly Spell[]>;
  /** Of those, when that is a fault and not its habit. */
  readonly faulty: ReadonlyMap<string, readonly Spell[]>;
  readonly noise: ReadonlyMap<string, readonly Noise[]>;
  readonly internetOff: readonly Spell[];
  /** Seconds in which nothing gets over the line: no cut, and nobody's affair. */
  readonly lineHiccups: readonly Noise[];
  readonly hubOff: readonly Spell[];
  readonly hubUnplugged: readonly Spell[];
  readonly hubStopped: readonly Spell[];
  readonly hubBusy: readonly Busy[];
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
/** Nothing breaks while the hub is new to the house: a device that was never seen cannot be missed. */
const SETTLING_MS = 3 * HOUR_MS;
const BOOT_MS = [35 * SECOND_MS, 110 * SECOND_MS] as const;
const HUB_BOOT_MS = [25 * SECOND_MS, 50 * SECOND_MS] as const;

/** Times a month in one home, or of one device where it says so. */
export const RATES = {
  deviceDies: 0.012,
  deviceHangs: 0.02,
  deviceReboots: 0.15,
  carrierDies: 0.02,
  accessPointReboots: 0.6,
  routerReboots: 1,
  routerDies: 0.03,
  lineCut: 1.5,
  powerCut: 0.2,
  brownOut: 0.3,
  noiseBurst: 4,
  hubBusy: 0.7,
  hubStopped: 0.3,
  hubUnplugged: 0.05,
  holiday: 0.15,
  lineHiccup: 25,
} as const;

export type Rates = { readonly [rate in keyof typeof RATES]: number };

export function liveLife(household: Household, days: number, random: Random, rates: Rates = RATES): Life {
  const untilMs = days * DAY_MS;
  const times = timesIn(untilMs, fork(random));
  const power = powerLife(times, rates, fork(random));
  const broken = breakages(household, times, rates, fork(random));
  const holidays = union(times(rates.holiday).map((fromMs) => ({ fromMs, toMs: fromMs + holidayMs(fromMs) })));
  const habits = new Map(household.residents.map((one) => [one.name, habitOf(one, untilMs, holidays, fork(random))]));
  const reboots = rebootsOf(household, times, rates, fork(random), untilMs);
  const own = new Map(
    household.residents.map(({ name }) => {
      const brokenOwn = broken.filter(({ device }) => device === name);
      return [name, union(brokenOwn, power.unpowered(name), reboots.get(name) ?? [])] as const;
    }),
  );
  const off = new Map(household.residents.map(({ name }) => [name, union(own.get(name) ?? [], habits.get(name) ?? [])]));
  const along = (from: ReadonlyMap<string, readonly Spell[]>) => (one: Resident) =>
    [one.name, union(from.get(one.name) ?? [], ...pathOf(household, one).map((carrier) => own.get(carrier) ?? []))] as const;
  const internetOff = times(rates.lineCut).map((fromMs) => ({ fromMs, toMs: fromMs + lasting(random, 8 * MINUTE_MS) }));
  return {
    household,
    untilMs,
    holidays,
    guests: new Set(),
    moves: [],
    offers: new Map(),
    faults: [...broken, ...power.faults, ...internetOff.map((cut): Fault => ({ ...cut, what: 'internet' }))].sort(
      (a, b) => a.fromMs - b.fromMs,
    ),
    off,
    silent: new Map(household.residents.map(along(off))),
    faulty: new Map(household.residents.map(along(own))),
    noise: noiseOf(household, times, rates, fork(random)),
    internetOff: union(internetOff),
    hubOff: power.hubOff,
    hubUnplugged: union(times(rates.hubUnplugged).map((fromMs) => ({ fromMs, toMs: fromMs + lasting(random, 5 * MINUTE_MS) }))),
    hubStopped: union(times(rates.hubStopped).map((fromMs) => ({ fromMs, toMs: fromMs + between(random, [8_000, 120_000]) }))),
    hubBusy: apart(
      times(rates.hubBusy).map((fromMs) => ({
        fromMs,
        toMs: fromMs + between(random, [MINUTE_MS, 6 * MINUTE_MS]),
        lagMs: between(random, [400, 4_000]),
      })),
    ),
    lineHiccups: apart(times(rates.lineHiccup).map((fromMs) => ({ fromMs, toMs: fromMs + between(random, [1_500, 3_500]), fraction: 1 }))),
  };
}

/** One to three weeks; by its first moment alone, so that nothing else in a life depends on it. */
const holidayMs = (fromMs: number): number => between(seededRandom(fromMs), [7 * DAY_MS, 21 * DAY_MS]);

/** Whether it can not be reached because something is broken, and not because it sleeps or went out. */
export function isFaulty(life: Life, name: string, atMs: number): boolean {
  return spellAt(life.faulty.get(name) ?? [], atMs) !== undefined;
}

/** What carries the packets between it and the hub's own switch. */
export function pathOf({ residents, hubBehind }: Household, { name, behind }: Pick<Resident, 'name' | 'behind'>): string[] {
  if (name === hubBehind) return [];
  if (behind === undefined || behind === hubBehind) return [hubBehind];
  const carrier = residents.find((one) => one.name === behind);
  return carrier ? [behind, ...pathOf({ residents, hubBehind } as Household, carrier)] : [];
}

type Times = (perMonth: number) => number[];

/** Instants of a Poisson process with so many a month. */
export function timesIn(untilMs: number, random: Random): Times {
  return (perMonth) => {
    const found: number[] = [];
    if (perMonth <= 0) return found;
    for (let at = SETTLING_MS + exponential(random, MONTH_MS / perMonth); at < untilMs; at += exponential(random, MONTH_MS / perMonth))
      found.push(at);
    return found;
  };
}

/** Mostly near the median, now and then ten times it. */
export function lasting(random: Random, medianMs: number): number {
  const sum = Array.from({ length: 12 }, () => random.fraction()).reduce((a, b) => a + b, -6);
  return medianMs * Math.exp(1.1 * sum);
}

function breakages({ residents, gateway }: Household, times: Times, rates: Rates, random: Random): Fault[] {
  return residents.flatMap(({ name, kind }): Fault[] => {
    const { power, personal } = kindTraits(kind);
    const carries = kind === 'switch' || kind === 'access-point' || name === gateway;
    const dies = name === gateway ? rates.routerDies : carries ? rates.carrierDies : rates.deviceDies;
    const what = carries ? ('carrier' as const) : ('device' as const);
    const dead = times(dies).map((fromMs) => ({ fromMs, toMs: fromMs + lasting(random, 8 * HOUR_MS), what, device: name }));
    const hung = carries
      ? []
      : times(rates.deviceHangs).map((fromMs) => ({ fromMs, toMs: fromMs + lasting(random, 25 * MINUTE_MS), what, device: name }));
    return personal || power !== 'always' ? [] : [...dead, ...hung];
  });
}

/** Short ones, after which it is back by itself; firmware comes to everything in one night of a month. */
function rebootsOf({ residents, gateway }: Household, times: Times, rates: Rates, random: Random, untilMs: number): Map<string, Spell[]> {
  const reboot = (fromMs: number): Spell => ({ fromMs, toMs: fromMs + between(random, BOOT_MS) });
  return new Map(
    residents.map(({ name, kind, habit }) => {
      const often = name === gateway ? rates.routerReboots : kind === 'access-point' ? rates.accessPointReboots : rates.deviceReboots;
      const firmware = Math.floor(random.fraction() * 30) * DAY_MS + 3 * HOUR_MS + random.fraction() * HOUR_MS;
      const nights = rates.deviceReboots > 0 && firmware > SETTLING_MS && firmware < untilMs ? [firmware] : [];
      return [name, habit === 'always' ? [...nights, ...times(often)].map(reboot) : []];
    }),
  );
}

function powerLife(times: Times, rates: Rates, random: Random) {
  const cuts = apart(times(rates.powerCut).map((fromMs) => ({ fromMs, toMs: fromMs + lasting(random, 9 * MINUTE_MS) })));
  const dips = times(rates.brownOut).map((fromMs) => ({ fromMs, toMs: fromMs + SECOND_MS }));
  const salt = Math.floor(random.fraction() * 1e9);
  const dice = (name: string, atMs: number): number => ((hashText(name) ^ salt ^ Math.floor(atMs)) >>> 0) / 2 ** 32;
  return {
    hubOff: cuts.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + between(random, HUB_BOOT_MS) })),
    faults: cuts.map((cut): Fault => ({ ...cut, what: 'power' })),
    /** With the time it takes to start again; of a dip about every third device notices. */
    unpowered: (name: string): Spell[] => [
      ...cuts.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + bootMs(dice(name, fromMs)) })),
      ...dips
        .filter(({ fromMs }) => dice(name, fromMs) < 1 / 3)
        .map(({ fromMs }) => ({ fromMs, toMs: fromMs + bootMs(dice(name, fromMs) * 3) })),
    ],
  };
}

const bootMs = (dice: number): number => BOOT_MS[0] + (BOOT_MS[1] - BOOT_MS[0]) * dice;

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}

function noiseOf({ residents }: Household, times: Times, rates: Rates, random: Random): Map<string, readonly Noise[]> {
  const points = residents.filter(({ kind }) => kind === 'access-point');
  return new Map(
    points.map(({ name }) => {
      const bursts = times(rates.noiseBurst).map((fromMs) => ({
        fromMs,
        toMs: fromMs + Math.min(lasting(random, 25 * SECOND_MS), 4 * MINUTE_MS),
        fraction: between(random, [0.4, 0.9]),
      }));
      return [name, apart(bursts)] as const;
    }),
  );
}

/** Without those that begin before the one before them is over. */
function apart<T extends Spell>(spells: readonly T[]): T[] {
  const kept: T[] = [];
  for (const spell of [...spells].sort((a, b) => a.fromMs - b.fromMs)) if (spell.fromMs >= (kept.at(-1)?.toMs ?? 0)) kept.push(spell);
  return kept;
}

/** When its habit keeps it silent. */
function habitOf({ habit }: Resident, untilMs: number, holidays: readonly Spell[], random: Random): Spell[] {
  const away = holidays.filter(() => habit !== 'always' && habit !== 'wakes');
  switch (habit) {
    case 'always':
    case 'visits':
      return [];
    case 'evenings':
      return union(away, evenings(untilMs, random));
    case 'now-and-then':
      return union(away, turns(untilMs, [15 * MINUTE_MS, 3 * HOUR_MS], random));
    case 'carried':
      return union(away, turns(untilMs, [40 * MINUTE_MS, 60 * MINUTE_MS], random));
    case 'works-here':
      return union(away, turns(untilMs, [3 * HOUR_MS, 9 * HOUR_MS], random));
    case 'wakes':
      return union(away, turns(untilMs, [3 * SECOND_MS, 3 * HOUR_MS], random));
  }
}

/** Off until some time in the evening, every day. */
function evenings(untilMs: number, random: Random): Spell[] {
  const days = Array.from({ length: Math.ceil(untilMs / DAY_MS) + 1 }, (_, day) => day * DAY_MS);
  const on = days.map((day) => ({
    fromMs: day + 17 * HOUR_MS + random.fraction() * 3 * HOUR_MS,
    toMs: day + 22 * HOUR_MS + random.fraction() * 2 * HOUR_MS,
  }));
  return on.map(({ fromMs }, i) => ({ fromMs: i === 0 ? 2 * MINUTE_MS : (on[i - 1] as Spell).toMs, toMs: fromMs }));
}

/** On and off in turn with exponential lengths of these means; on at first, to be found. */
export function turns(untilMs: number, [onMs, offMs]: readonly [number, number], random: Random): Spell[] {
  const spells: Spell[] = [];
  for (let at = Math.max(MINUTE_MS, exponential(random, onMs)); at < untilMs; ) {
    const spell = { fromMs: at, toMs: at + exponential(random, offMs) };
    spells.push(spell);
    at = spell.toMs + exponential(random, onMs);
  }
  return spells;
}
