/**
 * The one character that no text in PostgreSQL holds: there, to keep it or only to look for it ends in a mistake of the database. So no text that is asked for
 * or sent has it, on either engine.
 */
import type { Context } from 'hono';

const NUL = '\0';
/** In JSON, where the backslash is not itself escaped. */
const ESCAPED = /(?<!\\)(?:\\\\)*\\u0000/;
const FORM = /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i;

export const asksForNul = (c: Context): boolean => c.req.url.includes('%00');

/** What a program sent, read as JSON whatever it calls it; undefined where it is none. Programs hand on what others wrote: NUL is left out, as other signs are that nobody sees. */
export async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text();
  const withoutNul = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.replaceAll(NUL, '') : value);
  try {
    return JSON.parse(text, ESCAPED.test(text) ? withoutNul : undefined) as unknown;
  } catch {
    return undefined;
  }
}

/** No browser does. A file in a form is no text. */
export async function sendsNul(c: Context): Promise<boolean> {
  if (!FORM.test(c.req.header('content-type') ?? '')) return false;
  const sent = await c.req.formData().catch(() => undefined);
  return sent !== undefined && [...sent].some(([name, value]) => name.includes(NUL) || (typeof value === 'string' && value.includes(NUL)));
}
