/**
 * The kernel's neighbour table (ARP and NDP), read and revalidated through one long-lived `ip -batch` process: a read costs 0.2 ms there
 * against 8 ms for a process of its own. Where iproute2 is missing or cannot print JSON, /proc/net/arp is read, which cannot tell freshness.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { parseIpNeigh, parseProcArp } from '../agent/discovery/neighbour-parse.ts';
import type { Neighbour } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';

export type NeighbourTable = {
  /** Every entry, read after the call. Never rejects; empty where the system shows nothing. */
  read(): Promise<readonly Neighbour[]>;
  /** Makes the kernel ask each entry by unicast ARP whether it is there: PROBE now, REACHABLE or FAILED within 3 s. Resolves to those it asked. */
  revalidate(targets: readonly Target[]): Promise<readonly Target[]>;
  /** Whether this process may do that: root with CAP_NET_ADMIN (iproute2 drops capabilities that another user was given). */
  readonly canRevalidate: boolean;
  /** Ends the process behind it; a later `read` starts a new one. */
  close(): void;
};

export type Target = { readonly ip: string; readonly interface: string };

/** `ip` answers in milliseconds; one that does not in this time will not. */
const ANSWER_MS = 1000;

/** After a failure of `ip`, /proc/net/arp serves for this long before `ip` is tried again. */
const RETRY_MS = 60_000;

/** For so long a table is good enough to tell which entries may be asked. */
const REUSE_MS = 50;

const SHOW_ALL = 'neigh show';
/** Answers with one short line: loopback has no neighbours. */
const SHOW_NONE = 'neigh show dev lo';

export function createNeighbourTable({ clock, ipCommand = 'ip' }: { clock: Clock; ipCommand?: string }): NeighbourTable {
  let session: IpSession | undefined;
  let brokenUntilMs = 0;
  let next: Promise<readonly Neighbour[]> | undefined;
  let current: Promise<unknown> = Promise.resolve();
  let latest: { readonly table: readonly Neighbour[]; readonly atMs: number } | undefined;

  const ask = async (commands: readonly string[]): Promise<string | undefined> => {
    if (clock.now().monoMs < brokenUntilMs) return undefined;
    if (session === undefined || session.ended) session = startIpSession(ipCommand, clock);
    return session?.ask(commands);
  };
  const readNow = async (): Promise<readonly Neighbour[]> => {
    const text = (await ask([SHOW_ALL])) ?? (await ask([SHOW_ALL]));
    if (text !== undefined) {
      const table = parseIpNeigh(text).neighbours;
      latest = { table, atMs: clock.now().monoMs };
      return table;
    }
    if (clock.now().monoMs >= brokenUntilMs) brokenUntilMs = clock.now().monoMs + RETRY_MS;
    return parseProcArp(await readFile('/proc/net/arp', 'utf8').catch(() => '')).neighbours;
  };
  /** All who ask while a read is under way share the one that follows it. */
  const read = (): Promise<readonly Neighbour[]> => {
    next ??= current
      .catch(() => {})
      .then(() => {
        const reading = readNow();
        current = reading;
        next = undefined;
        return reading;
      });
    return next;
  };
  /** Whoever wants to revalidate has just read, and a table of hundreds costs more than a millisecond. */
  const readOrReuse = (): Promise<readonly Neighbour[]> | readonly Neighbour[] =>
    latest !== undefined && clock.now().monoMs - latest.atMs <= REUSE_MS ? latest.table : read();
  return {
    read,
    canRevalidate: mayAdministerNetwork(),
    async revalidate(targets) {
      const known = await readOrReuse();
      const asked = targets.filter((target) => known.some((entry) => isSame(entry, target) && mayBeAsked(entry)));
      const commands = asked.map((target) => `neigh change ${target.ip} dev ${target.interface} nud probe`);
      return asked.length === 0 || (await ask([...commands, SHOW_NONE])) !== undefined ? asked : [];
    },
    close: () => session?.close(),
  };
}

const isSame = (entry: Neighbour, target: Target): boolean => entry.ip === target.ip && entry.interface === target.interface;

/** A PERMANENT entry would lose what a person entered; one in PROBE would start its count anew. */
const mayBeAsked = ({ state }: Neighbour): boolean => state === 'REACHABLE' || state === 'STALE' || state === 'DELAY';

const CAP_NET_ADMIN = 12n;

/** iproute2 drops its capabilities where it neither runs as root nor was given them as ambient ones (lib/utils.c, drop_cap). */
function mayAdministerNetwork(): boolean {
  try {
    const set = process.geteuid?.() === 0 ? 'CapEff' : 'CapAmb';
    const capabilities = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return capabilities !== undefined && ((BigInt(`0x${capabilities}`) >> CAP_NET_ADMIN) & 1n) === 1n;
  } catch {
    return false;
  }
}

type IpSession = { ask(commands: readonly string[]): Promise<string | undefined>; readonly ended: boolean; close(): void };

/**
 * `ask` runs the commands, of which the last shows something, and resolves to its line; undefined when the process ended or hung first. It
 * ends by itself when a `neigh change` finds no entry (ipneigh.c exits with 2), and with our end of its standard input.
 */
function startIpSession(ipCommand: string, clock: Clock): IpSession | undefined {
  const child = spawn(ipCommand, ['-s', '-j', '-force', '-batch', '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
  // Out of file descriptors (EMFILE) there is a child object without pipes; its `error` comes later.
  if (!child.stdin || !child.stdout) {
    child.on('error', () => {});
    return undefined;
  }
  const waiting: ((line: string | undefined) => void)[] = [];
  let partial = '';
  let ended = false;
  const end = (): void => {
    ended = true;
    child.kill();
    for (const settle of waiting.splice(0)) settle(undefined);
  };
  child.on('error', end);
  child.on('exit', end);
  child.stdin.on('error', end);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() as string;
    for (const line of lines) waiting.shift()?.(line);
  });
  keepNothingAlive(child);
  return {
    get ended() {
      return ended;
    },
    close: end,
    ask: (commands) =>
      new Promise((resolve) => {
        if (ended) return resolve(undefined);
        const timer = clock.setTimer(ANSWER_MS, end);
        waiting.push((line) => {
          timer.cancel();
          resolve(line);
        });
        child.stdin.write([...commands, ''].join('\n'));
      }),
  };
}

/** The session must not hold the program open; a pending question does, by its timer. */
function keepNothingAlive(child: ChildProcessByStdio<Writable, Readable, null>): void {
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { unref?(): void }).unref?.();
}
