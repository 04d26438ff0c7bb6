/**
 * Opens the database of a hub whatever state its disk is in: a full disk with the space that was kept back, a damaged file made again from what can be read of it, and from
 * memory where nothing can be written at all. A hub that has never run needs a disk that works.
 */
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { HearthbeatError } from '../../base/errors.ts';
import { unusable } from '../data-folder.ts';
import { inScratch, inWords, openDatabase, openInMemory } from '../sqlite.ts';
import { draftOf, exchange, newestOf } from './exchange.ts';
import { makeSound, type RebuildOptions, type RebuildOutcome, rebuild } from './rebuild.ts';

export type HubDatabaseOptions = Omit<RebuildOptions, 'note'> & {
  readonly beforeMigration: (version: number) => void;
  /** Gives free what was kept back on the disk. False where nothing was. */
  readonly makeRoom: () => boolean;
  /** Notes in a new database what became of the damaged one, of which `why` says what was wrong. */
  readonly note: (db: Database.Database, why: string, outcome: RebuildOutcome) => void;
};

/** `refusal`: why it is only in memory. */
export type HubDatabase = { readonly db: Database.Database; readonly refusal?: HearthbeatError };

/** Throws HearthbeatError where a person has to act first. */
export function openHubDatabase(options: HubDatabaseOptions): HubDatabase {
  try {
    return { db: openOnDisk(options) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return openFromMemory(options, error);
  }
}

/** For a disk that cannot be written, of which `refusal` says why: it is thrown where nothing of a hub can be read there. */
export function openFromMemory(options: HubDatabaseOptions, refusal: HearthbeatError): HubDatabase {
  const db = fromMemory(options);
  if (!db) throw refusal;
  return { db, refusal };
}

function openOnDisk(options: HubDatabaseOptions): Database.Database {
  const { path, migrations, beforeMigration, makeRoom } = options;
  const open = (): Database.Database => {
    onDisk(path, () => exchange(path));
    return openDatabase(path, migrations, beforeMigration);
  };
  try {
    return inRoom(open, makeRoom);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // It needs the space of two more databases.
    inRoom(() => onDisk(path, () => rebuild(noting(error, options))), makeRoom);
    return inRoom(open, makeRoom);
  }
}

/** Once more with what was kept back, where the disk refuses and something was. */
function inRoom<T>(action: () => T, makeRoom: () => boolean): T {
  try {
    return action();
  } catch (error) {
    if (!isRefusal(error) || !makeRoom()) throw error;
    return action();
  }
}

/** What the file system says comes out as HearthbeatError. */
function onDisk(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const isOfFiles = error instanceof Error && 'errno' in error;
    throw isOfFiles ? unusable(dirname(path), error) : inWords(path, error);
  }
}

function noting(error: Error, options: HubDatabaseOptions): RebuildOptions {
  return { ...options, note: (db, outcome) => options.note(db, whatIsWrong(error), outcome) };
}

/** What is on the disk, as far as it can be read; undefined where that is no hub. */
function fromMemory(options: HubDatabaseOptions): Database.Database | undefined {
  const newest = newestOf(options.path);
  try {
    return hubIn(newest, options);
  } catch (error) {
    return isDamage(error) || isUnreadable(error) ? mendedInMemory(newest, options, error) : undefined;
  }
}

/** A card at its end does both: what it holds rots, and it refuses to be written. */
function mendedInMemory(damaged: string, options: HubDatabaseOptions, why: Error): Database.Database | undefined {
  try {
    return inScratch((folder) => {
      const path = join(folder, 'agent.db');
      makeSound(damaged, noting(why, { ...options, path }));
      return hubIn(draftOf(path), options);
    });
  } catch {
    return undefined;
  }
}

function hubIn(path: string, { migrations, prove }: HubDatabaseOptions): Database.Database | undefined {
  const db = openInMemory(path, migrations, leaveJournalOut);
  try {
    prove(db);
    if (db.prepare("SELECT 1 FROM meta WHERE key = 'site'").get() !== undefined) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return undefined;
}

/** It is the most of a hub's database, which memory would hold twice while that is opened: with 45 MB the agent grew by 106 MB (measured). */
function leaveJournalOut(db: Database.Database): void {
  const hasJournal = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal'").get() !== undefined;
  if (hasJournal) db.exec('DELETE FROM journal; VACUUM');
}

/** The disk, not another program that has the file for a while. */
function isRefusal(error: unknown): error is HearthbeatError {
  return error instanceof HearthbeatError && error.code === 'HB_DATA_FOLDER' && !/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error.cause));
}

/** The file itself, not what is around it: anything else is no reason to put a hub's memory aside. */
function isDamage(error: unknown): error is HearthbeatError {
  if (!(error instanceof HearthbeatError && error.code === 'HB_DATABASE_DAMAGED')) return false;
  return error.cause === undefined || /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|CORRUPTFS))/.test(codeOf(error.cause));
}

/** The disk refuses to be read. */
function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}

function whatIsWrong({ cause, message }: Error): string {
  return cause instanceof Error ? `${codeOf(cause)}: ${cause.message}` : (/cannot be read: (.*?)\.?$/.exec(message)?.[1] ?? message);
}

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}
