/** A real OpenID provider on loopback, with people who sign in by typing their name. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** `sub` to what it says of somebody. */
export type Residents = Record<string, { readonly email: string; readonly email_verified: boolean }>;

export class RealProvider {
  readonly residents: Residents = {};
  readonly #server: Server = createServer();
  issuer = '';

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From then on it answers. `back`: where it leads people back to. */
  serve(back: string): void {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const scopes = 'openid email';
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: 'desk', client_secret: 'a secret of the desk', redirect_uris: [back], grant_types: ['authorization_code'] }],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: '1', use: 'sig', alg: 'RS256' }] } as never,
      cookies: { keys: ['of this test'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      pkce: { required: () => true },
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
      findAccount: async (_: unknown, sub: string) => {
        const said = this.residents[sub];
        return said && { accountId: sub, claims: async () => ({ sub, ...said }) };
      },
      // Nobody is asked whether the desk may know who he is.
      async loadExistingGrant({ oidc }) {
        const grant = new oidc.provider.Grant({ clientId: 'desk', accountId: oidc.session?.accountId as string });
        grant.addOIDCScope(scopes);
        await grant.save();
        return grant;
      },
    });
    this.#server.on('request', provider.callback());
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
