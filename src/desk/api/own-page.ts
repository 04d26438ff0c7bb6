/** Other web sites that the same browser shows must not act at the desk for people, so a request that a browser sends from elsewhere is refused. */
import type { MiddlewareHandler } from 'hono';

/** Browsers say where a request comes from (Fetch Metadata, W3C); older ones name the origin of a POST; programs do neither. */
export const onlyFromOwnPage: MiddlewareHandler = async (c, next) => {
  const from = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const isOwn = from === undefined ? origin === undefined || origin === `http://${c.req.header('host')}` : from === 'same-origin';
  if (!isOwn) return c.json({ error: 'foreign-origin', message: 'Only the page of this desk may do that.' }, 403);
  return next();
};
