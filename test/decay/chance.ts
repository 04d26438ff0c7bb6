/** Draws from the distributions that days at home follow. Deterministic from the random source that is handed in. */
import type { Random } from '../../src/base/random.ts';

/** Box and Muller. */
export function gauss(random: Random, mean = 0, sigma = 1): number {
  return mean + sigma * Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}

/** Knuth's product for small means, a rounded normal for large ones. */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(gauss(random, mean, Math.sqrt(mean))));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.fraction(); product > limit; product *= random.fraction()) count++;
  return count;
}

/** Evenly by its logarithm. */
export function logBetween(random: Random, [low, high]: readonly [number, number]): number {
  return low * (high / low) ** random.fraction();
}

/** Days of a Poisson process with so many a year. */
export function daysOf(random: Random, perYear: number, days: number): number[] {
  const found: number[] = [];
  if (perYear <= 0) return found;
  const wait = (): number => (-Math.log(1 - random.fraction()) * 365) / perYear;
  for (let at = wait(); at < days; at += wait()) found.push(Math.floor(at));
  return found;
}
