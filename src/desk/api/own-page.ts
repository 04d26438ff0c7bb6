/** Other web sites that the same browser shows must not act at the desk for people, so a request that a browser sends from elsewhere is refused. */
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
