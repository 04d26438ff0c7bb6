/** Cuts the power of a hub's database at random points of a real write trace, and looks what of its promises is left. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { wholeNumber } from './chance.ts';
import { CutDisk, readDiskLog, type Step } from './disk-log.ts';
import { brokenPromises, readSaid } from './load.ts';
import { compileDiskShim } from './preload.ts';

export type PowerCuts = {
  readonly images: number;
  readonly seed: string;
  readonly commits: number;
  readonly isCareless?: boolean;
  readonly onProgress?: (done: number) => void;
};

/** What was wrong with an image, and after which step of the trace the power went. */
export type BadImage = { readonly step: number; readonly wrong: readonly string[] };

export type PowerCutsOutcome = {
  readonly images: number;
  readonly syncs: number;
  readonly writtenBytes: number;
  /** Databases that did not open. */
  readonly unopened: readonly BadImage[];
  /** Databases that opened, and had not kept a promise. */
  readonly broken: readonly BadImage[];
};

/** Works in `folder`. Throws where there is no C compiler. */
export function playPowerCuts(folder: string, { images, seed, commits, isCareless, onProgress }: PowerCuts): PowerCutsOutcome {
  const steps = traceOf(folder, [seed, String(commits), ...(isCareless ? ['careless'] : [])]);
  const random = seededRandom(`${seed} cuts`);
  const cuts = Array.from({ length: images }, () => wholeNumber(random, 1, steps.length)).sort((a, b) => a - b);
  const disk = new CutDisk();
  const said = new Spoken();
  const unopened: BadImage[] = [];
  const broken: BadImage[] = [];
  let taken = 0;
  for (const [index, cut] of cuts.entries()) {
    for (; taken < cut; taken++) {
      const step = steps[taken] as Step;
      if (!said.hears(step)) disk.take(step);
    }
    const place = join(folder, 'image');
    layOut(place, disk.image(random));
    try {
      const wrong = brokenPromises(join(place, 'agent.db'), readSaid(said.text));
      if (wrong.length > 0) broken.push({ step: cut, wrong });
    } catch (error) {
      unopened.push({ step: cut, wrong: [String(error)] });
    }
    onProgress?.(index + 1);
  }
  const syncs = steps.filter(({ op }) => op === 'synced').length;
  const writtenBytes = steps.reduce((sum, step) => sum + (step.op === 'written' ? step.bytes.length : 0), 0);
  return { images, syncs, writtenBytes, unopened, broken };
}

function traceOf(folder: string, args: readonly string[]): Step[] {
  const library = compileDiskShim(folder);
  if (library === undefined) throw new Error('there is no C compiler (sudo apt-get install gcc)');
  const [at, log] = [join(folder, 'work'), join(folder, 'disk.log')];
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  rmSync(log, { force: true });
  const env = { ...process.env, LD_PRELOAD: library, DISK_FOLDER: at, DISK_LOG: log };
  execFileSync(process.execPath, [join(import.meta.dirname, 'writer.ts'), at, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return readDiskLog(log);
}

/** What the process said before a cut was heard, whatever became of its disk. */
class Spoken {
  text = '';
  private file: number | undefined;

  hears(step: Step): boolean {
    if (step.op === 'made' && step.name === 'said') this.file = step.file;
    if (!('file' in step) || step.file !== this.file) return false;
    if (step.op === 'written') this.text += step.bytes.toString('utf8');
    return true;
  }
}

function layOut(place: string, image: ReadonlyMap<string, Buffer>): void {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  for (const [name, bytes] of image) writeFileSync(join(place, name), bytes);
}
