/**
 * How people reach the desk: only from this machine, or under one public name by TLS, which the desk speaks itself or a proxy in front of it. A request that names another host is
 * refused, or a web site could read the desk through a visitor's browser by rebinding its own name to the desk's address.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import type { Party } from '../access/passkeys.ts';

export type Door = {
  /** `https://desk.example`, as people type it. Absent: the loopback names of this machine. */
  readonly origin?: string | undefined;
  /** Addresses and networks (`10.0.0.0/24`) of proxies. Where there are any nobody else may connect, and what they say of who asks is believed. */
  readonly proxies?: readonly string[] | undefined;
  /** Where there is no origin: the port of this machine on which it listens. */
  readonly port?: (() => number) | undefined;
};

/** What the server knows of a connection. */
export type Peer = { readonly peer?: string | undefined };

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

export function isSecure({ origin }: Door): boolean {
  return origin?.startsWith('https://') ?? false;
}

/** What links begin with that are made here. */
export function originOf({ origin }: Door, c: Context): string {
  return origin ?? `http://${c.req.header('host')}`;
}

/** The one address that stands in no request: what passkeys are made for, and where a provider sends people back to. Undefined where nobody knows on which port the desk listens. */
export function ownOrigin({ origin, port }: Door): string | undefined {
  if (origin !== undefined || port === undefined) return origin;
  return `http://localhost:${port()}`;
}

/** As what passkeys know this desk; undefined where they cannot: they need a name, and an IP address is none (WebAuthn, 5.1.2). */
export function partyOf(door: Door): Party | undefined {
  const origin = ownOrigin(door);
  if (origin === undefined) return undefined;
  const { hostname } = new URL(origin);
  return isIPv4(hostname) || hostname.startsWith('[') ? undefined : { rpId: hostname, origin };
}

/** The first guard: nobody comes past it by another name or way. */
export function onlyByTheDoor(door: Door): MiddlewareHandler {
  const host = door.origin === undefined ? undefined : new URL(door.origin).host;
  const proxies = listOf(door.proxies ?? []);
  const isGuarded = (door.proxies?.length ?? 0) > 0;
  return async (c, next) => {
    if (isGuarded && !isIn(proxies, peerOf(c)))
      return c.json({ error: 'past-the-proxy', message: 'This desk answers only through its proxy (desk.page.trustedProxies).' }, 403);
    if (isGuarded && !/^(|https)$/i.test(lastOf(c.req.header('x-forwarded-proto')) ?? ''))
      return c.json({ error: 'not-by-tls', message: 'The proxy was reached without TLS. Have it lead everybody to https.' }, 403);
    const asked = c.req.header('host')?.toLowerCase() ?? '';
    if (host === undefined ? !LOCAL_HOST.test(asked) : asked !== host) {
      const name = host ?? '127.0.0.1 or localhost';
      return c.json({ error: 'foreign-host', message: `This desk answers only as ${name}.` }, 421);
    }
    return next();
  };
}

/** Where a request comes from: the nearest address that is none of our proxies'. Whatever stands before that anybody may have written. */
export function addressOf(door: Door, c: Context): string {
  const proxies = listOf(door.proxies ?? []);
  const named = (c.req.header('x-forwarded-for') ?? '').split(',').map((text) => text.trim());
  const way = [...(door.proxies?.length ? named : []), peerOf(c)];
  return way.findLast((address) => isAddress(address) && !isIn(proxies, address)) ?? peerOf(c);
}

function peerOf(c: Context): string {
  return (c.env as Peer | undefined)?.peer ?? '127.0.0.1';
}

function lastOf(header: string | undefined): string | undefined {
  return header?.split(',').at(-1)?.trim();
}

function isAddress(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

const lists = new WeakMap<readonly string[], BlockList>();

function listOf(networks: readonly string[]): BlockList {
  const known = lists.get(networks);
  if (known) return known;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  lists.set(networks, list);
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  return isAddress(plain) && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
