/**
 * What a browser is told is read by that browser alone and by no push service in between: RFC 8291, which is the content coding aes128gcm (RFC 8188) with a key that only the browser
 * can derive. The key pair of each message is new.
 */
import { createCipheriv, createECDH, ECDH, hkdfSync } from 'node:crypto';
import type { Random } from '../../base/random.ts';

/** Of one browser, base64url: its public key on P-256 (65 bytes, not compressed), and its secret of 16 bytes. */
export type BrowserKeys = { readonly p256dh: string; readonly auth: string };

export const CURVE = 'prime256v1';
const [SALT_BYTES, POINT_BYTES, AUTH_BYTES, SCALAR_BYTES, TAG_BYTES] = [16, 65, 16, 32, 16];
const RECORD_BYTES = 4096;
/** Of the last record, before its padding (RFC 8188, 2). */
const LAST = 0x02;
/** What a push service has to take is 4096 bytes in all (RFC 8030, 7.2; RFC 8291, 4). */
export const MOST_BYTES = RECORD_BYTES - SALT_BYTES - 4 - 1 - POINT_BYTES - TAG_BYTES - 1;

/** Whether somebody can encrypt for them: a point of the curve, and a secret. */
export function isBrowserKeys({ p256dh, auth }: BrowserKeys): boolean {
  const point = Buffer.from(p256dh, 'base64url');
  if (point.length !== POINT_BYTES || point[0] !== 4 || Buffer.from(auth, 'base64url').length !== AUTH_BYTES) return false;
  try {
    ECDH.convertKey(point, CURVE);
    return true;
  } catch {
    return false;
  }
}

/** The body of a push message, as one record. Throws for more than MOST_BYTES and for keys that are none. */
export function encrypted(text: Uint8Array, { p256dh, auth }: BrowserKeys, random: Random): Buffer {
  if (text.length > MOST_BYTES) throw new RangeError(`a push message holds ${MOST_BYTES} bytes, not ${text.length}`);
  const theirs = Buffer.from(p256dh, 'base64url');
  const own = newPair(random);
  const salt = random.bytes(SALT_BYTES);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), theirs, own.getPublicKey()]);
  const shared = hkdfSync('sha256', own.computeSecret(theirs), Buffer.from(auth, 'base64url'), info, 32);
  const derived = (what: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(shared), salt, Buffer.from(`Content-Encoding: ${what}\0`), bytes));
  const cipher = createCipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12));
  const hidden = Buffer.concat([cipher.update(text), cipher.update(Uint8Array.of(LAST)), cipher.final()]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(RECORD_BYTES);
  head.writeUInt8(POINT_BYTES, 4);
  return Buffer.concat([salt, head, own.getPublicKey(), hidden, cipher.getAuthTag()]);
}

/** Of 2^32 numbers of that length one is no private key. */
export function newPair(random: Random): ECDH {
  for (;;) {
    const pair = createECDH(CURVE);
    try {
      pair.setPrivateKey(random.bytes(SCALAR_BYTES));
      return pair;
    } catch {
      // Another one then.
    }
  }
}
