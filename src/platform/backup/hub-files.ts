/** What a backup of a hub needs beside its database: what it is of, its settings, the secrets they name, and what stands in its data folder; and how these files come back. */
import { lchownSync, mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { cleanText } from '../../base/text.ts';
import type { Settings } from '../../config/settings.ts';
import { LIFECYCLE_FILES } from '../lifecycle-mark.ts';
import { UNIFI_FILE } from '../unifi-watch.ts';
import { isThere, readBounded, replaceFile } from '../whole-file.ts';
import type { BackedUpFile, BesideDatabase } from './backup-file.ts';

/** An edition of the catalogue is the largest of them. */
const LARGEST_FILE = 16 * 1024 * 1024;
/** RFC 1035, 2.3.4, has labels of 63 octets. */
const LONGEST_HOST = 64;
const PERMISSIONS = 0o777;
const FILES_IN_FOLDER: readonly string[] = [...Object.values(LIFECYCLE_FILES), UNIFI_FILE];

export type HubPlace = { readonly folder: string; readonly settings: Settings; readonly settingsFile?: string | undefined };

/** `made`: when (Unix milliseconds) and by which version of this program. `unread`: paths that the settings name and that could not be read. */
export function besideDatabase(
  { folder, settings, settingsFile }: HubPlace,
  made: { readonly madeAt: number; readonly version: string },
): BesideDatabase & { readonly unread: readonly string[] } {
  const inFolder = FILES_IN_FOLDER.flatMap((name) => fileAt(join(folder, name), { place: 'data', name }));
  const named = settingsFile === undefined ? [] : [{ place: 'settings' as const, name: settingsFile }];
  const secrets = secretFiles(settings).map((name) => ({ place: 'secret' as const, name }));
  const beside = [...named, ...secrets].map((is) => ({ is, read: fileAt(is.name, is) }));
  return {
    about: { ...made, host: cleanText(hostname(), LONGEST_HOST) ?? '' },
    files: [...inFolder, ...beside.flatMap(({ read }) => read)],
    unread: beside.flatMap(({ is, read }) => (read.length === 0 ? [is.name] : [])),
  };
}

/** Files that the settings of a hub name, as whole paths. */
function secretFiles({ uplink, mirror, identify, unifi }: Settings): string[] {
  const users = identify.snmp.users.flatMap(({ auth, priv }) => [auth?.passwordFile, priv?.passwordFile]);
  const named = [uplink.passwordFile, uplink.caFile, mirror.passwordFile, mirror.caFile, unifi.keyFile, ...users].flatMap((path) =>
    path === undefined ? [] : [resolve(path)],
  );
  return [...new Set(named)];
}

function fileAt(path: string, is: Pick<BackedUpFile, 'place' | 'name'>): BackedUpFile[] {
  const content = readBounded(path, LARGEST_FILE);
  if (!Buffer.isBuffer(content) || content.length > LARGEST_FILE) return [];
  return [{ ...is, content, mode: statSync(path).mode & PERMISSIONS }];
}

/**
 * What became of a file: `same` was there already, `other` is there and stays. Put into the data folder were `aside`, for its place is no place of hearthbeat's, and
 * `closed`, for this user may not write there.
 */
export type PutBack = { readonly name: string; readonly path: string; readonly is: 'written' | 'same' | 'other' | 'aside' | 'closed' };

const OWN_FILES: ReadonlySet<string> = new Set(FILES_IN_FOLDER);
const ASIDE = 'restored';

/**
 * Puts the files of a backup back. Those of the data folder take the place of what is there; settings and secrets that differ stay, for somebody set this hub up anew.
 * Outside the folder a file only goes to `places`, and there to no name that shells and other programs read by themselves: whoever hands a person a file to restore as
 * root must not choose where in the machine it writes.
 */
export function putBack(files: readonly BackedUpFile[], folder: string, places: readonly string[]): PutBack[] {
  return files.flatMap((file): PutBack[] => {
    const { place, name } = file;
    if (place === 'data') return OWN_FILES.has(name) ? [putAt(join(folder, name), file)] : [];
    const isHidden = basename(name).startsWith('.');
    if (name === resolve(name) && places.includes(dirname(name)) && !isHidden) return [putAtOrAside(folder, file)];
    return [{ ...putAside(folder, file), is: 'aside' }];
  });
}

function putAtOrAside(folder: string, file: BackedUpFile): PutBack {
  try {
    return putAt(file.name, file);
  } catch (error) {
    if (!CLOSED.has((error as NodeJS.ErrnoException).code)) throw error;
    return { ...putAside(folder, file), is: 'closed' };
  }
}

const CLOSED: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

function putAside(folder: string, file: BackedUpFile): PutBack {
  return putAt(join(folder, ASIDE, basename(file.name)), file);
}

/** What root wrote for the agent of another user, that is whose the folder is, belongs to that user; names that are not there are passed over. */
export function giveToOwner(folder: string, paths: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  for (const path of paths) if (isThere(path)) lchownSync(path, uid, gid);
}

function putAt(path: string, { place, name, mode, content }: BackedUpFile): PutBack {
  const there = readBounded(path, LARGEST_FILE);
  if (Buffer.isBuffer(there) && there.equals(content)) return { name, path, is: 'same' };
  if (place !== 'data' && Buffer.isBuffer(there)) return { name, path, is: 'other' };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  replaceFile(path, content, mode & PERMISSIONS);
  return { name, path, is: 'written' };
}
