/** Lets a hub's disk fail at one call after another, and looks how the work ended and what is left of its promises after a restart. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { compileDiskShim } from './preload.ts';

/** The k-th call failed; `ended` is the code of the error that the work ended with. */
export type FaultPoint = { readonly k: number; readonly ended: string; readonly broken: readonly string[] };

export type DiskFault = {
  readonly fails: 'write' | 'sync' | 'cut';
  readonly error: 'EIO' | 'EROFS' | 'ENOSPC';
  /** One call only, or all from then on until the restart. */
  readonly lasting: 'once' | 'ever';
};

const KINDS: Readonly<Record<DiskFault['fails'], number>> = { write: 1, sync: 2, cut: 4 };

/** One point for each `stride`-th call that the work makes. Throws where there is no C compiler. */
export function playDiskFaults(
  folder: string,
  { fails, error, lasting }: DiskFault,
  { seed, commits, stride }: { readonly seed: string; readonly commits: number; readonly stride: number },
): FaultPoint[] {
  const library = compileDiskShim(folder);
  if (library === undefined) throw new Error('there is no C compiler (sudo apt-get install gcc)');
  const [place, control] = [join(folder, 'work'), join(folder, 'control')];
  mkdirSync(place, { recursive: true });
  writeFileSync(control, Buffer.alloc(16));
  const args = [place, control, KINDS[fails], constants.errno[error], lasting, seed, commits, stride].map(String);
  const env = { ...process.env, LD_PRELOAD: library, DISK_FOLDER: place, DISK_CONTROL: control };
  const program = join(import.meta.dirname, 'faulty-writer.ts');
  const output = execFileSync(process.execPath, [program, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output) as FaultPoint[];
}
