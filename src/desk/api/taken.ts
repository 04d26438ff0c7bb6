/** What requests are made of, in more than one place. */
import { z } from 'zod';
import { ID_PATTERN } from '../../base/ids.ts';
import { cleanText } from '../../base/text.ts';

export const siteId = z.string().regex(ID_PATTERN).describe('Id of a home.');

/** Words of people: unsafe signs are dropped, and what is longer is cut. */
export function words(limit: number, missing: string) {
  return z.preprocess((text) => cleanText(text, limit), z.string(missing).describe(`At most ${limit} characters; what is longer is cut.`));
}

/** Left empty in a form, they are none. */
export function perhaps(limit: number) {
  return z.preprocess(
    (text) => cleanText(text, limit),
    z.string().optional().describe(`At most ${limit} characters; what is longer is cut.`),
  );
}

/** Left empty in a form, it is none. */
export function unlessEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema);
}

/** Who does it. Where people sign in it is whoever did, so a request need not say it (`Visit.named`). */
export const by = z.preprocess(
  (text) => cleanText(text, 64),
  z.string('a name is needed').describe('Who does it. At a desk with accounts it is whoever is signed in, whatever stands here.'),
);

/** Of a ticket, an incident. */
export const number = z.coerce.number().int().min(1);

/** As whoever acts saw it: who was slower is told so, and changes nothing. */
export const version = z.coerce.number().int().min(1).describe('As last seen. Where it is another one by now the answer is 409 `changed`.');

export const yesOrNo = z.enum(['true', 'false']);

/** In a body: forms know text only. */
export const truth = z.union([z.boolean(), yesOrNo.transform((text) => text === 'true')]);

/** How many a list answers at once. */
export function limit(most: number, standard = most) {
  return z.coerce.number().int().min(1).max(most).default(standard).describe('At most so many.');
}

const NEXT = 'Where there is more: `after` of the next request. The header `Link` has the whole address (rel="next").';
export const next = z.string().optional().describe(NEXT);
export const nextNumber = z.number().int().optional().describe(NEXT);
export const nextPage = z
  .number()
  .int()
  .optional()
  .describe('Where there is more: `page` of the next request. The header `Link` has the whole address (rel="next").');
