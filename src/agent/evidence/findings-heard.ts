/**
 * What was heard from whom, so that a finding is passed on when it is new or it is time for a sign of life, not with each of the repeats
 * that some devices send every few seconds. Bounded in senders, and in different findings of one sender: who says ever new things is not
 * heard out.
 */
import type { Finding } from './reader.ts';

/** `news`: pass it on. `repeat`: nothing new. `full`: it did not fit. */
export type FindingVerdict = 'news' | 'repeat' | 'full';

const REPEAT_AFTER_MS = 10 * 60_000;
const LIMITS = { senders: 1024, perSender: 8 } as const;

export class FindingsHeard {
  readonly #limits: { readonly senders: number; readonly perSender: number };
  /** Sender, then what it said, to when it was passed on. */
  readonly #senders = new Map<string, Map<string, number>>();

  constructor(limits: { readonly senders: number; readonly perSender: number } = LIMITS) {
    this.#limits = limits;
  }

  /** `sender` names interface, address and protocol. */
  hear(sender: string, finding: Finding, nowMs: number): FindingVerdict {
    const said = JSON.stringify([finding.fields, finding.identifiers]);
    const known = this.#senders.get(sender) ?? new Map<string, number>();
    const passedAtMs = known.get(said);
    if (passedAtMs !== undefined && nowMs - passedAtMs < REPEAT_AFTER_MS) return 'repeat';
    for (const [other, atMs] of known) if (nowMs - atMs >= REPEAT_AFTER_MS) known.delete(other);
    if (known.size >= this.#limits.perSender || !this.#hasRoomFor(sender, nowMs)) return 'full';
    this.#senders.set(sender, known.set(said, nowMs));
    return 'news';
  }

  get senders(): number {
    return this.#senders.size;
  }

  /** Looks at the sender that is in longest, so that a flood of senders stays cheap. */
  #hasRoomFor(sender: string, nowMs: number): boolean {
    if (this.#senders.has(sender) || this.#senders.size < this.#limits.senders) return true;
    const [oldest, said] = this.#senders.entries().next().value!;
    if ([...said.values()].some((atMs) => nowMs - atMs < REPEAT_AFTER_MS)) return false;
    return this.#senders.delete(oldest);
  }
}
