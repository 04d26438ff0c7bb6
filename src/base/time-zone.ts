/**
 * Wall clocks of places, by IANA name (RFC 9557 writes `America/New_York`): when a clock on the wall there first shows a time, and what day it is. The rules of the
 * zones are those of the engine (ICU through Intl). Instants are Unix milliseconds, days `YYYY-MM-DD`, times of day minutes since midnight.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** No place is further than 12 h behind and 14 h ahead of UTC (tzdata 2026c, 2000 to 2040), and one hour more. */
const [FURTHEST_AHEAD_MS, FURTHEST_BEHIND_MS] = [15 * HOUR_MS, 13 * HOUR_MS];

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** To make one costs a hundred times what asking it costs; there are about 600 names, and as many ways to spell them as hubs invent. */
const readers = new Map<string, Intl.DateTimeFormat>();
const MOST_READERS = 1000;

function readerOf(zone: string): Intl.DateTimeFormat {
  let reader = readers.get(zone);
  if (reader === undefined) {
    reader = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' });
    if (readers.size >= MOST_READERS) readers.clear();
    readers.set(zone, reader);
  }
  return reader;
}

/** Whether this engine knows the zone. A bare offset such as `+02:00` is none: it knows no summer time. */
export function isTimeZone(zone: string): boolean {
  try {
    return /^[a-z]/i.test(zone) && readerOf(zone) !== undefined;
  } catch {
    return false;
  }
}

/** How far the wall clock is ahead of UTC. Throws RangeError for an unknown zone. */
export function offsetMsAt(zone: string, at: number): number {
  const { sign, hours, minutes, seconds } =
    /GMT(?:(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d)(?::(?<seconds>\d\d))?)?$/.exec(readerOf(zone).format(at))?.groups ?? {};
  const ms = Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * MINUTE_MS + Number(seconds ?? 0) * 1000;
  return sign === '-' ? -ms : ms;
}

/** What the wall clock shows, `YYYY-MM-DDTHH:MM`. */
export function wallTime(zone: string, at: number): string {
  return new Date(at + offsetMsAt(zone, at)).toISOString().slice(0, 16);
}

export function dayAt(zone: string, at: number): string {
  return wallTime(zone, at).slice(0, 10);
}

export function dayAfter(day: string, days = 1): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

export function weekdayOf(day: string): Weekday {
  return WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7]!;
}

/** Whether a calendar has that day at all: 30 February is in none. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/**
 * The first instant at which the wall clock shows that time of that day, or is past it. Where it jumps over the time, that is the jump; where it shows it twice, the
 * first of the two. So a later time never comes at an earlier instant. `minute` may be 1440: the end of the day.
 */
export function firstAt(zone: string, day: string, minute: number): number {
  const wall = Date.parse(day) + minute * MINUTE_MS;
  const [low, high] = [wall - FURTHEST_AHEAD_MS, wall + FURTHEST_BEHIND_MS];
  const [before, after] = [offsetMsAt(zone, low), offsetMsAt(zone, high)];
  if (before === after) return wall - before;
  const changeAt = changeBetween(zone, low, high);
  const early = wall - before;
  return early < changeAt ? early : Math.max(changeAt, wall - after);
}

/** When the offset changes; it does so on a whole second, and once within so few hours. */
function changeBetween(zone: string, low: number, high: number): number {
  const before = offsetMsAt(zone, low);
  let [from, to] = [Math.floor(low / 1000), Math.ceil(high / 1000)];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (offsetMsAt(zone, middle * 1000) === before) from = middle;
    else to = middle;
  }
  return to * 1000;
}

/** Whether that day came at all there: Samoa had no 30 December 2011. */
export function hasDay(zone: string, day: string): boolean {
  return firstAt(zone, day, 0) < firstAt(zone, day, 1440);
}
