/** The same fast-forward for the questions to the internet (lanes.ts): while every anchor answers, only times and turns change. */
import { TICK_MS } from '../../src/agent/agent.ts';
import { ANCHOR_INTERVAL_MS, type InternetRecord } from '../../src/agent/health/internet.ts';
import type { AnchorResult } from '../../src/agent/ports.ts';
import { onGrid } from './lanes.ts';
import { instant, type World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An answer is read at the next tick, and the next question comes an interval after that. */
const PERIOD_MS = ANCHOR_INTERVAL_MS + TICK_MS;

export class InternetLane {
  absorb(record: InternetRecord, result: AnchorResult, nowMs: number): boolean {
    if (!isSteady(record) || result.outcome !== 'answered') return false;
    note(record, 1, nowMs);
    return true;
  }

  uncertainAtMs(record: InternetRecord, world: World, nowMs: number): number {
    const sendMs = Math.max(onGrid(record.nextAskAtMs), nowMs);
    if (record.asking || !isSteady(record) || world.internetOff.at(nowMs) || !world.isReachable(world.router, nowMs)) return sendMs;
    const untilMs = Math.min(world.internetOff.changesAtMs(nowMs), world.router.silence.changesAtMs(nowMs));
    const inTime = Math.max(0, Math.ceil((untilMs - sendMs) / PERIOD_MS));
    return sendMs + Math.min(world.internetLink.certain, inTime) * PERIOD_MS;
  }

  skipTo(record: InternetRecord, world: World, untilMs: number): void {
    const sendMs = onGrid(record.nextAskAtMs);
    if (record.asking || !isSteady(record) || sendMs >= untilMs) return;
    const count = Math.ceil((untilMs - sendMs) / PERIOD_MS);
    world.internetLink.skip(count);
    note(record, count, sendMs + (count - 1) * PERIOD_MS);
  }
}

function isSteady({ state, silentSinceMs, anchors }: InternetRecord): boolean {
  return state === 'up' && silentSinceMs === undefined && anchors.every(({ everAnswered }) => everAnswered);
}

function note(shared: InternetRecord, count: number, lastSentMs: number): void {
  const record = shared as Mutable<InternetRecord>;
  record.asking = false;
  record.nextAnchor = (record.nextAnchor + count) % record.anchors.length;
  record.nextAskAtMs = lastSentMs + PERIOD_MS;
  record.lastAnswerAt = instant(lastSentMs + TICK_MS);
}
