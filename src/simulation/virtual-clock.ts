/**
 * Time that moves only when told. Timers run in order of their due time, ties in the order they were set, and every promise that can
 * settle without further time has settled before the next timer runs; so a run is repeatable to the last step.
 * It waits for promises, not for real sockets or files.
 */
import type { Clock, Instant, Timer } from '../base/clock.ts';

/** A timer is always in the future, so a loop of zero-delay timers moves time instead of hanging it. */
const SHORTEST_DELAY_MS = 0.01;

/** Saturday 3 January 2026, 07:00 UTC: an ordinary morning. */
export const SIMULATED_MORNING_MS = Date.UTC(2026, 0, 3, 7);

type Pending = { readonly dueMs: number; readonly order: number; readonly task: () => void; cancelled: boolean };

export class VirtualClock implements Clock {
  #monoMs = 0;
  #wall: { anchorMonoMs: number; anchorWallMs: number; rate: number };
  #queue: Pending[] = [];
  #cancelled = 0;
  #order = 0;
  #advancing = false;

  constructor(wallMs = SIMULATED_MORNING_MS) {
    this.#wall = { anchorMonoMs: 0, anchorWallMs: wallMs, rate: 1 };
  }

  now(): Instant {
    const { anchorMonoMs, anchorWallMs, rate } = this.#wall;
    return { monoMs: this.#monoMs, wallMs: Math.round(anchorWallMs + (this.#monoMs - anchorMonoMs) * rate) };
  }

  setTimer(delayMs: number, task: () => void): Timer {
    const pending: Pending = { dueMs: this.#monoMs + Math.max(SHORTEST_DELAY_MS, delayMs), order: this.#order++, task, cancelled: false };
    push(this.#queue, pending);
    return { cancel: () => this.#cancel(pending) };
  }

  /** Lets `ms` pass, running everything that falls due. Rejects when a timer's task throws, or when called while time already moves. */
  async advance(ms: number): Promise<void> {
    if (this.#advancing) throw new Error('The virtual clock is already moving: await the advance before.');
    this.#advancing = true;
    try {
      await this.#runUntil(this.#monoMs + ms);
    } finally {
      this.#advancing = false;
    }
  }

  /** Time passes and nothing runs, as in a process that is stopped; what fell due meanwhile runs late. */
  standStill(ms: number): void {
    this.#monoMs += ms;
  }

  /** Moves the wall clock by `ms` at once, as NTP or a person does; the monotonic clock does not notice. */
  stepWall(ms: number): void {
    this.#anchorWall(this.now().wallMs + ms, this.#wall.rate);
  }

  /** Lets the wall clock run wrong from now on: +100 gains 8.64 s a day. */
  driftWall(partsPerMillion: number): void {
    this.#anchorWall(this.now().wallMs, 1 + partsPerMillion / 1e6);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#queue.length - this.#cancelled;
  }

  async #runUntil(targetMs: number): Promise<void> {
    await settled();
    for (let next = this.#queue[0]; next !== undefined && next.dueMs <= targetMs; next = this.#queue[0]) {
      pop(this.#queue);
      if (next.cancelled) {
        this.#cancelled--;
        continue;
      }
      next.cancelled = true; // it ran: a later cancel() has nothing to do
      this.#monoMs = Math.max(this.#monoMs, next.dueMs);
      next.task();
      await settled();
    }
    this.#monoMs = targetMs;
  }

  #cancel(pending: Pending): void {
    if (pending.cancelled) return;
    pending.cancelled = true;
    if (++this.#cancelled * 2 <= this.#queue.length || this.#queue.length < 64) return;
    // Mostly dead timers (a time-out is cancelled by nearly every answer): keep the queue as small as what is alive.
    this.#queue = this.#queue.filter((timer) => !timer.cancelled).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #anchorWall(wallMs: number, rate: number): void {
    this.#wall = { anchorMonoMs: this.#monoMs, anchorWallMs: wallMs, rate };
  }
}

/** Node runs all microtasks before the next immediate, however long the chain of promises is. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** Binary heap, earliest first: children of `i` are `2i + 1` and `2i + 2`. */
function push(heap: Pending[], item: Pending): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(item, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Pending[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
