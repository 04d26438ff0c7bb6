/**
 * `npm run simulate:offline [-- --homes 20 --days 30 --seed 1 --weather usual|stress --json]`: generated homes whose hubs reach no desk for all of their
 * days. Prints what waits at the end beside what the queue may hold, and ends with 1 where it holds more, where an entry is missing and no gap
 * counts it, or where an alert was dropped.
 */

import { OUTBOX_LIMITS } from '../src/agent/store/outbox-store.ts';
import { lifeOf, type Weather } from '../test/months/month.ts';
import { runLife } from '../test/months/run.ts';
import { lostWithoutAWord, type Unsent } from '../test/months/unsent.ts';
import { readOptions } from './options.ts';

const MIB = 1024 * 1024;

type Home = { readonly seed: string; readonly outbox: Unsent; readonly told: number };

const { values } = readOptions({
  options: {
    homes: { type: 'string', default: '20' },
    days: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    weather: { type: 'string', default: 'usual' },
    json: { type: 'boolean', default: false },
  },
});

process.exitCode = main(Number(values.homes), Number(values.days), Number(values.seed));

function main(count: number, days: number, seed: number): number {
  const { weather } = values;
  if (!(count >= 1 && days > 0 && seed >= 0) || (weather !== 'usual' && weather !== 'stress')) {
    process.stderr.write(
      'simulate:offline: --homes and --days are numbers from 1 on, --seed is one from 0 on, --weather is usual or stress\n',
    );
    return 2;
  }
  const homes = Array.from({ length: count }, (_, i) => {
    if (process.stderr.isTTY) process.stderr.write(`\rhome ${i + 1} of ${count}\x1b[K${i + 1 === count ? '\r\x1b[K' : ''}`);
    return live(String(seed + i), days, weather);
  });
  const broken = homes.flatMap(problemsOf);
  process.stdout.write(values.json ? `${JSON.stringify({ days, weather, homes, broken })}\n` : report(homes, days, broken));
  return broken.length > 0 ? 1 : 0;
}

function live(seed: string, days: number, weather: Weather): Home {
  const { outbox, heard } = runLife(lifeOf({ seed, days, weather }), { seed, isFast: true, hasDesk: false });
  return { seed, outbox, told: heard.length };
}

function problemsOf({ seed, outbox, told }: Home): string[] {
  const lost = lostWithoutAWord(outbox);
  return [
    ...(outbox.bytes > OUTBOX_LIMITS.bytes ? [`seed ${seed}: ${inMib(outbox.bytes)} wait`] : []),
    ...(lost === 0 ? [] : [`seed ${seed}: ${lost} entries are neither there nor counted in a gap`]),
    ...(outbox.alerts === told ? [] : [`seed ${seed}: ${outbox.alerts} of ${told} entries of alerts are there`]),
  ];
}

function report(homes: readonly Home[], days: number, broken: readonly string[]): string {
  const of = (field: (home: Home) => number): number[] => homes.map(field).sort((a, b) => a - b);
  const span = (numbers: readonly number[], words: (n: number) => string = String): string =>
    `${words(numbers[numbers.length >> 1] as number)} median, ${words(numbers.at(-1) as number)} at most`;
  const dropped = of(({ outbox }) => outbox.gaps.reduce((sum, { count }) => sum + count, 0));
  return [
    `${homes.length} homes, ${days} days without a desk, seeds ${homes[0]?.seed} to ${homes.at(-1)?.seed}`,
    `  entries made     ${span(of(({ outbox }) => outbox.committed))}`,
    `  wait             ${span(of(({ outbox }) => outbox.waiting))} (limit ${OUTBOX_LIMITS.rows})`,
    `  of alerts        ${span(of(({ outbox }) => outbox.alerts))}`,
    `  size             ${span(
      of(({ outbox }) => outbox.bytes),
      inMib,
    )} (limit ${inMib(OUTBOX_LIMITS.bytes)})`,
    `  dropped, counted ${span(dropped)}`,
    ...broken,
    broken.length === 0 ? 'every alert is there, and every drop is counted' : `${broken.length} promises broken`,
    '',
  ].join('\n');
}

function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(2)} MiB`;
}
