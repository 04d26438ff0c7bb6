/**
 * A home of sixty devices for the bench of decay: how each is connected, how well it usually does, and what happens to it and to the house in a year.
 * Proportions follow test/months/household.ts. How often things happen, and how strongly, is our estimate and was counted nowhere: `RATES`.
 */
import type { Random } from '../../src/base/random.ts';
import { between, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { eventsOfCableAndWarmth, withCables, withWarmth } from './cables-and-warmth.ts';
import { daysOf, gauss, logBetween } from './chance.ts';

/** Monday, 5 January 2026. */
export const FIRST_DAY = 20_458;

/** From `from` on, grown over `over` days (0: a step), and gone after `until`. Losses and times as logarithms of factors, counts a day added. */
export type Effect = {
  readonly from: number;
  readonly over: number;
  readonly until: number;
  /** Slowly first, like what wears out: the exponent of its growth; evenly without. */
  readonly growth?: number;
  readonly loss?: number;
  readonly delay?: number;
  readonly tail?: number;
  readonly drops?: number;
  readonly reboots?: number;
  readonly battery?: number;
  /** Restarts a day, to the clock. */
  readonly timer?: number;
  /** Degrees that are added. */
  readonly temperature?: number;
  /** Of a million frames on its cable, added; and the logarithm of a factor. */
  readonly damage?: number;
  readonly discards?: number;
};

export type Dweller = {
  readonly id: string;
  readonly link: 'wire' | 'air';
  /** The access point or switch that it hangs on. */
  readonly behind: string;
  /** Minutes a day, 1440 but for what is on in the evening. */
  readonly minutes: number;
  readonly intervalS: number;
  readonly loss: number;
  readonly delayMs: number;
  readonly tailTimes: number;
  readonly dropsADay: number;
  readonly rebootsADay: number;
  /** Whether it tells how long it runs. */
  readonly tellsReboots: boolean;
  readonly batteryMinutes?: number;
  /** In a room of 20 degrees. */
  readonly temperatureC?: number;
  /** Where a switch counts what its cable does; each time it is plugged in elsewhere it has another one. */
  readonly cables: readonly Cable[];
  /** How much it wavers from week to week, as part of what is usual. */
  readonly mood: number;
  /** Whether seasons reach it: a camera behind the leaves. */
  readonly isOutdoors: boolean;
  readonly effects: readonly Effect[];
  readonly livesFrom: number;
  readonly livesUntil: number;
  readonly drift?: Drift;
};

/** From a day on. `damage`, `discards`: usual in a million frames; `tellsFcs`: whether its switch tells damage from other errors. */
export type Cable = {
  readonly from: number;
  readonly framesADay: number;
  readonly damage: number;
  readonly discards: number;
  readonly tellsFcs: boolean;
};

export const DRIFTS = ['power supply', 'flash', 'radio', 'battery', 'cable', 'cooling'] as const;
export type DriftKind = (typeof DRIFTS)[number];
/** What was injected: it begins, and ends with the death of the device. Days. */
export type Drift = { readonly kind: DriftKind; readonly from: number; readonly fails: number };

export type Home = {
  readonly seed: string;
  readonly days: number;
  readonly dwellers: readonly Dweller[];
  /** Days on which the hub saw nothing. */
  readonly blind: ReadonlySet<number>;
  readonly away: ReadonlySet<number>;
  /** Days on which a switch restarted and forgot its counts. */
  readonly forgetful: ReadonlySet<number>;
  /** How much warmer than on average its middle of summer is, in which phase of the year the simulation begins. */
  readonly climate: { readonly summer: number; readonly phase: number };
};

/** Times a year, in one home or of one device. */
export const RATES = {
  movedRouter: 0.5,
  newChannel: 2,
  newNeighbours: 0.4,
  busierNetwork: 0.5,
  movedHub: 0.3,
  holiday: 2,
  blindDay: 6,
  blindWeek: 0.5,
  firmwareNight: 12,
  movedDevice: 0.08,
  otherFirmware: 0.15,
  replacedCable: 0.05,
  badDay: 2,
  badWeek: 0.12,
  scheduledReboots: 0.005,
  busierDevice: 0.05,
  otherLoad: 0.5,
  replaced: 0.1,
  movedPort: 0.1,
  busierPort: 0.05,
  unpluggedCable: 1,
  clearedCounters: 0.5,
  switchRestart: 2,
  putElsewhere: 0.1,
  cleanedFan: 0.15,
  otherFanCurve: 0.15,
  moreHeat: 0.1,
} as const;
export type Rates = { readonly [rate in keyof typeof RATES]: number };

const POINTS = ['ground', 'upstairs', 'garden'] as const;
const EVER = Number.POSITIVE_INFINITY;
/** Before that nobody knows what is usual. */
const FIRST_DRIFT_DAY = 42;
const FAST_DAYS = 42;
const SLOW_DAYS = 210;

export type HomeOptions = { readonly seed: string; readonly days: number; readonly drifts?: number; readonly rates?: Rates };

/** `drifts`: how many devices of it wear out. */
export function makeHome({ seed, days, drifts = 1, rates = RATES }: HomeOptions, random: Random): Home {
  // Of another source, so that what was simulated before stays as it was.
  const extra = seededRandom(`${seed}/cables and warmth`);
  const bare = Array.from({ length: 60 }, (_, i) => dweller(i, days, fork(random)));
  const dwellers = withCables(withWarmth(bare, fork(extra)), days, rates, fork(extra));
  const house = houseEvents(dwellers, days, rates, fork(random));
  const own = new Map(dwellers.map((one) => [one.id, ownEvents(one, days, rates, fork(random))]));
  const lived = dwellers.map((one) => ({
    ...one,
    effects: [...(house.get(one.id) ?? []), ...(own.get(one.id) ?? []), ...eventsOfCableAndWarmth(one, days, rates, fork(extra))],
  }));
  const worn = wearOut(lived, drifts, days, fork(random));
  const renewed = worn.flatMap((one) => replaced(one, days, rates, fork(random)));
  const spans = (starts: readonly number[], length: () => number): Set<number> =>
    new Set(starts.flatMap((from) => Array.from({ length: length() }, (_, i) => from + i)));
  return {
    seed,
    days,
    dwellers: renewed,
    blind: new Set([
      ...spans(daysOf(random, rates.blindDay, days), () => 1),
      ...spans(daysOf(random, rates.blindWeek, days), () => Math.round(between(random, [3, 10]))),
    ]),
    away: spans(daysOf(random, rates.holiday, days), () => Math.round(between(random, [7, 21]))),
    forgetful: new Set(daysOf(extra, rates.switchRestart, days)),
    climate: { summer: between(extra, [1, 5]), phase: between(extra, [0, 365]) },
  };
}

/** Half on wires; of what is on Wi-Fi one in seven is poorly placed. One UPS. */
function dweller(i: number, days: number, random: Random): Dweller {
  const isWired = i < 26;
  const isPoor = random.fraction() < 0.15;
  const isEvening = random.fraction() < 0.12;
  return {
    id: `device-${i}`,
    link: isWired ? 'wire' : 'air',
    behind: isWired ? (i < 14 ? 'rack switch' : 'media switch') : (POINTS[Math.floor(random.fraction() * POINTS.length)] as string),
    minutes: isEvening ? 360 : 1440,
    intervalS: isWired ? 5 : 15,
    loss: isWired
      ? random.fraction() < 0.05
        ? 0.02
        : 0.0002
      : isPoor
        ? logBetween(random, [0.01, 0.03])
        : logBetween(random, [0.001, 0.008]),
    delayMs: isWired ? between(random, [0.25, 0.9]) : logBetween(random, [2, 15]),
    tailTimes: isWired ? between(random, [1.3, 2]) : between(random, [2, 5]),
    dropsADay: isWired ? 0.003 : isPoor ? logBetween(random, [0.1, 0.4]) : logBetween(random, [0.01, 0.06]),
    rebootsADay: 0.005,
    tellsReboots: random.fraction() < 0.35,
    ...(i === 0 ? { batteryMinutes: between(random, [12, 60]) } : {}),
    cables: [],
    mood: random.fraction() < 0.06 ? 3 : 1,
    isOutdoors: !isWired && random.fraction() < 0.1,
    effects: [],
    livesFrom: 0,
    livesUntil: days,
  };
}

/** What happens to all, or to those behind one access point, at once. */
function houseEvents(dwellers: readonly Dweller[], days: number, rates: Rates, random: Random): Map<string, Effect[]> {
  const effects = new Map<string, Effect[]>();
  const give = (to: readonly Dweller[], effect: (one: Dweller) => Omit<Effect, 'until'> & { until?: number }): void => {
    for (const one of to) effects.set(one.id, [...(effects.get(one.id) ?? []), { until: EVER, ...effect(one) }]);
  };
  const onAir = dwellers.filter(({ link }) => link === 'air');
  const behindOne = (): Dweller[] => {
    const point = POINTS[Math.floor(random.fraction() * POINTS.length)];
    return onAir.filter(({ behind }) => behind === point);
  };
  for (const from of daysOf(random, rates.movedRouter, days))
    give(random.fraction() < 0.5 ? onAir : behindOne(), () => ({ from, ...elsewhere(random, 0.8) }));
  for (const from of daysOf(random, rates.newChannel, days))
    give(random.fraction() < 0.5 ? onAir : behindOne(), () => ({
      from,
      over: 0,
      loss: gauss(random, -0.1, 0.4),
      delay: gauss(random, 0, 0.15),
    }));
  for (const from of daysOf(random, rates.newNeighbours, days)) {
    const [over, loss, delay] = [between(random, [0, 60]), between(random, [0.5, 1.6]), between(random, [0.1, 0.6])];
    // Those on 5 GHz do not hear them.
    const heard = behindOne().filter(() => random.fraction() < 0.7);
    give(heard, () => ({ from, over, loss: loss * between(random, [0.5, 1.5]), delay: delay * between(random, [0.5, 1.5]) }));
  }
  for (const from of daysOf(random, rates.busierNetwork, days)) {
    const [over, delay] = [between(random, [0, 120]), between(random, [0.2, 0.7])];
    const all = random.fraction() < 0.5 ? onAir : behindOne();
    give(all, () => ({
      from,
      over,
      delay: delay * between(random, [0.7, 1.3]),
      tail: between(random, [0, 0.3]),
      loss: between(random, [0, 0.4]),
    }));
  }
  for (const from of daysOf(random, rates.movedHub, days))
    give(dwellers, () => ({ from, over: 0, delay: gauss(random, 0.3, 0.4), tail: gauss(random, 0, 0.2) }));
  for (const from of daysOf(random, rates.firmwareNight, days))
    give(
      dwellers.filter(() => random.fraction() < 0.25),
      () => ({ from, over: 0, until: from, reboots: 1, drops: 0.5 }),
    );
  return effects;
}

/** Nearer to an access point or farther away: what is lost more often also drops more often. */
function elsewhere(random: Random, sigma: number): Omit<Effect, 'from' | 'until'> {
  const loss = gauss(random, 0.2, sigma);
  return {
    over: 0,
    loss,
    delay: gauss(random, loss / 4, sigma / 2),
    tail: gauss(random, 0, 0.25),
    drops: Math.max(0, loss) * between(random, [0, 0.4]),
  };
}

/** What happens to one device alone, and is no decay. */
function ownEvents(one: Dweller, days: number, rates: Rates, random: Random): Effect[] {
  const isOnAir = one.link === 'air';
  const when = (perYear: number, effect: (from: number) => Omit<Effect, 'from' | 'until'> & { until?: number }): Effect[] =>
    daysOf(random, perYear, days).map((from) => ({ from, until: EVER, ...effect(from) }));
  return [
    ...when(isOnAir ? rates.movedDevice : 0, () => elsewhere(random, 1)),
    ...when(rates.otherFirmware, () => ({ over: 0, delay: gauss(random, 0, 0.25), tail: gauss(random, 0, 0.25) })),
    ...when(isOnAir ? 0 : rates.replacedCable, () => ({ over: 0, loss: one.loss > 0.01 ? -4 : 0 })),
    ...when(rates.badDay, (from) => ({
      over: 0,
      until: from,
      loss: between(random, [2, 5]),
      delay: between(random, [0.5, 2]),
      drops: between(random, [2, 12]),
      reboots: between(random, [0, 6]),
    })),
    ...when(rates.badWeek, (from) => ({
      over: 0,
      until: from + between(random, [4, 10]),
      loss: between(random, [1, 4]),
      delay: between(random, [0.3, 1.5]),
      drops: between(random, [0, 3]),
      reboots: between(random, [0, 2]),
    })),
    // Somebody sets a timer.
    ...when(rates.scheduledReboots, () => ({ over: 0, timer: 1 })),
    ...when(rates.busierDevice, () => ({
      over: between(random, [20, 150]),
      delay: between(random, [0.1, 0.3]),
      tail: between(random, [0, 0.2]),
    })),
    ...when(one.batteryMinutes === undefined ? 0 : rates.otherLoad, () => ({ over: 0, battery: gauss(random, -0.1, 0.3) })),
  ];
}

/** Some devices wear out, the worse the nearer to their end. */
function wearOut(dwellers: readonly Dweller[], count: number, days: number, random: Random): Dweller[] {
  const worn = new Map<string, Dweller>();
  for (let i = 0; i < count; i++) {
    const dice = random.fraction();
    const kind = kindBy(dice);
    const able = dwellers.filter((one) => !worn.has(one.id) && canWear(one, kind));
    const one = able[Math.floor(random.fraction() * able.length)];
    const lasts = Math.round(logBetween(random, [FAST_DAYS, SLOW_DAYS]));
    const from = Math.floor(between(random, [FIRST_DRIFT_DAY, days - lasts]));
    if (!one || from < FIRST_DRIFT_DAY) continue;
    const fails = from + lasts;
    const effect = { from, over: lasts, until: EVER, ...wear(kind, one, random) };
    worn.set(one.id, { ...one, effects: [...one.effects, effect], livesUntil: fails, drift: { kind, from, fails } });
  }
  return dwellers.map((one) => worn.get(one.id) ?? one);
}

/** Of a hundred that wear out. */
const OF_A_HUNDRED: Readonly<Record<DriftKind, number>> = { 'power supply': 27, flash: 20, radio: 20, battery: 11, cable: 13, cooling: 9 };

function kindBy(dice: number): DriftKind {
  let left = dice * 100;
  return DRIFTS.find((kind) => (left -= OF_A_HUNDRED[kind]) < 0) ?? 'battery';
}

function canWear({ link, batteryMinutes, minutes, cables, temperatureC }: Dweller, kind: DriftKind): boolean {
  if (kind === 'battery') return batteryMinutes !== undefined;
  if (kind === 'cable') return cables.length > 0;
  if (kind === 'cooling') return temperatureC !== undefined;
  return minutes === 1440 && (kind !== 'radio' || link === 'air');
}

/** How bad it is on the last day. */
function wear(kind: DriftKind, { loss, link, temperatureC = 40 }: Dweller, random: Random): Omit<Effect, 'from' | 'over' | 'until'> {
  switch (kind) {
    // A capacitor that dries out: once a week, once a day, then it does not start any more.
    case 'power supply': {
      const aDay = between(random, [2, 6]);
      return { growth: between(random, [0.5, 3]), reboots: aDay, drops: aDay };
    }
    // Ever more blocks are read again: first the slowest answers, then all.
    case 'flash':
      return { tail: between(random, [0.5, 1.2]), delay: between(random, [link === 'wire' ? 1.5 : 0.8, 2]) };
    case 'radio':
      return { loss: Math.log(between(random, [0.2, 0.6]) / loss), delay: between(random, [0.2, 0.8]), drops: between(random, [0, 1]) };
    case 'battery':
      return { battery: Math.log(between(random, [0.2, 0.5])) };
    // Corrosion and broken strands: tenfold again and again, until the link is gone.
    case 'cable':
      return { growth: between(random, [3, 8]), damage: logBetween(random, [2_000, 100_000]) };
    // Dust fills up evenly; a fan slows down and stops. Parts of commercial grade are made for 70 degrees, lead batteries of a UPS for 40.
    case 'cooling': {
      const end = temperatureC < 33 ? between(random, [45, 60]) : between(random, [68, 90]);
      return { growth: between(random, [0.1, 2.5]), temperature: end - temperatureC };
    }
  }
}

/** A device that people exchange is another one from the next day on, with its own past. */
function replaced(one: Dweller, days: number, rates: Rates, random: Random): Dweller[] {
  const [at] = one.drift ? [one.drift.fails + 7] : daysOf(random, rates.replaced, days);
  if (at === undefined || at >= days) return [one];
  const { drift: _, ...plain } = one;
  const fresh: Dweller = {
    ...plain,
    id: `${one.id}-again`,
    effects: one.effects.filter(({ from }) => from > at),
    livesFrom: at,
    livesUntil: days,
  };
  return [{ ...one, livesUntil: Math.min(one.livesUntil, at) }, fresh];
}
