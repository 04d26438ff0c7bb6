/**
 * The same clocks reckoned the slow way, to compare with: minute by minute, from what a wall clock shows by the fields of a date that Intl formats. It shares no line with
 * the code under test.
 */
import type { Hours, WallSpan } from '../../../../src/desk/service/policy.ts';
import type { Span } from '../../../../src/desk/service/spans.ts';

const MINUTE = 60_000;
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-01 01:30`: sorts as time does. */
export function slowWall(zone: string, at: number): string {
  let clock = clocks.get(zone);
  if (!clock) {
    const two = '2-digit' as const;
    clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
    });
    clocks.set(zone, clock);
  }
  return clock.format(at);
}

const offsetAt = (zone: string, at: number): number => Date.parse(`${slowWall(zone, at).replace(' ', 'T')}Z`) - at;
const shift = (day: string, days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
const written = (day: string, minute: number): string =>
  minute === 1440
    ? `${shift(day, 1)} 00:00`
    : `${day} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const found = new Map<string, number>();

/** The first minute in which the wall shows that time, or a later one. */
export function slowFirstAt(zone: string, day: string, minute: number): number {
  const key = `${zone} ${day} ${minute}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const wanted = written(day, minute);
  const around = Date.parse(day) + minute * MINUTE;
  let at = around - 15 * 60 * MINUTE;
  // Where no hour about it has another offset, there is no need to look at every minute.
  const offset = offsetAt(zone, at);
  const isEven = Array.from({ length: 30 }, (_, hour) => offsetAt(zone, at + hour * 60 * MINUTE)).every((each) => each === offset);
  if (isEven) at = around - offset - MINUTE;
  while (slowWall(zone, at) < wanted) at += MINUTE;
  found.set(key, at);
  return at;
}

function isWithin({ days, from, to }: WallSpan, zone: string, day: string, at: number): boolean {
  if (!days.has(NAMES[new Date(day).getUTCDay()]!)) return false;
  const end = to > from ? slowFirstAt(zone, day, to) : slowFirstAt(zone, shift(day, 1), to);
  return slowFirstAt(zone, day, from) <= at && at < end;
}

export function slowIsServed(hours: Hours | undefined, homeZone: string, at: number): boolean {
  if (!hours) return true;
  const zone = hours.timeZone ?? homeZone;
  const today = slowWall(zone, at).slice(0, 10);
  // A day that the calendar of the place left out lies between two that it has.
  return [-2, -1, 0, 1].some((days) => {
    const day = shift(today, days);
    return !hours.holidays.has(day) && hours.spans.some((span) => isWithin(span, zone, day, at));
  });
}

export function slowStands(stands: readonly Span[], at: number): boolean {
  return stands.some(({ from, to }) => from <= at && at < (to ?? Number.POSITIVE_INFINITY));
}

/** After how many minutes of service it is due; all instants on whole minutes. */
export function slowDue(minutes: number, hours: Hours | undefined, zone: string, openedAt: number, stands: readonly Span[]): number {
  let at = openedAt;
  for (let served = 0; served < minutes; at += MINUTE) if (slowIsServed(hours, zone, at) && !slowStands(stands, at)) served++;
  return at;
}
