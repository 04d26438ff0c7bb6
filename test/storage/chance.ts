/** Whole numbers by chance. */
import type { Random } from '../../src/base/random.ts';

/** Uniform, both ends among them. */
export function wholeNumber(random: Random, low: number, high: number): number {
  return low + Math.floor(random.fraction() * (high - low + 1));
}
