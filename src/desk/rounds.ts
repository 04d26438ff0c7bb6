/** Something that is looked at again and again, one look at a time. One that fails is logged, and the next may do better. */
import { type Clock, every, type Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { DatabaseAway } from './store/away.ts';

export type RoundsDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** What is logged where it fails. */
  readonly trouble: string;
  readonly look: () => Promise<void>;
};

export class Rounds {
  readonly #deps: RoundsDeps;
  #looking: Timer | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: RoundsDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { clock, log, everyMs, trouble, look } = this.#deps;
    this.#looking = every(clock, everyMs, () => {
      this.#running ??= look()
        .catch((cause: unknown) => {
          // That it is away is told by who writes what hubs say.
          const level = cause instanceof DatabaseAway ? 'debug' : 'error';
          log[level](trouble, { cause: String(cause) });
        })
        .finally(() => {
          this.#running = undefined;
        });
    });
  }

  async stop(): Promise<void> {
    this.#looking?.cancel();
    await this.idle();
  }

  async idle(): Promise<void> {
    await this.#running;
  }
}
