/** The same fast-forward for the questions to the internet (lane.ts): while every anchor answers, or none does and that is known, only times and turns change. */
import { TICK_MS } from '../../src/agent/agent.ts';
import { ANCHOR_INTERVAL_MS, ANCHOR_TIMEOUT_MS, HURRY_MS, type InternetRecord } from '../../src/agent/health/internet.ts';
import type { AnchorResult } from '../../src/agent/ports.ts';
import { onGrid } from '../../src/replay/still.ts';
import { instant, type World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An answer is read at the next tick, and the next question comes an interval after that; a silent one runs out first. */
const ANSWERED_PERIOD_MS = ANCHOR_INTERVAL_MS + TICK_MS;
const SILENT_PERIOD_MS = ANCHOR_INTERVAL_MS + onGrid(ANCHOR_TIMEOUT_MS);

export class InternetLane {
  absorb(record: InternetRecord, result: AnchorResult, nowMs: number): boolean {
    const rounds = roundsOf(record);
    if (rounds === undefined || result.outcome !== rounds) return false;
    note(record, rounds, 1, nowMs);
    return true;
  }

  /** The first instant from `nowMs` on at which the pipeline must ask; never while an answer is under way. */
  uncertainAtMs(record: InternetRecord, world: World, nowMs: number): number {
    if (record.asking) return Number.POSITIVE_INFINITY;
    const sendMs = Math.max(onGrid(record.nextAskAtMs), nowMs);
    const rounds = roundsOf(record);
    const isSilent = world.internetOff.at(sendMs) !== undefined || !world.isReachable(world.router, sendMs);
    if (rounds === undefined || isSilent !== (rounds === 'silent')) return sendMs;
    const goodUntilMs = rounds === 'answered' ? world.internetLink.goodUntilMs(sendMs) : Number.POSITIVE_INFINITY;
    const untilMs = Math.min(world.internetOff.changesAtMs(sendMs), world.router.silence.changesAtMs(sendMs), goodUntilMs);
    const periodMs = periodOf(rounds);
    const inTime = Math.max(0, Math.ceil((untilMs - sendMs) / periodMs));
    return sendMs + (rounds === 'silent' ? inTime : Math.min(world.internetLink.certain, inTime)) * periodMs;
  }

  skipTo(record: InternetRecord, world: World, untilMs: number): void {
    const sendMs = onGrid(record.nextAskAtMs);
    const rounds = roundsOf(record);
    if (record.asking || rounds === undefined || sendMs >= untilMs) return;
    const count = Math.ceil((untilMs - sendMs) / periodOf(rounds));
    if (rounds === 'answered') world.internetLink.skip(count);
    note(record, rounds, count, sendMs + (count - 1) * periodOf(rounds));
  }
}

type Outcome = 'answered' | 'silent';

/** What every question comes to for now, so that nothing is judged anew. */
function roundsOf({ state, silentSinceMs, nextAskAtMs, anchors }: InternetRecord): Outcome | undefined {
  if (!anchors.every(({ everAnswered }) => everAnswered)) return undefined;
  if (silentSinceMs === undefined) return state === 'up' ? 'answered' : undefined;
  return state !== 'up' && nextAskAtMs - ANCHOR_INTERVAL_MS - silentSinceMs >= HURRY_MS ? 'silent' : undefined;
}

const periodOf = (rounds: Outcome): number => (rounds === 'answered' ? ANSWERED_PERIOD_MS : SILENT_PERIOD_MS);

function note(shared: InternetRecord, rounds: Outcome, count: number, lastSentMs: number): void {
  const record = shared as Mutable<InternetRecord>;
  record.asking = false;
  record.nextAnchor = (record.nextAnchor + count) % record.anchors.length;
  record.nextAskAtMs = lastSentMs + periodOf(rounds);
  if (rounds === 'answered') record.lastAnswerAt = instant(lastSentMs + TICK_MS);
}
