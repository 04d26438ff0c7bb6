/** Who asks: by the cookie of a browser that somebody signed in with, or by the token of a program. */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { WHO_IS_HERE, type Who } from '../access/roles.ts';
import { hashOfSecret } from '../access/secrets.ts';
import type { Known, SignIns } from '../access/sign-ins.ts';
import type { Tokens } from '../access/tokens.ts';
import { type Door, isSecure } from './door.ts';

export type Callers = { readonly signIns: Pick<SignIns, 'who'>; readonly tokens: Pick<Tokens, 'who'> };

/** `known`: the sign-in of a browser. `again` asks whether it still holds. */
export type Caller = { readonly who: Who; readonly known?: Known; again(): Promise<boolean> };

const COOKIE = 'hearthbeat';

/** Undefined for who is not signed in. A token opens the API and no page: it is for programs, and ends in no browser's history. */
export async function readCaller(callers: Callers | undefined, door: Door, c: Context): Promise<Caller | undefined> {
  if (callers === undefined) return { who: WHO_IS_HERE, again: async () => true };
  const token = /^Bearer ([\w-]{1,100})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (token !== undefined && c.req.path.startsWith('/api/')) {
    const who = await callers.tokens.who(token);
    return who && { who, again: async () => (await callers.tokens.who(token)) !== undefined };
  }
  const secret = secretOf(door, c);
  const known = await callers.signIns.who(secret);
  return known && { who: known.who, known, again: async () => (await callers.signIns.who(secret)) !== undefined };
}

/** By TLS the browser takes it from this very host only, and sends it to no other (the prefix `__Host-`, RFC 6265bis). */
export function secretOf(door: Door, c: Context): string | undefined {
  return isSecure(door) ? getCookie(c, COOKIE, 'host') : getCookie(c, COOKIE);
}

/** Gone when the browser is closed; the desk itself says when it ends at the latest. */
export function giveSecret(door: Door, c: Context, secret: string): void {
  setCookie(c, COOKIE, secret, { path: '/', httpOnly: true, sameSite: 'Lax', ...(isSecure(door) && { secure: true, prefix: 'host' }) });
}

const AT_THE_DOOR = 'hearthbeat-door';

/** What ties the answer of a passkey or a provider to the browser that asked: 256 random bits, which open nothing. */
export function browserAtTheDoor(door: Door, c: Context): string | undefined {
  const held = isSecure(door) ? getCookie(c, AT_THE_DOOR, 'host') : getCookie(c, AT_THE_DOOR);
  return hashOfSecret(held) === undefined ? undefined : held;
}

/** The one that it has, or a new one. A provider leads back from elsewhere, so it is sent then too (Lax). */
export function markBrowser(door: Door, c: Context, makeNew: () => string): string {
  const held = browserAtTheDoor(door, c) ?? makeNew();
  setCookie(c, AT_THE_DOOR, held, { path: '/', httpOnly: true, sameSite: 'Lax', ...(isSecure(door) && { secure: true, prefix: 'host' }) });
  return held;
}

export function takeSecret(door: Door, c: Context): void {
  deleteCookie(c, isSecure(door) ? `__Host-${COOKIE}` : COOKIE, { path: '/', secure: isSecure(door) });
}
