/** Posts a notice to where the settings say, by Node's own fetch: no redirect, no cookie, a time and a size that end it. */
import type { HttpAnswer, HttpRequest, Post } from '../desk/notices/receivers/receiver.ts';

const DEADLINE_MS = 15_000;
const MOST_BYTES = 16 * 1024;

/** Of system errors before the first byte was sent (Node's names). */
const UNSENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

export const postNotice: Post = (request) => post(request, DEADLINE_MS);

export async function post({ method, url, headers, body }: HttpRequest, deadlineMs: number): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const all = { 'user-agent': 'hearthbeat', ...headers };
    const response = await fetch(url, { method, headers: all, body, redirect: 'manual', signal });
    return { status: response.status, retryAfter: response.headers.get('retry-after') ?? undefined, text: await textOf(response) };
  } catch (error) {
    return failureOf(error, signal, deadlineMs);
  }
}

/** Its beginning: what is longer is not read. */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of body) {
      parts.push(part);
      bytes += part.length;
      if (bytes > MOST_BYTES) break;
    }
  } catch {
    // The status came: what is missing are words.
  }
  return Buffer.concat(parts).subarray(0, MOST_BYTES).toString('utf8');
}

/** What became of a request that has no whole answer. */
export function failureOf(error: unknown, signal: AbortSignal, deadlineMs: number): HttpAnswer {
  if (signal.aborted) return { failed: `no answer within ${deadlineMs / 1000} s`, isUnsent: false };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as NodeJS.ErrnoException;
  return { failed: code ?? message, isUnsent: code !== undefined && UNSENT.has(code) };
}
