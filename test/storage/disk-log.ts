/**
 * What a power cut leaves of the files of a process, from the notes of disk-shim.c: all that was synced, and of the rest whatever chance kept, in any order and torn
 * at sectors. A name that was made or removed lasts once its folder was synced; until then the newest such changes may be gone, as on a disk with a journal of names.
 * Bytes beside those that were written stay as they were (SQLite's "powersafe overwrite").
 */
import { readFileSync } from 'node:fs';
import type { Random } from '../../src/base/random.ts';
import { wholeNumber } from './chance.ts';

export type Step =
  | { readonly op: 'made' | 'renamed'; readonly file: number; readonly name: string }
  | { readonly op: 'written'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly op: 'cut'; readonly file: number; readonly at: number }
  | { readonly op: 'synced' | 'folder-synced'; readonly file: number }
  | { readonly op: 'removed'; readonly file: number };

const HEAD_BYTES = 24;
const OPS = ['', 'made', 'written', 'cut', 'synced', 'folder-synced', 'removed', 'renamed'] as const;

/** The notes in their order. */
export function readDiskLog(path: string): Step[] {
  const log = readFileSync(path);
  const steps: Step[] = [];
  for (let at = 0; at < log.length; ) {
    const op = OPS[log.readUInt32LE(at)];
    const file = log.readUInt32LE(at + 4);
    const offset = Number(log.readBigInt64LE(at + 8));
    const length = Number(log.readBigUInt64LE(at + 16));
    const payload = log.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    if (op === 'made' || op === 'renamed') steps.push({ op, file, name: payload.toString('utf8') });
    else if (op === 'written') steps.push({ op, file, at: offset, bytes: payload });
    else if (op === 'cut') steps.push({ op, file, at: offset });
    else if (op === 'synced' || op === 'folder-synced') steps.push({ op, file });
    else if (op === 'removed') steps.push({ op, file });
    else throw new Error(`no note: ${log.readUInt32LE(at)}`);
    at += HEAD_BYTES + (op === 'cut' ? 0 : length);
  }
  return steps;
}

type Write = Extract<Step, { op: 'written' }>;
type Change = Write | Extract<Step, { op: 'cut' }>;
type Naming = Extract<Step, { name: string }> | Extract<Step, { op: 'removed' }>;

/** How much of what was not synced a cut keeps. */
const KEPT = ['nothing', 'everything', 'some', 'torn'] as const;
const SECTOR = 512;

export class CutDisk {
  private readonly durable = new Map<number, Content>();
  private readonly pending = new Map<number, Change[]>();
  private names = new Map<string, number>();
  private namings: Naming[] = [];

  /** Goes on by one step. */
  take(step: Step): void {
    if (step.op === 'written' || step.op === 'cut') {
      const changes = this.pending.get(step.file);
      if (changes) changes.push(step);
      else this.pending.set(step.file, [step]);
    } else if (step.op === 'made' || step.op === 'renamed' || step.op === 'removed') this.namings.push(step);
    else if (step.op === 'synced') this.settle(step.file);
    else {
      this.names = namesAfter(this.names, this.namings);
      this.namings = [];
    }
  }

  /** What is on the disk, by name, if the power goes now. */
  image(random: Random): Map<string, Buffer> {
    const names = namesAfter(this.names, this.namings.slice(0, wholeNumber(random, 0, this.namings.length)));
    const kept = KEPT[wholeNumber(random, 0, KEPT.length - 1)] as (typeof KEPT)[number];
    return new Map([...names].map(([name, file]) => [name, this.cutContent(file, kept, random)]));
  }

  private settle(file: number): void {
    const content = this.durable.get(file) ?? new Content();
    for (const change of this.pending.get(file) ?? []) content.apply(change);
    this.durable.set(file, content);
    this.pending.delete(file);
  }

  private cutContent(file: number, kept: (typeof KEPT)[number], random: Random): Buffer {
    const content = this.durable.get(file)?.copy() ?? new Content();
    if (kept === 'nothing') return content.bytes();
    for (const change of this.pending.get(file) ?? []) {
      if (kept === 'torn' && change.op === 'written') for (const sector of sectorsOf(change)) content.lay(sector, random);
      else if (kept === 'everything' || random.fraction() < 0.5) content.apply(change);
    }
    return content.bytes();
  }
}

function namesAfter(before: ReadonlyMap<string, number>, namings: readonly Naming[]): Map<string, number> {
  const names = new Map(before);
  for (const naming of namings) {
    if (naming.op !== 'made') for (const [name, file] of names) if (file === naming.file) names.delete(name);
    if (naming.op !== 'removed') names.set(naming.name, naming.file);
  }
  return names;
}

function sectorsOf({ file, at, bytes }: Write): Write[] {
  const sectors: Write[] = [];
  for (let from = at; from < at + bytes.length; from = (Math.floor(from / SECTOR) + 1) * SECTOR) {
    const to = Math.min(at + bytes.length, (Math.floor(from / SECTOR) + 1) * SECTOR);
    sectors.push({ op: 'written', file, at: from, bytes: bytes.subarray(from - at, to - at) });
  }
  return sectors;
}

/** A file that grows as it is written. */
class Content {
  private buffer = Buffer.alloc(4096);
  private length = 0;

  apply(change: Change): void {
    if (change.op === 'cut') this.resize(change.at);
    else this.write(change.at < 0 ? this.length : change.at, change.bytes);
  }

  /** One sector of a torn write: it came to the disk, or did not, or (behind the end) the file grew and what was there before shows. */
  lay(sector: Write, random: Random): void {
    const chance = random.fraction();
    const isBehind = sector.at >= this.length;
    if (chance < 0.5) this.apply(sector);
    else if (isBehind && chance < 0.6) this.write(sector.at, Buffer.from(random.bytes(sector.bytes.length)));
  }

  copy(): Content {
    const other = new Content();
    other.buffer = Buffer.from(this.buffer);
    other.length = this.length;
    return other;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private write(at: number, bytes: Buffer): void {
    if (at + bytes.length > this.length) this.resize(at + bytes.length);
    bytes.copy(this.buffer, at);
  }

  private resize(length: number): void {
    if (length > this.buffer.length) this.buffer = Buffer.concat([this.buffer], Math.max(length, this.buffer.length * 2));
    if (length < this.length) this.buffer.fill(0, length, this.length);
    this.length = length;
  }
}
