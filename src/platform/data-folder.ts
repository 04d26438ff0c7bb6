/**
 * The folder that holds everything a process keeps: makes it, proves that it can be written, and holds it for one process at a time.
 */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { HearthbeatError } from '../base/errors.ts';

export type DataFolder = {
  readonly path: string;
  /** `{path}/{owner}.db` */
  readonly databasePath: string;
  /** What holds it for this process. */
  readonly lockFiles: readonly string[];
  release(): void;
};

/** Opens the folder for `owner` ("agent", "desk"); throws HearthbeatError (HB_DATA_FOLDER, HB_ALREADY_RUNNING). */
export function openDataFolder(path: string, owner: string): DataFolder {
  const folder = resolve(path);
  // What is kept here, such as the password at the broker, is for no other user, also where the folder is open to all.
  process.umask(0o077);
  requireWritable(folder);
  const lockFiles = { lock: join(folder, `${owner}.lock`), pid: join(folder, `${owner}.pid`) };
  const lock = takeLock(folder, owner, lockFiles);
  return { path: folder, databasePath: join(folder, `${owner}.db`), lockFiles: Object.values(lockFiles), release: () => lock.close() };
}

/** Whether what is in the folder is closed to this user; not where there is no folder. */
export function isClosed(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function requireWritable(folder: string): void {
  try {
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
    }
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(folder, error);
  }
}

/**
 * An exclusive SQLite transaction on a file of its own: its locks are the kernel's (fcntl), so they end with the process however it
 * ends, and nothing stale is ever left behind. The process id beside it is only for the words of the error.
 */
function takeLock(folder: string, owner: string, files: { readonly lock: string; readonly pid: string }): Database.Database {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(files.lock, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    notePid(files.pid);
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw taken(folder, owner, files.pid);
    throw unusable(folder, error);
  }
}

/** Throws HB_ALREADY_RUNNING where another process holds the folder: also where this one could not hold it, because it may not write there. */
export function requireFree(path: string, owner: string): void {
  const folder = resolve(path);
  let lock: Database.Database | undefined;
  try {
    lock = new Database(join(folder, `${owner}.lock`), { readonly: true, timeout: 0 });
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))) return;
    throw taken(folder, owner, join(folder, `${owner}.pid`));
  } finally {
    lock?.close();
  }
}

/** It is only for the words of an error: a disk without space is to be told of by what needs it. */
function notePid(pidFile: string): void {
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function taken(folder: string, owner: string, pidFile: string): HearthbeatError {
  const pid = existsSync(pidFile) ? ` (process ${readFileSync(pidFile, 'utf8').trim()})` : '';
  return new HearthbeatError(
    'HB_ALREADY_RUNNING',
    `Another hearthbeat ${owner}${pid} uses ${folder}.`,
    'Stop that one first, or choose another folder with --data.',
  );
}

/** The words for what the file system said of a folder or a file in it. */
export function unusable(folder: string, cause: unknown): HearthbeatError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const [why, fix] = whyUnusable(folder, code) ?? [message, 'Choose another one with --data.'];
  return new HearthbeatError('HB_DATA_FOLDER', `The data folder ${folder} cannot be used: ${why}.`, fix, { cause });
}

/** Whether it says that a disk has no space left, by itself or as the cause of it. */
export function isOfSpace(error: unknown): boolean {
  const { code = '', cause } = error as NodeJS.ErrnoException;
  return NO_SPACE.test(code) || (cause instanceof Error && isOfSpace(cause));
}

const NO_SPACE = /^(ENOSPC|EDQUOT|SQLITE_FULL)/;

function whyUnusable(folder: string, code: string): [why: string, fix: string] | undefined {
  const other = 'choose another one with --data.';
  if (/^(EACCES|EPERM|SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM)/.test(code)) {
    const command = existsSync(folder) ? `chown -R "$(id -un)" "${folder}"` : `install -d -m 700 -o "$(id -un)" "${folder}"`;
    return ['this user may not write there', `Give it to this user (sudo ${command}), or ${other}`];
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') return ['it, or a part of its path, is a file', `Move that file away, or ${other}`];
  if (NO_SPACE.test(code)) return ['no space is left on its disk', `Free some space there, or ${other}`];
  if (code === 'EROFS') return ['its disk is read-only', `Mount it for writing, or ${other}`];
  return undefined;
}

/** Whether there is a file to read, so that its absence can be told in words. Throws HB_DATA_FOLDER where this user may not look. */
export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch (cause) {
    throw unusable(dirname(path), cause);
  }
}
