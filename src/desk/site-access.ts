/** Which hubs may come in: registers sites with a password and checks it. Passwords are stored as salted scrypt hashes only. */
import { createHash, scrypt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import { ID_PATTERN } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { DeskDatabase } from './store/migrations.ts';
import { findSite, saveSite } from './store/sites.ts';

export type SiteAccess = {
  /** Adds a site or changes its password. Throws HB_USAGE for an id that is none. */
  registerSite(site: { readonly id: string; readonly password: string; readonly name?: string }): Promise<void>;
  authenticate(site: string, password: string): Promise<boolean>;
};

/** Hub passwords are 128 random bits, so this cost only slows down guessing of one that a person chose; 1,000 hubs must reconnect in seconds. */
const COST = { N: 4096, r: 8, p: 1 };
const HASH_BYTES = 32;

export function createSiteAccess(deps: { readonly database: DeskDatabase; readonly clock: Clock; readonly random: Random }): SiteAccess {
  /** What was proven right since the start, as SHA-256 beside the stored hash: a reconnect costs no second scrypt. */
  const proven = new Map<string, { storedHash: string; digest: string }>();
  return {
    async registerSite({ id, password, name }) {
      if (!ID_PATTERN.test(id))
        throw new HearthbeatError('HB_USAGE', `"${id}" is no site id.`, 'Use the 26-character id that the hub shows.');
      await saveSite(
        deps.database,
        { id, name, passwordHash: await hashPassword(password, deps.random.bytes(16)) },
        deps.clock.now().wallMs,
      );
    },
    async authenticate(site, password) {
      const storedHash = (await findSite(deps.database, site))?.password_hash;
      if (!storedHash) return false;
      const digest = createHash('sha256').update(password).digest('hex');
      const before = proven.get(site);
      if (before?.storedHash === storedHash && before.digest === digest) return true;
      const matches = await verifyPassword(password, storedHash);
      if (matches) proven.set(site, { storedHash, digest });
      return matches;
    },
  };
}

async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const hash = await derive(password, salt);
  return `scrypt$${COST.N}$${Buffer.from(salt).toString('base64url')}$${hash.toString('base64url')}`;
}

async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [, , salt = '', hash = ''] = stored.split('$');
  const expected = Buffer.from(hash, 'base64url');
  return expected.length === HASH_BYTES && timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url')), expected);
}

function derive(password: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
