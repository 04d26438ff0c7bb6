/**
 * Passwords as argon2id (RFC 9106) in the form of the PHC string, which carries its own cost: it can be raised, and whoever signs in next is hashed anew. At most two are under way
 * at once, or a flood of sign-ins would take all threads and a gigabyte of memory.
 */
import { argon2, timingSafeEqual } from 'node:crypto';
import { HearthbeatError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';

/** `memoryKib` KiB, gone through `passes` times. */
export type Cost = { readonly memoryKib: number; readonly passes: number };

/** OWASP Password Storage Cheat Sheet (2026): 19 MiB, 2 passes, 1 lane. 32 ms on the machine this was written on. */
export const STANDARD_COST: Cost = { memoryKib: 19_456, passes: 2 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const AT_ONCE = 2;
const MOST_WAITING = 50;

/** `old`: right, and hashed at another cost than new ones are. */
export type Verdict = 'right' | 'old' | 'wrong';

export type Passwords = {
  /** Throws `TooBusy`. */
  hash(password: string): Promise<string>;
  /** Without a stored hash it takes as long as with one, and is wrong. Throws `TooBusy`. */
  verify(password: string, stored: string | undefined): Promise<Verdict>;
};

/** More sign-ins at once than the desk can look at. */
export class TooBusy extends Error {}

export function createPasswords({ random, cost = STANDARD_COST }: { readonly random: Random; readonly cost?: Cost }): Passwords {
  const turns = new Turns();
  const nobodys = encode(cost, random.bytes(SALT_BYTES), Buffer.from(random.bytes(HASH_BYTES)));
  return {
    hash: (password) =>
      turns.take(async () => {
        const salt = random.bytes(SALT_BYTES);
        return encode(cost, salt, await derive(password, salt, cost));
      }),
    verify: (password, stored) =>
      turns.take(async () => {
        const known = decode(stored ?? nobodys);
        if (known === undefined) return 'wrong';
        const isRight = timingSafeEqual(await derive(password, known.salt, known.cost), known.hash);
        if (!isRight || stored === undefined) return 'wrong';
        return known.cost.memoryKib === cost.memoryKib && known.cost.passes === cost.passes ? 'right' : 'old';
      }),
  };
}

/** Throws HB_RUNTIME_TOO_OLD where this Node.js has no argon2: it came with 24.7, and not every build has it. */
export async function requireArgon2(): Promise<void> {
  try {
    await derive('is it there', new Uint8Array(SALT_BYTES), { memoryKib: 8, passes: 1 });
  } catch (cause) {
    throw new HearthbeatError(
      'HB_RUNTIME_TOO_OLD',
      `Accounts at the desk need argon2, which Node.js has from 24.7 on; this is ${process.version}.`,
      'Install a newer Node.js 24, or use the desk on this machine only, without accounts: desk.access: local',
      { cause },
    );
  }
}

function derive(password: string, nonce: Uint8Array, { memoryKib, passes }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // What looks the same is the same password, on whatever keyboard it was typed (SP 800-63B-4, section 3.1.1.2).
    const asked = { message: password.normalize('NFC'), nonce, parallelism: 1, tagLength: HASH_BYTES, memory: memoryKib, passes };
    argon2('argon2id', asked, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function encode({ memoryKib, passes }: Cost, salt: Uint8Array, hash: Buffer): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${base64(salt)}$${base64(hash)}`;
}

function decode(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const { groups } = /^\$argon2id\$v=19\$m=(?<m>\d{1,7}),t=(?<t>\d{1,3}),p=1\$(?<salt>[\w+/]+)\$(?<hash>[\w+/]+)$/.exec(stored) ?? {};
  if (!groups) return undefined;
  const hash = Buffer.from(groups.hash as string, 'base64');
  if (hash.length !== HASH_BYTES) return undefined;
  return { cost: { memoryKib: Number(groups.m), passes: Number(groups.t) }, salt: Buffer.from(groups.salt as string, 'base64'), hash };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

class Turns {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < AT_ONCE) this.#running++;
    else {
      if (this.#waiting.length >= MOST_WAITING) throw new TooBusy('too many sign-ins at once');
      // Who goes hands the turn on, so that it is never free for somebody who came later.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
