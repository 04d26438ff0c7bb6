/**
 * `npm run soak [-- --minutes 30]`: what only time shows, of the program as it is installed: the built package's agent on the hub, a broker
 * and the desk elsewhere. In the whole lab nothing happens for so long; in a second, small home the broker is away for 5 minutes (or for all
 * of it, when that is shorter) while a device goes down and comes back and the agent is killed. Prints what was told, and what each
 * process wrote and used; ends with 1 when anything was told that should not be, or not told that should, or when the agent's memory or
 * writing grew past what is promised. Needs root.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLab } from '../test/lab/harness.ts';
import { type Usage, usageOf } from '../test/lab/process-usage.ts';
import type { Ear } from '../test/lab/whole-path.ts';
import { type InstalledHome, outageProblems, playOutage, quietProblems, startInstalledHome } from '../test/lab/whole-path-stories.ts';
import { readOptions } from './options.ts';

const OUTAGE_MS = 5 * 60_000;
const SAMPLE_MS = 5_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MB = 1024 ** 2;
const ROLES = ['agent', 'desk'] as const;
const JUDGED_FROM_MINUTES = 60;
/** On its first day a hub learns the house and writes more: `npm run bench:days` plays the days after that. */
const WRITING_JUDGED_FROM_MINUTES = 2 * 24 * 60;
const MOST_GROWTH_MB_AN_HOUR = 5;
const MOST_WRITTEN_MB_A_DAY = 20;
/** The digest of new devices goes out when none came for a minute. */
const SHORTEST_MINUTES = 2;

const minutes = Number(readOptions({ options: { minutes: { type: 'string', default: '30' } } }).values.minutes);

process.exitCode = await main();

async function main(): Promise<number> {
  if (!(minutes >= SHORTEST_MINUTES)) return refused(`--minutes must be ${SHORTEST_MINUTES} or more`);
  if (process.getuid?.() !== 0) return refused('it makes network namespaces, which needs root: sudo npm run soak');
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-soak-'));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  try {
    const problems = (
      await Promise.all([soakQuietHome(within(folder, 'quiet'), interrupted.signal), soakOutage(within(folder, 'outage'))])
    ).flat();
    for (const problem of problems) console.log(`FAIL  ${problem}`);
    console.log(problems.length === 0 ? 'PASS: one digest of new devices, no alert, and the outage told once, in order, as late' : 'FAIL');
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    return refused(interrupted.signal.aborted ? 'stopped' : String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    // What was interrupted in one home leaves the other one running; the labs go with this process.
    if (interrupted.signal.aborted) process.exit(1);
  }
}

function within(folder: string, name: string): string {
  const inner = path.join(folder, name);
  mkdirSync(inner);
  return inner;
}

function refused(why: string): number {
  process.stderr.write(`soak: ${why}\n`);
  return 1;
}

async function soakQuietHome(folder: string, signal: AbortSignal): Promise<string[]> {
  const lab = await startLab({ hosts: 60, real: true, devices: true });
  const home = await startInstalledHome(lab, folder).catch(async (error: unknown) => {
    await lab.down();
    throw error;
  });
  try {
    const { hosts } = await lab.truth();
    const samples = await sampled(home, signal);
    report(samples, home.ear, hosts.length);
    const silent = (await home.ear.devices()).filter(({ state }) => state !== 'up').map(({ ips, state }) => `${ips[0]} is ${state}`);
    return [...(await quietProblems(home, hosts)), ...silent, ...tooMuch(samples)];
  } finally {
    await home.close();
    await lab.down();
  }
}

async function soakOutage(folder: string): Promise<string[]> {
  const lab = await startLab({ hosts: 5, real: true });
  try {
    const outage = await playOutage(lab, folder, Math.min(OUTAGE_MS, minutes * 60_000));
    const events = [...outage.states, ...outage.alertEvents];
    const latest = Math.max(...events.map(({ receivedAt, occurredAt }) => receivedAt - occurredAt));
    console.log(`the outage: ${events.length} events of the device at the desk, the oldest news ${(latest / 1000).toFixed(0)} s late`);
    return outageProblems(outage);
  } finally {
    await lab.down();
  }
}

type Sample = Record<Role, Usage>;
type Role = (typeof ROLES)[number];

