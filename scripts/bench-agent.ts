/**
 * `npm run bench:agent [-- --minutes 30 --devices 250]`: what the agent costs in a large home. A lab with the real daemons and the scripted
 * devices, filled up with crowds of plain ones on wire and Wi-Fi; a real broker and the real desk behind the router. Ends with 1 when the
 * agent takes more memory or processor time than promised, misses a device, or raises an alert but the digest of new devices. Needs root.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Alert } from '../src/agent/alerts/alerts.ts';
import type { AgentView } from '../src/agent/diagnostics/view.ts';
import { askLocally } from '../src/platform/local-socket.ts';
import { addCrowd } from '../test/lab/crowd.ts';
import { type Lab, startLab } from '../test/lab/harness.ts';
import { installPackage } from '../test/lab/installed-package.ts';
import { type Usage, usageOf } from '../test/lab/process-usage.ts';
import { readOptions } from './options.ts';

const RSS_LIMIT_MB = 110;
const CPU_LIMIT = 0.03;
const SAMPLE_MS = 5_000;
/** The first inventory, names and learning; afterwards the home is quiet. */
const START_MS = 120_000;
const WIFI_SHARE = 0.5;
const ANCHORS = ['tcp://198.51.100.80:80', 'dns://198.51.100.53'];

type Sample = Usage & { readonly atMs: number };
type Outcome = {
  readonly samples: readonly Sample[];
  readonly view: AgentView;
  readonly alerts: readonly Alert[];
  /** Entries made for the desk since the start. */
  readonly events: number;
  /** Changes of a device's state since the start. */
  readonly changes: number;
};

const START: Pick<Sample, 'atMs' | 'cpuMs' | 'ownCpuMs'> = { atMs: 0, cpuMs: 0, ownCpuMs: 0 };

