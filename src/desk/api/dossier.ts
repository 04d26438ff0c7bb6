/** The people of a home and the notes about it, over HTTP: read, written down, changed and removed, from the page's forms or as JSON. */
import type { Context } from 'hono';
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { CONTACT_ROLES, type ContactSaid, hoursIn, hoursWritten, tellsACode, WAYS } from '../dossier/contact.ts';
import type { DossierStep, Kept } from '../dossier/dossier-work.ts';
import { forbidden, type Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const NO_CODES = 'A code or a password is not kept here: whoever may see this page would have it. Say who has it instead.';

const cleaned = <T extends z.ZodType>(limit: number, schema: T) => z.preprocess((text) => cleanText(text, limit), schema);
const withoutCode = (schema: z.ZodString) => schema.refine((text) => !tellsACode(text), NO_CODES);
/** Left empty in a form, it is none. */
const perhaps = (limit: number) => cleaned(limit, withoutCode(z.string()).optional());
/** A box that is not ticked is not sent. */
const flag = z.preprocess((value) => value === true || value === 'true', z.boolean());

const LEAST_DIGITS = 3;
const number = z
  .string()
  .refine(
    (text) => /^\+?[\d()./ -]{3,32}(?:(?:x|ext\.?) ?\d{1,6})?$/i.test(text) && text.replace(/\D/g, '').length >= LEAST_DIGITS,
    'a telephone number such as +46 8 123 45 67',
  );
const telephone = cleaned(40, number.optional());
const address = z.string().regex(/^[^\s<>,;:"@()[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}$/, 'an e-mail address such as lind@example.com');

const contact = z
  .object({
    name: cleaned(80, z.string('a name is needed')),
    role: z.enum(CONTACT_ROLES),
    hasKey: flag,
    first: flag,
    mobile: telephone,
    phone: telephone,
    email: cleaned(254, address.optional()),
    other: perhaps(120),
    prefers: z.preprocess((value) => value || undefined, z.enum(WAYS).optional()),
    hours: cleaned(
      160,
      z
        .string()
        .refine((text) => hoursIn(text) !== undefined, 'hours such as mon-fri 8-18, sat 10:00-14:00')
        .transform((text) => hoursWritten(hoursIn(text) ?? []))
        .optional(),
    ),
    language: cleaned(40, z.string().optional()),
    about: perhaps(240),
  })
  .transform(({ mobile, phone, email, other, prefers, ...rest }): ContactSaid => {
    const given = { mobile, phone, email, other };
    const ways = WAYS.flatMap((by) => (given[by] === undefined ? [] : [{ by, to: given[by] }]));
    return { ...rest, ways: ways.toSorted((left, right) => Number(right.by === prefers) - Number(left.by === prefers)) };
  })
  .refine(({ ways }) => ways.length > 0, { path: ['mobile'], error: 'say how to reach them: a number, an address, or in words' });

const note = z.object({ text: cleaned(1000, withoutCode(z.string('words are needed'))), pinned: flag });

const by = cleaned(64, z.string('a name is needed'));
const which = { no: z.coerce.number().int().min(1), version: z.coerce.number().int().min(1) };
const how = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), by }),
  z.object({ do: z.literal('change'), by, ...which }),
  z.object({ do: z.literal('remove'), by, ...which }),
]);

export function addDossier(routes: Routes): void {
  routes.get('/api/v1/sites/:id/contacts', 'contacts', async (c, { reader, frame }) => {
    const known = await reader.contacts(c.req.param('id') ?? '', frame().now);
    return known ? c.json(known) : c.json(MISSING, 404);
  });
  routes.get('/api/v1/sites/:id/notes', 'staff', async (c, { reader }) => {
    const site = await reader.site(c.req.param('id') ?? '');
    return site ? c.json({ notes: await reader.notes(site.id) }) : c.json(MISSING, 404);
  });
  for (const [path, rule, carryOut] of [
    ['contacts', 'work', keepContact],
    ['notes', 'note', keepNote],
  ] as const) {
    routes.post(`/api/v1/sites/:id/${path}`, rule, async (c, visit) => {
      const done = await carryOut(visit, c.req.param('id') ?? '', await c.req.json().catch(() => undefined));
      return done === 'forbidden' ? forbidden(c, visit) : c.json(done.body, done.status);
    });
    // Where the page's script does not run; with it the form is sent as JSON.
    routes.post(`/sites/:id/${path}`, rule, async (c, visit) => {
      const done = await carryOut(visit, c.req.param('id') ?? '', await c.req.parseBody());
      return done === 'forbidden' ? forbidden(c, visit) : pageFor(c, visit, done);
    });
  }
}

const MISSING = { error: 'not-found', message: 'There is no such home here.' };

type Answer = {
  readonly status: 200 | 400 | 404 | 409;
  /** `field`: what of the form is wrong. */
  readonly body: { readonly no: number } | { readonly error: string; readonly message: string; readonly field?: string };
};

function pageFor(c: Context, visit: Visit, { status, body }: Answer): Response | Promise<Response> {
  const home = `/sites/${c.req.param('id')}`;
  if (status === 200) return c.redirect(`${home}#people`, 303);
  return c.html(refusedPage(visit.frame(), 'message' in body ? body.message : '', home), status);
}

async function keepContact({ dossier, named }: Visit, site: string, body: unknown): Promise<Answer> {
  const step = stepIn(contact, named(body));
  return 'status' in step ? step : answer(await dossier.contact({ site, ...step }));
}

/** Who may only note adds one and changes none. */
async function keepNote({ dossier, named, may }: Visit, site: string, body: unknown): Promise<Answer | 'forbidden'> {
  const step = stepIn(note, named(body));
  if ('status' in step) return step;
  if (step.step.do !== 'add' && !may('work')) return 'forbidden';
  return answer(await dossier.note({ site, ...step }));
}

function stepIn<Said>(schema: z.ZodType<Said>, body: unknown): { by: string; step: DossierStep<Said> } | Answer {
  const read = how.safeParse(body);
  if (!read.success) return bad(read.error);
  const { by: who, ...step } = read.data;
  if (step.do === 'remove') return { by: who, step };
  const said = schema.safeParse(body);
  return said.success ? { by: who, step: { ...step, said: said.data } } : bad(said.error);
}

function bad({ issues: [first] }: z.ZodError): Answer {
  const field = first?.path.at(-1);
  const message = first?.message ?? 'That cannot be read.';
  return { status: 400, body: { error: 'bad-body', message, ...(typeof field === 'string' ? { field } : {}) } };
}

function answer(kept: Kept): Answer {
  if (kept === 'unknown') return { status: 404, body: MISSING };
  if (kept === 'changed')
    return { status: 409, body: { error: 'changed', message: 'Somebody changed it in the meantime. Look at it again.' } };
  if ('refused' in kept) return { status: 409, body: { error: 'refused', message: kept.refused } };
  return { status: 200, body: kept };
}
