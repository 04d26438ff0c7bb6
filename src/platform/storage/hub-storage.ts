/**
 * All that a hub's agent has on its disk, held for one process: the folder, the database in it, and the space kept back for a full disk. While the disk cannot be written
 * the database is in memory, and lock and socket in a stand-in; when it can be again, the process is to end, and the next one has it all on the disk.
 */
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type Database from 'better-sqlite3';
import { type Clock, every } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type DataFolder, isOfSpace, openDataFolder, requireFree } from '../data-folder.ts';
import { type Ballast, keepBallast, releaseBallast } from './ballast.ts';
import { type HubDatabase, type HubDatabaseOptions, openFromMemory, openHubDatabase } from './hub-database.ts';
import { makeStandIn, saveForNextStart } from './stand-in.ts';

export type HubStorageOptions = Omit<HubDatabaseOptions, 'path' | 'makeRoom'> & {
  readonly clock: Clock;
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
  /** The disk can be written again, or another agent works there already (HB_ALREADY_RUNNING). */
  readonly onBack: (error: HearthbeatError) => void;
};

export type HubStorage = {
  readonly path: string;
  readonly db: Database.Database;
  readonly socketFolder: string;
  readonly isInMemory: boolean;
  readonly room: Pick<Ballast, 'bytes' | 'isInUse' | 'release'>;
  /** Why what is saved will not last and what to do about it, in sentences; undefined where it will. */
  trouble(): string | undefined;
  /** Closes the database too. */
  close(): void;
};

const LOOK_EVERY_MS = 30_000;
const NO_BALLAST: Ballast = { bytes: 0, isInUse: () => false, release: () => false, close: () => undefined };

/** Throws HearthbeatError (HB_DATA_FOLDER, HB_ALREADY_RUNNING, HB_DATABASE_NEWER, HB_DATABASE_DAMAGED) where a person has to act first. */
export function openHubStorage(dataFolder: string, options: HubStorageOptions): HubStorage {
  const path = resolve(dataFolder);
  const databasePath = join(path, 'agent.db');
  const held = heldFolder(path, databasePath, options.env);
  let ballast = NO_BALLAST;
  try {
    if (!held.refusal) ballast = keepBallast(path, options.clock, options.log);
    const opening = { ...options, path: databasePath, makeRoom: ballast.release };
    const opened: HubDatabase = held.refusal ? openFromMemory(opening, held.refusal) : openHubDatabase(opening);
    if (opened.refusal) return inMemory(opened.db, opened.refusal);
    if (ballast.isInUse()) keepLogShort(opened.db);
    return {
      path,
      db: opened.db,
      socketFolder: path,
      isInMemory: false,
      room: {
        bytes: ballast.bytes,
        isInUse: ballast.isInUse,
        release() {
          const isReleased = ballast.release();
          if (isReleased) keepLogShort(opened.db);
          return isReleased;
        },
      },
      trouble: () => (ballast.isInUse() ? FULL : undefined),
      close() {
        ballast.close();
        opened.db.close();
        held.folder.release();
      },
    };
  } catch (error) {
    ballast.close();
    held.folder.release();
    if (held.refusal) rmSync(held.folder.path, { recursive: true, force: true });
    throw error;
  }

  function inMemory(db: Database.Database, refusal: HearthbeatError): HubStorage {
    const standIn = held.refusal ? held.folder : openDataFolder(makeStandIn(path, options.env), 'agent');
    const trouble = `${refusal.message} Until its disk is mended the hub works from memory: it forgets what is new when its power goes.`;
    options.log.error(trouble, { fix: refusal.fix });
    // Its own lock is given back once it has that of the stand-in: whoever can take it could work there.
    if (!held.refusal) held.folder.release();
    const timer = every(options.clock, LOOK_EVERY_MS, () => {
      const became = saveForNextStart(path, databasePath, db);
      if (became === 'refused') return;
      timer.cancel();
      options.onBack(became === 'saved' ? writable(path) : takenOver(path));
    });
    return {
      path,
      db,
      socketFolder: standIn.path,
      isInMemory: true,
      room: NO_BALLAST,
      trouble: () => `${trouble} ${refusal.fix}`,
      close() {
        timer.cancel();
        if (saveForNextStart(path, databasePath, db) !== 'saved')
          options.log.error('What the hub learned since its disk failed could not be saved.');
        db.close();
        ballast.close();
        standIn.release();
        rmSync(standIn.path, { recursive: true, force: true });
      },
    };
  }
}

const FULL =
  'The disk of the hub is full. What the desk must learn is still kept, in space that was kept back for that; the journal is not. Free some space there.';

/** Until the next start. A log of its usual length would take half of the room. */
function keepLogShort(db: Database.Database): void {
  db.pragma('wal_autocheckpoint = 50');
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // It is tried again with the next commits.
  }
}

function writable(path: string): HearthbeatError {
  return new HearthbeatError('HB_DATA_FOLDER', `${path} can be written again.`, 'Nothing: the agent starts anew on it.');
}

function takenOver(path: string): HearthbeatError {
  return new HearthbeatError(
    'HB_ALREADY_RUNNING',
    `${path} can be written again, and another agent works there by now.`,
    'Stop one of them.',
  );
}

type Held = { readonly folder: Pick<DataFolder, 'path' | 'release'>; readonly refusal?: HearthbeatError };

/** The folder itself, or, for a hub that has run there, its stand-in. */
function heldFolder(path: string, databasePath: string, env: NodeJS.ProcessEnv): Held {
  try {
    return { folder: heldOrFreed(path) };
  } catch (error) {
    if (!(error instanceof HearthbeatError && error.code === 'HB_DATA_FOLDER' && existsSync(databasePath))) throw error;
    // One that was started before the disk failed may still run.
    requireFree(path, 'agent');
    return { folder: openDataFolder(makeStandIn(path, env), 'agent'), refusal: error };
  }
}

function heldOrFreed(path: string): DataFolder {
  try {
    return openDataFolder(path, 'agent');
  } catch (error) {
    if (!isOfSpace(error) || !releaseBallast(path)) throw error;
    return openDataFolder(path, 'agent');
  }
}
