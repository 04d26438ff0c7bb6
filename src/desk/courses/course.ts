/**
 * How a device did over a span of time, from the changes that its hub told and from when nobody looked. Pure. The accounting: what nobody saw is unknown, never down, and stands
 * apart; asleep is no downtime; what was out of reach because of something else is not held against it. Instants in Unix milliseconds of the desk's clock.
 */
import type { HealthState } from '../../protocol/messages.ts';

/** Spans in days that a course is asked for, each with how long its parts are. */
export const COURSE_PARTS = { 1: 3_600_000, 7: 86_400_000, 30: 86_400_000, 90: 86_400_000 } as const;
export type CourseDays = keyof typeof COURSE_PARTS;

export function isCourseDays(days: number): days is CourseDays {
  return Object.hasOwn(COURSE_PARTS, days);
}

/** From `at` on. `was`: until then, where the desk had been told. `rttMs`: how long its answers took then. */
export type Change = { readonly at: number; readonly state: HealthState; readonly was?: HealthState; readonly rttMs?: number };

export type Gap = { readonly from: number; readonly to: number };

/** `untold`: before the desk had heard of it. */
export type CourseState = HealthState | 'untold';
export type Stretch = Gap & { readonly state: CourseState };

export type Totals = Readonly<Record<CourseState, number>> & {
  /** How often it went down. What was down before nobody could see it and is down after it is one outage, unless somebody saw it otherwise meanwhile. */
  readonly outages: number;
  /** Up or asleep, of the time in which that is known; undefined where nothing is. */
  readonly share?: number;
};

export type RoundTrip = { readonly at: number; readonly ms: number };

export type Course = Gap & {
  /** Without a hole, the oldest first. */
  readonly stretches: readonly Stretch[];
  readonly totals: Totals;
  /** In equal parts, the last up to now. */
  readonly parts: readonly (Gap & { readonly totals: Totals; readonly medianMs?: number })[];
  /** As told with each change: in between hubs tell none. */
  readonly roundTrips: readonly RoundTrip[];
  /** It changed more often than is kept in mind: the beginning is left out. */
  readonly isCut: boolean;
};

export type CourseParts = {
  /** The oldest first; the first may lie before the span. */
  readonly changes: readonly Change[];
  /** When nobody looked. */
  readonly gaps: readonly Gap[];
  readonly isCut: boolean;
};

export function courseOf({ changes, gaps, isCut }: CourseParts, span: Gap, partMs: number): Course {
  const seen = stretchesOf(changes, span, isCut);
  const stretches = joined(coveredBy(seen, gaps));
  const roundTrips = changes.flatMap(({ at, rttMs }) => (rttMs === undefined || at < span.from ? [] : [{ at, ms: rttMs }]));
  return { ...span, stretches, totals: totalsOf(stretches, span), parts: partsOf(stretches, roundTrips, span, partMs), roundTrips, isCut };
}

function stretchesOf(changes: readonly Change[], { from, to }: Gap, isCut: boolean): Stretch[] {
  const first = changes[0];
  const before: CourseState = isCut ? 'untold' : (first?.was ?? 'untold');
  const stretches: Stretch[] = [{ from, to: clamp(first?.at ?? to, from, to), state: before }];
  for (const [i, { at, state }] of changes.entries())
    stretches.push({ from: clamp(at, from, to), to: clamp(changes[i + 1]?.at ?? to, from, to), state });
  return stretches.filter((stretch) => stretch.to > stretch.from);
}

/** What was told before it was seen stays untold: a gap adds nothing to that. */
function coveredBy(stretches: readonly Stretch[], gaps: readonly Gap[]): Stretch[] {
  const holes = merged(gaps);
  return stretches.flatMap((stretch) => {
    if (stretch.state === 'untold' || stretch.state === 'unknown') return [stretch];
    const parts: Stretch[] = [];
    let at = stretch.from;
    for (const hole of holes) {
      if (hole.to <= at || hole.from >= stretch.to) continue;
      if (hole.from > at) parts.push({ ...stretch, from: at, to: hole.from });
      parts.push({ from: Math.max(at, hole.from), to: Math.min(hole.to, stretch.to), state: 'unknown' });
      at = Math.min(hole.to, stretch.to);
    }
    return at < stretch.to ? [...parts, { ...stretch, from: at }] : parts;
  });
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const stretch of stretches) {
    const last = all.at(-1);
    if (last?.state === stretch.state) all[all.length - 1] = { ...last, to: stretch.to };
    else all.push(stretch);
  }
  return all;
}

/** In their order, none touching another. */
export function merged(gaps: readonly Gap[]): Gap[] {
  const all: Gap[] = [];
  for (const gap of gaps.filter(({ from, to }) => to > from).toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last !== undefined && gap.from <= last.to) all[all.length - 1] = { from: last.from, to: Math.max(last.to, gap.to) };
    else all.push(gap);
  }
  return all;
}

/** What of some gaps lies outside others. */
export function without(gaps: readonly Gap[], others: readonly Gap[]): Gap[] {
  const holes = merged(others);
  return merged(gaps).flatMap((gap) => {
    const parts: Gap[] = [];
    let at = gap.from;
    for (const { from, to } of holes) {
      if (to <= at || from >= gap.to) continue;
      if (from > at) parts.push({ from: at, to: from });
      at = Math.max(at, to);
    }
    return at < gap.to ? [...parts, { from: at, to: gap.to }] : parts;
  });
}

function totalsOf(stretches: readonly Stretch[], { from, to }: Gap): Totals {
  const ms = { up: 0, asleep: 0, suspect: 0, down: 0, unreachable: 0, unknown: 0, untold: 0 };
  let [outages, wasDown] = [0, false];
  for (const stretch of stretches) {
    const { state } = stretch;
    const lasted = Math.min(stretch.to, to) - Math.max(stretch.from, from);
    if (lasted > 0) {
      ms[state] += lasted;
      if (state === 'down' && stretch.from >= from && !wasDown) outages++;
    }
    if (!isUnseen(state)) wasDown = state === 'down';
  }
  const known = ms.up + ms.asleep + ms.suspect + ms.down;
  return { ...ms, outages, ...(known === 0 ? {} : { share: (known - ms.down) / known }) };
}

function isUnseen(state: CourseState): boolean {
  return state === 'unknown' || state === 'unreachable';
}

function partsOf(stretches: readonly Stretch[], roundTrips: readonly RoundTrip[], { from, to }: Gap, partMs: number): Course['parts'] {
  const count = Math.ceil((to - from) / partMs);
  return Array.from({ length: count }, (_, i) => {
    const part = { from: Math.max(from, to - (count - i) * partMs), to: to - (count - i - 1) * partMs };
    const took = roundTrips.filter(({ at }) => at >= part.from && at < part.to).map(({ ms }) => ms);
    const medianMs = took.toSorted((a, b) => a - b)[took.length >> 1];
    return { ...part, totals: totalsOf(stretches, part), ...(medianMs === undefined ? {} : { medianMs }) };
  });
}

function clamp(at: number, from: number, to: number): number {
  return Math.min(Math.max(at, from), to);
}
