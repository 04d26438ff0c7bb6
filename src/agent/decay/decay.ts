/**
 * What of each device decays, as people are told it: what drifts, since when, from what to what, how sure that is, and its weeks as a chart. Made from the
 * days of a year by commands and by the process that looks how near their end devices are; the agent itself only counts and keeps the days. Pure.
 */
import { DAY_MS, dayOf } from '../../base/partial-date.ts';
import type { Drift } from './course.ts';
import {
  type CountedDay,
  type DeviceDay,
  firstDayOf,
  type PortDay,
  portWeekFrom,
  type ToldMeasure,
  type WeekValues,
  weekFrom,
  weekOfDay,
} from './day.ts';
import { afterWeek, type House, NEW_HOUSE, type Place } from './house.ts';
import { SCALES } from './scales.ts';

/** `usual` and `now` are times a week, a share, milliseconds, minutes, degrees Celsius or in a million frames; the newest two weeks are now. */
export type Decay = {
  readonly measure: ToldMeasure;
  /** Of damage: on which port it was counted, and of whom where that is another device. */
  readonly port?: { readonly name: string; readonly of?: string };
  /** The first day of the first week that was worse, and of the week after which it was found: `2026-08-31`. */
  readonly since: string;
  readonly found: string;
  readonly usual: number;
  readonly now: number;
  /** Far worse than what is told, or bad for a month already. */
  readonly isClear: boolean;
  /** The value of each week, null where too little was seen; at most 60. `from` is the first day of the first. */
  readonly chart: { readonly from: string; readonly weeks: readonly (number | null)[] };
};

/** What is told of a device that decays in several ways: what says most of what to do. */
const ORDER: readonly ToldMeasure[] = ['battery', 'reboots', 'damage', 'drops', 'loss', 'temperature', 'delay', 'tail'];
const MOST_WEEKS = 60;
/** What was not measured for longer may have been repaired, plugged in elsewhere or thrown away: nobody looked. */
const STALE_WEEKS = 4;
const CLEAR_TIMES = 1.5;
const CLEAR_WEEKS = 4;
/** Round trips over Ethernet stay below this (health/profiles.ts). */
const WIRED_MS = 1.5;

type Weeks = { readonly values: Map<number, WeekValues>; readonly place: Place };

/** What was counted: of devices, those of one together, and of what was plugged into wired ports, those of one cable together; each in order. */
export type Counted = { readonly days: Iterable<CountedDay>; readonly ports: Iterable<PortDay & { readonly cable: number }> };
type Cable = Weeks & Pick<PortDay, 'deviceId' | 'port' | 'on'>;

/**
 * `today`: days since 1970, UTC; later ones were counted under a clock that was wrong, and its week is not over. `nameOf`: what a device that has ports is called
 * outside the house.
 */
export function decaysIn(
  { days, ports }: Counted,
  today: number,
  nameOf: (deviceId: string) => string | undefined,
): ReadonlyMap<string, Decay> {
  const devices = weeksOf(days, weekOfDay(today));
  const cables = cablesOf(ports, weekOfDay(today));
  const house = livedIn(new Map<string, Weeks>([...devices, ...cables]));
  const found = new Map<string, Decay>();
  for (const measure of ORDER) {
    for (const [id, { drift, points }] of house[measure]) {
      if ((points.at(-1)?.week ?? 0) < weekOfDay(today) - STALE_WEEKS) continue;
      const cable = cables.get(id);
      // Who is at the other end, else who has the port. A device in which something says more was found before.
      const deviceId = cable ? (cable.on ?? cable.deviceId) : id;
      if (!drift || found.has(deviceId)) continue;
      const { values } = (cable ?? devices.get(id)) as Weeks;
      const of = cable?.on === undefined ? {} : { of: nameOf(cable.deviceId) ?? 'a switch' };
      found.set(deviceId, { ...decayOf(measure, drift, values), ...(cable ? { port: { name: cable.port, ...of } } : {}) });
    }
  }
  return found;
}

