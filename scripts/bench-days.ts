/**
 * `npm run bench:days [-- --hours 72 --devices 250 --seed 1 --why]`: the whole agent in a full house for days of virtual time, with its database on a real disk and a
 * desk that acknowledges. Prints what it has written by the kernel's count (/proc/self/io), how its memory went, and, with `--why`, which parts of its state were
 * written how often. Ends with 1 where a day after the first costs more than 20 MB, or memory grows by more than 1 MB a day.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAgent } from '../src/agent/agent.ts';
import { IDENTIFY_DEFAULTS } from '../src/agent/evidence/identify-settings.ts';
import { readersFor } from '../src/agent/evidence/readers.ts';
import { createUplink } from '../src/agent/outbox/uplink.ts';
import { type AgentStore, createAgentStore, type TickChange } from '../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../src/agent/store/migrations.ts';
import { newRandomId } from '../src/base/ids.ts';
import { readFingerprints } from '../src/platform/fingerprint-files.ts';
import { openDatabase } from '../src/platform/sqlite.ts';
import { openVendorRegistry } from '../src/platform/vendor-registry.ts';
import { seededRandom } from '../src/simulation/seeded-random.ts';
import { createSimulatedHome } from '../src/simulation/simulated-platform.ts';
import { VirtualClock } from '../src/simulation/virtual-clock.ts';
import { fullHouse } from '../test/days/full-house.ts';
import { PromptDesk } from '../test/days/prompt-desk.ts';
import { readOptions } from './options.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const MOST_MB_A_DAY = 20;
const MOST_GROWTH_MB_A_DAY = 1;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

const { values } = readOptions({
  options: {
    hours: { type: 'string', default: '72' },
    devices: { type: 'string', default: '250' },
    seed: { type: 'string', default: '1' },
    why: { type: 'boolean', default: false },
  },
});

/** At the end of an hour: megabytes written until then, and held. */
type Sample = {
  readonly hour: number;
  readonly writtenMb: number;
  /** Of the pages of files that this dirtied, each counted as a whole (`write_bytes`). */
  readonly dirtiedMb: number;
  readonly commits: number;
  readonly heapMb: number;
  readonly rssMb: number;
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.exitCode = await main(Number(values.hours), Number(values.devices), values.seed);

async function main(hours: number, devices: number, seed: string): Promise<number> {
  if (!(hours >= 2 && devices >= 1)) {
    process.stderr.write('bench:days: --hours is a number from 2 on, --devices one from 1 on\n');
    return 2;
  }
  // Not in memory: what is kept there is written nowhere.
  const folder = mkdtempSync(path.join(path.resolve(import.meta.dirname, '..'), '.bench-days-'));
  try {
    const { samples, parts } = await live(path.join(folder, 'agent.db'), { hours, devices, seed });
    process.stdout.write(report(samples, devices, seed));
    if (values.why) process.stdout.write(`${byHour(samples)}${reasons(parts, hours)}`);
    return verdict(samples);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function live(file: string, { hours, devices, seed }: { hours: number; devices: number; seed: string }) {
  const clock = new VirtualClock();
  const random = seededRandom(`${seed}/hub`);
  const home = createSimulatedHome({ home: fullHouse(devices), clock, random: seededRandom(seed) });
  const db = openDatabase(file, AGENT_MIGRATIONS);
  const [site, start] = [newRandomId(random), newRandomId(random)];
  const parts = new Map<string, number>();
  let commits = 0;
  const store = countingCommits(createAgentStore(db, { random, start }), (change) => {
    commits++;
    for (const part of partsOf(change)) parts.set(part, (parts.get(part) ?? 0) + 1);
  });
  const tools = { clock, random, log: QUIET };
  const link = new PromptDesk(clock, site, start);
  const identity = { site, start, version: 'bench', heartbeatS: 30, timeZone: 'UTC' };
  const { network, discovery, prober, internet, askers, vitals, canRevalidate } = home;
  const agent = createAgent({
    platform: { ...tools, network, discovery, prober, internet, askers, vitals, canRevalidate, boot: { id: 'boot', atMs: -30_000 } },
    store,
    fingerprints: readFingerprints(),
    vendorOf: openVendorRegistry(),
    identify: { readers: readersFor(IDENTIFY_DEFAULTS, random), leaveAlone: [] },
    anchors: ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443'],
    version: 'bench',
    onFatal: (error) => {
      throw error;
    },
    uplink: (source) => createUplink({ ...tools, link, outbox: store.outbox, identity, ...source }),
  });
  await agent.start();
  const before = { written: writtenBytes(), dirtied: dirtiedBytes() };
  const samples: Sample[] = [];
  for (let hour = 1; hour <= hours; hour++) {
    await clock.advance(HOUR_MS);
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    samples.push({
      hour,
      writtenMb: (writtenBytes() - before.written) / 1e6,
      dirtiedMb: (dirtiedBytes() - before.dirtied) / 1e6,
      commits,
      heapMb: heapUsed / MIB,
      rssMb: rss / MIB,
    });
    if (process.stderr.isTTY) process.stderr.write(`\rhour ${hour} of ${hours}\x1b[K${hour === hours ? '\r\x1b[K' : ''}`);
  }
  await agent.stop();
  db.close();
  return { samples, parts: new Map([...parts, ...[...link.came].map(([kind, count]) => [`told: ${kind}`, count] as const)]) };
}

function countingCommits(store: AgentStore, note: (change: TickChange) => void): AgentStore {
  return {
    ...store,
    commitTick(change) {
      note(change);
      return store.commitTick(change);
    },
  };
}

function partsOf(change: TickChange): string[] {
  const isThere = (part: unknown): boolean => part !== undefined && !(Array.isArray(part) && part.length === 0);
  const parts = Object.entries(change).flatMap(([name, part]) => (isThere(part) ? [name] : []));
  return parts.length === 1 ? [`${parts[0]} alone`, ...parts] : parts;
}

/** What this process has handed to files; the files of the engine itself are read only. */
function writtenBytes(): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

function dirtiedBytes(): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

function verdict(samples: readonly Sample[]): number {
  const days = byDay(samples).slice(1);
  const isTooMuch = days.some(({ writtenMb }) => writtenMb > MOST_MB_A_DAY) || growthMbADay(samples) > MOST_GROWTH_MB_A_DAY;
  return isTooMuch ? 1 : 0;
}

function report(samples: readonly Sample[], devices: number, seed: string): string {
  const days = byDay(samples).map(
    ({ day, writtenMb, dirtiedMb, commits, heapMb, rssMb }) =>
      `day ${day}   ${writtenMb.toFixed(1).padStart(7)} MB written (${dirtiedMb.toFixed(1)} MB of whole pages) in ${String(commits).padStart(6)} commits; at its end ${heapMb.toFixed(1)} MiB of heap, ${rssMb.toFixed(1)} MiB in all`,
  );
  return `${devices} devices, ${samples.length} hours of virtual time, seed ${seed}\n${days.join('\n')}\nheap after the first day: ${growthMbADay(samples).toFixed(2)} MiB more a day (at most ${MOST_GROWTH_MB_A_DAY}); written a day at most ${MOST_MB_A_DAY} MB after the first\n`;
}

function byDay(samples: readonly Sample[]): (Sample & { readonly day: number })[] {
  const ends = samples.filter(({ hour }) => hour % DAY_HOURS === 0 || hour === samples.length);
  return ends.map((end, i) => {
    const { writtenMb = 0, dirtiedMb = 0, commits = 0 } = ends[i - 1] ?? {};
    return {
      ...end,
      day: i + 1,
      writtenMb: end.writtenMb - writtenMb,
      dirtiedMb: end.dirtiedMb - dirtiedMb,
      commits: end.commits - commits,
    };
  });
}

/** The slope of the straight line through the hours after the first day (or after the first half). */
function growthMbADay(samples: readonly Sample[]): number {
  const late = samples.slice(Math.min(DAY_HOURS, Math.floor(samples.length / 2)));
  const mean = (of: (sample: Sample) => number): number => late.reduce((sum, each) => sum + of(each), 0) / late.length;
  const [hour, heap] = [mean(({ hour }) => hour), mean(({ heapMb }) => heapMb)];
  const over = mean((each) => (each.hour - hour) * (each.heapMb - heap));
  return (over / mean((each) => (each.hour - hour) ** 2)) * DAY_HOURS;
}

function byHour(samples: readonly Sample[]): string {
  const each = samples.map(({ writtenMb }, i) => (writtenMb - (samples[i - 1]?.writtenMb ?? 0)).toFixed(2));
  return `\nMB written hour by hour: ${each.join(' ')}\n`;
}

function reasons(parts: ReadonlyMap<string, number>, hours: number): string {
  const rows = [...parts].sort(([, a], [, b]) => b - a);
  return `\nin how many commits an hour:\n${rows.map(([part, count]) => `${(count / hours).toFixed(2).padStart(10)}  ${part}`).join('\n')}\n`;
}
