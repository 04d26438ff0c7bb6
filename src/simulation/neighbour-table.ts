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
};

export class NeighbourTable {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #random: Random;
  /** One ARP request: the MAC that answers. */
  readonly #ask: (ip: string) => string | undefined;

  constructor(clock: Clock, random: Random, ask: (ip: string) => string | undefined) {
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

  /** Proof that `mac` is at this address and hears us: an ARP reply, or TCP going forward. */
  confirmed(ip: string, mac: string): void {
    const entry = this.#entries.get(ip) ?? this.#enter(ip);
    entry.timer?.cancel();
    entry.mac = mac;
    entry.phase = 'proven';
    entry.confirmedMs = this.#clock.now().monoMs;
    entry.staleMs = entry.confirmedMs + between(this.#random, REACHABLE_FOR_MS);
  }

  /** The interface lost its carrier: Linux then forgets all of its neighbours. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.timer?.cancel();
    this.#entries.clear();
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
    const mac = triesLeft > 0 ? this.#ask(ip) : undefined;
    if (mac !== undefined) this.confirmed(ip, mac);
    else if (triesLeft === 0) entry.phase = 'FAILED';
    else {
      entry.phase = phase;
      entry.timer = this.#clock.setTimer(RETRANSMIT_MS, () => this.#solicit(ip, entry, phase, triesLeft - 1));
    }
  }

  #enter(ip: string): Entry {
    const entry: Entry = { mac: undefined, phase: 'INCOMPLETE', confirmedMs: Number.NEGATIVE_INFINITY, staleMs: 0, timer: undefined };
    this.#entries.set(ip, entry);
    return entry;
  }

  #stateOf(entry: Entry): Neighbour['state'] {
    if (entry.phase !== 'proven') return entry.phase;
    return this.#clock.now().monoMs < entry.staleMs ? 'REACHABLE' : 'STALE';
  }
}
