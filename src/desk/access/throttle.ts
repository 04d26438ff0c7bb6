/**
 * How long somebody waits who fails to sign in. Three tallies are kept: of an account from one network, of the network, and of the account from all networks from which nobody has
 * signed in to it. No wait is longer than a quarter of an hour, so nobody is locked out for ever, and whoever signed in from a network before is not kept out of it by what others
 * try from elsewhere. Pure.
 */
import { isIPv6 } from 'node:net';

/** Failed tries, and until when the next is not looked at. Unix milliseconds of the desk's clock. */
export type Tally = { readonly failures: number; readonly lastAt: number; readonly untilAt: number };

export type Patience = {
  /** So many cost nothing but themselves: people mistype. */
  readonly free: number;
  readonly longestMs: number;
};

const MINUTE_MS = 60_000;

/** OWASP and SP 800-63B-4 (3.2.2: at most 100 failures in a row) leave the figures open; with these a network tries some 100 passwords a day on an account. */
export const PATIENCE = {
  pair: { free: 5, longestMs: 15 * MINUTE_MS },
  network: { free: 30, longestMs: 15 * MINUTE_MS },
  account: { free: 50, longestMs: MINUTE_MS },
} as const satisfies Record<string, Patience>;

/** What was tried so long ago counts no more. */
export const FORGOTTEN_AFTER_MS = 24 * 60 * MINUTE_MS;
/** A network from which an account was signed in to is known to it for so long. */
export const KNOWN_FOR_MS = 30 * 24 * 60 * MINUTE_MS;

const NEVER: Tally = { failures: 0, lastAt: 0, untilAt: 0 };

/** How long until the next try is looked at. A clock that was set back must not make that longer than it ever is. */
export function waitOf(tally: Tally | undefined, { longestMs }: Patience, now: number): number {
  const { untilAt } = tally ?? NEVER;
  return untilAt <= now ? 0 : Math.min(untilAt - now, longestMs);
}

/** Every try is counted before it is looked at, so that a hundred at once are a hundred. */
export function charged(tally: Tally | undefined, patience: Patience, now: number): Tally {
  const { failures: before, lastAt } = tally ?? NEVER;
  const failures = (lastAt + FORGOTTEN_AFTER_MS < now ? 0 : before) + 1;
  const over = failures - patience.free;
  // 1 s, 2 s, 4 s: 2 ** 30 s is beyond every longest wait.
  const waitMs = over < 0 ? 0 : Math.min(1000 * 2 ** Math.min(over, 30), patience.longestMs);
  return { failures, lastAt: now, untilAt: now + waitMs };
}

/** The try was right: it is taken back, and nothing more. What others tried still counts. */
export function forgiven(tally: Tally): Tally {
  return { ...tally, failures: Math.max(0, tally.failures - 1), untilAt: 0 };
}

/** An IPv4 address, or the first half of an IPv6 one: whoever has one of these has all that follow. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain.slice(0, 45);
  const [head = '', tail] = plain.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${all
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`;
}
