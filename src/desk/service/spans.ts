/** Hours on walls as spans of instants. Pure. */
import { dayAfter, dayAt, firstAt, WEEKDAYS, weekdayOf } from '../../base/time-zone.ts';
import type { Hours, WallSpan } from './policy.ts';

/** From an instant (within) to an instant (no longer within); without an end it lasts. */
export type Span = { readonly from: number; readonly to?: number | undefined };
type Ended = { readonly from: number; readonly to: number };

const DAY_MINUTES = 1440;
/** So far ahead a day of work is looked for. A file has at most 366 holidays of a name and an hour of service a week, so the longest promise (48 h) is kept within 2,900. */
export const FURTHEST_DAYS = 4000;

/** When the span that begins on that day is; nothing where it does not begin on such a day, or the clock jumps over all of it. */
export function spanOn({ days, from, to }: WallSpan, zone: string, day: string): Ended | undefined {
  if (!days.has(weekdayOf(day))) return undefined;
  const end = to > from ? firstAt(zone, day, to) : firstAt(zone, dayAfter(day), to);
  const start = firstAt(zone, day, from);
  return start < end ? { from: start, to: end } : undefined;
}

/** The hours of service from an instant on, in order and apart from each other. */
export function* servedFrom({ spans, holidays, timeZone }: Hours, homeZone: string, fromAt: number): Generator<Ended> {
  const zone = timeZone ?? homeZone;
  const inOrder = spans.toSorted((left, right) => left.from - right.from);
  let until = fromAt;
  // What began the evening before may still last.
  let day = dayAfter(dayAt(zone, fromAt), -1);
  for (let tried = 0; tried < FURTHEST_DAYS; tried++, day = dayAfter(day)) {
    if (holidays.has(day)) continue;
    for (const span of inOrder) {
      const on = spanOn(span, zone, day);
      if (on === undefined || on.to <= until) continue;
      yield { from: Math.max(on.from, until), to: on.to };
      until = on.to;
    }
  }
}

/** What is left of a span without those in which the clock stands. */
export function without(span: Ended, stands: readonly Span[]): Ended[] {
  return stands.reduce<Ended[]>((left, { from, to = Number.POSITIVE_INFINITY }) => left.flatMap((each) => cut(each, from, to)), [span]);
}

function cut(span: Ended, from: number, to: number): Ended[] {
  if (to <= from || to <= span.from || from >= span.to) return [span];
  return [
    { from: span.from, to: from },
    { from: to, to: span.to },
  ].filter((part) => part.from < part.to);
}

/** When none of the spans lasts any more, from `at` on; `at` itself where none does. Nothing where they leave no time. */
export function freeFrom(spans: readonly WallSpan[], zone: string, at: number): number | undefined {
  let free = at;
  // Each step ends a span; a week has no more than it has spans on its days.
  for (let step = 0; step <= spans.length * 8; step++) {
    const [today, now] = [dayAt(zone, free), free];
    const lasting = [dayAfter(today, -1), today]
      .flatMap((day) => spans.map((span) => spanOn(span, zone, day)))
      .find((on) => on !== undefined && on.from <= now && now < on.to);
    if (lasting === undefined) return free;
    free = lasting.to;
  }
  return undefined;
}

/** How many minutes of a week the spans take up together. */
export function minutesAWeek(spans: readonly WallSpan[]): number {
  const week = new Uint8Array(WEEKDAYS.length * DAY_MINUTES);
  let taken = 0;
  for (const { days, from, to } of spans) {
    const length = to > from ? to - from : to - from + DAY_MINUTES;
    for (const day of days) {
      const start = WEEKDAYS.indexOf(day) * DAY_MINUTES + from;
      for (let minute = start; minute < start + length; minute++) {
        const at = minute % week.length;
        taken += 1 - week[at]!;
        week[at] = 1;
      }
    }
  }
  return taken;
}
