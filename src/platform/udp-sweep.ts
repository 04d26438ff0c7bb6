/**
 * Finds who is on a subnet now, without root: a datagram to every address makes the kernel ask by ARP, and its neighbour table tells who
 * answered. Only what was proven after the sweep began counts as a sighting: a cable that was just pulled leaves an entry that looks
 * alive for 45 s. Such entries are pressed for an answer; who gives none is reported as unconfirmed, which is neither alive nor gone.
 */
import type { Socket } from 'node:dgram';
import { evidenceSince, isResolved, type Reading } from '../agent/discovery/neighbour-evidence.ts';
import type { AnswerSighting, LanInterface, NeighbourSighting } from '../agent/discovery/sighting.ts';
import { planSweep } from '../agent/discovery/sweep-plan.ts';
import type { ProbeMethod, ProbeResult } from '../agent/health/probe.ts';
import type { Neighbour, Prober } from '../agent/ports.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { LinuxNetwork } from './network.ts';
import { openDatagramSocket, provoke } from './provoking-datagrams.ts';

export type SweepHandlers = {
  /** Called once for each address that proved to be there: the neighbour entry, and the answer before it where that was the proof. */
  onSighting(sighting: NeighbourSighting | AnswerSighting): void;
};

export type SweepOptions = {
  readonly signal?: AbortSignal;
  /** How long undecided entries are waited for, from the start, at least as long as the batches take. The kernel needs 8 s for a STALE one. */
  readonly deadlineMs?: number;
  /** Also subnets wider than /22. */
  readonly large?: boolean;
};

export type SweepReport = {
  readonly asked: number;
  readonly alive: number;
  /** Known to the kernel from before and silent to everything that this user may ask. */
  readonly unconfirmed: readonly Neighbour[];
  /** Addresses that the hub itself could not send to. */
  readonly unsent: number;
  /** Why the sweep was not made, in words. */
  readonly refusedBecause?: string;
};

/** Never rejects; resolves when every address is decided, at the deadline, or at the abort. */
export type Sweep = (lan: LanInterface, handlers: SweepHandlers, options?: SweepOptions) => Promise<SweepReport>;

type Tools = { readonly network: LinuxNetwork; readonly clock: Clock; readonly prober: Prober };

/** DELAY (5 s) and three unicast questions (3 s), and a little. */
const DEADLINE_MS = 9000;

/** INCOMPLETE becomes FAILED 3.1 s after the question (mcast_solicit 3, retrans_time 1 s). */
const BATCH_MS = 3300;

/** The answers are looked at after this many questions: a broadcast costs every port of a switch, and the first to answer need not wait for the last. */
const LOOK_EVERY = 32;

/** Who is there answers a second question at once. */
const SECOND_TRY_MS = 1000;

/** A known device that does not refuse a datagram within this time is asked by other methods too. */
const PATIENCE_MS = 300;

/** A datagram makes STALE into DELAY, DELAY becomes PROBE, and PROBE ends in REACHABLE or FAILED. */
const MOVING = new Set<string | undefined>(['STALE', 'DELAY', 'PROBE']);

/** Ports that consumer devices have open or refuse: web, TLS, ssh, SMB, iPhone sync. */
const COMMON_PORTS = [80, 443, 22, 445, 62078];

export function createSweep(tools: Tools): Sweep {
  return async (lan, handlers, options = {}) => {
    const plan = planSweep(lan, options);
    if (!plan.ok) return { asked: 0, alive: 0, unconfirmed: [], unsent: 0, refusedBecause: plan.error };
    const socket = openDatagramSocket('udp4');
    try {
      return await sweepBatches(new SweepRun(tools, lan, handlers, options.signal), socket, plan.value, options.deadlineMs ?? DEADLINE_MS);
    } finally {
      socket.close();
    }
  };
}

async function sweepBatches(
  run: SweepRun,
  socket: Socket,
  batches: readonly (readonly string[])[],
  deadlineMs: number,
): Promise<SweepReport> {
  let asked = 0;
  let unsent = 0;
  for (const batch of batches) {
    if (run.aborted) break;
    const before = await run.read();
    for (let at = 0; at < batch.length; at += LOOK_EVERY) {
      const addresses = batch.slice(at, at + LOOK_EVERY);
      unsent += await provoke(socket, addresses);
      run.open(addresses, before);
      await run.look();
    }
    asked += batch.length;
    run.press(batch);
    await run.watch(() => run.allResolved(), run.elapsedMs() + BATCH_MS);
    const unlisted = run.unlisted();
    if (unlisted.length > 0) {
      await provoke(socket, unlisted);
      await run.watch(() => run.allResolved(), run.elapsedMs() + SECOND_TRY_MS);
    }
    run.dropUnresolved();
  }
  await run.watch(() => run.nothingToWaitFor(), deadlineMs);
  return { asked, alive: run.alive, unconfirmed: run.stop(), unsent };
}

/** One sweep under way: the addresses that are not decided yet, each with what the table said before it was asked. */
class SweepRun {
  readonly #tools: Tools;
  readonly #lan: LanInterface;
  readonly #handlers: SweepHandlers;
  readonly #signal: AbortSignal | undefined;
  readonly #startedAtMs: number;
  readonly #open = new Map<string, Reading>();
  #latest = new Map<string, Neighbour>();
  #pressing = 0;
  alive = 0;

  constructor(tools: Tools, lan: LanInterface, handlers: SweepHandlers, signal: AbortSignal | undefined) {
    this.#tools = tools;
    this.#lan = lan;
    this.#handlers = handlers;
    this.#signal = signal;
    this.#startedAtMs = tools.clock.now().monoMs;
  }

