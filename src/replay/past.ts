/** The journal as a replay needs it: one clock from its beginning to its end, a course for each subject, and what befell the hub. */
import type { AlertOrder } from '../agent/alerts/alert-order.ts';
import type { JournalPart, PastState } from '../agent/journal/journal.ts';
import type { Instant } from '../base/clock.ts';
import { Course } from './course.ts';

export type Span = { readonly fromMs: number; readonly toMs: number };

export type Past = {
  /** The wall clock (Unix ms) at instants of the replay's own, which begins at 0; one more where the hub's was set. */
  readonly clock: readonly { readonly fromMs: number; readonly wallAt: number }[];
  readonly untilMs: number;
  readonly state: PastState;
  readonly canRevalidate: boolean;
  readonly courses: ReadonlyMap<string, Course>;
  /** When no agent ran, or what it saw was lost. */
  readonly gaps: readonly Span[];
  readonly late: readonly (Span & { readonly lagMs: number })[];
  /** When it stood still; to the instant at which it went on. */
  readonly stops: readonly Span[];
  readonly links: readonly { readonly atMs: number; readonly name: string; readonly isUp: boolean }[];
  readonly orders: readonly { readonly atMs: number; readonly order: AlertOrder }[];
  /** Stretches that the journal had no room for. */
  readonly left: number;
};

/** Between two parts of one process lies a tick; more, where a part could not be written. */
const LOST_MS = 60_000;
const TICK_MS = 250;
/** By less the wall clock was not set. */
const CLOCK_MS = 1_000;

/**
 * From the newest instant before `sinceAt` (Unix ms) at which a replay can begin, or from the first one of all. Undefined where the journal has none: the agent
 * leaves one at its start and once a day.
 */
export function readPast(parts: Iterable<JournalPart>, sinceAt: number): Past | undefined {
  let kept: JournalPart[] = [];
  for (const part of parts) {
    if (part.state && part.fromAt <= sinceAt) kept = [];
    if (part.state || kept.length > 0) kept.push(part);
  }
  const first = kept[0];
  if (!first?.state) return undefined;
  const courses = new Map<string, Course>();
  const clock: Past['clock'][number][] = [];
  const past = { gaps: [] as Span[], late: [] as Past['late'][number][], stops: [] as Span[] };
  const [links, orders]: [Past['links'][number][], Past['orders'][number][]] = [[], []];
  let endMs = 0;
  let left = 0;
  let endAt = first.fromAt;
  let wasSet = false;
  for (const part of kept) {
    // A clock that was set back must not make time run backwards.
    const apartMs = Math.max(0, part.fromAt - endAt);
    const wasAway = part !== first && (part.isStart || (apartMs > LOST_MS && !wasSet));
    const beginsMs = endMs + (part === first ? 0 : wasAway ? apartMs : Math.min(apartMs, TICK_MS));
    if (wasAway) past.gaps.push({ fromMs: endMs, toMs: beginsMs });
    const { fromMs, wallAt } = clock.at(-1) ?? { fromMs: 0, wallAt: Number.NaN };
    if (!(Math.abs(wallAt + beginsMs - fromMs - part.fromAt) < CLOCK_MS)) clock.push({ fromMs: beginsMs, wallAt: part.fromAt });
    endAt = part.toAt;
    wasSet = part.hub.some(({ what }) => what === 'clock set');
    endMs = beginsMs + Math.max(0, part.toAt - part.fromAt);
    left += part.left;
    for (const [subject, stretches] of part.subjects) {
      const course = courses.get(subject) ?? new Course();
      courses.set(subject, course);
      for (const stretch of stretches) course.add(stretch, beginsMs);
    }
    for (const name of part.linksDown) links.push({ atMs: beginsMs, name, isUp: false });
    for (const event of part.hub) {
      const atMs = beginsMs + event.atMs;
      if (event.what === 'link') links.push({ atMs, name: event.name, isUp: event.isUp });
      else if (event.what === 'late') past.late.push({ fromMs: atMs, toMs: beginsMs + event.toMs + 1, lagMs: event.lagMs });
      else if (event.what === 'stood still') past.stops.push({ fromMs: Math.max(0, atMs - event.forMs), toMs: atMs });
    }
    for (const { atMs, order } of part.orders) orders.push({ atMs: beginsMs + atMs, order });
  }
  return {
    clock,
    untilMs: endMs,
    state: first.state,
    canRevalidate: kept.at(-1)?.canRevalidate ?? false,
    courses,
    ...past,
    links,
    orders,
    left,
  };
}

export function instantOf({ clock }: Pick<Past, 'clock'>, monoMs: number): Instant {
  const set = clock.findLast(({ fromMs }) => fromMs <= monoMs) ?? clock[0];
  return { monoMs, wallMs: Math.round((set?.wallAt ?? 0) + monoMs - (set?.fromMs ?? 0)) };
}
