/** A provider that says whatever the test wants, signed or not: what a desk has to refuse. Real HTTP on loopback. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Claims = Readonly<Record<string, unknown>>;

const b64 = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export class CrookedProvider {
  /** Laid over what an honest one would say. */
  claims: Claims = {};
  header: Claims = {};
  /** Breaks the signature. */
  isForged = false;
  /** Status and body of the token endpoint instead of a token. */
  refusal: { readonly status: number; readonly body: object } | undefined;
  userInfo: Claims | undefined;
  nonce = '';
  issuer = '';
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const { status, body } = this.#said(url);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #said(url: string): { readonly status: number; readonly body: object } {
    if (url.endsWith('/openid-configuration')) return { status: 200, body: this.#ofItself() };
    if (url === '/keys')
      return { status: 200, body: { keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: '1', alg: 'RS256', use: 'sig' }] } };
    if (url === '/me') return this.userInfo ? { status: 200, body: this.userInfo } : { status: 404, body: { error: 'none' } };
    return this.refusal ?? { status: 200, body: { access_token: 'a', token_type: 'Bearer', id_token: this.#token() } };
  }

  #ofItself(): object {
    const at = (path: string): string => `${this.issuer}${path}`;
    return {
      issuer: this.issuer,
      authorization_endpoint: at('authorize'),
      token_endpoint: at('token'),
      jwks_uri: at('keys'),
      userinfo_endpoint: at('me'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  #token(): string {
    const now = Math.floor(Date.now() / 1000);
    const honest = { iss: this.issuer, sub: 'anna-1', aud: 'desk', iat: now, exp: now + 300, nonce: this.nonce };
    const text = `${b64({ alg: 'RS256', kid: '1', ...this.header })}.${b64({ ...honest, ...this.claims })}`;
    const signed = createSign('sha256')
      .update(this.isForged ? `${text}x` : text)
      .sign(this.#keys.privateKey, 'base64url');
    return `${text}.${this.header.alg === 'none' ? '' : signed}`;
  }
}
