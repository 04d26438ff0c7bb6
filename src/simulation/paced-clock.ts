/**
 * Virtual time at a multiple of real time, for a demo in which a day takes minutes. Every beat of real time it moves the virtual clock by
 * what is due, and it never catches up after a pause: a laptop that slept goes on where it was, and a machine that is too slow runs slower.
 */
import type { Clock, Instant, Timer } from '../base/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Fine enough that a page looks alive, coarse enough to cost nothing. */
const BEAT_MS = 25;
/** The longest stretch of real time that one beat makes up for. */
const LONGEST_BEAT_MS = 100;

export class PacedClock implements Clock {
  readonly #virtual: VirtualClock;
  readonly #real: Clock;
  readonly #onFault: (fault: unknown) => void;
  #speed: number;
  #beat: Timer | undefined;
  #lastBeatMs = 0;
  #moving: Promise<void> = Promise.resolve();

  /** `onFault` hears what a timer's task threw; the clock stands still then. */
  constructor(options: { virtual: VirtualClock; real: Clock; speed: number; onFault: (fault: unknown) => void }) {
    this.#virtual = options.virtual;
    this.#real = options.real;
    this.#speed = options.speed;
    this.#onFault = options.onFault;
  }

  now(): Instant {
    return this.#virtual.now();
  }

  setTimer(delayMs: number, task: () => void): Timer {
    return this.#virtual.setTimer(delayMs, task);
  }

  /** Virtual milliseconds for each real one, from the next beat on; 0 pauses. */
  set speed(speed: number) {
    this.#speed = speed;
  }

  get speed(): number {
    return this.#speed;
  }

  start(): void {
    if (this.#beat !== undefined) return;
    this.#lastBeatMs = this.#real.now().monoMs;
    this.#waitForBeat();
  }

  /** Resolves when time stands still. */
  async stop(): Promise<void> {
    this.#beat?.cancel();
    this.#beat = undefined;
    await this.#moving;
  }

  #waitForBeat(): void {
    this.#beat = this.#real.setTimer(BEAT_MS, () => {
      this.#moving = this.#moving.then(() => this.#move());
    });
  }

  async #move(): Promise<void> {
    const beat = this.#beat;
    const nowMs = this.#real.now().monoMs;
    const passedMs = Math.min(LONGEST_BEAT_MS, nowMs - this.#lastBeatMs);
    this.#lastBeatMs = nowMs;
    try {
      await this.#virtual.advance(passedMs * this.#speed);
      if (beat !== undefined && beat === this.#beat) this.#waitForBeat(); // else it was stopped meanwhile
    } catch (fault) {
      this.#beat = undefined;
      this.#onFault(fault);
    }
  }
}
