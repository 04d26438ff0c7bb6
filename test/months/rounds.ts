/** What the questions to one device come to for now, as far as nothing else is to be expected of them (lane.ts): every one answered, or none while it is known to be off. */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { CheckRecord, MethodRecord, MethodRecords } from '../../src/agent/health/health.ts';
import { DOWN_INTERVAL_MS, isAbsent } from '../../src/agent/health/judge.ts';
import { chooseMethod, LEARNING_ANSWERS, PREFERENCE, RETRY_IGNORED_EVERY, totalAsked } from '../../src/agent/health/plan.ts';
import type { ProbeMethod } from '../../src/agent/health/probe.ts';
import { LEARNING, onGrid } from '../../src/replay/still.ts';
import type { Dweller } from './world.ts';

/** By then the kernel has given it up. */
const GIVEN_UP_MS = 60_000;

export type Rounds = { readonly outcome: 'answered' | 'silent'; readonly periodMs: number; readonly methods: readonly ProbeMethod[] };

/** Undefined where the next answer, or the want of it, may change more than times and counts. */
export function roundsOf(record: CheckRecord, { silence }: Pick<Dweller, 'silence'>): Rounds | undefined {
  if (record.misses > 0 || record.recoveringSinceMs !== undefined || totalAsked(record) < LEARNING) return undefined;
  if (record.state === 'up') return answered(record);
  if (record.state === 'down' || record.state === 'unreachable' || isAbsent(record, record.nextProbeAtMs))
    return silent(record, silence.at(record.lastMissAtMs ?? 0)?.fromMs);
  return undefined;
}

function answered(record: CheckRecord): Rounds | undefined {
  const working = chooseMethod(
    untilRetry(totalAsked(record)) > 0 ? record : { ...record, methods: counted(record.methods, 'answered', ['arp'], 1) },
    true,
  );
  const isKnown = record.silentSinceMs === undefined && (record.methods[working]?.answered ?? 0) > 0;
  if (!isKnown || (working !== 'arp' && record.rtts.length < LEARNING_ANSWERS)) return undefined;
  return { outcome: 'answered', periodMs: record.profile.intervalMs + TICK_MS, methods: [working] };
}

function silent({ methods, lastMissAtMs = 0, profile }: CheckRecord, silentSinceMs: number | undefined): Rounds | undefined {
  const working = PREFERENCE.filter((way) => (methods[way]?.answered ?? 0) > 0);
  if (working.length === 0 || silentSinceMs === undefined || lastMissAtMs - silentSinceMs < GIVEN_UP_MS) return undefined;
  const waitMs = profile.silence === 'habit' ? profile.intervalMs : DOWN_INTERVAL_MS;
  return { outcome: 'silent', periodMs: onGrid(profile.timeoutMs) + waitMs, methods: working };
}

/** How many questions from now on the one is in which a way is tried again that was ignored so far (plan.ts). */
export const untilRetry = (asked: number): number => (2 * RETRY_IGNORED_EVERY - 1 - (asked % RETRY_IGNORED_EVERY)) % RETRY_IGNORED_EVERY;

/** The methods of a record after so many more rounds. While silent the ways that work take turns. */
export function counted(methods: MethodRecords, outcome: Rounds['outcome'], ways: readonly ProbeMethod[], count: number): MethodRecords {
  const only = ways.length === 1 ? (ways[0] as ProbeMethod) : undefined;
  if (only) return { ...methods, [only]: more(methods[only], outcome, count) };
  const next: Record<string, MethodRecord> = { ...methods };
  const first = totalAsked({ methods });
  ways.forEach((way, i) => {
    const turns = Math.floor((count - 1 - mod(i - first, ways.length)) / ways.length) + 1;
    if (turns > 0) next[way] = more(methods[way], outcome, turns);
  });
  return next;
}

function more({ asked, answered }: MethodRecord = { asked: 0, answered: 0 }, outcome: Rounds['outcome'], count: number): MethodRecord {
  return { asked: asked + count, answered: answered + (outcome === 'answered' ? count : 0) };
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
