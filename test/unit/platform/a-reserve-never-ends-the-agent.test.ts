import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepBallast } from '../../../src/platform/storage/ballast.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

it('counts as none where the disk does not even say whether it is there, or does not give it free', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'ballast');
  const clock = new VirtualClock();
  symlinkSync('ballast', path);
  const ballast = keepBallast(folder, clock, SILENT);
  await clock.advance(120_000);
  expect([ballast.isInUse(), ballast.release()]).toEqual([true, false]);

  rmSync(path);
  mkdirSync(path);
  writeFileSync(join(path, 'stuck'), '');
  expect(ballast.release()).toBe(false);
  ballast.close();
});
