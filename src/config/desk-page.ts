/** The settings section `desk.page`: where the page listens, and how people reach it who are not at this machine. */
import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { isLoopback } from '../base/ip-address.ts';

const port = z.number().int().min(1).max(65_535);

const ORIGIN_WORDS = 'https://NAME or https://NAME:PORT, without a path';

function isOrigin(text: string): boolean {
  if (!/^https:\/\/[^\s/?#@]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, username } = new URL(text);
  return hostname !== '' && username === '';
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, more] = text.split('/');
  if (isIP(address) === 0 || more !== undefined) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (isIPv4(address) ? 32 : 128));
}

type Page = {
  readonly host: string;
  readonly origin?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly trustedProxies: readonly string[];
};

const hasTls = ({ certFile, keyFile }: Page): boolean => certFile !== undefined && keyFile !== undefined;

/** Others than who is at this machine reach it. */
export function isPublic(page: Page): boolean {
  return page.origin !== undefined;
}

const PAIR = { path: ['keyFile'], error: 'certFile and keyFile go together: give both, or neither', when: () => true };
const NO_TLS = {
  path: ['origin'],
  error:
    'passwords need TLS on their way: give certFile and keyFile, or trustedProxies with the addresses of the proxy that speaks TLS in front of the desk',
  when: () => true,
};
const NO_ORIGIN = {
  path: ['origin'],
  error: 'needed where host is not of this machine alone, or certFile or trustedProxies are given: https://NAME as people type it',
  when: () => true,
};

const requests = z.number().int().min(10).max(1_000_000);

export const deskPageSchema = z
  .strictObject({
    port: port.default(7380).describe('Port of the page.'),
    host: z
      .string()
      .refine((text) => isIP(text) !== 0, 'an IP address of this machine, such as 127.0.0.1, 0.0.0.0 (all of IPv4) or :: (all)')
      .default('127.0.0.1')
      .describe('Address on which it listens. Default: only this machine. Another one needs accounts, origin, and TLS or a trusted proxy.'),
    origin: z
      .string()
      .refine(isOrigin, ORIGIN_WORDS)
      .transform((text) => new URL(text).origin)
      .optional()
      .describe('What people type to reach it from elsewhere, such as https://desk.example. The desk then answers to no other name.'),
    certFile: z.string().min(1).optional().describe('PEM file of its certificate and of those that vouch for it. Read again every hour.'),
    keyFile: z.string().min(1).optional().describe('PEM file of the key of that certificate.'),
    trustedProxies: z
      .array(z.string().refine(isNetwork, 'an IP address, or a network such as 10.0.0.0/24'))
      .max(32)
      .default([])
      .describe(
        'Addresses of proxies that speak TLS in front of it. Nobody else may connect then; who asks is taken from their X-Forwarded-For.',
      ),
    requestsPerMinute: z
      .strictObject({
        token: requests.default(600).describe('Of a program with a token.'),
        account: requests.default(6000).describe('Of a person, in all windows together.'),
        address: requests
          .default(600)
          .describe(
            'Of who is not signed in, from one network (an IPv4 address, or a /64 of IPv6): at the door, and as often by links of other sites and by programs.',
          ),
      })
      .prefault({})
      .describe('How often who may ask, where the desk has accounts. Who asks more often is told when to come back (429).'),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), PAIR)
  .refine((page) => isPublic(page) || (isLoopback(page.host) && !hasTls(page) && page.trustedProxies.length === 0), NO_ORIGIN)
  .refine((page) => !isPublic(page) || hasTls(page) || page.trustedProxies.length > 0, NO_TLS)
  .prefault({})
  .describe('The page for people.');
