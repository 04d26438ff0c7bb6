/**
 * A machine in the simulated path, with its own clocks, right or wrong, and one process on it at a time, which can die at any of its effects
 * and be stopped for a while like by SIGSTOP.
 */
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { VirtualClock } from '../../src/simulation/virtual-clock.ts';

/** The process ended in the middle of what it did. */
export class Died extends Error {}

export type WrongClocks = { readonly wallErrorMs: number; readonly wallRate: number; readonly partsPerMillion: number };

export const RIGHT_CLOCKS: WrongClocks = { wallErrorMs: 0, wallRate: 1, partsPerMillion: 0 };

/** `true` times are those of the virtual clock, which nobody in the path sees. */
export class Machine {
  readonly time: VirtualClock;
  /** Of the monotonic clock, against true time. */
  readonly rate: number;
  readonly #wallRate: number;
  readonly #fromMs: number;
  #wallFromMs: number;

  constructor(time: VirtualClock, { wallErrorMs, wallRate, partsPerMillion }: WrongClocks) {
    this.time = time;
    this.rate = 1 + partsPerMillion / 1e6;
    this.#wallRate = wallRate;
    this.#fromMs = time.now().monoMs;
    this.#wallFromMs = time.now().wallMs + wallErrorMs;
  }

  wallMs(): number {
    return Math.round(this.#wallFromMs + (this.time.now().monoMs - this.#fromMs) * this.#wallRate);
  }

  stepWall(ms: number): void {
    this.#wallFromMs += ms;
  }
}

export class Process {
  readonly clock: Clock;
  readonly machine: Machine;
  readonly #onDeath: () => void;
  readonly #startedMs: number;
  #isAlive = true;
  #effectsLeft: number;
  /** While it is stopped: timers that fell due, and what came in. Node looks after timers first. */
  #late: { timers: (() => void)[]; arrivals: (() => void)[] } | undefined;

  /** It dies at its `effects`-th effect. */
  constructor(machine: Machine, effects: number, onDeath: () => void) {
    this.machine = machine;
    this.#effectsLeft = effects;
    this.#onDeath = onDeath;
    this.#startedMs = machine.time.now().monoMs;
    this.clock = {
      now: () => ({ monoMs: (machine.time.now().monoMs - this.#startedMs) * machine.rate, wallMs: machine.wallMs() }),
      setTimer: (ms, task) => this.#setTimer(ms, task),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isStopped(): boolean {
    return this.#late !== undefined;
  }

  /** From now on it does not die of itself. */
  spare(): void {
    this.#effectsLeft = Number.POSITIVE_INFINITY;
  }

  /** Called wherever something outside of the process changes: there it may end. */
  effect(): void {
    if (!this.#isAlive) throw new Died();
    if (--this.#effectsLeft > 0) return;
    this.die();
    throw new Died();
  }

  die(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#onDeath();
  }

  /** Something reaches the process. */
  receive(work: () => void): void {
    if (this.#late) this.#late.arrivals.push(work);
    else this.#run(work);
  }

  stop(ms: number): void {
    if (this.#late || !this.#isAlive) return;
    this.#late = { timers: [], arrivals: [] };
    this.machine.time.setTimer(ms, () => this.#resume());
  }

  #resume(): void {
    const { timers, arrivals } = this.#late ?? { timers: [], arrivals: [] };
    this.#late = undefined;
    for (const work of [...timers, ...arrivals]) this.#run(work);
  }

  #setTimer(ms: number, task: () => void): Timer {
    let isOver = false;
    const run = (): void => {
      if (!isOver) this.#run(task);
    };
    const timer = this.machine.time.setTimer(ms / this.machine.rate, () => (this.#late ? this.#late.timers.push(run) : run()));
    return {
      cancel: () => {
        isOver = true;
        timer.cancel();
      },
    };
  }

  #run(work: () => void): void {
    if (!this.#isAlive) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    }
  }
}
