/** Files that are read without being believed, and replaced so that a power cut leaves the old one or the new one, never a part. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { HearthbeatError } from '../base/errors.ts';

/** Why a file was not read: an errno, or what it is in place of a file. */
export type Unread = { readonly unread: 'missing' | 'folder' | 'no file' | 'forbidden' | 'broken' };

/** Whether anything has this name. */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** At most `most` + 1 bytes of a regular file, so that the caller sees that it is too large. A pipe or a device is not waited for. */
export function readBounded(path: string, most: number): Buffer | Unread {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const is = fstatSync(file);
    if (is.isDirectory()) return { unread: 'folder' };
    if (!is.isFile()) return { unread: 'no file' };
    return upTo(most + 1, file);
  } catch (error) {
    return { unread: whyUnread((error as NodeJS.ErrnoException).code) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const UNREAD: Readonly<Record<Unread['unread'], string>> = {
  missing: 'does not exist',
  folder: 'is a folder',
  'no file': 'is a pipe or a device, not a file',
  forbidden: 'may not be read by this user',
  broken: 'cannot be read: its disk is faulty or gone',
};

/** A file that a person named; one that is too large is cut after `most` + 1 bytes. Throws HB_USAGE with `what` it should have been. */
export function readGiven(path: string, most: number, what: string): Buffer {
  const read = readBounded(path, most);
  if (Buffer.isBuffer(read)) return read;
  throw new HearthbeatError('HB_USAGE', `The file ${path} ${UNREAD[read.unread]}.`, `Name a ${what}.`);
}

function upTo(most: number, file: number): Buffer {
  const bytes = Buffer.alloc(Math.min(most, fstatSync(file).size + 1));
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(file, bytes, length, bytes.length - length, length);
  return bytes.subarray(0, length);
}

function whyUnread(code: string | undefined): Unread['unread'] {
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG') return 'missing';
  if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
  return code === 'ENXIO' || code === 'ENODEV' ? 'no file' : 'broken';
}

/**
 * Writes beside, to the disk, renames, and brings the name to the disk too (rename(2), fsync(2): a new name is not durable before its folder is).
 * One process at a time. Everybody who may enter the folder may read it unless `mode` (permission bits) says otherwise. Throws what the file system says; then the old one
 * is still whole.
 */
export function replaceFile(path: string, content: string | Buffer, mode = 0o644): void {
  const beside = `${path}.new`;
  try {
    rmSync(beside, { force: true });
    writeToDisk(beside, content, mode);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  toDisk(dirname(path));
}

/** What was written to a file, or the names in a folder, are on the disk when this returns (fsync(2) asks for no right to write). Throws what the file system says. */
export function toDisk(path: string): void {
  const file = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const UNWRITTEN: Readonly<Record<string, string>> = {
  ENOENT: 'would be in a folder that does not exist',
  ENOTDIR: 'would be in a folder that does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  EROFS: 'is on a disk that cannot be written to',
  ENOSPC: 'does not fit: the disk is full',
};

/** To where a person said. Throws HB_USAGE. */
export function writeGiven(path: string, content: string): void {
  try {
    replaceFile(path, content);
  } catch (error) {
    const why = UNWRITTEN[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be written';
    throw new HearthbeatError('HB_USAGE', `The file ${path} ${why}.`, 'Name a file in a folder that you may write to.');
  }
}

function writeToDisk(path: string, content: string | Buffer, mode: number): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode & 0o600);
  try {
    writeFileSync(file, content);
    fchmodSync(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
