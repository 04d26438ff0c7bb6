/**
 * `npm run bench:herd [-- --hubs 500 --hours 6 --entries 60 --busy 10 --queue 0]`: the broker of many homes is away for hours and comes back. Real
 * uplinks, a real mosquitto that keeps so many messages for a slow desk (0: all), a real desk. Prints how the hubs come back and how their backlog drains, and ends with 1 when
 * anything is lost, a hub that lives is called silent, a hub starves, or they come back as a herd. Some eight minutes; the return is played in real time, so the machine must keep up with it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MOSQUITTO } from '../test/fakes/mosquitto-program.ts';
import { faultsOf, type HerdOutcome, inBars, playHerd } from '../test/herd/herd.ts';
import { readOptions } from './options.ts';

const { values } = readOptions({
  options: {
    hubs: { type: 'string', default: '500' },
    hours: { type: 'string', default: '6' },
    entries: { type: 'string', default: '60' },
    busy: { type: 'string', default: '10' },
    queue: { type: 'string', default: '0' },
  },
});

async function main(): Promise<number> {
  if (MOSQUITTO === undefined) return refused('mosquitto is not installed: sudo apt-get install mosquitto');
  const [hubs, hours, entries, busyFactor] = [values.hubs, values.hours, values.entries, values.busy].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (![hubs, hours, entries, busyFactor].every((number) => number > 0)) return refused('each option must be a number above 0');
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-herd-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const onProgress = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  const outcome = await playHerd({
    hubs,
    awayMs: hours * 3_600_000,
    entries,
    busyFactor,
    brokerQueue: Number(values.queue),
    waitSpeed: 20,
    returnSpeed: 1,
    folder,
    onProgress,
  });
  const faults = faultsOf(outcome);
  console.log(report(hubs, outcome));
  for (const fault of faults) console.log(`FAIL  ${fault}`);
  console.log(`${faults.length === 0 ? 'PASS' : 'FAIL'}: everything is told once, nobody starves, no hub is called silent, no herd`);
  return faults.length === 0 ? 0 : 1;
}

function report(hubs: number, outcome: HerdOutcome): string {
  const { backlog, connectsPerS, deskBackAfterS, emptyAfterS, drainS, busyDrainS, falseSilent, desk } = outcome;
  return [
    `${hubs} hubs, ${values.hours} h without a broker, ${backlog} entries waited`,
    `  connects     at most ${Math.max(...connectsPerS)} a second; in each 5 s: ${inBars(connectsPerS).join(' ')}`,
    `  desk         heard hubs again after ${deskBackAfterS.toFixed(1)} s; ${desk.counts.entries} entries, ${desk.counts.duplicates} came twice, ${desk.counts.dropped} found its queue full`,
    `  told all     ${spread(emptyAfterS)} after the broker was back`,
    `  drain        ${spread(drainS)} from grant to empty${busyDrainS.length > 0 ? `; busy homes ${spread(busyDrainS)}` : ''}`,
    `  lost ${outcome.lost}, doubled ${outcome.doubled}, never committed ${outcome.invented}, out of order ${outcome.outOfOrder}, falsely silent ${falseSilent}`,
    '',
  ].join('\n');
}

function spread(seconds: readonly number[]): string {
  const at = (share: number): string => (seconds[Math.max(0, Math.ceil(seconds.length * share) - 1)] ?? Number.NaN).toFixed(1);
  return `median ${at(0.5)} s, p95 ${at(0.95)} s, slowest ${at(1)} s`;
}

function refused(why: string): number {
  process.stderr.write(`bench:herd: ${why}\n`);
  return 1;
}

// What it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
