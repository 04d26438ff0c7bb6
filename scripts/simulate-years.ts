/**
 * `npm run simulate:years [-- --homes 200 --years 5 --seed 1]`: homes through years in which devices near their end, the hub restarts, comes back from old copies, loses its clock or its
 * desk, makers move dates and people plan. Each stage of each end must be told once. Prints what was told and what was broken; ends with 3 where
 * something was, with `--until-broken` at the first home. `--homes 1 --seed 70 --editions 1` lives one home of many again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openDeskDatabase } from '../src/platform/desk-database.ts';
import { YearsDesk } from '../test/years/desk.ts';
import { editionsFrom } from '../test/years/household.ts';
import type { Tally } from '../test/years/witness.ts';
import { liveYears } from '../test/years/years.ts';
import { readOptions } from './options.ts';

/** Statements of a database are freed with their objects, and V8 does not see how large they are. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const DAYS = 365.25;
const SHOWN = 20;
const BROKEN = 3;

const { values } = readOptions({
  options: {
    homes: { type: 'string', default: '200' },
    years: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    editions: { type: 'string' },
    'until-broken': { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const [homes, years, seed] = [Number(values.homes), Number(values.years), Number(values.seed)];
  if (!(homes >= 1 && years > 0 && seed >= 0)) {
    process.stderr.write('simulate:years: --homes, --years and --seed are numbers\n');
    return 2;
  }
  const days = Math.round(years * DAYS);
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-years-'));
  const database = await openDeskDatabase(path.join(folder, 'desk.db'));
  const tally: Tally = {
    homes: 0,
    looks: 0,
    stages: 0,
    toldSingly: 0,
    toldInDigests: 0,
    digests: 0,
    plans: 0,
    plansOver: 0,
    restarts: 0,
    restores: 0,
    jumps: 0,
  };
  const broken: string[] = [];
  try {
    const editions = editionsFrom(values.editions ?? values.seed, days);
    const desk = new YearsDesk(database);
    for (let n = 0; n < homes; n++) {
      const lived = await liveYears(String(seed + n), days, editions, desk, tally);
      broken.push(...lived.broken.map((one) => `seed ${lived.seed}, ${one}`));
      collectGarbage();
      if (broken.length > 0 && values['until-broken']) break;
      if (process.stderr.isTTY) process.stderr.write(`\r${n + 1} of ${homes} homes, ${broken.length} broken`);
    }
  } finally {
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(
    `${report(tally, days)}\n${[...broken.slice(0, SHOWN), broken.length > SHOWN ? `and ${broken.length - SHOWN} more` : ''].filter(Boolean).join('\n')}\n`,
  );
  process.stdout.write(broken.length === 0 ? 'PASS\n' : `FAIL: ${broken.length} broken\n`);
  return broken.length === 0 ? 0 : BROKEN;
}

function report(tally: Tally, days: number): string {
  const { homes, looks, stages, toldSingly, toldInDigests, digests, plans, plansOver, restarts, restores, jumps } = tally;
  return [
    `${homes} homes, ${days} days each (seed ${values.seed}): ${looks} looks, ${restarts} starts, ${restores} restores, ${jumps} days with a clock that was sure and wrong`,
    `${stages} stages reached: ${toldSingly} told by themselves, ${toldInDigests} in ${digests} digests`,
    `${plans} plans, ${plansOver} of them over and asked about`,
  ].join('\n');
}

process.exitCode = await main();