  get aborted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  elapsedMs(): number {
    return this.#tools.clock.now().monoMs - this.#startedAtMs;
  }

  /** Once the devices were asked in vain, only an entry that the kernel itself is about to ask can still be decided by waiting. */
  nothingToWaitFor(): boolean {
    return this.#pressing === 0 && ![...this.#open.keys()].some((ip) => MOVING.has(this.#latest.get(ip)?.state));
  }

  allResolved(): boolean {
    return [...this.#open.keys()].every((ip) => isResolved(this.#latest.get(ip)));
  }

  /** Takes on addresses that were just asked (before that, an old FAILED would count); `before` is what the table said earlier. */
  open(addresses: readonly string[], before: (ip: string) => Reading): void {
    for (const ip of addresses) this.#open.set(ip, before(ip));
  }

  /** Reads the table, ever more seldom, until `done` or `untilMs` after the start. */
  async watch(done: () => boolean, untilMs: number): Promise<void> {
    const fromMs = this.elapsedMs();
    while (!done() && !this.aborted && this.elapsedMs() < untilMs) {
      const waitMs = Math.min(250, Math.max(3, (this.elapsedMs() - fromMs) / 5));
      await sleep(this.#tools.clock, waitMs, this.#signal);
      await this.look();
    }
  }

  /**
   * Those that the kernel's table does not even list as being asked: it was full (gc_thresh3, 1,024 rows for all namespaces of a machine). By now
   * the questions that took its rows have failed, and a second one finds room.
   */
  unlisted(): string[] {
    return [...this.#open.keys()].filter((ip) => !this.#latest.has(ip));
  }

  /** Those that never got a hardware address: absent, or more than the kernel's table holds. */
  dropUnresolved(): void {
    for (const ip of this.#open.keys()) if (!isResolved(this.#latest.get(ip))) this.#open.delete(ip);
  }

  /** Ends the questions under way; returns what stays undecided. */
  stop(): Neighbour[] {
    const left = [...this.#open.keys()].map((ip) => this.#latest.get(ip)).filter(isResolved);
    this.#open.clear();
    return left;
  }

  /** Entries known from before do not make the kernel ask: root makes it, anyone else asks the devices. */
  press(batch: readonly string[]): void {
    const known = batch.filter((ip) => isResolved(this.#open.get(ip)?.entry));
    this.#pressing++;
    void this.#pressAll(known).finally(() => this.#pressing--);
  }

  async #pressAll(known: readonly string[]): Promise<void> {
    const { canRevalidate, revalidate } = this.#tools.network;
    const asked = canRevalidate ? await revalidate(known.map((ip) => ({ ip, interface: this.#lan.name }))) : [];
    for (const { ip } of asked) this.#markAsked(ip);
    const others = known.filter((ip) => !asked.some((target) => target.ip === ip));
    await Promise.all(others.map((ip) => this.#askWitnesses(ip)));
  }

  #markAsked(ip: string): void {
    const before = this.#open.get(ip);
    if (before?.entry !== undefined) this.#open.set(ip, { ...before, entry: { ...before.entry, state: 'PROBE' } });
  }

  async #askWitnesses(ip: string): Promise<void> {
    void this.#ask(ip, 'udp');
    await sleep(this.#tools.clock, PATIENCE_MS, this.#signal);
    await Promise.all([this.#ask(ip, 'icmp'), ...COMMON_PORTS.map((port) => this.#ask(ip, 'tcp', port))]);
  }

  async #ask(ip: string, method: Exclude<ProbeMethod, 'arp'>, port?: number): Promise<void> {
    if (!this.#open.has(ip) || this.aborted) return;
    const request = { deviceId: '', ip, interface: this.#lan.name, method, timeoutMs: 1000, ...(port === undefined ? {} : { port }) };
    const result = await this.#tools.prober.probe(request);
    if (result.outcome === 'answered' && this.#open.has(ip)) this.#answered(ip, method, result);
  }

  async look(): Promise<void> {
    const reading = await this.read();
    for (const [ip, before] of this.#open) {
      const now = reading(ip);
      const evidence = evidenceSince(before, now);
      if (evidence === 'failed') this.#open.delete(ip);
      if (evidence === 'confirmed' && isResolved(now.entry)) this.#confirmed(now.entry, Math.ceil(now.readAtMs - before.askedAtMs));
    }
  }

  #answered(ip: string, method: AnswerSighting['method'], { finishedAt, rttMs = 0, request }: ProbeResult): void {
    const port = request.port === undefined ? {} : { port: request.port };
    this.#handlers.onSighting({ method, at: finishedAt, interface: this.#lan.name, ip, rttMs, ...port });
    const entry = this.#latest.get(ip);
    if (isResolved(entry)) this.#confirmed(entry, Math.ceil(rttMs));
  }

  #confirmed({ ip, mac, isRouter }: Neighbour & { mac: string }, confirmedAgoMs: number): void {
    this.#open.delete(ip);
    this.alive++;
    const at = this.#tools.clock.now();
    this.#handlers.onSighting({ method: 'neighbour', at, interface: this.#lan.name, ip, mac, confirmedAgoMs, isRouter });
  }

  async read(): Promise<(ip: string) => Reading> {
    const askedAtMs = this.#tools.clock.now().monoMs;
    const entries = (await this.#tools.network.neighbours()).filter((entry) => entry.interface === this.#lan.name);
    const table = new Map(entries.map((entry) => [entry.ip, entry]));
    const readAtMs = this.#tools.clock.now().monoMs;
    this.#latest = table;
    return (ip) => ({ entry: table.get(ip), askedAtMs, readAtMs });
  }
}
