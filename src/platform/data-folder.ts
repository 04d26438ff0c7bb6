/**
 * The folder that holds everything a process keeps: makes it, proves that it can be written, and holds it for one process at a time.
 */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { HearthbeatError } from '../base/errors.ts';

export type DataFolder = {
  readonly path: string;
  /** `{path}/{owner}.db` */
  readonly databasePath: string;
  release(): void;
};

/** Opens the folder for `owner` ("agent", "desk"); throws HearthbeatError (HB_DATA_FOLDER, HB_ALREADY_RUNNING). */
export function openDataFolder(path: string, owner: string): DataFolder {
  const folder = resolve(path);
  requireWritable(folder);
  const lock = takeLock(folder, owner);
  return { path: folder, databasePath: join(folder, `${owner}.db`), release: () => lock.close() };
}

function requireWritable(folder: string): void {
  try {
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
    }
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(folder, error);
  }
}

/**
 * An exclusive SQLite transaction on a file of its own: its locks are the kernel's (fcntl), so they end with the process however it
 * ends, and nothing stale is ever left behind. The process id beside it is only for the words of the error.
 */
function takeLock(folder: string, owner: string): Database.Database {
  const pidFile = join(folder, `${owner}.pid`);
  let lock: Database.Database | undefined;
  try {
    lock = new Database(join(folder, `${owner}.lock`), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw taken(folder, owner, pidFile);
    throw unusable(folder, error);
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

function unusable(folder: string, cause: unknown): HearthbeatError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new HearthbeatError(
    'HB_DATA_FOLDER',
    `The data folder ${folder} cannot be used: ${problem}.`,
    `Give it to this user (sudo chown -R "$(id -un)" "${folder}"), or choose another one with --data.`,
    { cause },
  );
}

/** Whether there is a file to read, so that its absence can be told in words. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
