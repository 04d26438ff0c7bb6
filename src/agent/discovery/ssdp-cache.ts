/**
 * What SSDP senders have announced and for how long, so that a message is passed on when it says something new or when it is time for
 * a sign of life, not with each of the dozens of repeats a device sends. An entry leaves by max-age, by byebye or by the caps.
 */
import type { SsdpMessage } from './ssdp-message.ts';

const REPEAT_AFTER_MS = 30_000;

export const SSDP_CACHE_LIMITS = { entries: 4096, perSender: 64 } as const;

type Entry = { digest: string; passedAtMs: number; expiresAtMs: number };

/** `news`: pass it on. `repeat`: nothing new. `full`: it did not fit. */
export type SsdpVerdict = 'news' | 'repeat' | 'full';

export class SsdpCache {
  readonly #limits: { readonly entries: number; readonly perSender: number };
  /** Sender, then USN and target. */
  readonly #senders = new Map<string, Map<string, Entry>>();
  #size = 0;

  constructor(limits: { readonly entries: number; readonly perSender: number } = SSDP_CACHE_LIMITS) {
    this.#limits = limits;
  }

  hear(sender: string, message: SsdpMessage, nowMs: number): SsdpVerdict {
    const entries = this.#senders.get(sender) ?? new Map<string, Entry>();
    const key = `${message.usn}\n${message.target}`;
    const known = entries.get(key);
    if (message.kind === 'byebye') return this.#leave(sender, entries, key);
    const digest = `${message.location}\n${message.server}\n${JSON.stringify(message.headers)}`;
    const expiresAtMs = nowMs + message.maxAgeS * 1000;
    if (known) return renew(known, digest, expiresAtMs, nowMs);
    if (entries.size >= this.#limits.perSender || this.#size >= this.#limits.entries) return 'full';
    entries.set(key, { digest, passedAtMs: nowMs, expiresAtMs });
    this.#senders.set(sender, entries);
    this.#size++;
    return 'news';
  }

  /** Forgets what was not renewed within its max-age. */
  expire(nowMs: number): void {
    for (const [sender, entries] of this.#senders) {
      for (const [key, entry] of entries) if (entry.expiresAtMs <= nowMs) this.#remove(sender, entries, key);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** A goodbye is passed on once; of what was never announced it is news all the same (the hub may have started in between). */
  #leave(sender: string, entries: Map<string, Entry>, key: string): SsdpVerdict {
    this.#remove(sender, entries, key);
    return 'news';
  }

  #remove(sender: string, entries: Map<string, Entry>, key: string): void {
    if (entries.delete(key)) this.#size--;
    if (entries.size === 0) this.#senders.delete(sender);
  }
}

function renew(entry: Entry, digest: string, expiresAtMs: number, nowMs: number): SsdpVerdict {
  const ranOut = entry.expiresAtMs <= nowMs;
  entry.expiresAtMs = expiresAtMs;
  if (!ranOut && entry.digest === digest && nowMs - entry.passedAtMs < REPEAT_AFTER_MS) return 'repeat';
  entry.digest = digest;
  entry.passedAtMs = nowMs;
  return 'news';
}
