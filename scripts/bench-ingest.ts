/**
 * `npm run bench:ingest [-- --hubs 400 --rounds 5 --homes 10000 --seconds 60 --database sqlite]`: how many entries a second the desk commits and acknowledges, beside a bare
 * `mosquitto_sub` on the same feed in the same run, and what the load of 10,000 homes that live as usual costs it. Real mosquitto, real desk, a real disk. Ends with 1 where the
 * desk has less than 0.3 of the reader's speed on SQLite, or needs half of a core for the 10,000. Three minutes, on a machine that has nothing else to do.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MOSQUITTO } from '../test/fakes/mosquitto-program.ts';
import { type IngestOutcome, LIMITS, playIngest, type Round } from '../test/load/ingest.ts';
import { startPostgres } from '../test/load/stores.ts';
import { readOptions } from './options.ts';

const { values } = readOptions({
  options: {
    hubs: { type: 'string', default: '400' },
    each: { type: 'string', default: '25' },
    rounds: { type: 'string', default: '5' },
    homes: { type: 'string', default: '10000' },
    played: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    database: { type: 'string', default: 'sqlite' },
  },
});

async function main(): Promise<number> {
  if (MOSQUITTO === undefined) return refused('mosquitto is not installed: sudo apt-get install mosquitto mosquitto-clients');
  const [hubs, each, rounds, homes, played, seconds] = (['hubs', 'each', 'rounds', 'homes', 'played', 'seconds'] as const).map((name) =>
    Number(values[name]),
  ) as [number, number, number, number, number, number];
  if (![hubs, each, rounds, homes, played, seconds].every((number) => number > 0)) return refused('each option must be a number above 0');
  const isSqlite = values.database === 'sqlite';
  if (!isSqlite && values.database !== 'postgres') return refused('--database is sqlite or postgres');
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-ingest-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const onProgress = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  const server = isSqlite ? undefined : await startPostgres();
  try {
    const outcome = await playIngest({
      folder,
      hubs,
      each,
      rounds,
      homes,
      played,
      seconds,
      onProgress,
      ...(server && { database: server.place }),
    });
    const faults = isSqlite ? faultsOf(outcome) : [];
    console.log(report(outcome, hubs * each, homes, played));
    for (const fault of faults) console.log(`FAIL  ${fault}`);
    console.log(
      faults.length > 0
        ? 'FAIL'
        : isSqlite
          ? `PASS: at least ${LIMITS.ratio} of a bare reader, less than ${LIMITS.cpuShare} of a core`
          : 'no limits on PostgreSQL',
    );
    return faults.length === 0 ? 0 : 1;
  } finally {
    await server?.end();
  }
}

function faultsOf({ rounds, life }: IngestOutcome): string[] {
  const ratio = median(rounds, (round) => round.ratio);
  return [
    ...(ratio >= LIMITS.ratio ? [] : [`the desk has ${ratio.toFixed(3)} of the speed of a bare reader`]),
    ...(life.cpuShare < LIMITS.cpuShare ? [] : [`the usual load takes ${(100 * life.cpuShare).toFixed(1)} % of a core`]),
  ];
}

function report({ rounds, life, counts }: IngestOutcome, entries: number, homes: number, played: number): string {
  const of = (figure: (round: Round) => number, digits: number): string => {
    const all = rounds.map(figure);
    return `${median(rounds, figure).toFixed(digits)} (${Math.min(...all).toFixed(digits)} to ${Math.max(...all).toFixed(digits)})`;
  };
  const perS = (number: number): string => (number / life.lastedS).toFixed(1);
  return [
    `${rounds.length} rounds of ${entries} entries, medians (least to most)`,
    `  desk         ${of(({ deskPerS }) => deskPerS, 0)} entries a second committed and acknowledged`,
    `  bare reader  ${of(({ readerPerS }) => readerPerS, 0)} a second (mosquitto_sub, QoS 1)`,
    `  ratio        ${of(({ ratio }) => ratio, 3)}`,
    `  processor    ${of(({ cpuMsPerEntry }) => cpuMsPerEntry * 1000, 0)} µs an entry`,
    `${homes} homes as usual, played by ${played} hubs at ${homes / played} times the pace, ${life.lastedS.toFixed(1)} s`,
    `  sent         ${perS(life.heartbeats)} heartbeats and ${perS(life.entries)} entries a second, ${(life.bytes / life.lastedS / 1000).toFixed(1)} kB/s; the player was late by ${life.lateMs.toFixed(0)} ms at most`,
    `  desk         ${(100 * life.cpuShare).toFixed(1)} % of one core, ${(life.rssBytes / 1e6).toFixed(0)} MB of memory, ${(life.writtenBytes / life.lastedS / 1000).toFixed(0)} kB/s written`,
    `in all ${counts.entries} entries; ${counts.duplicates} came twice, ${counts.dropped} found the queue full, ${counts.failedBatches} batches failed`,
  ].join('\n');
}

function median(rounds: readonly Round[], figure: (round: Round) => number): number {
  const sorted = rounds.map(figure).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function refused(why: string): number {
  process.stderr.write(`bench:ingest: ${why}\n`);
  return 1;
}

// What it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
