/**
 * How a device did on one day, as it is kept for a year and a month, and the same of a week, in which the rhythm of a household evens out. Nothing here
 * tells when anybody came or went: counts and times of a whole day, of devices that are nobody's own.
 */
import { median } from '../../base/median.ts';
import type { ToldPort } from '../discovery/sighting.ts';

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
  /** Of its warmest part, as it told last on that day. */
  readonly temperatureC?: number | undefined;
};

/** A day of one device, with what it hung on at its end. */
export type CountedDay = { readonly deviceId: string; readonly behind?: string | undefined; readonly of: DeviceDay };

/** A day of one wired port, as the device tells that has it. Both in a million frames, or in a day that had fewer. */
export type PortDay = {
  /** Of the teller. */
  readonly deviceId: string;
  /** Its own name for the port. */
  readonly port: string;
  /** What is plugged into it, where that is known and nobody's own. */
  readonly on?: string | undefined;
  readonly day: number;
  readonly damaged: number;
  /** Whole, and thrown away for want of room; undefined where that cannot be taken for damage. */
  readonly discarded?: number | undefined;
};

/** What ports had counted when they were asked last, of each device that tells it: `startedAt` in Unix milliseconds. The newest counts alone; what came before them is days. */
export type SavedPortCounts = readonly { readonly deviceId: string; readonly startedAt: number; readonly ports: readonly ToldPort[] }[];

/** What was counted until a day was over, or the agent stopped. */
export type Ended = { readonly days: readonly CountedDay[]; readonly ports: readonly PortDay[] };

/** What can drift. `tail`: the slowest tenth of its answers; `damage`: of the frames on a wired port; `discards`: of the same, which is nobody's decay. */
export const MEASURES = ['loss', 'delay', 'tail', 'reboots', 'drops', 'battery', 'temperature', 'damage', 'discards'] as const;
export type Measure = (typeof MEASURES)[number];
export type ToldMeasure = Exclude<Measure, 'discards'>;

/** Times a week, a share, milliseconds, minutes, degrees Celsius, in a million frames. */
export type WeekValues = Readonly<Partial<Record<Measure, number>>>;

/** Weeks of ISO 8601, from Monday on: 1970-01-01 was a Thursday. */
export const weekOfDay = (day: number): number => Math.floor((day + 3) / 7);
export const firstDayOf = (week: number): number => week * 7 - 3;

/** A day on which it was seen for less, or asked less often, says too little of it. */
const LEAST = { minutes: 60, questions: 30 };
/** Fewer such days make no week. */
const FEWEST_DAYS = 4;
/** Of what is asked once a day, and now and then not on each. */
const FEWEST_TOLD = 3;
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
  const warmth = told((day) => day.temperatureC);
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
    ...(warmth.length < FEWEST_TOLD ? {} : { temperature: median(warmth) }),
  };
}

/** The same of a wired port. */
export function portWeekFrom(days: readonly PortDay[]): WeekValues {
  if (days.length < FEWEST_TOLD) return {};
  const discarded = days.flatMap((day) => day.discarded ?? []);
  return {
    damage: median(days.map(({ damaged }) => damaged)),
    ...(discarded.length < FEWEST_TOLD ? {} : { discards: median(discarded) }),
  };
}

/** Times a week. What comes every single day is a timer's, and taken away. */
function aWeek(counts: readonly number[]): number {
  const daily = Math.min(...counts);
  return (counts.reduce((sum, count) => sum + Math.min(count - daily, MOST_A_DAY), 0) / counts.length) * 7;
}
