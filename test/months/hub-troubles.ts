/** When the hub itself is in trouble, and how that shows in a run: it has no power, is stopped, hangs on no cable, or is busy with something else. */
import { TICK_MS } from '../../src/agent/agent.ts';
import type { Life } from './life.ts';
import { type Spell, SpellWalk } from './spells.ts';

export const IDLE_LAG_MS = 2;
/** So long after it was stopped it still reads what had piled up. */
const CATCHING_UP_MS = 1_000;

export class HubTroubles {
  readonly #off: SpellWalk;
  readonly #stopped: SpellWalk;
  readonly #unplugged: SpellWalk;
  readonly #busy: SpellWalk<Life['hubBusy'][number]>;
  #resumedAtMs = Number.NEGATIVE_INFINITY;
  #stoppedForMs = 0;

  constructor(life: Life) {
    this.#off = new SpellWalk(life.hubOff);
    this.#stopped = new SpellWalk(life.hubStopped);
    this.#unplugged = new SpellWalk(life.hubUnplugged);
    this.#busy = new SpellWalk(life.hubBusy);
  }

  offAt(nowMs: number): Spell | undefined {
    return this.#off.at(nowMs);
  }

  stoppedAt(nowMs: number): Spell | undefined {
    return this.#stopped.at(nowMs);
  }

  isPlugged(nowMs: number): boolean {
    return this.#unplugged.at(nowMs) === undefined;
  }

  isBusy(nowMs: number): boolean {
    return this.#busy.at(nowMs) !== undefined;
  }

  /** It goes on after it was stopped for so long. */
  resume(nowMs: number, stoppedForMs: number): void {
    this.#resumedAtMs = nowMs;
    this.#stoppedForMs = stoppedForMs;
  }

  stoodStillMs(nowMs: number): number {
    return nowMs === this.#resumedAtMs ? this.#stoppedForMs : 0;
  }

  lagMs(nowMs: number): number {
    if (nowMs - this.#resumedAtMs < CATCHING_UP_MS) return this.#stoppedForMs;
    return this.#busy.at(nowMs)?.lagMs ?? IDLE_LAG_MS;
  }

  /** When the next trouble begins or ends; of being stopped, the last tick before. */
  changesAtMs(nowMs: number): number {
    return Math.min(
      this.#off.changesAtMs(nowMs),
      this.lastTickBeforeStopMs(nowMs + TICK_MS),
      this.#unplugged.changesAtMs(nowMs),
      this.#busy.changesAtMs(nowMs),
    );
  }

  /** What is asked at it is under way when the hub stops. */
  lastTickBeforeStopMs(nowMs: number): number {
    return Math.ceil(this.#stopped.changesAtMs(nowMs) / TICK_MS - 1) * TICK_MS;
  }
}

/** How late a hub that lags reads what arrives; the same each time, because it is the wait that matters. */
export function latenessMs(lagMs: number): number {
  return lagMs === IDLE_LAG_MS ? 0 : lagMs / 2;
}
