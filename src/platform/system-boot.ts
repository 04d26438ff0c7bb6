/** When the machine was started, and under which name: Linux gives each boot a random id (proc(5), random(4)). */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Boot } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

export function readBoot(clock: Clock): Boot {
  const atMs = clock.now().monoMs - uptime() * 1000;
  try {
    const id = readFileSync(BOOT_ID, 'utf8').trim();
    return /^[0-9a-f-]{36}$/.test(id) ? { id, atMs } : { atMs };
  } catch {
    return { atMs };
  }
}
