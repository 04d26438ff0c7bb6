/**
 * What changes nothing but times and counts is not played: a device that answers every question until a known instant, or none while it is known to be silent, is set
 * forward as those rounds would have left it. The same for the line, the name servers and the services. It writes into records that the replay owns.
 */
import { TICK_MS } from '../agent/agent.ts';
import type { CheckRecord } from '../agent/health/health.ts';
import type { InternetRecord } from '../agent/health/internet.ts';
import { isAbsent, KEPT_RTTS } from '../agent/health/judge.ts';
import { LEARNING_ANSWERS, PREFERENCE, totalAsked } from '../agent/health/plan.ts';
import type { ServiceCheck, ServiceRecord, Services } from '../agent/health/services.ts';
import { serviceSubject } from '../agent/journal/journal.ts';
import type { Instant } from '../base/clock.ts';
import type { Condition, Course } from './course.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Clock = (monoMs: number) => Instant;
type CourseOf = (subject: string) => Course | undefined;

/** Everything that the agent does happens at its ticks. */
export const onGrid = (ms: number): number => Math.ceil(ms / TICK_MS) * TICK_MS;

/** Until so many questions it is being learned what works. */
export const LEARNING = 24;

/** Until when nothing happens to it that a verdict leans on; `nowMs` or earlier where it must be played. */
export function stillUntilMs(record: CheckRecord, course: Course | undefined, nowMs: number): number {
  if (record.probing || !course) return course ? nowMs : silentForGood(record, nowMs);
  const condition = course.conditionAt(nowMs);
  if (condition === 'unknown' || !(condition === 'alive' ? isWell(record) : isKnownSilent(record, nowMs))) return nowMs;
  return course.changesAtMs(nowMs);
}

/** What the journal does not have was never answered: once it was asked in every way nothing comes of asking it again. */
function silentForGood(record: CheckRecord, nowMs: number): number {
  return totalAsked(record) >= LEARNING && !record.probing ? Number.POSITIVE_INFINITY : nowMs;
}

function isWell(record: CheckRecord): boolean {
  if (record.state !== 'up' || record.misses > 0 || record.silentSinceMs !== undefined || record.recoveringSinceMs !== undefined)
    return false;
  const working = wayOf(record);
  return totalAsked(record) >= LEARNING && working !== undefined && (working === 'arp' || record.rtts.length >= LEARNING_ANSWERS);
}

function isKnownSilent(record: CheckRecord, nowMs: number): boolean {
  return record.recoveringSinceMs === undefined && (record.state === 'down' || record.state === 'unreachable' || isAbsent(record, nowMs));
}

const wayOf = ({ methods }: CheckRecord) => PREFERENCE.find((way) => (methods[way]?.answered ?? 0) > 0);

/** As the rounds up to `nowMs`, and one that begins then, would have left it. It is asked when something else is known to happen to it (`untilMs`), because that is when the hub asked. */
export function setForward(shared: CheckRecord, course: Course | undefined, nowMs: number, untilMs: number, clock: Clock): void {
  const record = shared as Mutable<CheckRecord>;
  if (record.state === 'up' && course) answered(record, course, Math.min(nowMs + 1, untilMs), clock);
  if (nowMs >= untilMs) record.nextProbeAtMs = untilMs;
  else if (record.nextProbeAtMs <= nowMs) record.nextProbeAtMs = nowMs + 1;
}

function answered(record: Mutable<CheckRecord>, course: Course, untilMs: number, clock: Clock): void {
  const periodMs = record.profile.intervalMs + TICK_MS;
  const firstMs = onGrid(record.nextProbeAtMs);
  const way = wayOf(record);
  if (firstMs >= untilMs || way === undefined) return;
  const count = Math.ceil((untilMs - firstMs) / periodMs);
  const lastMs = firstMs + (count - 1) * periodMs;
  const rttMs = way === 'arp' ? undefined : course.rttMsAt(lastMs);
  const at = clock(lastMs + (rttMs ?? 0));
  record.rounds += count;
  record.life = { at, by: way };
  record.lastAnswerAt = { ...record.lastAnswerAt, [way]: at.wallMs };
  record.nextProbeAtMs = at.monoMs + record.profile.intervalMs;
  if (rttMs === undefined) return;
  if (record.rtts[0] !== rttMs || record.rtts.length < KEPT_RTTS) record.rtts = Array<number>(KEPT_RTTS).fill(rttMs);
  if (record.past.slowMs !== undefined) record.slowness += rttMs > record.past.slowMs ? count : -count;
}

