/**
 * The one character that no text in PostgreSQL holds: there, to keep it or only to look for it ends in a mistake of the database. Whoever asks for
 * such a name, or sends such a text, is answered before, on either engine.
 */
import type { Context } from 'hono';

const NUL = '\0';
/** In JSON, where the backslash is not itself escaped. */
const ESCAPED = /(?<!\\)(?:\\\\)*\\u0000/;
const FORM = /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i;

export const NUL_WORDS = 'No text here can hold the character NUL.';

export const asksForNul = (c: Context): boolean => c.req.url.includes('%00');

/** The API reads whatever it is sent as JSON. A file in a form is no text. */
export async function sendsNul(c: Context, isApi: boolean): Promise<boolean> {
  if (isApi) return ESCAPED.test(await c.req.text());
  if (!FORM.test(c.req.header('content-type') ?? '')) return false;
  const sent = await c.req.formData().catch(() => undefined);
  return sent !== undefined && [...sent].some(([name, value]) => name.includes(NUL) || (typeof value === 'string' && value.includes(NUL)));
}
