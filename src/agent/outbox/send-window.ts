/**
 * Which entries are on their way, and when each is sent again. Pure bookkeeping: it is told what was sent and acknowledged, and the
 * time on the monotonic clock; it never reads the queue and never sends.
 */
import type { Random } from '../../base/random.ts';
import type { OutboxEntry } from './entry.ts';

export type WindowLimits = {
  /** Entries sent but not acknowledged. */
  readonly inFlight: number;
  /** Entries that were sent this often no longer count against that, but never are there more than `most`. */
  readonly stubbornAfter: number;
  readonly most: number;
  /** Entries a second, so that one hub's backlog never fills a desk that serves many. */
  readonly perSecond: number;
  readonly burst: number;
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
};

export const WINDOW_LIMITS: WindowLimits = {
  inFlight: 32,
  stubbornAfter: 5,
  most: 256,
  perSecond: 40,
  burst: 20,
  firstRetryMs: 10_000,
  lastRetryMs: 300_000,
};

type Flight = { readonly entry: OutboxEntry; readonly sends: number; readonly firstSentMs: number; readonly dueMs: number };

export class SendWindow {
  readonly #limits: WindowLimits;
  readonly #random: Random;
  #flights = new Map<string, Flight>();
  #cursor = 0;
  #allowance: { tokens: number; atMs: number };

  constructor(random: Random, limits = WINDOW_LIMITS) {
    this.#random = random;
    this.#limits = limits;
    this.#allowance = { tokens: limits.burst, atMs: 0 };
  }

  /** After a reconnect: nothing is on its way, everything is sent again from the oldest. */
  restart(): void {
    this.#flights.clear();
    this.#cursor = 0;
  }

  /** The position behind which entries have not been sent over this connection. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Since when the oldest entry on its way has been unacknowledged; undefined when there is none. */
  get waitingSinceMs(): number | undefined {
    const firsts = [...this.#flights.values()].map(({ firstSentMs }) => firstSentMs);
    return firsts.length === 0 ? undefined : Math.min(...firsts);
  }

  /** How many entries may be sent now. */
  allowance(nowMs: number): number {
    return Math.floor(this.#refilled(nowMs));
  }

  /** How many entries that were never sent may be sent now. */
  room(nowMs: number): number {
    return Math.max(0, Math.min(this.#berths(), this.allowance(nowMs)));
  }

  sent(entry: OutboxEntry, nowMs: number): void {
    const before = this.#flights.get(entry.id);
    const sends = (before?.sends ?? 0) + 1;
    this.#flights.set(entry.id, { entry, sends, firstSentMs: before?.firstSentMs ?? nowMs, dueMs: nowMs + this.#retryDelay(sends) });
    this.#cursor = Math.max(this.#cursor, entry.pos);
    this.#allowance = { tokens: this.#refilled(nowMs) - 1, atMs: nowMs };
  }

  /** Takes them off the way; answers when the newest of them was first sent, undefined when none was on it. */
  acknowledged(ids: readonly string[]): number | undefined {
    const landed = ids.flatMap((id) => this.#flights.get(id) ?? []);
    for (const { entry } of landed) this.#flights.delete(entry.id);
    return landed.length === 0 ? undefined : Math.max(...landed.map(({ firstSentMs }) => firstSentMs));
  }

  /** Entries whose acknowledgement is overdue, oldest first, as many as may be sent now. */
  overdue(nowMs: number): OutboxEntry[] {
    const late = [...this.#flights.values()].filter(({ dueMs }) => dueMs <= nowMs).map(({ entry }) => entry);
    return late.sort((a, b) => a.pos - b.pos).slice(0, this.allowance(nowMs));
  }

  /** In how many milliseconds there may be something to send; undefined when only a new entry or an acknowledgement can bring it. */
  wakeInMs(nowMs: number, moreWaiting: boolean): number | undefined {
    const nextToken = (1000 * Math.max(0, 1 - this.#refilled(nowMs))) / this.#limits.perSecond;
    const dues = [...this.#flights.values()].map(({ dueMs }) => Math.max(dueMs - nowMs, nextToken));
    if (moreWaiting && this.#berths() > 0) dues.push(nextToken);
    return dues.length === 0 ? undefined : Math.ceil(Math.min(...dues));
  }

  /** An entry that was sent often without an answer gives its place to others: one that the desk cannot take must not stop the rest. */
  #berths(): number {
    const { inFlight, stubbornAfter, most } = this.#limits;
    const counted = [...this.#flights.values()].filter(({ sends }) => sends < stubbornAfter).length;
    return Math.min(inFlight - counted, most - this.#flights.size);
  }

  #refilled(nowMs: number): number {
    const { tokens, atMs } = this.#allowance;
    return Math.min(this.#limits.burst, tokens + (Math.max(0, nowMs - atMs) * this.#limits.perSecond) / 1000);
  }

  /** 10 s, 20 s, 40 s ... 5 min, each a fifth more or less, so that hubs do not fall into step. */
  #retryDelay(sends: number): number {
    const { firstRetryMs, lastRetryMs } = this.#limits;
    return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(sends - 1, 20)) * (0.8 + 0.4 * this.#random.fraction());
  }
}
