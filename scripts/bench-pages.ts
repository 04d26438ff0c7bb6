/**
 * `npm run bench:pages [-- --homes 10000 --requests 200 --database sqlite --keep FOLDER]`: the pages and the API of a desk that keeps 10,000 homes of 60 devices, on a real disk.
 * Prints how long the server takes for each, what a page weighs and how soon a browser paints it, beside their limits, and ends with 1 where one is not met.
 * Some ten minutes, most of them to make the store; `--keep` leaves it there for the next time.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultsOf, measurePages, type PageFigures } from '../test/load/pages.ts';
import { openFleet } from '../test/load/stores.ts';
import { readOptions } from './options.ts';

const { values } = readOptions({
  options: {
    homes: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '200' },
    database: { type: 'string', default: 'sqlite' },
    keep: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const [homes, requests] = [Number(values.homes), Number(values.requests)];
  if (!(homes > 0 && requests > 0)) return refused('each option must be a number above 0');
  if (values.database !== 'sqlite' && values.database !== 'postgres') return refused('--database is sqlite or postgres');
  const folder = values.keep ?? mkdtempSync(path.join(tmpdir(), 'hearthbeat-pages-'));
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  if (values.keep === undefined) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const fleet = await openFleet({ homes, folder, engine: values.database, onProgress: tell });
  try {
    const figures = await measurePages(fleet.database, { homes, requests, onProgress: tell });
    for (const line of figures.map(lineOf)) console.log(line);
    const faults = faultsOf(figures);
    for (const fault of faults) console.log(`FAIL  ${fault}`);
    console.log(`${faults.length === 0 ? 'PASS' : 'FAIL'}: ${homes} homes on ${values.database}, ${requests} requests of each`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await fleet.close();
  }
}

function lineOf({ name, p50, p95, most, limit, unit }: PageFigures): string {
  const spread =
    p50 === p95 ? `${p95.toFixed(0)} ${unit}` : `p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, most ${most.toFixed(1)} ${unit}`;
  return `${name.padEnd(46)} ${spread.padEnd(42)} limit ${limit} ${unit}`;
}

function tell(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

function refused(why: string): number {
  process.stderr.write(`bench:pages: ${why}\n`);
  return 1;
}

// What it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
