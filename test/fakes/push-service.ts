/**
 * A push service (RFC 8030) over real TLS on loopback, and browsers that are subscribed there. What it is sent is looked at as a push service would, and read as a browser would: by
 * WebCrypto, and not by the code that wrote it.
 */
import type { webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Said } from '../../src/desk/push/message.ts';
import { createPushPost } from '../../src/platform/push-post.ts';
import { CERTIFICATE, KEY } from './self-signed.ts';

export type PushAnswer = { readonly status: number; readonly headers?: Record<string, string> };
type Claims = { readonly aud: string; readonly exp: number; readonly sub?: string };
export type Pushed = {
  readonly said: Said;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: number;
  readonly claims: Claims;
  /** What signed it, base64url. */
  readonly signer: string;
};

/** Whose certificate it has. */
const NAME = 'nas.test';

export class PushService {
  readonly #server: Server;
  #count = 0;
  readonly #browsers = new Map<string, PushedBrowser>();
  /** How often somebody came. */
  asked = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Gone when the running test is over. */
  static async open(): Promise<PushService> {
    const server = createServer({ key: KEY, cert: CERTIFICATE });
    const service = new PushService(server);
    server.on('request', async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      service.asked++;
      const browser = service.#browsers.get(request.url ?? '');
      const { status, headers } = browser === undefined || request.method !== 'POST' ? { status: 404 } : browser.answer();
      if (status === 201) await browser?.take(request.headers as Record<string, string>, Buffer.concat(parts));
      response.writeHead(status, headers).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    return service;
  }

  /** As the settings name it. */
  get name(): string {
    return `${NAME}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As the desk has it, but that the name leads to this machine, and may. */
  get post(): ReturnType<typeof createPushPost> {
    return createPushPost({ ca: CERTIFICATE, mayReach: () => true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  }

  async subscribe(): Promise<PushedBrowser> {
    const path = `/push/${++this.#count}`;
    const browser = await PushedBrowser.make(`https://${this.name}${path}`);
    this.#browsers.set(path, browser);
    return browser;
  }
}

export class PushedBrowser {
  readonly endpoint: string;
  readonly taken: Pushed[] = [];
  answer: () => PushAnswer = () => ({ status: 201 });
  readonly #pair: webcrypto.CryptoKeyPair;
  readonly #point: Uint8Array<ArrayBuffer>;
  readonly #auth = crypto.getRandomValues(new Uint8Array(16));

  private constructor(endpoint: string, pair: webcrypto.CryptoKeyPair, point: Uint8Array<ArrayBuffer>) {
    this.endpoint = endpoint;
    this.#pair = pair;
    this.#point = point;
  }

  static async make(endpoint: string): Promise<PushedBrowser> {
    const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    return new PushedBrowser(endpoint, pair, new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  }

  /** As PushSubscription.toJSON has it. */
  get subscription(): { endpoint: string; expirationTime: null; keys: { p256dh: string; auth: string } } {
    const [p256dh, auth] = [this.#point, this.#auth].map((bytes) => Buffer.from(bytes).toString('base64url')) as [string, string];
    return { endpoint: this.endpoint, expirationTime: null, keys: { p256dh, auth } };
  }

  get titles(): string[] {
    return this.taken.map(({ said }) => said.title);
  }

  async take(headers: Record<string, string>, body: Buffer): Promise<void> {
    const [, token = '', signer = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
    const claims = await verified(token, signer);
    const text = await decrypted(body, { pair: this.#pair, point: this.#point, auth: this.#auth });
    this.taken.push({ said: JSON.parse(text) as Said, headers, bytes: body.length, claims, signer });
  }
}

/** RFC 8292: ES256 by the key that is named beside it. */
async function verified(token: string, signer: string): Promise<Claims> {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const key = await crypto.subtle.importKey('raw', bytesOf(signer), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  if (!(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytesOf(signature), signed)))
    throw new Error('signed by another');
  if (JSON.parse(Buffer.from(head, 'base64url').toString()).alg !== 'ES256') throw new Error('of another kind');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims;
}

type OwnKeys = { readonly pair: webcrypto.CryptoKeyPair; readonly point: Uint8Array<ArrayBuffer>; readonly auth: Uint8Array<ArrayBuffer> };

/** RFC 8291, from the side of the browser. */
export async function decrypted(body: Buffer, { pair, point, auth }: OwnKeys): Promise<string> {
  const all = Uint8Array.from(body);
  const [salt, length] = [all.slice(0, 16), all[20] ?? 0];
  const [theirs, hidden] = [all.slice(21, 21 + length), all.slice(21 + length)];
  const their = await crypto.subtle.importKey('raw', theirs, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: their }, pair.privateKey, 256));
  const info = Uint8Array.from([...new TextEncoder().encode('WebPush: info\0'), ...point, ...theirs]);
  const shared = await derived(secret, auth, info, 256);
  const [key, nonce] = [
    await derived(shared, salt, new TextEncoder().encode('Content-Encoding: aes128gcm\0'), 128),
    await derived(shared, salt, new TextEncoder().encode('Content-Encoding: nonce\0'), 96),
  ];
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  const plain = Buffer.from(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, aes, hidden));
  return plain.subarray(0, plain.lastIndexOf(2)).toString();
}

async function derived(
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  bits: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, bits));
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64url, 'base64url'));
}
