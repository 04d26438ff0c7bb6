/**
 * `npm run bench:power-cuts [-- --images 1000 --seed 1 --faults]`: cuts the power of a hub's database at random points of real write traces, a new trace for each hundred
 * images, and counts what was lost; the same with synchronous=NORMAL shows that losses are noticed. With --faults its disk also fails at each single write and sync. Ends
 * with 1 when a committed row was lost, a database did not open, or nothing was lost where it should be. Needs a C compiler.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DiskFault, playDiskFaults } from '../test/storage/disk-faults.ts';
import { type PowerCutsOutcome, playPowerCuts } from '../test/storage/power-cuts.ts';
import { readOptions } from './options.ts';

const AT_ONCE = 100;
const COMMITS = 200;
const SHOWN = 5;

const FAULTS: readonly DiskFault[] = [
  { fails: 'sync', error: 'EIO', lasting: 'once' },
  { fails: 'sync', error: 'EIO', lasting: 'ever' },
  { fails: 'write', error: 'EIO', lasting: 'once' },
  { fails: 'write', error: 'EIO', lasting: 'ever' },
  { fails: 'write', error: 'EROFS', lasting: 'ever' },
  { fails: 'write', error: 'ENOSPC', lasting: 'ever' },
];

const { values } = readOptions({
  options: {
    images: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'boolean', default: false },
  },
});

function main(): number {
  const images = Number(values.images);
  if (!(images >= 1)) return refused('--images must be 1 or more');
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-power-'));
  try {
    const careful = cutPower(folder, images, false);
    const careless = cutPower(folder, Math.min(images, AT_ONCE), true);
    console.log(`synchronous=FULL    ${toText(careful)}`);
    console.log(`synchronous=NORMAL  ${toText(careless)}`);
    for (const { step, wrong } of [...careful.unopened, ...careful.broken].slice(0, SHOWN))
      console.log(`  step ${step}: ${wrong.join('; ')}`);
    const isHarmed = values.faults && FAULTS.map((fault) => failDisk(folder, fault)).includes(true);
    const passed = careful.unopened.length + careful.broken.length === 0 && careless.broken.length > 0 && !isHarmed;
    console.log(`${passed ? 'PASS' : 'FAIL'}: nothing that was committed is lost, and losses would have been noticed`);
    return passed ? 0 : 1;
  } catch (error) {
    return refused((error as Error).message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cutPower(folder: string, images: number, isCareless: boolean): PowerCutsOutcome {
  let all: PowerCutsOutcome = { images: 0, syncs: 0, writtenBytes: 0, unopened: [], broken: [] };
  for (let round = 0; all.images < images; round++) {
    const seed = `${values.seed}.${round}`;
    const some = playPowerCuts(folder, { images: Math.min(AT_ONCE, images - all.images), seed, commits: COMMITS, isCareless });
    all = {
      images: all.images + some.images,
      syncs: all.syncs + some.syncs,
      writtenBytes: all.writtenBytes + some.writtenBytes,
      unopened: [...all.unopened, ...some.unopened],
      broken: [...all.broken, ...some.broken],
    };
  }
  return all;
}

function toText({ images, syncs, writtenBytes, unopened, broken }: PowerCutsOutcome): string {
  const trace = `traces of ${(writtenBytes / 1e6).toFixed(0)} MB and ${syncs} syncs`;
  return `${images} images from ${trace}: ${unopened.length} did not open, ${broken.length} lost something committed`;
}

/** Whether it did harm. */
function failDisk(folder: string, fault: DiskFault): boolean {
  const points = playDiskFaults(folder, fault, { seed: values.seed, commits: 30, stride: 1 });
  const ends = [...Map.groupBy(points, ({ ended }) => ended)].map(([ended, of]) => `${of.length} ${ended}`);
  const harmed = points.filter(({ broken }) => broken.length > 0);
  const unclear = points.filter(({ ended }) => !/^HB_|^went on$/.test(ended));
  console.log(
    `${fault.error} at a ${fault.fails}, ${fault.lasting}: ${points.length} points (${ends.join(', ')}), ${harmed.length} lost something`,
  );
  for (const { k, ended, broken } of [...harmed, ...unclear].slice(0, SHOWN)) console.log(`  call ${k}: ${ended} ${broken.join('; ')}`);
  return harmed.length + unclear.length > 0;
}

function refused(why: string): number {
  process.stderr.write(`bench:power-cuts: ${why}\n`);
  return 1;
}

process.exitCode = main();
