/** The hub's own condition without starting a process: how late the event loop runs, and what memory and processor this process uses. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { VitalsProbe } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';

/** How often the loop is sampled; the histogram holds whole intervals, so this is subtracted from what it says. */
const SAMPLE_MS = 50;

/** Each `read` covers the time since the one before it; `close` stops the sampling. */
export function createVitalsProbe({ clock }: { clock: Clock }): VitalsProbe & { close(): void } {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  delay.enable();
  let since = clock.now().monoMs;
  let used = process.cpuUsage();
  let rssBytes = 0;
  return {
    read() {
      const now = clock.now().monoMs;
      const cpu = process.cpuUsage();
      const cpuFraction = (cpu.user + cpu.system - used.user - used.system) / 1000 / Math.max(1, now - since);
      const eventLoopLagMs = Math.max(0, delay.max / 1e6 - SAMPLE_MS);
      delay.reset();
      since = now;
      used = cpu;
      rssBytes = residentBytes() ?? rssBytes;
      return { eventLoopLagMs, rssBytes, cpuFraction };
    },
    close: () => void delay.disable(),
  };
}

/** Node reads it from a file, and throws when it has no descriptor for one (EMFILE): what it was before is near enough. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}
