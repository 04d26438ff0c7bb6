/** What a full disk leaves a hub: space that was kept back for it, and which of its own writes do without. */
import { HearthbeatError } from '../../base/errors.ts';
import type { OutboxLimits } from './outbox-store.ts';

/** Space on the disk of the database that nobody else can fill. */
export interface ReservedRoom {
  readonly bytes: number;
  /** Whether it is in use: the disk is full, and nothing is kept that can be done without. */
  isInUse(): boolean;
  /** Gives it free. False where none is left. */
  release(): boolean;
}

export const NO_ROOM: ReservedRoom = { bytes: 0, isInUse: () => false, release: () => false };

/** So much of the room may be taken by what waits for the desk besides what waited when the disk was full. The rest is for forgetting what the desk has. */
const SHARE_OF_QUEUE = 0.25;

/** Runs a transaction; where the disk is full, once more with the reserved room. */
export function withRoom<T>(room: ReservedRoom, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isFull(error) && room.release()) return work();
    throw error;
  }
}

/** SQLite needs space also to delete: what it changes goes to the write-ahead log first. */
function isFull(error: unknown): boolean {
  const cause = error instanceof HearthbeatError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_FULL';
}

/** The limits of a queue that grows by little more while the reserved room is in use. `waitingBytes` is asked when that begins. */
export function limitsWithin(room: ReservedRoom, limits: OutboxLimits, waitingBytes: () => number): OutboxLimits {
  let tight: number | undefined;
  return {
    rows: limits.rows,
    alertRows: limits.alertRows,
    get bytes() {
      tight = room.isInUse() ? (tight ?? Math.min(limits.bytes, waitingBytes() + room.bytes * SHARE_OF_QUEUE)) : undefined;
      return tight ?? limits.bytes;
    },
  };
}
