/**
 * The machine's clocks, run faster: what waits for minutes (reconnecting, sending again) waits for seconds, so that a thousand deaths fit into
 * minutes. Only waits are shortened: sockets, disks and processors are as slow as they are. Processes that share `epochMs` share the wall clock.
 */
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/platform/system-clock.ts';

export type Hurry = { readonly speed: number /** Unix milliseconds at which the hurried wall clock is right. */; readonly epochMs: number };

export function hurriedClock({ speed, epochMs }: Hurry): Clock {
  return {
    now() {
      const { monoMs, wallMs } = systemClock.now();
      return { monoMs: monoMs * speed, wallMs: Math.round(epochMs + (wallMs - epochMs) * speed) };
    },
    setTimer: (delayMs, task) => systemClock.setTimer(delayMs / speed, task),
  };
}
