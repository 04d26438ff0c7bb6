/**
 * The backups that a hub makes by itself: one a week, and one before each change of its database, the newest few of them. They guard against mistakes and a damaged
 * database; only `backup.folder` on another disk guards against a dead card.
 */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, every } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Settings } from '../../config/settings.ts';
import { type NiceChild, runNicely } from '../nice-child.ts';

const WEEK_MS = 7 * 86_400_000;
const KEPT = 4;
/** By number, not by date: clocks of hubs jump. */
const BEFORE_MIGRATION = /^before-version-(\d+)\.backup$/;
const KEPT_BEFORE_MIGRATION = 2;
const WEEKLY = /^weekly-(\d{4,})\.backup$/;

/** Where they are kept. */
export function backupFolder(dataFolder: string, { backup }: Pick<Settings, 'backup'>): string {
  return backup.folder ?? join(dataFolder, 'backups');
}

/** One for each version of the database that was left, the newest two. Answers its path. */
export function keepBeforeMigration(folder: string, version: number, write: (target: string) => unknown): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `before-version-${version + 1}.backup`);
  write(path);
  for (const { name } of numbered(folder, BEFORE_MIGRATION).slice(KEPT_BEFORE_MIGRATION)) rmSync(join(folder, name), { force: true });
  return path;
}

/** Writes the next one and forgets the oldest. Throws what `write` throws, then nothing is forgotten. */
export function keepAutomatic(folder: string, write: (target: string) => number): { readonly path: string; readonly bytes: number } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = numbered(folder, WEEKLY);
  const path = join(folder, `weekly-${String((before[0]?.number ?? 0) + 1).padStart(4, '0')}.backup`);
  const bytes = write(path);
  for (const { name } of before.slice(KEPT - 1)) rmSync(join(folder, name), { force: true });
  return { path, bytes };
}

/** Those that are called so, the newest first. */
function numbered(folder: string, pattern: RegExp): { readonly name: string; readonly number: number }[] {
  const found = namesIn(folder).flatMap((name) => {
    const number = pattern.exec(name)?.[1];
    return number === undefined ? [] : [{ name, number: Number(number) }];
  });
  return found.sort((a, b) => b.number - a.number);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** All that a hub made by itself, the newest first: of the weekly ones and of those before changes of its database by their numbers, between the two by when they were written. */
export function automaticBackups(folder: string): string[] {
  const [weekly = [], beforeMigration = []] = [WEEKLY, BEFORE_MIGRATION].map((pattern) =>
    numbered(folder, pattern).map(({ name }) => join(folder, name)),
  );
  const newestFirst: string[] = [];
  while (weekly[0] !== undefined && beforeMigration[0] !== undefined) {
    const newer = writtenAt(weekly[0]) >= writtenAt(beforeMigration[0]) ? weekly : beforeMigration;
    newestFirst.push(...newer.splice(0, 1));
  }
  return [...newestFirst, ...weekly, ...beforeMigration];
}

function writtenAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The newest one and when it was written (Unix milliseconds by the clock of then); undefined where there is none. */
export function newestAutomatic(folder: string): { readonly path: string; readonly at: number; readonly bytes: number } | undefined {
  const [newest] = numbered(folder, WEEKLY);
  if (!newest) return undefined;
  const path = join(folder, newest.name);
  const is = statSync(path, { throwIfNoEntry: false });
  return is && { path, at: is.mtimeMs, bytes: is.size };
}

/** Why no backup can be written there, in words; undefined where one can. A folder that is not there yet is made, unless what should hold it is missing. */
export function whyUnwritable(folder: string): string | undefined {
  const there = existsSync(folder) ? folder : dirname(folder);
  try {
    if (!statSync(there).isDirectory()) return `${there} is no folder`;
    accessSync(there, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return `${there} does not exist`;
    return code === 'EROFS' ? 'its disk is read-only' : 'this user may not write there';
  }
}

export function isOnSameDisk(folder: string, other: string): boolean {
  const disk = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.dev;
  return disk(existsSync(folder) ? folder : dirname(folder)) === disk(other);
}

/** A clock that is a week off makes one more; a hub that starts daily with such a clock makes one a day, of which it keeps four. */
export function isBackupDue(newest: { readonly at: number } | undefined, clock: Clock): boolean {
  return newest === undefined || Math.abs(clock.now().wallMs - newest.at) >= WEEK_MS;
}

const LOOK_EVERY_MS = 3_600_000;
const CHILD = { timeoutMs: 5 * 60_000, niceness: 15, longestAnswer: 65_536 };

export type WeeklyOptions = {
  /** Runs this program; `backup --automatic` and what it needs to find the hub are added. */
  readonly program: readonly string[];
  readonly flags: readonly string[];
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** Backs the hub up when it is due, looked at hourly, in a process of its own: copying a database of megabytes would hold the watching up. */
export function startWeeklyBackups({ program, flags, folder, clock, log }: WeeklyOptions): { close(): void } {
  let child: NiceChild | undefined;
  let isClosed = false;
  let madeAtMs = Number.NEGATIVE_INFINITY;
  const timer = every(clock, LOOK_EVERY_MS, () => {
    // A clock that is set again and again must not fill the four of a month in an afternoon: no second one within a week that passed.
    if (child || clock.now().monoMs - madeAtMs < WEEK_MS || !isBackupDue(newestAutomatic(folder), clock)) return;
    void backUp();
  });

  async function backUp(): Promise<void> {
    child = runNicely([...program, 'backup', '--automatic', ...flags], CHILD);
    const ended = await child.ended;
    child = undefined;
    if (isClosed) return;
    if ('answer' in ended) {
      madeAtMs = clock.now().monoMs;
      log.info('The hub was backed up.', { folder });
    } else log.error('The weekly backup failed; it is tried again in an hour.', { folder, cause: ended.failure });
  }

  return {
    close() {
      isClosed = true;
      timer.cancel();
      child?.kill();
    },
  };
}
