/**
 * A home lives through its year before the detector and before the naive alternative, week by week, as in the field: nobody knows what comes. Says which
 * drifts were found before the end, how long before, and what was told of devices that nothing was wrong with.
 */
import {
  type DeviceDay,
  firstDayOf,
  MEASURES,
  type Measure,
  type PortDay,
  portWeekFrom,
  type WeekValues,
  weekFrom,
  weekOfDay,
} from '../../src/agent/decay/day.ts';
import { afterWeek, type House, NEW_HOUSE } from '../../src/agent/decay/house.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { daysIn } from './days.ts';
import { type Dweller, FIRST_DAY, type Home, type HomeOptions, makeHome } from './home.ts';
import { naively } from './naive.ts';

/** `day`: the last one of the week after which it was told; days count from the beginning. */
export type Told = { readonly id: string; readonly measure: Measure; readonly day: number };

export type Injected = {
  readonly kind: string;
  /** From the first sign to the end, in days. */
  readonly lasts: number;
  /** How many days before the end it was told; undefined where it was not. */
  readonly leadDays?: number | undefined;
};

export type Verdicts = { readonly drifts: readonly Injected[]; readonly false: readonly Told[] };
export type Year = { readonly seed: string; readonly days: number; readonly ours: Verdicts; readonly naive: Verdicts };

export function playYear(options: Omit<HomeOptions, 'rates'>): Year {
  const home = makeHome(options, seededRandom(`${options.seed}/home`));
  const dwellers = new Map(home.dwellers.map((one) => [one.id, one]));
  const ours: Told[] = [];
  const theirs: Told[] = [];
  const alternative = naively();
  let house: House = NEW_HOUSE;
  for (const { week, values } of weeksIn(home)) {
    const before = house;
    house = afterWeek(house, week, values, (id) => dwellers.get(deviceOf(id)) as Dweller);
    const day = firstDayOf(week) + 6 - FIRST_DAY;
    for (const measure of MEASURES)
      for (const [id, { drift }] of house[measure])
        if (drift && !before[measure].get(id)?.drift) ours.push({ id: deviceOf(id), measure, day });
    for (const told of alternative(values)) theirs.push({ ...told, id: deviceOf(told.id), day });
  }
  return { seed: home.seed, days: home.days, ours: judged(ours, dwellers), naive: judged(theirs, dwellers) };
}

/** Of a cable: who is plugged in with it. */
const deviceOf = (id: string): string => id.replace(/\/.*/, '');

function* weeksIn(home: Home): Generator<{ week: number; values: ReadonlyMap<string, WeekValues> }> {
  let devices = new Map<string, DeviceDay[]>();
  let cables = new Map<string, PortDay[]>();
  let day = FIRST_DAY;
  for (const today of daysIn(home)) {
    addAll(devices, today.devices);
    addAll(cables, today.cables);
    day++;
    if (weekOfDay(day) === weekOfDay(day - 1)) continue;
    const ofDevices = [...devices].map(([id, days]) => [id, weekFrom(days)] as const);
    const ofCables = [...cables].map(([id, days]) => [id, portWeekFrom(days)] as const);
    yield { week: weekOfDay(day - 1), values: new Map([...ofDevices, ...ofCables]) };
    devices = new Map();
    cables = new Map();
  }
}

function addAll<T>(rows: Map<string, T[]>, today: ReadonlyMap<string, T>): void {
  for (const [id, row] of today) {
    const known = rows.get(id);
    if (known) known.push(row);
    else rows.set(id, [row]);
  }
}

/** What was told of a device that wears out, after it began, is right; by any measure. Everything else is false. */
function judged(told: readonly Told[], dwellers: ReadonlyMap<string, Dweller>): Verdicts {
  const isRight = ({ id, day }: Told): boolean => {
    const drift = dwellers.get(id)?.drift;
    return drift !== undefined && day >= drift.from;
  };
  const drifts = [...dwellers.values()].flatMap(({ id, drift }): Injected[] => {
    if (!drift) return [];
    const first = told.find((one) => one.id === id && isRight(one));
    const lead = first && first.day < drift.fails ? drift.fails - first.day : undefined;
    return [{ kind: drift.kind, lasts: drift.fails - drift.from, leadDays: lead }];
  });
  return { drifts, false: told.filter((one) => !isRight(one)) };
}
