/**
 * A file that only takes up space, so that a disk that others filled still has some for the hub: it is removed when nothing else can be written, and made again when
 * there is room. Without it not even what the desk has could be forgotten.
 */
import { closeSync, constants, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, every } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

export type Ballast = {
  /** How large it is, or would be. */
  readonly bytes: number;
  isInUse(): boolean;
  /** False where there is none (any more). */
  release(): boolean;
  close(): void;
};

const MOST_BYTES = 8 * 1024 * 1024;
const SHARE_OF_DISK = 0.02;
/** Made only where so many times its size is free: a disk at its brim would have it made and removed without end. */
const SPARE = 2;
const CHUNK = Buffer.alloc(64 * 1024, 0xa5);
const LOOK_EVERY_MS = 60_000;

/** Makes it in `folder`, and again each minute that it is missing and there is space. It cannot fail: without it the hub has no reserve. */
export function keepBallast(folder: string, clock: Clock, log: Log): Ballast {
  const path = pathIn(folder);
  const bytes = sizeFor(folder);
  make();
  // A disk on which it cannot be made is as full as one on which it was used up.
  let isInUse = bytes > 0 && !isThere(path);
  const timer = every(clock, LOOK_EVERY_MS, () => {
    if (isThere(path)) return;
    make();
    if (!isInUse || !isThere(path)) return;
    isInUse = false;
    log.info('There is space on the disk again: all is kept, as before.', { folder });
  });

  function make(): void {
    if (!isThere(path)) tryTo(() => fill(path, folder, bytes));
  }

  return {
    bytes,
    isInUse: () => isInUse,
    release() {
      if (!releaseBallast(folder)) return false;
      isInUse = true;
      log.error('The disk is full: the hub goes on with the space it kept back.', { folder, fix: 'Free some space there.' });
      return true;
    },
    close: () => timer.cancel(),
  };
}

/** Gives the space free; false where none was kept back. Also before the folder is held: a full disk has no room for what holds it. */
export function releaseBallast(folder: string): boolean {
  if (!isThere(pathIn(folder))) return false;
  tryTo(() => rmSync(pathIn(folder), { force: true }));
  return !isThere(pathIn(folder));
}

const pathIn = (folder: string): string => join(folder, 'ballast');

/** On a disk that does not even answer that, nothing can be given free. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function sizeFor(folder: string): number {
  const { bsize, blocks } = statfsSync(folder);
  return Math.floor(Math.min(MOST_BYTES, bsize * blocks * SHARE_OF_DISK) / CHUNK.length) * CHUNK.length;
}

/** Written, not only claimed: a file with holes takes up nothing. */
function fill(path: string, folder: string, bytes: number): void {
  const { bsize, bavail } = statfsSync(folder);
  if (bytes === 0 || bsize * bavail < bytes * SPARE) return;
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    for (let written = 0; written < bytes; written += CHUNK.length) writeSync(file, CHUNK);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    // A disk that refuses is told of by what must be written to it.
  }
}
