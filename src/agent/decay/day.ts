/**
 * How a device did on one day, as it is kept for a year and a month, and the same of a week, in which the rhythm of a household evens out. Nothing here
 * tells when anybody came or went: counts and times of a whole day, of devices that are nobody's own.
 */
import { median } from '../../base/median.ts';

/** Silences count from 20 s on, and only those of this device alone. Times in milliseconds. */
export type DeviceDay = {
  /** Whole days since 1970-01-01, UTC. */
  readonly day: number;
  /** How long it was there, as far as the hub could see it. */
  readonly seenMinutes: number;
  /** Questions out of the blue, and how many of them stayed unanswered. */
  readonly questions: number;
  readonly lost: number;
  /** Undefined where nobody times it: what the kernel asks by ARP. */
  readonly medianMs?: number | undefined;
  readonly p90Ms?: number | undefined;
  readonly drops: number;
  /** As it tells itself; undefined where it does not. */
  readonly reboots?: number | undefined;
  /** How long its battery would last, as it tells; of an UPS. */
  readonly batteryMinutes?: number | undefined;
};

/** A day of one device, with what it hung on at its end. */
export type CountedDay = { readonly deviceId: string; readonly behind?: string | undefined; readonly of: DeviceDay };

/** What can drift. `tail`: the slowest tenth of its answers. */
export const MEASURES = ['loss', 'delay', 'tail', 'reboots', 'drops', 'battery'] as const;
export type Measure = (typeof MEASURES)[number];

/** Times a week, a share, milliseconds, minutes. */
export type WeekValues = Readonly<Partial<Record<Measure, number>>>;

/** Weeks of ISO 8601, from Monday on: 1970-01-01 was a Thursday. */
export const weekOfDay = (day: number): number => Math.floor((day + 3) / 7);
export const firstDayOf = (week: number): number => week * 7 - 3;

/** A day on which it was seen for less, or asked less often, says too little of it. */
const LEAST = { minutes: 60, questions: 30 };
/** Fewer such days make no week. */
const FEWEST_DAYS = 4;
/** An electrician's afternoon counts no more than this. */
const MOST_A_DAY = 2;

/** What the days of one week say; empty where they are too few. The middle of the days decides, so that no single one does. */
export function weekFrom(days: readonly DeviceDay[]): WeekValues {
  const usable = days.filter(({ seenMinutes, questions }) => seenMinutes >= LEAST.minutes && questions >= LEAST.questions);
  if (usable.length < FEWEST_DAYS) return {};
  const told = (value: (day: DeviceDay) => number | undefined): number[] => usable.flatMap((day) => value(day) ?? []);
  const middle = (measure: Measure, values: readonly number[]): WeekValues =>
    values.length < FEWEST_DAYS ? {} : { [measure]: median(values) };
  const reboots = told((day) => day.reboots);
  const battery = told((day) => day.batteryMinutes);
  return {
    drops: aWeek(usable.map(({ drops }) => drops)),
    ...(reboots.length < FEWEST_DAYS ? {} : { reboots: aWeek(reboots) }),
    ...middle(
      'loss',
      told(({ lost, questions }) => lost / questions),
    ),
    ...middle(
      'delay',
      told(({ medianMs }) => medianMs),
    ),
    ...middle(
      'tail',
      told(({ p90Ms }) => p90Ms),
    ),
    // Not every UPS is asked every day.
    ...(battery.length === 0 ? {} : { battery: median(battery) }),
  };
}

/** Times a week. What comes every single day is a timer's, and taken away. */
function aWeek(counts: readonly number[]): number {
  const daily = Math.min(...counts);
  return (counts.reduce((sum, count) => sum + Math.min(count - daily, MOST_A_DAY), 0) / counts.length) * 7;
}
