/**
 * Whether the agent's work moves, for whoever restarts a program that hangs. A timer that ticks proves only that timers tick: rounds must come to their end, questions must
 * be answered one way or another, and what is to be saved must be saved or refused. It writes nothing itself (docs/decisions/0027).
 */

/** Rounds come four times a second; a card that is slow to write holds one up for seconds. */
const ROUND_WITHIN_MS = 20_000;
/** The longest question takes 10 s, and each ends by itself. */
const ANSWER_WITHIN_MS = 60_000;
/** What the agent knows of its own life is saved every five minutes, so something is always to be committed. */
const COMMIT_WITHIN_MS = 11 * 60_000;

export class Pulse {
  #roundAtMs: number;
  #movedAtMs: number;
  #committedAtMs: number;
  #open = 0;

  /** Instants are monotonic milliseconds. */
  constructor(nowMs: number) {
    this.#roundAtMs = this.#movedAtMs = this.#committedAtMs = nowMs;
  }

  /** A round came to its end. A disk that refuses (`isRefused`) is told as such, and no restart mends it. */
  round(nowMs: number, isRefused: boolean): void {
    this.#roundAtMs = nowMs;
    if (isRefused) this.#committedAtMs = nowMs;
  }

  committed(nowMs: number): void {
    this.#committedAtMs = nowMs;
  }

  asked(nowMs: number): void {
    if (this.#open++ === 0) this.#movedAtMs = nowMs;
  }

  /** Also when the question failed. */
  answered(nowMs: number): void {
    this.#open--;
    this.#movedAtMs = nowMs;
  }

  /** Why it is taken to hang, in words; undefined while it moves. */
  standstill(nowMs: number): string | undefined {
    if (nowMs - this.#roundAtMs > ROUND_WITHIN_MS) return 'no round came to its end';
    if (this.#open > 0 && nowMs - this.#movedAtMs > ANSWER_WITHIN_MS) return `none of ${this.#open} questions came to its end`;
    return nowMs - this.#committedAtMs > COMMIT_WITHIN_MS ? 'nothing was saved' : undefined;
  }
}
