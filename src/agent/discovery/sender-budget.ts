/**
 * How many datagrams the hub reads: a token bucket for each sender and one for all of them, asked before a datagram is parsed, so that
 * a flood costs one map look-up a packet. Knows nothing of what the datagrams say.
 */

/** `burst` datagrams at once, `perSecond` after that. */
export type Rate = { readonly burst: number; readonly perSecond: number };

export type BudgetLimits = { readonly senders: number; readonly each: Rate; readonly all: Rate };

/** One device answers a full search with some 60 datagrams; 100 devices answer at once within a second. */
export const DISCOVERY_BUDGET: BudgetLimits = { senders: 1024, each: { burst: 200, perSecond: 20 }, all: { burst: 6000, perSecond: 500 } };

/** Beside SSDP and mDNS a device says a few things a round; after a power cut a hundred of them ask for addresses, all as 0.0.0.0. */
export const GROUP_BUDGET: BudgetLimits = { senders: 1024, each: { burst: 200, perSecond: 10 }, all: { burst: 2000, perSecond: 100 } };

type Bucket = { tokens: number; filledAtMs: number };

export class SenderBudget {
  readonly #limits: BudgetLimits;
  readonly #senders = new Map<string, Bucket>();
  readonly #all: Bucket;
  #refused = 0;

  constructor(limits: BudgetLimits = DISCOVERY_BUDGET) {
    this.#limits = limits;
    this.#all = { tokens: limits.all.burst, filledAtMs: 0 };
  }

  /** Whether one more datagram of `sender` may be read now (monotonic milliseconds). */
  admit(sender: string, nowMs: number): boolean {
    const bucket = this.#bucketOf(sender, nowMs);
    const admitted = bucket !== undefined && take(bucket, this.#limits.each, nowMs) && take(this.#all, this.#limits.all, nowMs);
    if (!admitted) this.#refused++;
    return admitted;
  }

  get refused(): number {
    return this.#refused;
  }

  get senders(): number {
    return this.#senders.size;
  }

  #bucketOf(sender: string, nowMs: number): Bucket | undefined {
    const known = this.#senders.get(sender);
    if (known) return known;
    if (this.#senders.size >= this.#limits.senders && !this.#forgetOneThatIsFull(nowMs)) return undefined;
    const bucket = { tokens: this.#limits.each.burst, filledAtMs: nowMs };
    this.#senders.set(sender, bucket);
    return bucket;
  }

  /** A bucket that has filled up again remembers nothing. Looks at the oldest few only, so that a flood of senders stays cheap. */
  #forgetOneThatIsFull(nowMs: number): boolean {
    let looks = 8;
    for (const [sender, bucket] of this.#senders) {
      if (refill(bucket, this.#limits.each, nowMs) >= this.#limits.each.burst) return this.#senders.delete(sender);
      if (--looks === 0) return false;
    }
    return false;
  }
}

function take(bucket: Bucket, rate: Rate, nowMs: number): boolean {
  if (refill(bucket, rate, nowMs) < 1) return false;
  bucket.tokens--;
  return true;
}

function refill(bucket: Bucket, rate: Rate, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs / 1000) * rate.perSecond);
  bucket.filledAtMs = nowMs;
  return bucket.tokens;
}