/** The line, or the name servers: until when every one of them answers, or none while that is known, or `isCut` off by what stands before it. */
export function lineStillUntilMs(record: InternetRecord, courseOf: CourseOf, isCut: boolean, nowMs: number): number {
  if (record.asking || record.anchors.length === 0) return nowMs;
  const isUp = record.state === 'up' && record.silentSinceMs === undefined;
  if (!isUp && record.state !== 'down' && !(isCut && record.silentSinceMs !== undefined)) return nowMs;
  let untilMs = Number.POSITIVE_INFINITY;
  for (const { anchor, everAnswered } of record.anchors) {
    const course = courseOf(anchor);
    if (!course) continue;
    const isAlive = course.conditionAt(nowMs) === 'alive';
    // One that never answers from this home is passed over in its turn.
    if (everAnswered && isAlive !== isUp) return nowMs;
    untilMs = Math.min(untilMs, course.changesAtMs(nowMs));
  }
  return untilMs;
}

export function lineSetForward(record: InternetRecord, courseOf: CourseOf, nowMs: number, untilMs: number, clock: Clock): InternetRecord {
  const changed = nowMs < untilMs ? -1 : record.anchors.findIndex(({ anchor }) => courseOf(anchor)?.at(untilMs)?.fromMs === untilMs);
  return {
    ...record,
    ...(record.state === 'up' ? { lastAnswerAt: clock(Math.min(nowMs, untilMs)) } : {}),
    nextAskAtMs: untilMs,
    nextAnchor: changed < 0 ? record.nextAnchor : changed,
  };
}

/** All that is offered in the house: until when it stays as it is. What is offered by a device that is not `isUp` is not asked. */
export function servicesStillUntilMs({ book }: Services, courseOf: CourseOf, isUp: (deviceId: string) => boolean, nowMs: number): number {
  let untilMs = nowMs + LONGEST_REST_MS;
  for (const [id, { checks, asking, graceUntilMs }] of book) {
    if (asking !== undefined) return nowMs;
    if (checks.length === 0 || !isUp(id)) continue;
    if (graceUntilMs > nowMs) untilMs = Math.min(untilMs, graceUntilMs);
    for (const check of checks) {
      const course = courseOf(serviceSubject(id, check.port));
      if (!course) continue;
      if (graceUntilMs <= nowMs && !isAsKnown(check, course.conditionAt(nowMs))) return nowMs;
      untilMs = Math.min(untilMs, course.changesAtMs(nowMs));
    }
  }
  return untilMs;
}

/** What was never seen open is nobody's loss while it is closed. */
function isAsKnown({ misses, downSince, openSinceMs }: ServiceCheck, condition: Condition): boolean {
  if (condition === 'alive') return misses === 0 && downSince === undefined;
  return condition === 'unknown' || downSince !== undefined || openSinceMs === undefined;
}

/** What is offered anew is listed at least so often. */
const LONGEST_REST_MS = 3_600_000;

/** Before they are asked again: what stayed open was found open. What has just closed is asked first. */
export function servicesSetForward(services: Services, courseOf: CourseOf, nowMs: number): Services {
  const book = new Map<string, ServiceRecord>();
  for (const [id, record] of services.book)
    book.set(id, { ...record, checks: record.checks.map((check) => foundOpen(check, courseOf(serviceSubject(id, check.port)), nowMs)) });
  return { ...services, book };
}

function foundOpen(check: ServiceCheck, course: Course | undefined, nowMs: number): ServiceCheck {
  const isOpen = course?.conditionAt(nowMs) === 'alive';
  const wasOpen = check.downSince === undefined && check.misses === 0 && course?.conditionAt(nowMs - TICK_MS) === 'alive';
  if (!wasOpen) return isOpen === (check.downSince === undefined) ? check : { ...check, askedAtMs: 0 };
  return { ...check, askedAtMs: isOpen ? nowMs : 0, openSinceMs: check.openSinceMs ?? course.beginsAtMs, lastOpenMs: nowMs - TICK_MS };
}
