/**
 * The machine's clocks at a pace that can be changed while timers wait, and with leaps: hours pass at once, and who waits goes on waiting for what
 * was left. So an absence of hours takes as long as its beginning and its end.
 */
import type { Clock, Instant, Timer } from '../../src/base/clock.ts';
import { systemClock } from '../../src/platform/system-clock.ts';

type Waiting = { leftMs: number; readonly task: () => void; timer: Timer };

export class LeapingClock implements Clock {
  #speed: number;
  #anchorMs = systemClock.now().monoMs;
  /** What this clock said at the anchor. */
  #at: Instant;
  readonly #waiting = new Set<Waiting>();

  constructor(wallMs: number, speed: number) {
    this.#at = { monoMs: 0, wallMs };
    this.#speed = speed;
  }

  now(): Instant {
    const passedMs = this.#passedMs();
    return { monoMs: this.#at.monoMs + passedMs, wallMs: Math.round(this.#at.wallMs + passedMs) };
  }

  setTimer(delayMs: number, task: () => void): Timer {
    const waiting: Waiting = { leftMs: delayMs + this.#passedMs(), task, timer: { cancel: () => {} } };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return {
      cancel: () => {
        this.#waiting.delete(waiting);
        waiting.timer.cancel();
      },
    };
  }

  setSpeed(speed: number): void {
    this.#settle(0);
    this.#speed = speed;
    for (const waiting of this.#waiting) this.#arm(waiting);
  }

  leap(ms: number): void {
    this.#settle(ms);
  }

  /** Puts the anchor here. */
  #settle(leapMs: number): void {
    const passedMs = this.#passedMs();
    this.#at = { monoMs: this.#at.monoMs + passedMs + leapMs, wallMs: this.#at.wallMs + passedMs + leapMs };
    this.#anchorMs += passedMs / this.#speed;
    for (const waiting of this.#waiting) waiting.leftMs -= passedMs;
  }

  #passedMs(): number {
    return (systemClock.now().monoMs - this.#anchorMs) * this.#speed;
  }

  #arm(waiting: Waiting): void {
    waiting.timer.cancel();
    waiting.timer = systemClock.setTimer(Math.max(0, waiting.leftMs - this.#passedMs()) / this.#speed, () => {
      this.#waiting.delete(waiting);
      waiting.task();
    });
  }
}
