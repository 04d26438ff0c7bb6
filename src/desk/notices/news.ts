/** What is new to somebody who was told of a ticket before, or never. It goes by what the ticket is, not by what happened to it meanwhile. Pure. */
import type { NoticeChange, Standing } from './notice.ts';

/**
 * In the order in which people read it; empty where nothing is new. `told` undefined: nothing of it. What was over before anybody was told of it is no news, nor is one
 * that somebody sees to already, but for what happens to it later.
 */
export function newsOf(told: Standing | undefined, now: Standing): NoticeChange[] {
  if (told === undefined || told.isOver) return now.isOver ? [] : newsOfOpen(now, told?.opening ?? -1);
  if (now.isOver) return ['over'];
  if (now.opening > told.opening) return newsOfOpen(now, told.opening);
  return [
    ...((now.passed?.step ?? 0) > (told.passed?.step ?? 0) ? (['passed-on'] as const) : []),
    ...(now.clock === 'late' && told.clock !== 'late' ? (['answer-late'] as const) : []),
    ...(now.clock === 'due' && told.clock === 'none' ? (['answer-due'] as const) : []),
    ...(now.tier === 'advanced' && told.tier !== 'advanced' ? (['handed-over'] as const) : []),
    ...(now.isTaken && !told.isTaken ? (['taken'] as const) : []),
  ];
}

function newsOfOpen({ opening, passed, clock, tier, isTaken }: Standing, before: number): NoticeChange[] {
  return [
    opening > Math.max(before, 0) ? 'opened-again' : 'opened',
    ...(passed === undefined ? [] : (['passed-on'] as const)),
    ...(clock === 'late' ? (['answer-late'] as const) : []),
    ...(clock === 'due' ? (['answer-due'] as const) : []),
    ...(tier === 'advanced' ? (['handed-over'] as const) : []),
    ...(isTaken ? (['taken'] as const) : []),
  ];
}
