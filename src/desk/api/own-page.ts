/**
 * Other web sites that the same browser shows must not act at the desk for people, nor use up what the network of those people may ask, so what a browser sends for them is refused
 * or counted apart.
 */
import type { Context } from 'hono';
import { type Door, originOf } from './door.ts';

/**
 * Browsers say where a request comes from (Fetch Metadata, W3C); older ones name the origin of a POST; programs do neither. A request that brings a cookie comes from a browser,
 * so it has to say so: then no secret in each form is needed (decision 0033).
 */
export function isFromOwnPage(door: Door, c: Context): boolean {
  const from = c.req.header('sec-fetch-site');
  if (from !== undefined) return from === 'same-origin';
  const origin = c.req.header('origin');
  return origin === undefined ? c.req.header('cookie') === undefined : origin === originOf(door, c);
}

/** What another site made a browser send for itself, as a picture, a frame or a script: no person asked for it, and nothing here is for that site. */
export function isForAnotherSite(c: Context): boolean {
  const isSeen = c.req.header('sec-fetch-mode') === 'navigate' && c.req.header('sec-fetch-dest') === 'document';
  return isFromAnotherSite(c) && !isSeen;
}

/** Also where somebody follows a link of it. Browsers of before 2023 do not say so. */
function isFromAnotherSite(c: Context): boolean {
  return /^(cross|same)-site$/.test(c.req.header('sec-fetch-site') ?? '');
}

/** Who is not signed in comes to the door, by a link of another site, or as a program: one of them must not keep the others of his network out. */
export function wayOf(c: Context): 'door' | 'link' | 'program' {
  if (isFromAnotherSite(c)) return 'link';
  return c.req.path.startsWith('/api/') ? 'program' : 'door';
}
