/**
 * When the home's resolver is asked for the name of an address: once for each machine that comes to it, again after some hours, and a few at
 * a time. Pure but for its own state.
 */
const AGAIN_AFTER_MS = { named: 6 * 3_600_000, unnamed: 3_600_000 } as const;
const LIMITS = { inFlight: 4, waiting: 512, addresses: 2048 } as const;

export type NameWanted = { readonly interface: string; readonly ip: string };

type Entry = { readonly mac: string; askAgainAtMs: number };

export class NamePlan {
  /** The one that was wanted longest ago first. */
  readonly #entries = new Map<string, Entry>();
  #waiting: NameWanted[] = [];
  #inFlight = 0;

  /** `mac` is who lives at the address: another one is asked for at once. False when it is known, or too many wait. */
  want(wanted: NameWanted, mac: string, nowMs: number): boolean {
    const key = keyOf(wanted);
    const known = this.#entries.get(key);
    if (known?.mac === mac && nowMs < known.askAgainAtMs) return false;
    if (this.#waiting.length >= LIMITS.waiting) return false;
    this.#entries.delete(key);
    // Whoever was wanted longest ago makes room: most likely its machine has left, and else it is asked for once more.
    if (this.#entries.size >= LIMITS.addresses) this.#entries.delete(this.#entries.keys().next().value as string);
    this.#entries.set(key, { mac, askAgainAtMs: nowMs + AGAIN_AFTER_MS.unnamed });
    this.#waiting.push(wanted);
    return true;
  }

  /** The next to ask for, when one may be asked; tell `done` when it was. */
  next(): NameWanted | undefined {
    if (this.#inFlight >= LIMITS.inFlight) return undefined;
    const wanted = this.#waiting.shift();
    if (wanted) this.#inFlight++;
    return wanted;
  }

  done(wanted: NameWanted, found: 'named' | 'unnamed', nowMs: number): void {
    this.#inFlight--;
    const entry = this.#entries.get(keyOf(wanted));
    if (entry) entry.askAgainAtMs = nowMs + AGAIN_AFTER_MS[found];
  }

  forgetInterface(name: string): void {
    this.#waiting = this.#waiting.filter((wanted) => wanted.interface !== name);
    for (const key of this.#entries.keys()) if (key.startsWith(`${name} `)) this.#entries.delete(key);
  }
}

const keyOf = ({ interface: name, ip }: NameWanted): string => `${name} ${ip}`;
