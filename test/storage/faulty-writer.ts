/**
 * A process whose disk fails (disk-shim.c) at the first, then the second, ... of its writes, syncs or cuts, each time with a new database, until the work gets done:
 * `node faulty-writer.ts {folder} {control file} {kind} {errno} {once|ever} {seed} {commits} {stride}`. Prints what came of each point, as JSON.
 */
import { mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HearthbeatError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import type { FaultPoint } from './disk-faults.ts';
import { brokenPromises, type Said, work } from './load.ts';

const [folder = '', controlFile = '', kind, errno, lasting, seed = '1', commits, stride] = process.argv.slice(2);
const control = openSync(controlFile, 'r+');
const place = join(folder, 'agent');
const points: FaultPoint[] = [];

for (let k = 1; ; k += Number(stride)) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const said: Said[] = [];
  const { error, hasFailed } = failureAt(k, said);
  if (!hasFailed) break;
  points.push({ k, ended: error === undefined ? 'went on' : nameOf(error), broken: brokenPromises(join(place, 'agent.db'), said) });
}
console.log(JSON.stringify(points));

function failureAt(k: number, said: Said[]): { readonly error?: unknown; readonly hasFailed: boolean } {
  const isLasting = lasting === 'ever';
  set([Number(kind), k, Number(errno), isLasting ? 1 : 0]);
  const hasFailed = (): boolean => callsLeft() === (isLasting ? 1 : 0);
  try {
    work(join(place, 'agent.db'), { random: seededRandom(seed), commits: Number(commits), say: (word) => said.push(word) });
    // The last call of all may be the one that is waited for: with none left but one, nothing tells whether it was made.
    return { hasFailed: !isLasting && hasFailed() };
  } catch (error) {
    return { error, hasFailed: hasFailed() };
  } finally {
    set([0, 0, 0, 0]);
  }
}

function callsLeft(): number {
  const bytes = Buffer.alloc(16);
  readSync(control, bytes, 0, bytes.length, 0);
  return bytes.readInt32LE(4);
}

function nameOf(error: unknown): string {
  if (!(error instanceof HearthbeatError)) return `unexplained: ${String(error)}`;
  return error.retryable ? `${error.code}, to be tried again` : error.code;
}

function set(values: readonly number[]): void {
  const bytes = Buffer.alloc(16);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, index * 4);
  writeSync(control, bytes, 0, bytes.length, 0);
}
