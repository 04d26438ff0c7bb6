/**
 * `npm run bench:kills [-- --kills 200 --minutes 30 --hosts 60 --loss 2 --seed 1 --json]`: wired devices die one after another on a LAN that
 * loses packets. Prints how soon the agent called each of them down, and whom it called so wrongly, also in quiet minutes before. Ends with 1
 * when any death took longer than promised or any living device was called down. Needs root; 200 kills after 30 minutes take an hour.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seededRandom } from '../src/simulation/seeded-random.ts';
import { type Kill, type KillsOutcome, playKills } from '../test/lab/kills.ts';
import { readOptions } from './options.ts';

const DOWN_WITHIN_MS = 15_000;
const SHOWN = 20;

const { values } = readOptions({
  options: {
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '30' },
    hosts: { type: 'string', default: '60' },
    loss: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) return refused('it makes network namespaces, which needs root: sudo npm run bench:kills');
  const [kills, quietMinutes, hosts, lossPercent] = [values.kills, values.minutes, values.hosts, values.loss].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (!(hosts >= 10 && kills >= 0 && quietMinutes >= 0)) return refused('--hosts must be 10 or more, --kills and --minutes a number');
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-kills-'));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  const onProgress = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  try {
    const random = seededRandom(values.seed);
    const outcome = await playKills(folder, { hosts, lossPercent, quietMinutes, kills, random, signal: interrupted.signal, onProgress });
    const figures = judged(outcome);
    console.log(values.json ? JSON.stringify({ ...figures, ...outcome }, null, 1) : report(outcome, figures));
    return figures.passed ? 0 : 1;
  } catch (error) {
    return refused(interrupted.signal.aborted ? 'stopped' : (error as Error).message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function refused(why: string): number {
  process.stderr.write(`bench:kills: ${why}\n`);
  return 1;
}

type Figures = {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly late: readonly Kill[];
  readonly passed: boolean;
};

/** A death that nobody noticed took for ever. */
const timeOf = ({ downAfterMs = Number.POSITIVE_INFINITY }: Kill): number => downAfterMs;

function judged({ kills, falseDowns }: KillsOutcome): Figures {
  const times = kills.map(timeOf).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
  const late = kills.filter((kill) => timeOf(kill) >= DOWN_WITHIN_MS);
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1), late, passed: late.length === 0 && falseDowns.length === 0 };
}

function report({ hosts, watched, kills, falseDowns, quietMs, killingMs }: KillsOutcome, figures: Figures): string {
  const { p50Ms, p95Ms, maxMs, late, passed } = figures;
  const inQuiet = falseDowns.filter(({ isInQuiet }) => isInQuiet).length;
  const most = Math.max(...kills.map(({ promisedMs }) => promisedMs));
  return [
    `${hosts} hosts, ${watched} of them watched, ${values.loss} % of frames lost in each direction, seed ${values.seed}`,
    '',
    `${minutes(quietMs)} quiet minutes            ${inQuiet} false downs`,
    `${minutes(killingMs)} minutes of ${kills.length} deaths   ${falseDowns.length - inQuiet} false downs`,
    `down after                    p50 ${seconds(p50Ms)}, p95 ${seconds(p95Ms)}, at most ${seconds(maxMs)} (the agent promised ${seconds(most)} at most)`,
    `after ${DOWN_WITHIN_MS / 1000} s or more             ${late.length}`,
    ...late
      .slice(0, SHOWN)
      .map(
        (kill) => `  ${kill.host} (${kill.profile}): ${seconds(timeOf(kill))}, promised ${seconds(kill.promisedMs)}; ${kill.reason ?? ''}`,
      ),
    ...falseDowns
      .slice(0, SHOWN)
      .map(({ host, at, reason }) => `  false: ${host} at ${new Date(at).toISOString().slice(11, 19)}: ${reason}`),
    '',
    `${passed ? 'PASS' : 'FAIL'}: every death noticed in less than ${DOWN_WITHIN_MS / 1000} s, no living device called down`,
  ].join('\n');
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never');
const minutes = (ms: number): string => (ms / 60_000).toFixed(1);

process.exitCode = await main();