const { values } = readOptions({
  options: { minutes: { type: 'string', default: '30' }, devices: { type: 'string', default: '250' }, profile: { type: 'string' } },
});
const [MINUTES, DEVICES] = [Number(values.minutes), Number(values.devices)];

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) {
    process.stderr.write('The benchmark makes network namespaces, which needs root: sudo npm run bench:agent\n');
    return 1;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-bench-'));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  let lab: Lab | undefined;
  try {
    lab = await startLab({ prefix: `hbb${process.pid.toString(36)}`, hosts: 0, real: true, devices: true });
    await fillHome(lab);
    return report(await watchAgent(lab, folder, interrupted.signal));
  } catch (error) {
    process.stderr.write(`bench:agent: ${interrupted.signal.aborted ? 'stopped' : (error as Error).message}\n`);
    return 1;
  } finally {
    await lab?.down();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Plain devices on every address that is free until the home has as many as wanted. */
async function fillHome(lab: Lab): Promise<void> {
  const { hosts, hub, subnet } = await lab.truth();
  const taken = new Set([hub.ip, ...hosts.map(({ ip }) => ip)]);
  const net = subnet.slice(0, subnet.lastIndexOf('.'));
  const free = Array.from({ length: 254 }, (_, i) => `${net}.${i + 1}`).filter((address) => !taken.has(address));
  const wanted = DEVICES - hosts.length;
  if (!(wanted >= 20 && wanted <= free.length)) throw new Error(`--devices must be ${hosts.length + 20} to ${hosts.length + free.length}`);
  const wired = Math.round(wanted * (1 - WIFI_SHARE));
  await addCrowd(lab, { name: 'wired', addresses: free.slice(0, wired), wifi: false });
  await addCrowd(lab, { name: 'wifi', addresses: free.slice(wired, wanted), wifi: true });
  console.log(`${hosts.length} real and scripted devices, ${wired} plain ones on wire and ${wanted - wired} on Wi-Fi`);
}

/** The real desk, behind the same broker as the agent, and the agent in the hub, started as a user would. */
async function watchAgent(lab: Lab, folder: string, signal: AbortSignal): Promise<Outcome> {
  // JSON is YAML.
  const configure = (name: string, settings: object): string[] => {
    const file = path.join(folder, `${name}.yaml`);
    writeFileSync(file, JSON.stringify({ data: path.join(folder, name), log: 'warn', ...settings }));
    return [name, '--config', file];
  };
  const program = installPackage(folder);
  const deskCommand = [...program, ...configure('desk', { desk: { broker: { urls: ['mqtt://198.51.100.88:1883'] } } })];
  const agentCommand = [
    ...withProfile(program),
    ...configure('agent', { internet: { anchors: ANCHORS }, uplink: { brokers: ['mqtt://broker.example:1883'] } }),
  ];
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  const desk = spawn('ip', ['netns', 'exec', `${lab.prefix}-wan`, ...deskCommand], { stdio: [...stdio] });
  const agent = lab.hubExec(agentCommand, { stdio: [...stdio] });
  try {
    return await measure(agent, path.join(folder, 'agent'), signal);
  } finally {
    await Promise.all([agent, desk].map(stopped));
  }
}

/** `--profile FOLDER` keeps where the agent's processor time went, to be opened in Chrome's developer tools. */
function withProfile([node, ...rest]: readonly string[]): string[] {
  return [node as string, ...(values.profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(values.profile)}`] : []), ...rest];
}

async function measure(agent: ChildProcess, dataFolder: string, signal: AbortSignal): Promise<Outcome> {
  const startedAtMs = performance.now();
  // `ip netns exec` becomes the program, so this is the agent itself.
  const pid = agent.pid as number;
  const samples: Sample[] = [];
  const sampleUntil = async (untilMs: number): Promise<void> => {
    while (performance.now() - startedAtMs < untilMs) {
      await sleep(SAMPLE_MS, undefined, { signal });
      if (agent.exitCode !== null) throw new Error(`the agent ended with ${agent.exitCode}`);
      samples.push({ ...usageOf(pid), atMs: performance.now() - startedAtMs });
    }
  };
  await sampleUntil(START_MS);
  console.log(`after ${START_MS / 1000} s: ${statesOf(await viewFrom(dataFolder))}`);
  await sampleUntil(MINUTES * 60_000);
  return { samples, view: await viewFrom(dataFolder), ...savedBy(dataFolder) };
}

async function viewFrom(dataFolder: string): Promise<AgentView> {
  const view = await askLocally<AgentView>(path.join(dataFolder, 'agent.sock'), '/view');
  if (!view) throw new Error('the agent does not answer on its socket');
  return view;
}

/** What the agent has told: alerts ever raised, and how many entries it made for the desk. */
function savedBy(dataFolder: string): Pick<Outcome, 'alerts' | 'events' | 'changes'> {
  const db = new Database(path.join(dataFolder, 'agent.db'), { readonly: true });
  try {
    const alerts = db.prepare<[], string>('SELECT body FROM alert ORDER BY id').pluck().all();
    const events = db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").pluck().get();
    const changes = db.prepare<[], number>('SELECT count(*) FROM transition').pluck().get();
    return { alerts: alerts.map((body) => JSON.parse(body) as Alert), events: events ?? 0, changes: changes ?? 0 };
  } finally {
    db.close();
  }
}

function report({ samples, view, alerts, events, changes }: Outcome): number {
  const last = samples.at(-1) as Sample;
  const quietFrom = samples.find(({ atMs }) => atMs >= START_MS) ?? last;
  const cpu = cpuFraction(START, last);
  const quiet = cpuFraction(quietFrom, last);
  const rssMb = Math.max(...samples.map((sample) => sample.rssMb));
  // What nears its end in the lab's house is no fault of it.
  const wrongAlerts = alerts.filter(({ code, stage }) => code !== 'device-new' && stage === undefined);
  const isUp = view.devices.length >= DEVICES && view.devices.every(({ state }) => state === 'up');
  const waiting = view.uplink?.waiting.count ?? 0;
  const checks: [name: string, figure: string, passed: boolean | undefined][] = [
    ['memory (RSS), most', `${rssMb.toFixed(1)} MB`, rssMb <= RSS_LIMIT_MB],
    [
      '  median; its children (ip, ping)',
      `${median(samples.map((sample) => sample.rssMb)).toFixed(1)} MB; ${Math.max(...samples.map((sample) => sample.childrenRssMb)).toFixed(1)} MB`,
      undefined,
    ],
    ['processor time, all, with children', percent(cpu.all), cpu.all <= CPU_LIMIT],
    [`  after the first ${START_MS / 1000} s`, `${percent(quiet.all)}, of it children ${percent(quiet.all - quiet.own)}`, undefined],
    ['devices', statesOf(view), isUp],
    ['alerts but new devices', wrongAlerts.map(({ title }) => title).join('; ') || 'none', wrongAlerts.length === 0],
    ['entries for the desk; state changes', `${events}; ${changes}`, undefined],
    ['entries not acknowledged', `${waiting}`, view.uplink?.granted === true && waiting === 0],
    [
      'written to disk',
      `${((last.writtenBytes - quietFrom.writtenBytes) / 1024 ** 2 / hours(quietFrom, last)).toFixed(1)} MB an hour (first ${START_MS / 1000} s: ${(quietFrom.writtenBytes / 1024 ** 2).toFixed(1)} MB)`,
      undefined,
    ],
  ];
  console.log(`\n${(last.atMs / 60_000).toFixed(1)} minutes, ${samples.length} samples\n`);
  for (const [name, figure, passed] of checks) {
    console.log(`${name.padEnd(38)}${passed === undefined ? '    ' : passed ? 'ok  ' : 'FAIL'}  ${figure}`);
  }
  const passed = checks.every(([, , fine]) => fine !== false);
  console.log(
    `\n${passed ? 'PASS' : 'FAIL'}: at most ${RSS_LIMIT_MB} MB, ${percent(CPU_LIMIT)} of a core, every device up, nothing but news of devices`,
  );
  return passed ? 0 : 1;
}

function cpuFraction(from: typeof START, to: Sample): { all: number; own: number } {
  const passedMs = to.atMs - from.atMs;
  return { all: (to.cpuMs - from.cpuMs) / passedMs, own: (to.ownCpuMs - from.ownCpuMs) / passedMs };
}

/** `250 known: 248 up, 2 suspect (nas, 192.168.77.30)`. */
function statesOf({ devices }: AgentView): string {
  const states = Map.groupBy(devices, ({ state }) => state);
  const words = [...states].map(([state, some]) => {
    const who =
      state === 'up'
        ? ''
        : ` (${some
            .slice(0, 6)
            .map(({ name, ips }) => name ?? ips[0])
            .join(', ')})`;
    return `${some.length} ${state}${who}`;
  });
  return `${devices.length} known: ${words.join(', ')}`;
}

function stopped(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.kill('SIGTERM');
  return once(child, 'exit');
}

const hours = (from: Sample, to: Sample): number => (to.atMs - from.atMs) / 3_600_000;
const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)} %`;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

process.exitCode = await main();
