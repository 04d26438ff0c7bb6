/**
 * Devices that fall silent for hours at the same times, night after night or week after week, as what hangs on a switched socket does: then
 * their silence is sleep, and it is a fault only when they are not back. Learned from silences that ended; four weeks are remembered, by hour of
 * the week (UTC). Pure.
 */
import type { DeviceSummary } from '../inventory/device.ts';
import type { HealthBook, Transition } from './health.ts';

/** For each of the 168 hours of the week one hexadecimal digit: whether it was slept in, the newest week in the lowest bit. */
export type SleepHours = string;
export type SleepBook = { readonly hours: ReadonlyMap<string, SleepHours>; readonly hour: number };

/** Id of a device, and its hours. */
export type SavedSleep = readonly [deviceId: string, hours: SleepHours];

const HOUR_MS = 3_600_000;
const WEEK = 168;
/** Shorter silences are restarts and updates; of longer ones nobody knows whether anybody wanted them. */
const SHORTEST_MS = 2 * HOUR_MS;
const LONGEST_MS = 20 * HOUR_MS;
const NIGHTS = 5;
const THREE_WEEKS = 0b111;
const hourOf = (wallMs: number): number => Math.floor(wallMs / HOUR_MS);

export type SleepInputs = {
  readonly before: HealthBook;
  readonly transitions: readonly Transition[];
  /** Whether its silence may ever be taken for sleep: of what the house cannot do without it may not. */
  readonly mayRest: (deviceId: string) => boolean;
  readonly devices: ReadonlyMap<string, Pick<DeviceSummary, 'id'>>;
  readonly wallMs: number;
};

/** The same book where nobody came back and no hour began. */
export function learnSleep(book: SleepBook, { before, transitions, mayRest, devices, wallMs }: SleepInputs): SleepBook {
  const hour = hourOf(wallMs);
  const isNewHour = hour !== book.hour;
  const back = transitions.filter(({ deviceId, from, to }) => to === 'up' && (from === 'down' || from === 'asleep') && mayRest(deviceId));
  if (!isNewHour && back.length === 0) return book;
  const known = [...book.hours].filter(([id]) => devices.has(id));
  const hours = new Map(isNewHour ? known.flatMap(([id, slept]) => withNewHours(id, slept, book.hour, hour)) : known);
  for (const { deviceId } of back) {
    const since = before.get(deviceId)?.since.wallMs ?? wallMs;
    const lengthMs = wallMs - since;
    if (lengthMs >= SHORTEST_MS && lengthMs <= LONGEST_MS) hours.set(deviceId, marked(hours.get(deviceId), hourOf(since), hour));
  }
  return { hours, hour };
}

/** Whether a device is usually silent at this time, an hour more or less. */
export function isUsuallyAsleep(slept: SleepHours | undefined, wallMs: number): boolean {
  if (slept === undefined) return false;
  const hour = hourOf(wallMs);
  return [hour, hour - 1, hour + 1].some((each) => isHabit(slept, each, hour));
}

/** At this hour of five of the last seven days, or of the same day of the last three weeks. */
function isHabit(slept: SleepHours, hour: number, now: number): boolean {
  // The lowest bit is this week's, which tells nothing yet; an hour that has not begun has none of this week.
  const before = hour > now ? bitsAt(slept, hour) : bitsAt(slept, hour) >> 1;
  if ((before & THREE_WEEKS) === THREE_WEEKS) return true;
  let nights = before & 1;
  for (let day = 1; day < 7; day++) nights += bitsAt(slept, hour - 24 * day) & 1;
  return nights >= NIGHTS;
}

function bitsAt(slept: SleepHours, hour: number): number {
  return Number.parseInt(slept.charAt(slot(hour)), 16);
}

const slot = (hour: number): number => ((hour % WEEK) + WEEK) % WEEK;

/** Each hour that began moves its weeks up; nothing is left of what has not slept for four weeks, or when the clock jumped. */
function withNewHours(id: string, slept: SleepHours, from: number, to: number): [string, SleepHours][] {
  if (to < from || to - from >= WEEK) return [];
  let next = slept;
  for (let hour = from + 1; hour <= to; hour++) next = withDigit(next, hour, (bitsAt(next, hour) << 1) & 0xf);
  return /[^0]/.test(next) ? [[id, next]] : [];
}

function marked(slept: SleepHours | undefined, from: number, to: number): SleepHours {
  let next = slept ?? '0'.repeat(WEEK);
  for (let hour = from; hour <= to; hour++) next = withDigit(next, hour, bitsAt(next, hour) | 1);
  return next;
}

function withDigit(slept: SleepHours, hour: number, digit: number): SleepHours {
  const at = slot(hour);
  return `${slept.slice(0, at)}${digit.toString(16)}${slept.slice(at + 1)}`;
}

/** A new process goes on from the hour it starts in: an hour that nobody watched stays as it was a week before. */
export function restoreSleep(saved: readonly SavedSleep[], wallMs: number): SleepBook {
  return { hours: new Map(saved), hour: hourOf(wallMs) };
}
