/** Picks out of the kernel's neighbour table what is news: a confirmation younger than the last one told. The table outlives the devices in it. */
import type { Neighbour } from '../ports.ts';

export type FreshNeighbour = {
  readonly ip: string;
  readonly interface: string;
  readonly mac: string;
  readonly confirmedAgoMs: number;
  readonly isRouter: boolean;
};

/** The kernel believes a neighbour for 15-45 s after a confirmation (base_reachable_time); an older one says nothing of now. */
const FRESH_MS = 30_000;
/** The age is told in whole seconds, so the same confirmation seems to move by up to one. */
const RESOLUTION_MS = 1_000;
/** Where the source tells no age (/proc/net/arp): how old it may be, and how often it is told. */
const UNKNOWN_AGE_MS = 60_000;

export class FreshNeighbours {
  /** Interface, address and MAC, to the instant of the confirmation last told. */
  readonly #told = new Map<string, number>();

  pick(table: readonly Neighbour[], nowMs: number): FreshNeighbour[] {
    for (const [key, confirmedAtMs] of this.#told) if (nowMs - confirmedAtMs > 2 * UNKNOWN_AGE_MS) this.#told.delete(key);
    return table.flatMap((entry) => this.#news(entry, nowMs) ?? []);
  }

  #news(entry: Neighbour, nowMs: number): FreshNeighbour | undefined {
    if (entry.mac === undefined || NEVER_CONFIRMED.has(entry.state)) return undefined;
    const key = `${entry.interface} ${entry.ip} ${entry.mac}`;
    const last = this.#told.get(key) ?? Number.NEGATIVE_INFINITY;
    const agoMs = entry.confirmedAgoMs ?? (nowMs - last >= UNKNOWN_AGE_MS ? 0 : Number.POSITIVE_INFINITY);
    if (agoMs > FRESH_MS || nowMs - agoMs <= last + RESOLUTION_MS) return undefined;
    this.#told.set(key, nowMs - agoMs);
    return {
      ip: entry.ip,
      interface: entry.interface,
      mac: entry.mac,
      confirmedAgoMs: entry.confirmedAgoMs ?? UNKNOWN_AGE_MS,
      isRouter: entry.isRouter,
    };
  }
}

/** PERMANENT and NOARP entries were entered by hand or need no confirmation. */
const NEVER_CONFIRMED: ReadonlySet<Neighbour['state']> = new Set(['FAILED', 'INCOMPLETE', 'PERMANENT', 'NOARP']);
