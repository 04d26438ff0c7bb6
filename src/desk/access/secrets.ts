/** Secrets that the desk hands out once and keeps only as what they hash to: whoever reads the database can sign in with none of them. */
import { createHash } from 'node:crypto';
import type { Random } from '../../base/random.ts';

const BYTES = 32;

/** 256 random bits, so that a plain hash of it is as good as a slow one. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(BYTES)).toString('base64url');
}

const SECRET = /^[\w-]{43}$/;

/** Undefined for what cannot be one. */
export function hashOfSecret(secret: string | undefined): string | undefined {
  return secret !== undefined && SECRET.test(secret) ? createHash('sha256').update(secret).digest('hex') : undefined;
}