async function sampled(home: InstalledHome, signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  const until = performance.now() + minutes * 60_000;
  while (performance.now() < until) {
    await sleep(SAMPLE_MS, undefined, { signal });
    for (const role of ROLES) {
      const { child, output } = home[role];
      if (child.exitCode !== null) throw new Error(`the ${role} ended with ${child.exitCode}: ${output.stderr}`);
    }
    samples.push({ agent: usageOf(home.agent.pid), desk: usageOf(home.desk.pid) });
  }
  return samples;
}

function report(samples: readonly Sample[], ear: Ear, hosts: number): void {
  const kinds = Map.groupBy(ear.entries(), ({ k }) => k);
  console.log(`the quiet home: ${hosts} hosts, ${minutes} minutes`);
  console.log(
    `  alerts        ${ear.raised().length}, and ${ear.bodies('alert.raised').length - ear.raised().length} digest of new devices or of what ends`,
  );
  console.log(`  entries       ${ear.entries().length}: ${[...kinds].map(([kind, some]) => `${some.length} ${kind}`).join(', ')}`);
  console.log(`  messages      ${ear.heard.length}, ${(ear.heard.reduce((sum, { text }) => sum + text.length, 0) / 1024).toFixed(0)} kB`);
  for (const role of ROLES)
    reportUsage(
      role,
      samples.map((sample) => sample[role]),
    );
}

function reportUsage(role: Role, usages: readonly Usage[]): void {
  const last = usages.at(-1) as Usage;
  const rss = usages.map(({ rssMb }) => rssMb).sort((a, b) => a - b);
  const share = (last.cpuMs / (minutes * 60_000)) * 100;
  console.log(`  the ${role}`);
  console.log(
    `    written     ${(last.writtenBytes / MB).toFixed(1)} MB to disk; in the second half ${writtenMbADay(usages).toFixed(1)} MB a day`,
  );
  console.log(
    `    memory      ${rss[rss.length >> 1]?.toFixed(1)} MB median, ${last.peakRssMb.toFixed(1)} MB at most; in the second half ${growthMbAnHour(usages).toFixed(2)} MB more an hour`,
  );
  console.log(
    `    processor   ${share.toFixed(2)} % of a core, of it ${(((last.cpuMs - last.ownCpuMs) / last.cpuMs) * 100).toFixed(0)} % by its children`,
  );
}

/** In a shorter run, what the engine has not cleaned up yet looks like growth. */
function tooMuch(samples: readonly Sample[]): string[] {
  if (minutes < JUDGED_FROM_MINUTES) return [];
  const agent = samples.map((sample) => sample.agent);
  const [growth, written] = [growthMbAnHour(agent), writtenMbADay(agent)];
  return [
    ...(growth > MOST_GROWTH_MB_AN_HOUR ? [`the agent's memory grew by ${growth.toFixed(2)} MB an hour`] : []),
    ...(minutes >= WRITING_JUDGED_FROM_MINUTES && written > MOST_WRITTEN_MB_A_DAY
      ? [`the agent wrote ${written.toFixed(1)} MB a day`]
      : []),
  ];
}

/** The first half learns the house. */
function secondHalf(usages: readonly Usage[]): readonly Usage[] {
  return usages.slice(usages.length >> 1);
}

function writtenMbADay(usages: readonly Usage[]): number {
  const late = secondHalf(usages);
  const written = (late.at(-1) as Usage).writtenBytes - (late[0] as Usage).writtenBytes;
  return (written / MB / (late.length - 1)) * (DAY_MS / SAMPLE_MS);
}

/** The slope of the straight line through what the process had of memory. */
function growthMbAnHour(usages: readonly Usage[]): number {
  const late = secondHalf(usages);
  const mean = (of: (usage: Usage, i: number) => number): number => late.reduce((sum, each, i) => sum + of(each, i), 0) / late.length;
  const [middle, rssMb] = [(late.length - 1) / 2, mean((usage) => usage.rssMb)];
  const over = mean((usage, i) => (i - middle) * (usage.rssMb - rssMb));
  return (over / mean((_, i) => (i - middle) ** 2)) * (HOUR_MS / SAMPLE_MS);
}
