/**
 * What was sent to each device for each reader today, against the reader's budget. The costs are those of Ethernet with IPv4: a packet is
 * counted whole (14 octets of frame, 20 of IP, 20 to 40 of TCP or 8 of UDP), acknowledgements and the goodbye of a connection too.
 */
import type { Budget } from './reader.ts';

const DAY_MS = 86_400_000;
/** A TCP packet without data: 66 octets with timestamps; a SYN has 8 more of options. */
const TCP_PACKET = 66;
const SYN = 74;
const UDP_HEADERS = 42;
/** Linux acknowledges every second full segment. */
const SEGMENT = 1_448;
/** ClientHello with the three curves this hub offers (about 330), its key exchange and finish (about 130), and the two packets they take. */
const TLS_HANDSHAKE = { packets: 3, bytes: 3 * TCP_PACKET + 460 };

export const SPENT_NOTHING: Budget = { packets: 0, bytes: 0 };

/** A connection that nobody took: one SYN, since no attempt lasts until the kernel repeats it. */
export const REFUSED: Budget = { packets: 1, bytes: SYN };

/** A connection over which `sent` octets went out and `received` came in: SYN, ACK, the data, its acknowledgements, and the goodbye. */
export function connectionCost({ sent, received, tls = false }: { sent: number; received: number; tls?: boolean }): Budget {
  const packets = 3 + Math.ceil(sent / SEGMENT) + Math.ceil(received / (2 * SEGMENT));
  const plain = { packets, bytes: packets * TCP_PACKET + (SYN - TCP_PACKET) + sent };
  return tls ? sum(plain, TLS_HANDSHAKE) : plain;
}

export function datagramCost(payloadBytes: number): Budget {
  return { packets: 1, bytes: UDP_HEADERS + payloadBytes };
}

function sum(one: Budget, other: Budget): Budget {
  return { packets: one.packets + other.packets, bytes: one.bytes + other.bytes };
}

/** Devices times readers; beyond, the oldest account is closed, which can only happen with more devices than the inventory holds. */
const MOST_ACCOUNTS = 16_384;

export class Spending {
  readonly #accounts = new Map<string, { sinceMs: number; spent: Budget }>();

  /** Whether `wanted` more may be sent today. A day begins with the first question. */
  allows(account: string, wanted: Budget, budget: Budget, nowMs: number): boolean {
    const { packets, bytes } = sum(this.#open(account, nowMs).spent, wanted);
    return packets <= budget.packets && bytes <= budget.bytes;
  }

  charge(account: string, cost: Budget, nowMs: number): void {
    const open = this.#open(account, nowMs);
    open.spent = sum(open.spent, cost);
  }

  #open(account: string, nowMs: number): { sinceMs: number; spent: Budget } {
    const known = this.#accounts.get(account);
    if (known && nowMs - known.sinceMs < DAY_MS) return known;
    const fresh = { sinceMs: nowMs, spent: SPENT_NOTHING };
    this.#accounts.delete(account);
    this.#accounts.set(account, fresh);
    if (this.#accounts.size > MOST_ACCOUNTS) this.#accounts.delete(this.#accounts.keys().next().value as string);
    return fresh;
  }
}
