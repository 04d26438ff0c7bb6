/**
 * Randomness that a seed repeats: sfc32 (Chris Doty-Humphrey's PractRand, "Small Fast Counting"), seeded through a hash of text.
 * Good for simulations, worthless for secrets.
 */
import type { Random } from '../base/random.ts';

/** The same seed gives the same numbers for ever, on every machine. */
export function seededRandom(seed: string | number): Random {
  const next = sfc32(String(seed));
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = next() >>> 24;
      return bytes;
    },
    fraction: () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53,
  };
}

/** A stream of its own, so that what one device draws does not shift what the others draw. */
export function fork(parent: Random): Random {
  return seededRandom(parent.bytes(16).join());
}

/** Uniform in [low, high). */
export function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + random.fraction() * (high - low);
}

/** A waiting time with the given mean and no memory. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random.fraction());
}

function sfc32(seed: string): () => number {
  let a = fnv1a(seed, 0x811c9dc5);
  let b = fnv1a(seed, a);
  let c = fnv1a(seed, b);
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let i = 0; i < 16; i++) next(); // the author's number of rounds before the state is well mixed
  return next;
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
