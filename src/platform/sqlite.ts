/**
 * Opens SQLite databases the way this project needs them: durable at each commit, checked before use, migrated step by step, and never
 * a newer version's file. What is in a database is the business of the store that brings the migrations.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { HearthbeatError } from '../base/errors.ts';

export type Migration = { readonly name: string; readonly sql: string };

/** What the names of a database's files end with: the log goes with its database, beside another one it would be played into that. The database comes last. */
export const DATABASE_ENDINGS: readonly string[] = ['-wal', '-shm', ''];

/** Versions 3.7.0 to 3.51.2 can corrupt a database when the write-ahead log is reset under load. */
const OLDEST_SAFE_SQLITE = '3.51.3';

const BUSY_TIMEOUT_MS = 5000;
const CACHE_KIB = 1024;

/**
 * A connection for the one process that owns the file; creates and migrates it. `beforeMigration` is called with the version of a database that is about to be brought
 * up to date. Throws HearthbeatError (HB_DATABASE_NEWER, HB_DATABASE_DAMAGED, HB_DATA_FOLDER), in the first case without having written anything.
 */
export function openDatabase(
  path: string,
  migrations: readonly Migration[],
  beforeMigration: (version: number) => void = () => {},
): Database.Database {
  requireSafeSqlite();
  refuseNewer(path, migrations.length);
  return attempt(path, () => {
    const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      const version = versionOf(db);
      if (version > migrations.length) throw newer(path, version, migrations.length);
      configure(db);
      check(db, path);
      if (version > 0 && version < migrations.length) beforeMigration(version);
      migrate(db, migrations);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** A connection that only reads, for a second process beside the owner. */
export function openDatabaseReadOnly(path: string, migrations: readonly Migration[]): Database.Database {
  refuseNewer(path, migrations.length);
  return attempt(path, () => {
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    if (versionOf(db) === migrations.length) return db;
    db.close();
    throw new HearthbeatError(
      'HB_DATA_FOLDER',
      `${path} was written by an older version.`,
      'Start the agent once with this version: it brings the database up to date.',
    );
  });
}

/**
 * A copy in memory of the database at `path`, which nobody may be writing: for a disk that can only be read. Migrated there. `leaveOut` takes from it what memory has no
 * room for. Throws HearthbeatError.
 */
export function openInMemory(path: string, migrations: readonly Migration[], leaveOut: (db: Database.Database) => void): Database.Database {
  return attempt(path, () => {
    const bytes = readWhole(path, leaveOut);
    // "Read and written without a log" (file format, 1.3.3): memory has none.
    bytes.fill(1, 18, 20);
    const db = new Database(bytes);
    try {
      const version = versionOf(db);
      if (version > migrations.length) throw newer(path, version, migrations.length);
      check(db, path);
      migrate(db, migrations);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** With what is in its log. SQLite can read that only where it may write beside it, so it reads a copy. */
function readWhole(path: string, leaveOut: (db: Database.Database) => void): Buffer {
  return inScratch((scratch) => {
    const copy = join(scratch, 'copy.db');
    for (const ending of ['', '-wal']) if (existsSync(`${path}${ending}`)) copyFileSync(`${path}${ending}`, `${copy}${ending}`);
    const db = new Database(copy);
    try {
      leaveOut(db);
      return db.serialize();
    } finally {
      db.close();
    }
  });
}

const MEMORY = '/dev/shm';

/** With a folder in memory, where the system has one, that is gone afterwards. */
export function inScratch<T>(action: (folder: string) => T): T {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'hearthbeat-'));
  try {
    return action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** FULL, not NORMAL: in crash images NORMAL lost acknowledged rows in 367 of 400, FULL in none of 1,400 (measured). */
function configure(db: Database.Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // In pages, below the limit of the log: what is written again and again goes to the database once in 800. A hub with 250 devices writes 23 MB a day with 200.
  db.pragma('wal_autocheckpoint = 800');
  // The driver's own 16 MB would fill up over the months; a database of this size is read from the kernel's cache as fast.
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma(`journal_size_limit = ${4 * 1024 * 1024}`);
}

function check(db: Database.Database, path: string): void {
  const verdict = db.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw damaged(path, String(verdict));
}

function migrate(db: Database.Database, migrations: readonly Migration[]): void {
  for (const [index, migration] of migrations.entries()) {
    if (index < versionOf(db)) continue;
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

function versionOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/**
 * Looks through a read-only connection: it sees a version that is still in the write-ahead log, and checkpoints nothing on closing. What a power cut at the very first
 * start leaves must be rolled back before anything can be seen: that is for the owner to do.
 */
function refuseNewer(path: string, known: number): void {
  if (!existsSync(path)) return;
  const version = attempt(path, () => {
    const db = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      return versionOf(db);
    } catch (error) {
      if (error instanceof Database.SqliteError && error.code === 'SQLITE_READONLY_ROLLBACK') return 0;
      throw error;
    } finally {
      db.close();
    }
  });
  if (version > known) throw newer(path, version, known);
}

function newer(path: string, version: number, known: number): HearthbeatError {
  return new HearthbeatError(
    'HB_DATABASE_NEWER',
    `${path} has version ${version}; this program knows versions up to ${known}.`,
    'Install the newer hearthbeat that wrote it, or choose another folder with --data. The file was left as it is.',
  );
}

function requireSafeSqlite(): void {
  const db = new Database(':memory:');
  const version = String(db.prepare('SELECT sqlite_version()').pluck().get());
  db.close();
  if (compareVersions(version, OLDEST_SAFE_SQLITE) < 0) {
    throw new HearthbeatError(
      'HB_RUNTIME_TOO_OLD',
      `SQLite ${version} can damage databases.`,
      `Install the locked dependencies again (npm ci): SQLite ${OLDEST_SAFE_SQLITE} or later comes with them.`,
    );
  }
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Runs `action`; what SQLite throws becomes an error for people. */
function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw inWords(path, error);
  }
}

/** What SQLite threw about the database in `path`, as an error for people; anything else as it is. */
export function inWords(path: string, error: unknown): unknown {
  return error instanceof Database.SqliteError ? explain(path, error) : error;
}

function explain(path: string, error: InstanceType<typeof Database.SqliteError>): HearthbeatError {
  const [reason, fix] = whyNotOpen(path, error.code) ?? [];
  if (reason === undefined) return damaged(path, error.message, error);
  return new HearthbeatError('HB_DATA_FOLDER', `${path} cannot be used: ${reason}.`, `${fix}, or choose another folder with --data.`, {
    cause: error,
  });
}

/** What is wrong around the file; undefined where the file itself is. */
function whyNotOpen(path: string, code: string): [reason: string, fix: string] | undefined {
  if (/^SQLITE_(FULL|IOERR_SHMSIZE)/.test(code)) return ['no space is left on its disk', 'Free some space there'];
  if (/^SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE)/.test(code)) return ['its disk refuses to be written', 'Check that disk (dmesg)'];
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH|IOERR_SHMOPEN)/.test(code)) {
    return [
      'this user may not open it',
      `Run this as the user it belongs to, give it to this one (sudo chown -R "$(id -un)" "${dirname(path)}")`,
    ];
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return ['another program holds it', 'End that program'];
  return undefined;
}

/** The write-ahead log goes with its database: beside a new one it would be played into that. */
function damaged(path: string, detail: string, cause?: unknown): HearthbeatError {
  const folder = dirname(path);
  return new HearthbeatError(
    'HB_DATABASE_DAMAGED',
    `${path} cannot be read: ${detail}.`,
    `Put a copy of it back, or move it aside (mkdir "${folder}/damaged" && mv "${path}"* "${folder}/damaged/") and start anew without what only it knew.`,
    { cause },
  );
}