function livedIn(weeks: ReadonlyMap<string, Weeks>): House {
  const numbers = [...new Set([...weeks.values()].flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  let house: House = NEW_HOUSE;
  for (const week of numbers) {
    const values = new Map<string, WeekValues>();
    for (const [id, one] of weeks) {
      const its = one.values.get(week);
      if (its) values.set(id, its);
    }
    house = afterWeek(house, week, values, (id) => (weeks.get(id) as Weeks).place);
  }
  return house;
}

/** By a name that no device has. */
function cablesOf(days: Counted['ports'], thisWeek: number): Map<string, Cable> {
  const byCable = Map.groupBy(days, ({ cable }) => `cable ${cable}`);
  return new Map(
    byCable.entries().map(([id, its]): [string, Cable] => {
      const { deviceId, port, on } = its.at(-1) as PortDay;
      const byWeek = Map.groupBy(its, ({ day }) => weekOfDay(day));
      const over = byWeek.entries().filter(([week]) => week < thisWeek);
      const values = new Map(over.map(([week, those]) => [week, portWeekFrom(those)]));
      return [id, { deviceId, port, on, values, place: { link: 'wire', behind: deviceId } }];
    }),
  );
}

/** The weeks of each device that are over, and where it hung last. */
function weeksOf(days: Iterable<CountedDay>, thisWeek: number): Map<string, Weeks> {
  const found = new Map<string, Weeks>();
  let open: { readonly deviceId: string; readonly week: number; readonly days: DeviceDay[] } | undefined;
  let behind: string | undefined;
  const close = (): void => {
    if (!open) return;
    const known = found.get(open.deviceId);
    const values = known?.values ?? new Map<number, WeekValues>();
    values.set(open.week, weekFrom(open.days));
    found.set(open.deviceId, { values, place: { link: linkOf(values), behind } });
  };
  for (const { deviceId, of, ...place } of days) {
    const week = weekOfDay(of.day);
    if (week >= thisWeek) continue;
    if (open?.deviceId !== deviceId || open.week !== week) {
      close();
      open = { deviceId, week, days: [] };
    }
    open.days.push(of);
    behind = place.behind;
  }
  close();
  return found;
}

/** By its first week: what gets slower stays on its wire. What nobody times may be on either; the stricter holds. */
function linkOf(values: ReadonlyMap<number, WeekValues>): Place['link'] {
  const first = values.values().find(({ delay }) => delay !== undefined)?.delay;
  return first !== undefined && first < WIRED_MS ? 'wire' : 'air';
}

function decayOf(measure: ToldMeasure, drift: Drift, values: ReadonlyMap<number, WeekValues>): Decay {
  const of = (week: number): number | null => values.get(week)?.[measure] ?? null;
  const last = Math.max(...values.keys());
  const first = Math.max(Math.min(...values.keys()), last - MOST_WEEKS + 1);
  const weeks = Array.from({ length: last - first + 1 }, (_, i) => of(first + i));
  const known = [...values.keys()].filter((week) => of(week) !== null);
  const newest = known.slice(-2).map((week) => of(week) as number);
  const before = known.filter((week) => week < drift.since).map((week) => of(week) as number);
  const scale = SCALES[measure].of;
  const rise = Math.min(...newest.map(scale)) - drift.usual;
  return {
    measure,
    since: dayOf(firstDayOf(drift.since) * DAY_MS),
    found: dayOf(firstDayOf(drift.found) * DAY_MS),
    usual: middleOf(before),
    now: middleOf(newest),
    isClear: rise >= CLEAR_TIMES * drift.rise || last - drift.found >= CLEAR_WEEKS,
    chart: { from: dayOf(firstDayOf(first) * DAY_MS), weeks: weeks.map((value) => (value === null ? null : Number(value.toPrecision(3)))) },
  };
}

function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = 0, high = low] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
}
