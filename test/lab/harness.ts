/**
 * Starts the lab (a home LAN in network namespaces, see README.md) for a test and takes it down whatever happens to the test.
 * A lab boots in 2 to 9 seconds, so a test file starts one in `beforeAll` and shares it.
 */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const LAB = import.meta.dirname;
const ROOT = path.resolve(LAB, '../..');
const NOBODY = 65534;
const run = promisify(execFile);

export interface LabOptions {
  /** 1 to 8 letters or digits; by default one of this process's own, so that labs of several runs do not meet. */
  prefix?: string;
  /** Plain hosts, 0 to 110. */
  hosts?: number;
  /** What plain hosts there are, in the columns of hosts.tsv. */
  table?: string;
  /** Also the real daemons: avahi, minidlna, snmpd, miniupnpd, samba ... */
  real?: boolean;
  /** Also the scripted consumer devices. */
  devices?: boolean;
  /** More folders of scripted devices. */
  folders?: readonly string[];
}

/** One host as `test/lab/truth` found it in its namespace just now. */
export interface TrueHost {
  name: string;
  source: 'real' | 'scripted' | 'plain';
  ip: string | null;
  ipv6: string[];
  mac: string | null;
  reachable: boolean;
  answers: { arp: boolean; ping: boolean };
  /** The name it gives to the DHCP server. */
  dhcpHostname: string | null;
  services: { proto: 'tcp' | 'udp'; port: number; daemon: string | null }[];
  discovery: string[];
  expect: { vendor?: string | null; kind?: string | null; model?: string | null; name?: string | null; hostile?: boolean };
  faults: string[];
}

export interface Truth {
  subnet: string;
  hub: { netns: string; ip: string; interface: string };
  gateway: { name: string; ip: string };
  internet: { dns: string; web: string; broker: { host: string; port: number; tlsPort: number; ca: string } };
  faults: string[];
  hosts: TrueHost[];
}

export interface HubCommandOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'> {
  /** `nobody` is an ordinary user: no capabilities, no home folder. Default root. */
  user?: 'root' | 'nobody';
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
  durationMs: number;
}

export interface Lab {
  readonly prefix: string;
  /** Starts a program in the hub's namespace. The child is the program itself: signals sent to it reach the program. */
  hubExec(argv: readonly string[], options?: HubCommandOptions): ChildProcess;
  /** The same, waited for (at most `timeoutMs`, default 30 s, then SIGKILL and code null). */
  hubRun(argv: readonly string[], options?: HubCommandOptions & { timeoutMs?: number }): Promise<Finished>;
  /** `fault('unplug', 'nas')`; all names: `npm run lab -- fault`. Resolves when the fault is in force, rejects with the lab's words. */
  fault(name: string, ...args: (string | number)[]): Promise<void>;
  truth(): Promise<Truth>;
  /** Ends what runs in the hub and removes the lab. Safe to call twice. */
  down(): Promise<void>;
}

/** How a test runs the program: `[...HEARTHBEAT, 'scan', '--json']`. */
export const HEARTHBEAT: readonly string[] = [process.execPath, path.join(ROOT, 'bin/hearthbeat.mjs')];

let started = 0;

/** Builds a lab and resolves when its hosts answer. Rejects with the reason when this machine cannot (no root, a missing package). */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const prefix = options.prefix ?? `t${process.pid.toString(36)}${(started++).toString(36)}`;
  const guard = downWhenThisProcessEnds(prefix);
  const down = async () => {
    await labCommand('down', prefix, ['--force', '--quiet']);
    guard.kill('SIGKILL');
  };
  try {
    await labCommand('up', prefix, upArguments(options));
  } catch (error) {
    await down().catch(() => {});
    throw error;
  }
  const hubExec: Lab['hubExec'] = (argv, commandOptions) => execInHub(prefix, argv, commandOptions);
  return {
    prefix,
    hubExec,
    hubRun: (argv, { timeoutMs = 30_000, ...rest } = {}) =>
      finished(hubExec(argv, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] }), timeoutMs),
    fault: async (name, ...args) => void (await labCommand('fault', prefix, [name, ...args.map(String)])),
    truth: async () => JSON.parse(await labCommand('truth', prefix)) as Truth,
    down,
  };
}

/** Asks until the answer is not undefined or false, every 50 ms; throws `what` after `timeoutMs`. */
export async function eventually<T>(what: string, timeoutMs: number, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > giveUpAt) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A process of its own that reads from us until we end, however we end (a test runner kills its workers), and then removes the lab. It leads
 * a process group, so that a Ctrl-C meant for the tests does not end it first.
 */
function downWhenThisProcessEnds(prefix: string): ChildProcess {
  const command = 'cat >/dev/null; exec "$0" --prefix "$1" --force --quiet';
  const guard = spawn('bash', ['-c', command, script('down'), prefix], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  (guard.stdin as Socket).unref();
  return guard;
}

function upArguments({ hosts = 20, table, real = false, devices = false, folders = [] }: LabOptions): string[] {
  const played = folders.flatMap((folder) => ['--devices', folder]);
  const of = table === undefined ? [] : ['--table', table];
  return ['--hosts', String(hosts), ...of, ...(real ? ['--real'] : []), ...(devices ? ['--devices'] : []), ...played];
}

function script(name: string): string {
  return path.join(LAB, name);
}

async function labCommand(name: string, prefix: string, args: string[] = []): Promise<string> {
  const env = { ...process.env, LAB_NODE: process.execPath };
  try {
    return (await run(script(name), ['--prefix', prefix, ...args], { env, maxBuffer: 16 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`test/lab/${name} ${args.join(' ')}: ${stderr?.trim() || message}`);
  }
}

function execInHub(prefix: string, argv: readonly string[], { user = 'root', env = {}, ...rest }: HubCommandOptions = {}): ChildProcess {
  const asUser = user === 'nobody' ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'] : [];
  const home = user === 'nobody' ? { HOME: '/nonexistent' } : {};
  const options = { cwd: ROOT, ...rest, env: { ...process.env, ...home, ...env } };
  return spawn('ip', ['netns', 'exec', `${prefix}-hub`, ...asUser, ...argv], options);
}

function finished(child: ChildProcess, timeoutMs: number): Promise<Finished> {
  const startedAt = performance.now();
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...output, durationMs: performance.now() - startedAt });
    });
  });
}
