/** What time it is for verdicts that count days, and whether anybody vouches for it. */
import type { Catalogue } from '../agent/lifecycle/catalogue.ts';
import { certainlyPast, type Now } from '../agent/lifecycle/verdict.ts';
import { isClockSynchronised } from './clock-synchronisation.ts';

/**
 * The desk's clock where it is known, else this machine's, unless that is known to run free or is earlier than the catalogue: hubs without a
 * battery-backed clock start in the past. Then only what has passed for certain counts. `at`: Unix milliseconds of this machine, `deskAheadMs`: by
 * how much the desk's clock is ahead of it.
 */
export async function presentOf(at: number, deskAheadMs: number | undefined, { facts }: Catalogue): Promise<Now> {
  const passed = certainlyPast(facts.values());
  if (deskAheadMs !== undefined && at + deskAheadMs >= passed) return { at: at + deskAheadMs, isSure: true, isDesks: true };
  if (at < passed || (await isClockSynchronised()) === false) return { at: passed, isSure: false };
  return { at, isSure: true };
}
