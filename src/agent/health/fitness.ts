/**
 * Whether the hub itself is fit to judge: it must read answers in time, run without standing still, and be able to ask. A late reader takes
 * every answer for silence (Lifeguard, arXiv 1707.00788: doubt the observer first). Pure.
 */
import type { Instant } from '../../base/clock.ts';
import { duration } from '../../base/duration.ts';
import type { HubCondition } from './health.ts';
import type { ProbeResult } from './probe.ts';

/** The worst of what the hub saw of itself since its trouble began. */
export type Seen = {
  readonly lagMs: number;
  readonly stoodStillMs: number;
  /** How far the wall clock was set while the monotonic one ran on; noted, and never a reason: no verdict runs on it. */
  readonly clockStepMs: number;
  /** What most questions failed of, as the system calls it: `EMFILE`. */
  readonly unable?: string;
};

export type Fitness = {
  /** When the event loop was late, a second apart, newest last, at most `LATE_MOMENTS`; monotonic. */
  readonly late: readonly number[];
  readonly questions: Questions;
  /** Why it cannot judge now, in a sentence; undefined when it can. */
  readonly unfit?: string | undefined;
  readonly seen: Seen;
};

/** Questions by UDP and TCP, which need no privilege and no program, in this stretch of time and in the one before. */
type Questions = {
  readonly sinceMs: number;
  readonly now: Count;
  readonly before: Count;
  /** What the newest of them failed of: when most have failed, it need not be one of this moment. */
  readonly why?: string | undefined;
};
type Count = { readonly asked: number; readonly unable: number };

/** A slower event loop than this makes answers late, so their absence is not counted. */
export const LAG_LIMIT_MS = 250;
const LATE_MOMENTS = 5;
const LATE_WITHIN_MS = 30_000;
const LATE_OVER_AFTER_MS = 10_000;
/** Longer than any pause of a garbage collector or a slow card: the process was stopped, or the machine slept. */
export const STOOD_STILL_MS = 5_000;
export const CLOCK_STEP_MS = 2_000;
const STRETCH_MS = 15_000;
const FEWEST_UNABLE = 5;

const NONE: Count = { asked: 0, unable: 0 };
const NOTHING_SEEN: Seen = { lagMs: 0, stoodStillMs: 0, clockStepMs: 0 };
export const FIT: Fitness = { late: [], questions: { sinceMs: 0, now: NONE, before: NONE }, seen: NOTHING_SEEN };

/** The same object where the hub is well and nothing was asked. */
export function examine(before: Fitness, hub: HubCondition, results: readonly ProbeResult[], nowMs: number): Fitness {
  const late = lateMoments(before.late, hub.eventLoopLagMs, nowMs);
  const questions = counted(before.questions, results, hub, nowMs);
  const unfit = whyUnfit(late, questions, hub, nowMs);
  const seen = worstOf(before.seen, hub, isMostlyUnable(questions) ? questions.why : undefined);
  const isSame = late === before.late && questions === before.questions && unfit === before.unfit && seen === before.seen;
  return isSame ? before : { late, questions, unfit, seen };
}

/** How the two clocks went since the look at the house before this one, which was to come `plannedMs` later. */
export function sinceLastLook(
  before: Instant | undefined,
  now: Instant,
  plannedMs: number,
): Pick<HubCondition, 'stoodStillMs' | 'clockStepMs'> {
  if (before === undefined) return {};
  const elapsedMs = now.monoMs - before.monoMs;
  return { stoodStillMs: Math.max(0, elapsedMs - plannedMs), clockStepMs: now.wallMs - before.wallMs - elapsedMs };
}

/** The next trouble is told with what is seen from now on. */
export function forgiven(fitness: Fitness): Fitness {
  return fitness.seen === NOTHING_SEEN ? fitness : { ...fitness, seen: NOTHING_SEEN };
}

function lateMoments(late: readonly number[], lagMs: number, nowMs: number): readonly number[] {
  const newest = late.at(-1);
  if (lagMs > LAG_LIMIT_MS && (newest === undefined || nowMs - newest >= 1_000)) return [...late, nowMs].slice(-LATE_MOMENTS);
  return newest !== undefined && nowMs - newest > LATE_WITHIN_MS ? [] : late;
}

