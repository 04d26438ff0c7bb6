/** The settings section `desk.provider`: the identity provider of a house, by which its people sign in at the desk (OpenID Connect). */
import { z } from 'zod';

const ISSUER_WORDS = 'https://NAME, as the provider calls itself (its issuer), without a query';
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username, password } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
  return isSafe && [search, hash, username, password].every((part) => part === '');
}

type Part = { readonly issuer?: string | undefined; readonly clientId?: string | undefined };

const ONE_SECRET = { path: ['clientSecretFile'], error: 'left out where clientSecret is given: one of the two', when: () => true };
const BOTH = { path: ['clientId'], error: 'issuer and clientId go together: give both, or neither', when: () => true };

export const deskProviderSchema = z
  .strictObject({
    issuer: z
      .string()
      .max(512)
      .refine(isIssuer, ISSUER_WORDS)
      .optional()
      .describe('Its address, as it calls itself: what stands as "issuer" at ISSUER/.well-known/openid-configuration. Default: none.'),
    title: z.string().trim().min(1).max(40).default('single sign-on').describe('What people call it: it stands on the button at the door.'),
    clientId: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('How it calls this desk. Tell it the address to come back to: ORIGIN/sign-in/provider/back.'),
    clientSecret: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe("The desk's secret there. None: it is a public client, and PKCE alone protects it."),
    clientSecretFile: z.string().min(1).optional().describe('File that holds the secret; better than the secret itself.'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/))
      .max(16)
      .default(['openid', 'email'])
      .refine((scopes) => scopes.includes('openid'), 'openid has to be among them')
      .describe('What the desk asks to be told.'),
  })
  .refine((part) => part.clientSecret === undefined || part.clientSecretFile === undefined, ONE_SECRET)
  .refine(({ issuer, clientId }: Part) => (issuer === undefined) === (clientId === undefined), BOTH)
  .prefault({})
  .describe('Who says who people are, beside passwords and passkeys. Nobody is let in by it who was not invited.');
