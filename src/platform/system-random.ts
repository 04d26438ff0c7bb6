/** The machine's cryptographic randomness: the only file that draws it. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../base/random.ts';

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