function counted(before: Questions, results: readonly ProbeResult[], hub: HubCondition, nowMs: number): Questions {
  // Without its own link nothing can be sent; that is seen as such.
  const asked = Object.values(hub.links).includes(false)
    ? []
    : results.filter(({ request: { method } }) => method === 'udp' || method === 'tcp');
  const isOver = nowMs - before.sinceMs >= STRETCH_MS;
  if (asked.length === 0 && (!isOver || before.now.asked + before.before.asked === 0)) return before;
  const stretch = isOver ? NONE : before.now;
  const failed = asked.filter(({ outcome }) => outcome === 'unable');
  return {
    sinceMs: isOver ? nowMs : before.sinceMs,
    now: { asked: stretch.asked + asked.length, unable: stretch.unable + failed.length },
    before: isOver ? before.now : before.before,
    why: failed.at(-1)?.detail ?? before.why,
  };
}

const total = ({ now, before }: Questions): Count => ({ asked: now.asked + before.asked, unable: now.unable + before.unable });

function isMostlyUnable(questions: Questions): boolean {
  const { asked, unable } = total(questions);
  return unable >= FEWEST_UNABLE && unable * 2 >= asked;
}

function whyUnfit(late: readonly number[], questions: Questions, hub: HubCondition, nowMs: number): string | undefined {
  const stoodStillMs = hub.stoodStillMs ?? 0;
  if (stoodStillMs > STOOD_STILL_MS) return `The hub itself stood still for ${duration(stoodStillMs)}.`;
  const [oldest = 0, newest = 0] = [late[0], late.at(-1)];
  if (late.length >= LATE_MOMENTS && nowMs - oldest <= LATE_WITHIN_MS && nowMs - newest <= LATE_OVER_AFTER_MS)
    return 'The hub itself is too busy: it reads answers too late to tell them from silence.';
  if (!isMostlyUnable(questions)) return undefined;
  return 'The hub itself cannot ask: most of its questions fail before they leave it.';
}

function worstOf(seen: Seen, hub: HubCondition, failing: string | undefined): Seen {
  const lagMs = Math.max(seen.lagMs, hub.eventLoopLagMs > LAG_LIMIT_MS ? Math.round(hub.eventLoopLagMs) : 0);
  const stoodStillMs = Math.max(seen.stoodStillMs, (hub.stoodStillMs ?? 0) > STOOD_STILL_MS ? Math.round(hub.stoodStillMs ?? 0) : 0);
  const step = Math.round(hub.clockStepMs ?? 0);
  const clockStepMs = Math.abs(step) > CLOCK_STEP_MS && Math.abs(step) > Math.abs(seen.clockStepMs) ? step : seen.clockStepMs;
  const unable = seen.unable ?? failing;
  if (lagMs === seen.lagMs && stoodStillMs === seen.stoodStillMs && clockStepMs === seen.clockStepMs && unable === seen.unable) return seen;
  return { lagMs, stoodStillMs, clockStepMs, ...(unable === undefined ? {} : { unable }) };
}

/** What the hub saw of itself, for the message that tells of it. */
export function seenInWords({ lagMs, stoodStillMs, clockStepMs, unable }: Seen, links: HubCondition['links']): string {
  const known = Object.entries(links).filter(([, link]) => link !== undefined);
  return [
    ...(lagMs > 0 ? [`it read answers up to ${duration(lagMs)} late`] : []),
    ...(stoodStillMs > 0 ? [`it stood still for ${duration(stoodStillMs)}`] : []),
    ...(unable === undefined ? [] : [`its questions failed (${unable})`]),
    ...(clockStepMs === 0 ? [] : [`its clock was set ${clockStepMs > 0 ? 'ahead' : 'back'} by ${duration(Math.abs(clockStepMs))}`]),
    ...known.map(([name, link]) => `its link ${name} is ${link ? 'up' : 'down'}`),
  ].join(', ');
}
