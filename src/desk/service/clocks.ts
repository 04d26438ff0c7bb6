/** When a promise is due: the first answer, the visit, and whether a home may be called now. Pure; instants in Unix milliseconds. */
import { dayAfter, dayAt, firstAt, hasDay, weekdayOf } from '../../base/time-zone.ts';
import type { FirstAnswer, Visit, WallSpan } from './policy.ts';
import { FURTHEST_DAYS, freeFrom, type Span, servedFrom, without } from './spans.ts';

/** Neither is there while the clock stands for as long as nobody knows. */
export type Due = { readonly warnAt?: number; readonly dueAt?: number };

/**
 * When whoever is to answer is warned, and by when they must have: after so much time of service since it was opened, without the spans in which it was snoozed or
 * waited for the client.
 */
export function firstResponse(promise: FirstAnswer, zone: string, openedAt: number, stands: readonly Span[] = []): Due {
  const warnMs = Math.round(promise.withinMs * promise.warnShare);
  let servedMs = 0;
  let warnAt: number | undefined;
  const served = promise.hours ? servedFrom(promise.hours, zone, openedAt) : [{ from: openedAt, to: Number.POSITIVE_INFINITY }];
  const standsFrom = Math.min(...stands.map(({ from, to }) => (to === undefined ? from : Number.POSITIVE_INFINITY)));
  for (const span of served) {
    if (span.from >= standsFrom) break;
    for (const { from, to } of without(span, stands)) {
      if (warnAt === undefined && servedMs + to - from >= warnMs) warnAt = from + warnMs - servedMs;
      if (servedMs + to - from >= promise.withinMs) return { warnAt: warnAt!, dueAt: from + promise.withinMs - servedMs };
      servedMs += to - from;
    }
  }
  return warnAt === undefined ? {} : { warnAt };
}

/** By when somebody comes; `isSameDay`: on the day of the report, by the clock of the home. */
export type VisitBy = { readonly at: number; readonly day: string; readonly isSameDay: boolean };

/** Undefined only where no work day comes. */
export function sameDayBy(visit: Visit, zone: string, reportedAt: number): VisitBy | undefined {
  const today = dayAt(zone, reportedAt);
  const isInTime = isWorkDay(visit, zone, today) && reportedAt < firstAt(zone, today, visit.reportBy);
  let day = isInTime ? today : dayAfter(today);
  for (let tried = 0; tried < FURTHEST_DAYS; tried++, day = dayAfter(day))
    if (isWorkDay(visit, zone, day)) return { at: firstAt(zone, day, visit.until), day, isSameDay: isInTime };
  return undefined;
}

function isWorkDay({ days, holidays }: Visit, zone: string, day: string): boolean {
  return days.has(weekdayOf(day)) && !holidays.has(day) && hasDay(zone, day);
}

export type Contact = { readonly may: true } | { readonly may: false; readonly from: number | undefined };

/** Whether people in the home may be called, by the spans in which nobody is to; a house that is down is called about at any hour. */
export function mayContact(noCalls: readonly WallSpan[], zone: string, at: number, isPremisesDown = false): Contact {
  const from = isPremisesDown ? at : freeFrom(noCalls, zone, at);
  return from === at ? { may: true } : { may: false, from };
}
