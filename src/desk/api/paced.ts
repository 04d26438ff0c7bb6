/** Tells whoever asks how often he still may, in the words of draft-ietf-httpapi-ratelimit-headers. */
import type { Context } from 'hono';
import { type Taken, WINDOW_MS } from '../access/rate-limits.ts';

/** Answers how long he has to wait; 0 where he need not. */
export function paced(c: Context, { limited, quota, left, fullInMs, waitMs }: Taken): number {
  c.header('ratelimit-policy', `"${limited}";q=${quota};w=${WINDOW_MS / 1000}`);
  c.header('ratelimit', `"${limited}";r=${left};t=${Math.ceil(fullInMs / 1000)}`);
  if (waitMs > 0) c.header('retry-after', String(Math.ceil(waitMs / 1000)));
  return waitMs;
}
