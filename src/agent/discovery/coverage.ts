/**
 * Counts, per interface and method, what was asked, who answered and what was refused, and puts what that means into words: absence of a
 * device says little where the hub could not hear it. Knows the rules of thumb, not the sockets.
 */
import type { Coverage, DiscoveryMethod } from './sighting.ts';

/** Why a method works in part, not at all, or is left out, with what a person can do. */
export type Trouble = { readonly status: 'degraded' | 'unavailable' | 'skipped'; readonly problem: string; readonly fix: string };

type Count = {
  asked: number;
  answered: Set<string>;
  refused: number;
  trouble?: Trouble;
  answeredAtMs: number;
  /** When the last two rounds of questions began. */
  rounds: readonly number[];
};

const MAX_SENDERS = 1024;
/** Questions closer together than this are one round: each is repeated, because datagrams get lost. */
const ROUND_MS = 30_000;
/** A multicast group is silent although this many neighbours answer: in a home of that size something always speaks. */
const TELLING_NEIGHBOURS = 5;
/** Answers to a multicast search come within 3 s; after this silence means something. */
const PATIENCE_MS = 5_000;

export class CoverageBook {
  readonly #counts = new Map<string, Map<DiscoveryMethod, Count>>();

  asked(interfaceName: string, method: DiscoveryMethod, nowMs: number, times = 1): void {
    const count = this.#count(interfaceName, method);
    count.asked += times;
    const latest = count.rounds.at(-1);
    if (latest === undefined || nowMs - latest >= ROUND_MS) count.rounds = [...count.rounds, nowMs].slice(-2);
  }

  answered(interfaceName: string, method: DiscoveryMethod, sender: string, nowMs: number): void {
    const count = this.#count(interfaceName, method);
    count.answeredAtMs = nowMs;
    if (count.answered.size < MAX_SENDERS) count.answered.add(sender);
  }

  refused(interfaceName: string, method: DiscoveryMethod, times = 1): void {
    this.#count(interfaceName, method).refused += times;
  }

  /** Says, or with undefined takes back, what is wrong with a method on an interface. */
  trouble(interfaceName: string, method: DiscoveryMethod, trouble: Trouble | undefined): void {
    const count = this.#count(interfaceName, method);
    if (trouble) count.trouble = trouble;
    else delete count.trouble;
  }

  forget(interfaceName: string): void {
    this.#counts.delete(interfaceName);
  }

  rows(nowMs: number): Coverage[] {
    return [...this.#counts].flatMap(([name, methods]) =>
      [...methods].map(([method, count]) => {
        const trouble = count.trouble ?? silence(method, count, methods.get('neighbour')?.answered.size ?? 0, nowMs);
        return {
          interface: name,
          method,
          status: trouble?.status ?? ('ok' as const),
          asked: count.asked,
          answered: count.answered.size,
          refused: count.refused,
          ...(trouble && { problem: trouble.problem, fix: trouble.fix }),
        };
      }),
    );
  }

  #count(interfaceName: string, method: DiscoveryMethod): Count {
    const methods = this.#counts.get(interfaceName) ?? new Map<DiscoveryMethod, Count>();
    this.#counts.set(interfaceName, methods);
    const count: Count = methods.get(method) ?? {
      asked: 0,
      answered: new Set<string>(),
      refused: 0,
      answeredAtMs: Number.NEGATIVE_INFINITY,
      rounds: [],
    };
    methods.set(method, count);
    return count;
  }
}

/** One round without an answer may be bad luck once the group was heard; two are not. */
function silence(method: DiscoveryMethod, count: Count, neighbours: number, nowMs: number): Trouble | undefined {
  if (method !== 'mdns' && method !== 'ssdp') return undefined;
  const [before, latest] = [count.rounds[0], count.rounds.at(-1)];
  if (neighbours < TELLING_NEIGHBOURS || before === undefined || latest === undefined) return undefined;
  if (count.answeredAtMs >= before || nowMs - latest < PATIENCE_MS) return undefined;
  return {
    status: 'degraded',
    problem: `${method === 'mdns' ? 'mDNS' : 'SSDP'}: nothing heard although ${neighbours} devices answer ARP: multicast seems blocked`,
    fix: 'Look for IGMP snooping without a querier on the switch, or client isolation ("AP isolation") on the Wi-Fi.',
  };
}
