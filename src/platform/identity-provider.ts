/** Asks a provider who somebody is, over HTTPS: OpenID Connect's authorization code with PKCE, by openid-client, which is read when the first person comes that way. */
import type { ClientAuth, Configuration } from 'openid-client';
import { type Checks, type Claims, type ProviderFault, type ProviderLink, ProviderTrouble } from '../desk/access/provider.ts';

export type ProviderPlace = {
  readonly issuer: string;
  readonly title: string;
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string | undefined;
  readonly scopes: readonly string[];
};

type Client = typeof import('openid-client');

const PATIENCE_S = 10;
/** What it says of itself (addresses, ways to sign) is asked for again after so long. */
const KNOWN_FOR_MS = 3_600_000;

export function createIdentityProvider({ issuer, title, clientId, clientSecret, scopes }: ProviderPlace): ProviderLink {
  const server = new URL(issuer);
  const library = (): Promise<Client> => import('openid-client');
  let known: { readonly configuration: Promise<Configuration>; readonly at: number } | undefined;

  async function discover(): Promise<Configuration> {
    const client = await library();
    // The signature of what it says is looked at, although it comes from the provider itself by TLS. Plain HTTP is taken from this machine only (config/desk-provider.ts).
    const execute = [client.enableNonRepudiationChecks, ...(server.protocol === 'http:' ? [client.allowInsecureRequests] : [])];
    const proof = clientSecret === undefined ? client.None() : secretProof(client, clientSecret);
    return client.discovery(server, clientId, undefined, proof, { execute, timeout: PATIENCE_S });
  }

  function configured(): Promise<Configuration> {
    const now = performance.now();
    if (known === undefined || now - known.at > KNOWN_FOR_MS) {
      const configuration = discover();
      known = { configuration, at: now };
      // What failed is tried again by the next who comes.
      configuration.catch(() => {
        if (known?.configuration === configuration) known = undefined;
      });
    }
    return known.configuration;
  }

  return {
    title,
    issuer: server.href,
    begin: (asked) => told(library, async (client) => begin(client, await configured(), asked)),
    finish: (answer, checks) => told(library, async (client) => finish(client, await configured(), { answer, checks, library })),
  };

  async function begin(
    client: Client,
    configuration: Configuration,
    { state, nonce, verifier, redirectUri }: Checks & { redirectUri: string },
  ): Promise<URL> {
    const challenge = { code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
    const asked = { redirect_uri: redirectUri, scope: scopes.join(' '), state, nonce, ...challenge };
    const url = client.buildAuthorizationUrl(configuration, asked);
    if (url.protocol === 'https:' || url.protocol === server.protocol) return url;
    throw new ProviderTrouble('odd', `it leads people to ${url.protocol}`);
  }
}

/** In the way that the provider takes; both where it says nothing are the first (OpenID Connect Core, 9). */
function secretProof(client: Client, secret: string): ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (taken.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

async function finish(
  client: Client,
  configuration: Configuration,
  { answer, checks, library }: { answer: URL; checks: Checks; library: () => Promise<Client> },
): Promise<Claims> {
  const { state, nonce, verifier } = checks;
  const expected = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(configuration, answer, expected);
  const claims = tokens.claims();
  if (claims === undefined) throw new ProviderTrouble('odd', 'it said nothing of who that is');
  const { sub } = claims;
  return {
    subject: sub,
    async email() {
      if (claims.email !== undefined) return verified(claims);
      // Many say it only when they are asked once more.
      return told(library, async () => verified(await client.fetchUserInfo(configuration, tokens.access_token, sub)));
    },
  };
}

/** Only `true` will do: what anybody may type in there says nothing. */
function verified({ email, email_verified }: Readonly<Record<string, unknown>>): string | undefined {
  return email_verified === true && typeof email === 'string' ? email : undefined;
}

/** Throws ProviderTrouble for whatever the library throws. */
async function told<T>(library: () => Promise<Client>, task: (client: Client) => Promise<T>): Promise<T> {
  const client = await library();
  try {
    return await task(client);
  } catch (cause) {
    if (cause instanceof ProviderTrouble) throw cause;
    throw new ProviderTrouble(faultOf(client, cause), describe(cause), { cause });
  }
}

/** Of system errors and statuses that say that nobody answers now. */
function faultOf(client: Client, cause: unknown): ProviderFault {
  if (cause instanceof client.AuthorizationResponseError) {
    if (cause.error === 'access_denied') return 'denied';
    return /^(server_error|temporarily_unavailable)$/.test(cause.error) ? 'down' : 'odd';
  }
  if (cause instanceof client.ResponseBodyError) return cause.error === 'invalid_grant' ? 'old' : cause.status >= 500 ? 'down' : 'odd';
  const { code, cause: inner } = cause as { readonly code?: string; readonly cause?: unknown };
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return 'clock';
  if (code === 'OAUTH_TIMEOUT' || (cause instanceof TypeError && cause.message === 'fetch failed')) return 'down';
  // Known by its status: the server of the page has put another class in the place of Response.
  const { status } = (inner ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 500 ? 'down' : 'odd';
}

function describe(cause: unknown): string {
  const parts: string[] = [];
  for (let at = cause; at instanceof Error && parts.length < 4; at = at.cause) {
    const { error, error_description } = at as { readonly error?: unknown; readonly error_description?: unknown };
    parts.push([at.message, error, error_description].filter((part) => typeof part === 'string').join(' '));
  }
  return parts.join(': ').slice(0, 500);
}
