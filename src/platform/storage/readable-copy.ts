/** A copy of a damaged database that SQLite opens: of sectors that cannot be read it has zeros, and it is as long as its header says. */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { DATABASE_ENDINGS } from '../sqlite.ts';

const BLOCK = 4096;
const MOST_BYTES = 256 * 1024 * 1024;
/** Where a database's header has the size of its pages and their number (file format, 1.3). */
const PAGE_SIZE_AT = 16;
const PAGES_AT = 28;

/** With its log, where it has one. Throws what the disk says of the copy. */
export function makeReadableCopy(path: string, copy: string): void {
  for (const ending of DATABASE_ENDINGS) rmSync(`${copy}${ending}`, { force: true });
  for (const ending of ['', '-wal'])
    if (existsSync(`${path}${ending}`)) copyReadable(`${path}${ending}`, `${copy}${ending}`, ending === '');
}

function copyReadable(path: string, copy: string, isDatabase: boolean): void {
  const [from, to] = [openSync(path, 'r'), openSync(copy, 'wx', 0o600)];
  try {
    const length = Math.min(fstatSync(from).size, MOST_BYTES);
    for (let at = 0; at < length; at += BLOCK) {
      const block = blockAt(from, at, Math.min(BLOCK, length - at));
      writeSync(to, block, 0, block.length, at);
    }
    // A hole, not written: a damaged header says any length, and the disk may be nearly full.
    if (isDatabase) ftruncateSync(to, Math.max(length, lengthSaid(blockAt(from, 0, Math.min(BLOCK, length)))));
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

function blockAt(file: number, at: number, length: number): Buffer {
  const block = Buffer.alloc(length);
  try {
    readSync(file, block, 0, length, at);
  } catch {
    block.fill(0);
  }
  return block;
}

function lengthSaid(header: Buffer): number {
  if (header.length < PAGES_AT + 4) return 0;
  return Math.min(header.readUInt16BE(PAGE_SIZE_AT) * header.readUInt32BE(PAGES_AT), MOST_BYTES);
}
