/**
 * The neighbour table of the hub's kernel, as measured on Linux 6 and described in arp(7): an entry is REACHABLE for 15 to 45 s after
 * proof (base_reachable_time 30 s x 0.5 to 1.5), then STALE until something is sent; then DELAY for 5 s and PROBE, three ARP requests a
 * second apart, after which it is REACHABLE again or FAILED. A pulled device under steady probing is FAILED 23 to 53 s later (49 s measured).
 * Swept addresses at which nothing ever answered are left out: the kernel's rows for them are INCOMPLETE and soon collected.
 */
import type { Neighbour } from '../agent/ports.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { between, fork } from './seeded-random.ts';

const REACHABLE_FOR_MS = [15_000, 45_000] as const;
const DELAY_MS = 5_000;
const RETRANSMIT_MS = 1_000;
const ARP_TRIES = 3;

type Entry = {
  mac: string | undefined;
  phase: 'proven' | 'DELAY' | 'PROBE' | 'INCOMPLETE' | 'FAILED';
  confirmedMs: number;
  staleMs: number;
  timer: Timer | undefined;
  /** Who waits for proof or failure. */
  waiting: ((outcome: 'proven' | 'failed') => void)[];
};

/** One ARP request: the MAC that answers, and after which time. */
export type ArpAnswer = { readonly mac: string; readonly rttMs: number };

export class NeighbourTable {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ask: (ip: string) => ArpAnswer | undefined;

  constructor(clock: Clock, random: Random, ask: (ip: string) => ArpAnswer | undefined) {
    this.#clock = clock;
    this.#random = fork(random);
    this.#ask = ask;
  }

  /** The hub sends a packet to this address: an unknown one is resolved, a stale one is doubted. */
  sent(ip: string): void {
    const entry = this.#entries.get(ip);
    if (entry === undefined || entry.phase === 'FAILED') this.#solicit(ip, entry ?? this.#enter(ip), 'INCOMPLETE', ARP_TRIES);
    else if (this.#stateOf(entry) === 'STALE') this.#doubt(ip, entry);
  }

  /** Makes the kernel ask again (`ip neigh change ... nud probe`); `onEnd` hears once what came of it, at the latest after three seconds. */
  revalidate(ip: string, onEnd: (outcome: 'proven' | 'failed') => void): void {
    const known = this.#entries.get(ip);
    const entry = known ?? this.#enter(ip);
    entry.waiting.push(onEnd);
    if (known?.phase === 'PROBE' || known?.phase === 'INCOMPLETE') return; // it is asking already
    entry.timer?.cancel();
    this.#solicit(ip, entry, known?.phase === 'proven' || known?.phase === 'DELAY' ? 'PROBE' : 'INCOMPLETE', ARP_TRIES);
  }

  /** Proof that `mac` is at this address and hears us: an ARP reply, or TCP going forward. */
  confirmed(ip: string, mac: string): void {
    const entry = this.#entries.get(ip) ?? this.#enter(ip);
    entry.timer?.cancel();
    entry.mac = mac;
    entry.phase = 'proven';
    entry.confirmedMs = this.#clock.now().monoMs;
    entry.staleMs = entry.confirmedMs + between(this.#random, REACHABLE_FOR_MS);
    end(entry, 'proven');
  }

  /** The interface lost its carrier: Linux then forgets all of its neighbours. */
  clear(): void {
    for (const entry of this.#entries.values()) {
      entry.timer?.cancel();
      end(entry, 'failed');
    }
    this.#entries.clear();
  }

  /** Whether the kernel has asked for this address without an answer so far. */
  isUnresolved(ip: string): boolean {
    const phase = this.#entries.get(ip)?.phase;
    return phase === 'FAILED' || phase === 'INCOMPLETE';
  }

  rows(interfaceName: string, gateway: string | undefined): Neighbour[] {
    return [...this.#entries].map(([ip, entry]) => ({
      ip,
      interface: interfaceName,
      ...(entry.mac !== undefined && { mac: entry.mac }),
      state: this.#stateOf(entry),
      confirmedAgoMs: Math.floor((this.#clock.now().monoMs - entry.confirmedMs) / 1000) * 1000,
      isRouter: ip === gateway,
    }));
  }

  #doubt(ip: string, entry: Entry): void {
    entry.phase = 'DELAY';
    entry.timer = this.#clock.setTimer(DELAY_MS, () => this.#solicit(ip, entry, 'PROBE', ARP_TRIES));
  }

  #solicit(ip: string, entry: Entry, phase: 'PROBE' | 'INCOMPLETE', triesLeft: number): void {
    entry.phase = triesLeft > 0 ? phase : 'FAILED';
    if (entry.phase === 'FAILED') end(entry, 'failed');
    else entry.timer = this.#askOnce(ip, () => this.#solicit(ip, entry, phase, triesLeft - 1));
  }

  #askOnce(ip: string, unanswered: () => void): Timer {
    const answer = this.#ask(ip);
    if (answer === undefined) return this.#clock.setTimer(RETRANSMIT_MS, unanswered);
    return this.#clock.setTimer(answer.rttMs, () => this.confirmed(ip, answer.mac));
  }

  #enter(ip: string): Entry {
    const entry: Entry = {
      mac: undefined,
      phase: 'INCOMPLETE',
      confirmedMs: Number.NEGATIVE_INFINITY,
      staleMs: 0,
      timer: undefined,
      waiting: [],
    };
    this.#entries.set(ip, entry);
    return entry;
  }

  #stateOf(entry: Entry): Neighbour['state'] {
    if (entry.phase !== 'proven') return entry.phase;
    return this.#clock.now().monoMs < entry.staleMs ? 'REACHABLE' : 'STALE';
  }
}

function end(entry: Entry, outcome: 'proven' | 'failed'): void {
  for (const tell of entry.waiting.splice(0)) tell(outcome);
}
