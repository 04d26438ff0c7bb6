/**
 * What the desk hands to a browser and wants back unchanged: kept by nobody in between, so that whoever asks for a thousand fills nothing. Encrypted and proven (AES-256-GCM), for one
 * purpose, until its time is over. The key lives as long as the process: after a restart people begin again.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LONGEST = 4096;

/** `endsAt`: Unix milliseconds of the desk's clock. */
export type Opened<T> = { readonly value: T; readonly endsAt: number };

export class Seals {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Uint8Array;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
    this.#key = random.bytes(KEY_BYTES);
  }

  /** `purpose`: what for and for whom; it is opened for the same only. */
  seal(purpose: string, value: unknown, lastsMs: number): string {
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(purpose));
    const text = JSON.stringify({ value, endsAt: this.#clock.now().wallMs + lastsMs });
    const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, hidden, cipher.getAuthTag()]).toString('base64url');
  }

  /** Undefined for what was sealed by nobody here, for another purpose, or whose time is over. */
  open<T>(purpose: string, sealed: unknown): Opened<T> | undefined {
    if (typeof sealed !== 'string' || sealed.length > LONGEST || !/^[\w-]+$/.test(sealed)) return undefined;
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    const opener = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    opener.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([opener.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), opener.final()]).toString('utf8');
      const opened = JSON.parse(text) as Opened<T>;
      return opened.endsAt > this.#clock.now().wallMs ? opened : undefined;
    } catch {
      return undefined;
    }
  }
}
