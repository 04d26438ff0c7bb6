/** Who sends: each push message carries a token by which the push service knows that it is from the desk that the browser has let in, and from nobody who found the address (RFC 8292). */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { newPair } from './encrypt.ts';

/** base64url: the public key as browsers are given it (65 bytes), the private one a number of 32 bytes. */
export type SenderKeys = { readonly publicKey: string; readonly privateKey: string };

/** At most a day (RFC 8292, 2). */
const LASTS_MS = 12 * 3_600_000;
/** Apple asks for no newer one within an hour. */
const RENEWED_BEFORE_MS = 6 * 3_600_000;
/** There are few push services; one of them has a name for each of its parts. */
const MOST_KEPT = 100;

export function newSenderKeys(random: Random): SenderKeys {
  const pair = newPair(random);
  const scalar = Buffer.alloc(32);
  const key = pair.getPrivateKey();
  key.copy(scalar, 32 - key.length);
  return { publicKey: pair.getPublicKey('base64url'), privateKey: scalar.toString('base64url') };
}

/** Makes the header `authorization` for one push service, and keeps it for some hours. */
export class Vapid {
  readonly #publicKey: string;
  readonly #key: KeyObject;
  readonly #contact: string | undefined;
  readonly #kept = new Map<string, { readonly text: string; readonly endsAt: number }>();

  /** `contact`: https: or mailto:, for whoever runs a push service and has a word with us. */
  constructor({ publicKey, privateKey }: SenderKeys, contact: string | undefined) {
    const point = Buffer.from(publicKey, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url')) as [string, string];
    this.#key = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d: privateKey } });
    this.#publicKey = publicKey;
    this.#contact = contact;
  }

  /** `audience`: the origin of the push service. `at`: Unix milliseconds. */
  authorization(audience: string, at: number): string {
    const kept = this.#kept.get(audience);
    if (kept && kept.endsAt - at > RENEWED_BEFORE_MS && kept.endsAt - at <= LASTS_MS) return kept.text;
    const endsAt = at + LASTS_MS;
    const claims = { aud: audience, exp: Math.floor(endsAt / 1000), ...(this.#contact === undefined ? {} : { sub: this.#contact }) };
    const signed = [{ typ: 'JWT', alg: 'ES256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(signed), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    const text = `vapid t=${signed}.${signature.toString('base64url')}, k=${this.#publicKey}`;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(audience, { text, endsAt });
    return text;
  }
}
