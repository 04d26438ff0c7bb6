/**
 * Where a hub has its lock and its socket while its data folder cannot be written: a folder in memory, named after that one. And the way back: what was in memory takes
 * over on the disk at the next start.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type Database from 'better-sqlite3';
import { HearthbeatError } from '../../base/errors.ts';
import { type DataFolder, openDataFolder } from '../data-folder.ts';
import { draftOf, makeReady } from './exchange.ts';

/** What systemd gives the service (RuntimeDirectory=hearthbeat). */
const RUN = '/run/hearthbeat';

/** Makes it for this user alone; throws HearthbeatError where that cannot be. */
export function makeStandIn(dataFolder: string, env: NodeJS.ProcessEnv): string {
  const path = join(env.RUNTIME_DIRECTORY ?? env.XDG_RUNTIME_DIR ?? tmpdir(), nameOf(dataFolder));
  try {
    if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
    // In a folder where everybody may write, somebody else may have been first.
    if (!isOf(path, [process.getuid?.()])) throw new Error('it belongs to another user');
    return path;
  } catch (cause) {
    const why = (cause as Error).message;
    throw new HearthbeatError('HB_DATA_FOLDER', `${path} cannot stand in for ${dataFolder}: ${why}.`, `Let ${dataFolder} be written.`, {
      cause,
    });
  }
}

/** Where to ask for an agent whose data folder is this one: there, and in its stand-in, where that belongs to whom the folder or this process belongs to. */
export function socketFolders(dataFolder: string, env: NodeJS.ProcessEnv): string[] {
  const owners = [0, process.getuid?.(), statSync(dataFolder, { throwIfNoEntry: false })?.uid];
  const places = [RUN, env.XDG_RUNTIME_DIR, tmpdir()].flatMap((place) => (place === undefined ? [] : [join(place, nameOf(dataFolder))]));
  return [dataFolder, ...new Set(places.filter((path) => isOf(path, owners)))];
}

function nameOf(dataFolder: string): string {
  return `hearthbeat-${createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 12)}`;
}

function isOf(path: string, owners: readonly (number | undefined)[]): boolean {
  try {
    const is = lstatSync(path);
    return is.isDirectory() && (is.mode & 0o077) === 0 && owners.includes(is.uid);
  } catch {
    return false;
  }
}

/** Puts what is in memory on the disk, to take over at the next start; not while that disk refuses, and not where another agent works there by now. */
export function saveForNextStart(dataFolder: string, databasePath: string, db: Database.Database): 'saved' | 'refused' | 'taken' {
  let held: DataFolder | undefined;
  try {
    held = openDataFolder(dataFolder, 'agent');
    writeFileSync(draftOf(databasePath), db.serialize(), { mode: 0o600 });
    makeReady(databasePath);
    return 'saved';
  } catch (error) {
    if (held) rmSync(draftOf(databasePath), { force: true });
    return error instanceof HearthbeatError && error.code === 'HB_ALREADY_RUNNING' ? 'taken' : 'refused';
  } finally {
    held?.release();
  }
}
