/** Full-jitter exponential backoff: after an outage every hub comes back at its own moment (AWS Architecture Blog, "Exponential Backoff and Jitter"). */
import type { Random } from './random.ts';

/** The wait before attempt `attempt` (0 for the first retry): uniform between `floorMs` and min(capMs, baseMs * 2^attempt). */
export function fullJitter(attempt: number, limits: { floorMs: number; baseMs: number; capMs: number }, random: Random): number {
  const ceiling = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(limits.floorMs + random.fraction() * Math.max(0, ceiling - limits.floorMs));
}
