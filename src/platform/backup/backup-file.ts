/**
 * A backup: one SQLite file with all that makes a hub this hub. It is the agent's database as it was at one instant, with two tables more: what the backup is of, and
 * the files beside the database (settings, secrets they name, own facts). It holds the hub's secrets, so it is for its owner alone.
 */
import { closeSync, constants, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Instant } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { cleanText } from '../../base/text.ts';
import { DATABASE_ENDINGS } from '../sqlite.ts';
import { toDisk } from '../whole-file.ts';

/** A file that was beside the database: `data` in the data folder, by its name; `settings` and `secret` by their whole path. */
export type BackedUpFile = {
  readonly place: 'data' | 'settings' | 'secret';
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: Buffer;
};

/** What a backup is of. `madeAt` is Unix milliseconds by the clock of the hub, which may have been wrong. */
export type BackupAbout = {
  readonly madeAt: number;
  readonly version: string;
  readonly host: string;
  readonly site: string;
  readonly devices: number;
};

export type Backup = {
  readonly about: BackupAbout;
  readonly files: readonly BackedUpFile[];
  /** The version of the database in it: the number of migrations it has seen. */
  readonly databaseVersion: number;
};

/** All of a backup but the database and what that says itself. */
export type BesideDatabase = { readonly about: Omit<BackupAbout, 'site' | 'devices'>; readonly files: readonly BackedUpFile[] };

/** Of JavaScript's dates (ECMA-262, 21.4.1.1). */
const LAST_INSTANT_MS = 8.64e15;
const NO_FILE: ReadonlySet<string> = new Set(['', '.', '..']);
/** A hub has a dozen. */
const MOST_FILES = 64;

const aboutSchema = z.object({
  madeAt: z.int().min(0).max(LAST_INSTANT_MS),
  version: z.string(),
  host: z.string(),
  site: z.string(),
  devices: z.int().min(0),
});
const fileSchema = z.object({
  place: z.enum(['data', 'settings', 'secret']),
  // Also what a person reads of it is its name.
  name: z
    .string()
    .max(4096)
    .refine((name) => name === cleanText(name, 4096) && !NO_FILE.has(basename(name))),
  mode: z.number(),
  content: z.instanceof(Buffer),
});

const TABLES = `
  CREATE TABLE backup_about (value TEXT NOT NULL);
  CREATE TABLE backup_file (place TEXT NOT NULL, name TEXT NOT NULL, mode INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (place, name));`;

/**
 * Writes a backup of the database to `target`, which is whole or not there at all, whatever happens. The agent may run meanwhile. Answers its size in bytes. Throws what
 * SQLite or the file system says.
 */
export function writeBackup(databasePath: string, target: string, { about, files }: BesideDatabase): number {
  const beside = `${target}.part`;
  rmSync(beside, { force: true });
  try {
    closedToOthers(beside);
    copyInto(databasePath, beside);
    const db = new Database(beside);
    try {
      db.pragma('journal_mode = DELETE');
      db.transaction(() => {
        db.exec(TABLES);
        db.prepare('INSERT INTO backup_about VALUES (?)').run(JSON.stringify({ ...about, ...subjectOf(db) } satisfies BackupAbout));
        const keep = db.prepare('INSERT INTO backup_file VALUES (?, ?, ?, ?)');
        for (const { place, name, mode, content } of files) keep.run(place, name, mode, content);
      })();
    } finally {
      db.close();
    }
    toDisk(beside);
    renameSync(beside, target);
    toDisk(dirname(target));
    return statSync(target).size;
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** VACUUM INTO takes one instant of a database that is written to, and leaves out what was deleted. It fills a file that is there and empty. */
function copyInto(databasePath: string, target: string): void {
  const db = new Database(databasePath, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } finally {
    db.close();
  }
}

function closedToOthers(path: string): void {
  closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600));
}

function subjectOf(db: Database.Database): Pick<BackupAbout, 'site' | 'devices'> {
  const site = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'site'").pluck().get() ?? '';
  return { site, devices: db.prepare<[], number>('SELECT count(*) FROM device').pluck().get() ?? 0 };
}

/** What is in a backup, after every page of it was checked. Throws HB_BACKUP_UNUSABLE. */
export function readBackup(path: string): Backup {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    refusePrograms(db);
    const verdict = db.pragma('integrity_check(1)', { simple: true });
    if (verdict !== 'ok') throw unusable(path, `is damaged (${String(verdict)})`, 'Take an older backup.');
    const about = aboutSchema.parse(JSON.parse(db.prepare<[], string>('SELECT value FROM backup_about').pluck().get() ?? 'null'));
    const files = z
      .array(fileSchema)
      .parse(db.prepare('SELECT place, name, mode, content FROM backup_file ORDER BY place, name LIMIT ?').all(MOST_FILES));
    return { about, files, databaseVersion: Number(db.pragma('user_version', { simple: true })) };
  } catch (error) {
    throw error instanceof HearthbeatError ? error : asUnusable(path, error);
  } finally {
    db?.close();
  }
}

/** A view or a trigger would run as part of the hub, or without end while it is read; no hub has one. */
function refusePrograms(db: Database.Database): void {
  db.pragma('trusted_schema = OFF');
  const programs = db.prepare("SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%'").pluck();
  if (programs.get() !== 0) throw new Error('it has views, triggers or virtual tables');
}

/**
 * The database of a backup as a file of its own, without what the backup added; on the disk when this returns. `makeRoom` is called once it is there but for its name:
 * a hub that is to be replaced stays until then.
 */
export function extractDatabase(backup: string, target: string, makeRoom: () => void): void {
  const beside = `${target}.new`;
  rmSync(beside, { force: true });
  try {
    closedToOthers(beside);
    copyInto(backup, beside);
    const db = new Database(beside);
    try {
      db.exec('DROP TABLE backup_about; DROP TABLE backup_file; VACUUM;');
    } finally {
      db.close();
    }
    toDisk(beside);
    makeRoom();
    renameSync(beside, target);
    toDisk(dirname(target));
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/**
 * Gives a database another name, which is answered; the three files of it go on belonging together. Undefined where none of them is there. A log without its database is put
 * aside too: SQLite would write it into whatever takes the name.
 */
export function putAside(databasePath: string, { wallMs }: Instant): string | undefined {
  const stamp = new Date(wallMs).toISOString().replace(/[-:]|\..*/g, '');
  const aside = join(dirname(databasePath), `before-restore-${stamp}.db`);
  const there = DATABASE_ENDINGS.filter((ending) => existsSync(`${databasePath}${ending}`));
  for (const ending of there) renameSync(`${databasePath}${ending}`, `${aside}${ending}`);
  return there.includes('') ? aside : undefined;
}

function asUnusable(path: string, cause: unknown): HearthbeatError {
  const code = cause instanceof Database.SqliteError ? cause.code : '';
  if (code.startsWith('SQLITE_CANTOPEN'))
    return unusable(path, 'cannot be opened', 'Give the path of a backup, readable for this user.', cause);
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_IOERR'))
    return unusable(path, 'is damaged', 'Take an older backup.', cause);
  return unusable(path, 'is no backup of a hub', 'Give a file that "hearthbeat backup" made.', cause);
}

function unusable(path: string, is: string, fix: string, cause?: unknown): HearthbeatError {
  return new HearthbeatError('HB_BACKUP_UNUSABLE', `${path} ${is}. Nothing was changed.`, fix, { cause });
}
