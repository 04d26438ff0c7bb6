/** The machine's cryptographic randomness: the only file that draws it. */
import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../base/random.ts';

/** The widest that randomInt takes. */
const RANGE = 2 ** 48 - 1;

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  // Unlike randomBytes, it draws from a store that it fills now and then.
  fraction: () => randomInt(RANGE) / RANGE,
};
