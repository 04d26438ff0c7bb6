/** The people of a home and the notes about it, over HTTP: read, written down, changed and removed, from the page's forms or as JSON. */
import type { Context } from 'hono';
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { CONTACT_ROLES, type ContactSaid, hoursIn, hoursWritten, tellsACode, WAYS } from '../dossier/contact.ts';
import type { DossierAct, DossierStep, Kept } from '../dossier/dossier-work.ts';
import { badBody, call, type Refusal, refuse } from './call.ts';
import { forbidden, type Routes } from './routes.ts';
import { contactsShape, noteShape } from './shapes/dossier.ts';
import { by, number, truth, version } from './taken.ts';
import type { Visit } from './visit.ts';

const NO_CODES = 'A code or a password is not kept here: whoever may see this page would have it. Say who has it instead.';

export const cleaned = <T extends z.ZodType>(limit: number, schema: T) => z.preprocess((text) => cleanText(text, limit), schema);
export const withoutCode = (schema: z.ZodString) => schema.refine((text) => !tellsACode(text), NO_CODES);
/** Left empty in a form, it is none. */
export const perhaps = (limit: number) => cleaned(limit, withoutCode(z.string()).optional());
/** A box that is not ticked is not sent. */
export const flag = truth.default(false);

const LEAST_DIGITS = 3;
const telephoneNumber = z
  .string()
  .refine(
    (text) => /^\+?[\d()./ -]{3,32}(?:(?:x|ext\.?) ?\d{1,6})?$/i.test(text) && text.replace(/\D/g, '').length >= LEAST_DIGITS,
    'a telephone number such as +46 8 123 45 67',
  );
export const telephone = cleaned(40, telephoneNumber.optional());
const address = z.string().regex(/^[^\s<>,;:"@()[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}$/, 'an e-mail address such as lind@example.com');

const contactFields = {
  name: cleaned(80, z.string('a name is needed')),
  role: z.enum(CONTACT_ROLES),
  hasKey: flag.describe('To the home.'),
  first: flag.describe('To be called before others.'),
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
  about: perhaps(240).describe('For who works there, not for clients.'),
};

const noteFields = { text: cleaned(1000, withoutCode(z.string('words are needed'))), pinned: flag.describe('Shown on tickets, too.') };

type WaysGiven = Partial<Record<(typeof WAYS)[number], string | undefined>>;
const NO_WAY = { path: ['mobile'], error: 'say how to reach them: a number, an address, or in words' };
const hasAWay = (given: WaysGiven): boolean => WAYS.some((by) => given[by] !== undefined);

export const which = { no: number, version };
export const remove = z.object({ do: z.literal('remove'), by, ...which });
const contactStep = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), by, ...contactFields }).refine(hasAWay, NO_WAY),
  z.object({ do: z.literal('change'), by, ...which, ...contactFields }).refine(hasAWay, NO_WAY),
  remove,
]);
const noteStep = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), by, ...noteFields }),
  z.object({ do: z.literal('change'), by, ...which, ...noteFields }),
  remove,
]);

export const place = z.object({ id: z.string().describe('Of the home.') });
export const kept = z.object({ no: z.number().int() }).meta({ id: 'Kept' });

export const DOSSIER_CALLS = {
  contacts: call('listContacts', 'get /api/v1/sites/:id/contacts', {
    rule: 'contacts',
    summary: 'Whom to call about a home, those first who may be called now',
    params: place,
    answer: contactsShape,
    refusals: [404],
  }),
  notes: call('listNotes', 'get /api/v1/sites/:id/notes', {
    rule: 'staff',
    summary: 'What stays known of a home',
    params: place,
    answer: z.object({ notes: z.array(noteShape) }),
    refusals: [404],
  }),
  keepContact: call('keepContact', 'post /api/v1/sites/:id/contacts', {
    rule: 'work',
    summary: 'Adds, changes or removes somebody to call about a home',
    params: place,
    body: contactStep,
    answer: kept,
    refusals: [404, 409],
  }),
  keepNote: call('keepNote', 'post /api/v1/sites/:id/notes', {
    rule: 'note',
    summary: 'Adds, changes or removes a note about a home',
    about: 'Who may only note adds one and changes none.',
    params: place,
    body: noteStep,
    answer: kept,
    refusals: [404, 409],
  }),
};

