/**
 * `npm run bench:sweep`: how long until the last live host of a /24 is known, by our sweep and by nmap, arp-scan and fping, in one run on one
 * lab network (60 plain hosts, the real daemons and the scripted devices). The others run with their defaults, fping with a fast setting too;
 * arp-scan at four times its own packet rate and with one try is shown for reference. Needs root and the lab's packages (test/lab/install --tools).
 * Ends with 1 when our sweep misses a host, or is not at least 5 times faster than the best of the others that find as many.
 */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Lab, startLab } from '../test/lab/harness.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const WANTED_RATIO = 5;
const SUBNET = '192.168.77.0/24';
const ADDRESS = /\b192\.168\.77\.\d{1,3}\b/;

type Scanner = {
  readonly name: string;
  readonly command: readonly string[];
  readonly note?: string;
  /** Shown, but not what the ratio is measured against. */
  readonly isForReference?: true;
  /** Whether a line of its output says that its address is alive. */
  readonly isAlive?: (line: string) => boolean;
};

type Round = { readonly found: number; readonly lastHostMs: number; readonly totalMs: number; readonly inProcessMs?: number };

const OURS: Scanner = {
  name: 'hearthbeat sweep',
  command: [process.execPath, path.join(import.meta.dirname, '../test/lab/sweep-aloud.ts')],
  note: 'with the start of Node; as nobody',
};

// stdbuf makes each print a line when it has one, as on a terminal; nmap prints its hosts when its scan is done.
const OTHERS: readonly Scanner[] = [
  {
    name: 'nmap -sn',
    command: ['stdbuf', '-oL', 'nmap', '-sn', '-n', SUBNET],
    isAlive: (line) => line.startsWith('Nmap scan report'),
    note: 'prints when done',
  },
  { name: 'arp-scan', command: ['stdbuf', '-oL', 'arp-scan', '-I', 'eth0', '-q', '-x', '-l'] },
  {
    name: 'arp-scan, fast',
    command: ['stdbuf', '-oL', 'arp-scan', '-I', 'eth0', '-q', '-x', '-l', '-r1', '-t200', '-B', '1M'],
    note: 'for reference: 1 try, 1 Mbit/s',
    isForReference: true,
  },
  { name: 'fping', command: ['stdbuf', '-oL', 'fping', '-a', '-g', SUBNET], note: 'defaults' },
  {
    name: 'fping, fast',
    command: ['stdbuf', '-oL', 'fping', '-a', '-r0', '-i1', '-t500', '-g', SUBNET],
    note: '1 try, 1 ms apart, 500 ms',
  },
];

const lab = await startLab({ hosts: 60, real: true, devices: true });
try {
  process.exitCode = await compare(lab);
} finally {
  await lab.down();
}

async function compare(lab: Lab): Promise<number> {
  const { hosts } = await lab.truth();
  const expected = new Set(hosts.filter(({ reachable }) => reachable).map(({ ip }) => ip as string));
  console.log(`${expected.size} live hosts in ${SUBNET}; ${ROUNDS} rounds, medians; neighbour table emptied before each\n`);
  const rounds = new Map<Scanner, Round[]>([OURS, ...OTHERS].map((scanner) => [scanner, []]));
  for (let i = 0; i < ROUNDS; i++) {
    for (const [scanner, results] of rounds) results.push(await measure(lab, scanner, expected));
  }
  return report(rounds, expected.size);
}

/** Runs one scanner in the hub; a host counts as known when the line with its address has arrived here. */
async function measure(lab: Lab, scanner: Scanner, expected: ReadonlySet<string>): Promise<Round> {
  await lab.hubRun(['ip', 'neigh', 'flush', 'all']);
  const startedAt = performance.now();
  const child = start(lab, scanner);
  const found = new Set<string>();
  let lastHostMs = Number.NaN;
  let inProcessMs: number | undefined;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const ip = scanner.isAlive?.(line) === false ? undefined : ADDRESS.exec(line)?.[0];
    if (ip === undefined || !expected.has(ip) || found.has(ip)) continue;
    found.add(ip);
    lastHostMs = performance.now() - startedAt;
    const told = /after ([\d.]+) ms/.exec(line)?.[1];
    if (told !== undefined) inProcessMs = Number(told);
  }
  return { found: found.size, lastHostMs, totalMs: performance.now() - startedAt, ...(inProcessMs === undefined ? {} : { inProcessMs }) };
}

function start(lab: Lab, scanner: Scanner): ChildProcess {
  return lab.hubExec(scanner.command, { stdio: ['ignore', 'pipe', 'ignore'], ...(scanner === OURS ? { user: 'nobody' } : {}) });
}

function report(rounds: ReadonlyMap<Scanner, readonly Round[]>, expected: number): number {
  console.log(`${'scanner'.padEnd(32)}${'found'.padStart(9)}${'last host ms'.padStart(14)}${'total ms'.padStart(10)}`);
  for (const [scanner, results] of rounds) {
    row(scanner.name, results, expected, lastHost(results), scanner.note);
    if (scanner === OURS) row('  the sweep itself', results, expected, inProcess(results), 'without the start of Node');
  }
  const ours = rounds.get(OURS) ?? [];
  const complete = [...rounds].filter(([scanner, results]) => scanner !== OURS && !scanner.isForReference && fewest(results) >= expected);
  const [best, bestResults] = complete.sort(([, a], [, b]) => lastHost(a) - lastHost(b))[0] ?? [];
  if (bestResults === undefined) throw new Error('no other scanner found every host, so there is nothing to compare with');
  const ratio = lastHost(bestResults) / inProcess(ours);
  console.log(
    `\nbest of the others that find all: ${best?.name}. Ratio ${ratio.toFixed(1)}; with the start of Node ${(lastHost(bestResults) / lastHost(ours)).toFixed(1)}`,
  );
  const passed = fewest(ours) === expected && ratio >= WANTED_RATIO;
  console.log(
    passed ? `PASS: finds all, at least ${WANTED_RATIO} times faster` : `FAIL: wanted all ${expected} hosts and a ratio of ${WANTED_RATIO}`,
  );
  return passed ? 0 : 1;
}

function row(name: string, results: readonly Round[], expected: number, lastHostMs: number, note = ''): void {
  const total = median(results.map(({ totalMs }) => totalMs));
  const found = `${fewest(results)}/${expected}`;
  console.log(`${name.padEnd(32)}${found.padStart(9)}${lastHostMs.toFixed(0).padStart(14)}${total.toFixed(0).padStart(10)}  ${note}`);
}

function lastHost(results: readonly Round[]): number {
  return median(results.map(({ lastHostMs }) => lastHostMs));
}

function inProcess(results: readonly Round[]): number {
  return median(results.map(({ inProcessMs = Number.NaN }) => inProcessMs));
}

function fewest(results: readonly Round[]): number {
  return Math.min(...results.map(({ found }) => found));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
