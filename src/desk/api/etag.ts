/** Who asks again and again is told in a few bytes that nothing has changed (RFC 9110, 8.8.3 and 13.1.2). Pure. */
import { createHash } from 'node:crypto';
import type { Who } from '../access/roles.ts';

/**
 * Names an answer to somebody. Who asked is part of it, so that it says nothing of what others are answered, and nobody is told that nothing has changed of what he has never
 * seen: a browser in which somebody else signs in, a program with a new token.
 */
export function etagOf({ kind, id, role }: Pick<Who, 'kind' | 'id' | 'role'>, text: string): string {
  return `"${createHash('sha256').update(`${kind} ${id} ${role}\n${text}`).digest('base64url').slice(0, 27)}"`;
}

/** Whether the field `If-None-Match` has it. By the weak comparison: a proxy that compresses answers makes weak ones of ours. */
export function hasIt(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const named = ifNoneMatch.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return named.includes('*') || named.includes(etag);
}
