/**
 * How the process before this one ended, from what it kept of itself: the name of the boot tells a restart of the machine from one of the
 * program, and a mark that is written last tells an orderly end from a sudden one. No wall clock is believed: many hubs have no battery for theirs.
 */
import type { Instant } from '../../base/clock.ts';
import type { AbsenceMessage } from '../../protocol/messages.ts';
import type { Boot } from '../ports.ts';

/** What outlives the process, every five minutes and as the last thing it does. */
export type SavedLife = {
  readonly bootId?: string;
  /** When it was written: by the wall clock (Unix ms), how far the desk's clock was ahead of that where it was known, and since the boot. */
  readonly aliveAt: number;
  readonly deskAheadMs?: number;
  readonly upMs: number;
  /** The program was stopped in order. */
  readonly stopped?: true;
  /** The desk was out of reach since then, by the wall clock. */
  readonly cutSinceAt?: number;
  /** How often UPnP devices say that they were started, by UDN (house-power.ts). */
  readonly bootIds: readonly (readonly [string, number])[];
};

export type Ending = Exclude<AbsenceMessage['why'], 'line-cut'>;

export function endingOf(last: SavedLife, boot: Boot): Ending {
  if (last.bootId === undefined || boot.id === undefined) return last.stopped ? 'program-stopped' : 'unknown';
  if (last.bootId === boot.id) return last.stopped ? 'program-stopped' : 'program-crashed';
  return last.stopped ? 'hub-restarted' : 'hub-lost-power';
}

/**
 * When the process before wrote its last word, by the present wall clock: exactly within one boot, else as well as the two wall clocks agree,
 * by the desk's clock where both processes knew it.
 */
export function lastAliveAt(last: SavedLife, boot: Boot, now: Instant, deskAheadMs: number | undefined): number {
  if (last.bootId !== undefined && last.bootId === boot.id) return now.wallMs - (now.monoMs - boot.atMs - last.upMs);
  const known = last.deskAheadMs !== undefined && deskAheadMs !== undefined;
  return last.aliveAt + (known ? (last.deskAheadMs as number) - (deskAheadMs as number) : 0);
}
