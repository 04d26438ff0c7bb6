/** Makes a blank hub the one that a backup is of: its database, the files beside it, and whose they are. */
import type { Instant } from '../../base/clock.ts';
import type { DataFolder } from '../data-folder.ts';
import { DATABASE_ENDINGS } from '../sqlite.ts';
import { forgetReady } from '../storage/exchange.ts';
import { type Backup, extractDatabase, putAside } from './backup-file.ts';
import { giveToOwner, type PutBack, putBack } from './hub-files.ts';

/** `aside`: what the database that was there is called now. */
export type Restored = { readonly aside: string | undefined; readonly files: readonly PutBack[] };

/** `file` is where `backup` was read; outside of the folder its files only go to `places`. Throws what SQLite or the file system says; the hub that was there stays until the new one is whole. */
export function restoreHub(
  { file, backup }: { readonly file: string; readonly backup: Backup },
  folder: DataFolder,
  { places, now }: { readonly places: readonly string[]; readonly now: Instant },
): Restored {
  let aside: string | undefined;
  extractDatabase(file, folder.databasePath, () => {
    aside = putAside(folder.databasePath, now);
    forgetReady(folder.databasePath);
  });
  const files = putBack(backup.files, folder.path, places);
  const written = files.flatMap(({ is, path }) => (is === 'written' ? [path] : []));
  giveToOwner(folder.path, [folder.databasePath, ...databaseFiles(aside), ...folder.lockFiles, ...written]);
  return { aside, files };
}

function databaseFiles(path: string | undefined): string[] {
  return path === undefined ? [] : DATABASE_ENDINGS.map((ending) => `${path}${ending}`);
}