export function addDossier(routes: Routes): void {
  routes.call(DOSSIER_CALLS.contacts, async ({ params }, { reader, frame }) => (await reader.contacts(params.id, frame().now)) ?? MISSING);
  routes.call(DOSSIER_CALLS.notes, async ({ params }, { reader }) => {
    const site = await reader.site(params.id);
    return site ? { notes: await reader.notes(site.id) } : MISSING;
  });
  routes.call(DOSSIER_CALLS.keepContact, ({ params, body }, visit) => keepContact(visit, params.id, body));
  routes.call(DOSSIER_CALLS.keepNote, ({ params, body }, visit) => keepNote(visit, params.id, body));
  // Where the page's script does not run; with it the form is sent as JSON.
  routes.post('/sites/:id/contacts', 'work', async (c, visit) => byForm(c, visit, contactStep, keepContact));
  routes.post('/sites/:id/notes', 'note', async (c, visit) => byForm(c, visit, noteStep, keepNote));
}

export const MISSING = refuse(404, 'not-found', 'There is no such home here.');

export type Done = { readonly no: number } | Refusal<400 | 403 | 404 | 409>;

/** `part`: of the page of the home, to which whoever sent it comes back. */
export async function byForm<S extends z.ZodType>(
  c: Context,
  visit: Visit,
  schema: S,
  carryOut: (visit: Visit, site: string, asked: z.output<S>) => Promise<Done>,
  part = 'people',
): Promise<Response> {
  const { id = '' } = c.req.param();
  const read = schema.safeParse(visit.named(await formOf(c)));
  const done = read.success ? await carryOut(visit, id, read.data) : badBody(read.error);
  if (!('refused' in done)) return c.redirect(`/sites/${id}#${part}`, 303);
  return done.refused === 403 ? forbidden(c, visit) : c.html(refusedPage(visit.frame(), done.message, `/sites/${id}`), done.refused);
}

async function keepContact({ dossier }: Visit, site: string, { by: who, ...asked }: z.output<typeof contactStep>) {
  return keptAnswer(await dossier.contact({ site, by: who, step: asked.do === 'remove' ? asked : stepOf(asked, contactSaid(asked)) }));
}

function keepNote(visit: Visit, site: string, asked: z.output<typeof noteStep>) {
  return noteDown(visit, site, asked, ({ text, pinned }) => ({ text, pinned }), visit.dossier.note);
}

/** A file as JSON would have it. */
async function formOf(c: Context): Promise<Record<string, unknown>> {
  const fields = Object.entries(await c.req.parseBody());
  const told = fields.map(async ([name, value]) => [name, value instanceof File ? await textOf(value) : value] as const);
  return Object.fromEntries(await Promise.all(told));
}

async function textOf(file: File): Promise<string> {
  return Buffer.from(await file.arrayBuffer()).toString('base64');
}

type Asked = { readonly do: 'add' } | { readonly do: 'change'; readonly no: number; readonly version: number };

export function stepOf<Said>(asked: Asked, said: Said): DossierStep<Said> {
  return asked.do === 'add' ? { do: 'add', said } : { do: 'change', no: asked.no, version: asked.version, said };
}

type Sent = { readonly by: string } & (Asked | { readonly do: 'remove'; readonly no: number; readonly version: number });

/** Who may only note adds something and changes nothing. `saidIn`: what is written down, of what was sent. */
export async function noteDown<S extends Sent, Said>(
  { may }: Visit,
  site: string,
  sent: S,
  saidIn: (sent: Exclude<S, { readonly do: 'remove' }>) => Said,
  act: (act: DossierAct<Said>) => Promise<Kept>,
): Promise<Done> {
  if (sent.do !== 'add' && !may('work')) return refuse(403, 'forbidden', 'Your role at this desk does not allow that.');
  const { by: who } = sent;
  if (sent.do === 'remove') return keptAnswer(await act({ site, by: who, step: { do: 'remove', no: sent.no, version: sent.version } }));
  return keptAnswer(await act({ site, by: who, step: stepOf(sent, saidIn(sent as Exclude<S, { readonly do: 'remove' }>)) }));
}

type ContactAsked = z.output<z.ZodObject<typeof contactFields>>;

/** The preferred way first. */
function contactSaid({ name, role, hasKey, first, hours, language, about, prefers, ...given }: ContactAsked): ContactSaid {
  const ways = WAYS.flatMap((by) => (given[by] === undefined ? [] : [{ by, to: given[by] }]));
  const sorted = ways.toSorted((left, right) => Number(right.by === prefers) - Number(left.by === prefers));
  return { name, role, hasKey, first, hours, language, about, ways: sorted };
}

export function keptAnswer(done: Kept): { readonly no: number } | Refusal<404 | 409> {
  if (done === 'unknown') return MISSING;
  if (done === 'changed') return refuse(409, 'changed', 'Somebody changed it in the meantime. Look at it again.');
  return 'refused' in done ? refuse(409, 'refused', done.refused) : done;
}
