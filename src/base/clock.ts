/**
 * Time, handed in. Durations and timers run on the monotonic clock, which never steps; the wall clock is only ever a label on
 * something that happened. Nothing outside src/platform reads the system's clocks.
 */

/** An instant on both clocks: `monoMs` orders and measures, `wallMs` (Unix epoch, milliseconds) is for people and may be wrong. */
export type Instant = { readonly monoMs: number; readonly wallMs: number };

export type Timer = { cancel(): void };

export interface Clock {
  now(): Instant;
  /** Runs `task` once after `delayMs` on the monotonic clock. */
  setTimer(delayMs: number, task: () => void): Timer;
}

/** Resolves after `delayMs` of the given clock; resolves early, without error, when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.setTimer(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** Runs `task` every `intervalMs`, never overlapping itself, until cancelled. */
export function every(clock: Clock, intervalMs: number, task: () => void): Timer {
  let cancelled = false;
  let timer = clock.setTimer(intervalMs, function run() {
    if (cancelled) return;
    task();
    if (!cancelled) timer = clock.setTimer(intervalMs, run);
  });
  return {
    cancel() {
      cancelled = true;
      timer.cancel();
    },
  };
}
