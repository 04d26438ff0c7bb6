/** A device that makes passkeys and signs with them (WebAuthn Level 3, 6 and 7), with every part of its answer in the test's hand. */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export type Wish = {
  readonly origin?: string;
  readonly rpId?: string;
  /** Whether it looked who uses it. */
  readonly isVerified?: boolean;
  readonly challenge?: string;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
};

type Options = {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
};

const b64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url');
const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();

/** Present, verified, and with a key in it (6.1). */
const FLAGS = { present: 0x01, verified: 0x04, hasKey: 0x40 };

export class Authenticator {
  readonly id = randomBytes(16);
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly #origin: string;
  counter = 0;
  #userHandle = '';

  constructor(origin: string) {
    this.#origin = origin;
    this.#keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  /** What the browser would send for a new passkey. */
  create(options: object, wish: Wish = {}): object {
    const { challenge, rp, user } = options as Options;
    this.#userHandle = user?.id ?? '';
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    const key = cborMap([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const length = Buffer.from([this.id.length >> 8, this.id.length & 255]);
    const data = Buffer.concat([this.#head(rp?.id ?? '', wish, FLAGS.hasKey), Buffer.alloc(16), length, this.id, key]);
    const attestation = cborMap([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', data],
    ]);
    const clientDataJSON = this.#clientData('webauthn.create', challenge, wish);
    return this.#answer({ clientDataJSON, attestationObject: b64(attestation), transports: ['internal'] });
  }

  /** What the browser would send of a passkey that signs. */
  get(options: object, wish: Wish = {}): object {
    const { challenge, rpId } = options as Options;
    const data = this.#head(rpId ?? '', wish, 0);
    const clientDataJSON = this.#clientData('webauthn.get', challenge, wish);
    const signed = Buffer.concat([data, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const signature = createSign('sha256').update(signed).sign(this.#keys.privateKey);
    const userHandle = wish.userHandle ?? this.#userHandle;
    return this.#answer({ clientDataJSON, authenticatorData: b64(data), signature: b64(signature), userHandle });
  }

  #head(rpId: string, { rpId: other, isVerified = true, counter = this.counter }: Wish, more: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(other ?? rpId), Buffer.from([FLAGS.present | (isVerified ? FLAGS.verified : 0) | more]), count]);
  }

  #clientData(type: string, challenge: string, wish: Wish): string {
    const said = {
      type: wish.type ?? type,
      challenge: wish.challenge ?? challenge,
      origin: wish.origin ?? this.#origin,
      crossOrigin: false,
    };
    return b64(JSON.stringify(said));
  }

  #answer(response: object): object {
    const id = b64(this.id);
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }
}

type Cbor = number | string | Uint8Array | Map<unknown, unknown>;

/** As much of RFC 8949 as a key and an attestation take. */
function cborMap(entries: readonly (readonly [number | string, Cbor])[]): Buffer {
  return Buffer.concat([headOf(5, entries.length), ...entries.flatMap(([key, value]) => [cbor(key), cbor(value)])]);
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? headOf(1, -1 - value) : headOf(0, value);
  if (typeof value === 'string') return Buffer.concat([headOf(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) return headOf(5, 0);
  return Buffer.concat([headOf(2, value.length), value]);
}

function headOf(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 256) return Buffer.from([(major << 5) | 24, count]);
  return Buffer.from([(major << 5) | 25, count >> 8, count & 255]);
}
