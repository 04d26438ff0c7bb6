/** The look back at each quarter of an hour (judge.ts), done without a tick where nothing comes of it that the desk is told. */
import { lookedBackUpon, quarterOf } from '../../src/agent/health/check-record.ts';
import { STANDARD_POLICY } from '../../src/agent/policy.ts';
import { lookBackAtMs } from '../../src/replay/due.ts';
import type { Book } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { instant } from './world.ts';

/** Sleep is learned by the hour (sleep.ts), which is the pipeline's affair. */
const HOUR_MS = 3_600_000;

export function isPlainLookBack(atMs: number): boolean {
  return atMs === lookBackAtMs(atMs - 1) && atMs % HOUR_MS !== 0;
}

/** All have lived up to `atMs`. False, and nothing done, where the pipeline must do it: it has somebody to ask then, or something to tell. */
export function lookBack(book: Book, lanes: Lanes, atMs: number): boolean {
  const quarter = quarterOf(instant(atMs));
  const looked = [];
  for (const record of book.values()) {
    const lane = lanes.of(record.deviceId);
    if (!lane || (lane.isPublic && lane.nextAtMs <= atMs)) return false;
    const after = lookedBackUpon(record, quarter, book.size, STANDARD_POLICY);
    if (after.profile !== record.profile || after.past.decline !== record.past.decline) return false;
    looked.push({ lane, after });
  }
  for (const { lane, after } of looked) lane.lookBack(after, book);
  return true;
}
