/** The machine's clocks and timers: the only file that reads them. */
import type { Clock } from '../base/clock.ts';

/** `monoMs` counts from the start of the process and never steps; `wallMs` is whatever the machine believes. */
export const systemClock: Clock = {
  now: () => ({ monoMs: performance.now(), wallMs: Date.now() }),
  setTimer(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
