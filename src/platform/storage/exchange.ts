/**
 * Puts another database in the place of a hub's own, whatever happens meanwhile: it lies ready under a name of its own, whole and on the disk, and takes over at the next
 * start. What it replaces is put aside, one of them is kept.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DATABASE_ENDINGS } from '../sqlite.ts';
import { toDisk } from '../whole-file.ts';

/** Where the other one is made. */
export const draftOf = (path: string): string => `${path}.draft`;
const readyOf = (path: string): string => `${path}.ready`;
export const asideOf = (path: string): string => `${path}.aside`;

/** From now on the draft takes over, if not in this process then in the next. Throws what the file system says. */
export function makeReady(path: string): void {
  toDisk(draftOf(path));
  renameSync(draftOf(path), readyOf(path));
  toDisk(dirname(path));
}

/**
 * Lets the one that is ready take over; nothing where none is. What is there goes aside, the database itself last: until then the exchange is not over. Nobody may have it open.
 */
export function exchange(path: string): void {
  if (!existsSync(readyOf(path))) return;
  if (existsSync(path)) for (const ending of DATABASE_ENDINGS) rmSync(`${asideOf(path)}${ending}`, { force: true });
  for (const ending of DATABASE_ENDINGS) if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${asideOf(path)}${ending}`);
  renameSync(readyOf(path), path);
  toDisk(dirname(path));
}

/** Where the newest is, while the disk cannot be written: the one that is ready where one is. */
export function newestOf(path: string): string {
  return existsSync(readyOf(path)) ? readyOf(path) : path;
}

/** What is ready is not wanted any more: a person brought a hub back from a backup. */
export function forgetReady(path: string): void {
  rmSync(readyOf(path), { force: true });
}
