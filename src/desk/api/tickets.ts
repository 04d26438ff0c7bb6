/** Tickets over HTTP: the queue, one ticket with its alerts and its history, and what people do with it, from the page's forms or as JSON. */
import { z } from 'zod';
import { ID_PATTERN } from '../../base/ids.ts';
import { cleanText } from '../../base/text.ts';
import { missingPage } from '../../web/missing-page.ts';
import { queuePage } from '../../web/queue-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { ticketPage } from '../../web/ticket-page.ts';
import type { DeskReader, TicketPageView } from '../reader.ts';
import type { Shifts } from '../shifts.ts';
import type { Acted } from '../tickets/desk-work.ts';
import { CHANNELS, OUTCOMES, type Step, TIERS } from '../tickets/ticket.ts';
import { withPlaybooksOfFiring } from './playbooks.ts';
import { forbidden, type Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const QUEUE_LENGTH = 200;
const MINUTE_MS = 60_000;

const words = (limit: number, schema: z.ZodType<string>) => z.preprocess((text) => cleanText(text, limit), schema);
/** Left empty in a form, it is none. */
const perhaps = (limit: number) => z.preprocess((text) => cleanText(text, limit), z.string().optional());
const name = words(64, z.string('a name is needed'));
const text = words(2000, z.string('words are needed'));
const number = z.coerce.number().int().min(1);

const newTicket = z.object({
  site: z.string().regex(ID_PATTERN),
  title: words(160, z.string('a title is needed')),
  by: name,
  channel: z.preprocess((value) => value || undefined, z.enum(CHANNELS).optional()),
  text: perhaps(2000),
});

const step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('take') }),
  z.object({ do: z.literal('note'), text }),
  z.object({ do: z.literal('answer'), channel: z.enum(CHANNELS), text }),
  z.object({ do: z.literal('wait'), for: words(160, z.string('say for what it waits')) }),
  z.object({ do: z.literal('snooze'), minutes: z.coerce.number().int().min(1) }),
  z.object({ do: z.literal('tier'), to: z.enum(TIERS), consentFrom: perhaps(64), rate: perhaps(64), override: perhaps(256) }),
  z.object({
    do: z.literal('time'),
    minutes: z.coerce.number().int().min(1).max(1440),
    billable: z.preprocess((value) => (typeof value === 'boolean' ? String(value) : value), z.enum(['true', 'false'])),
    text,
    consentFrom: perhaps(64),
    rate: perhaps(64),
    override: perhaps(256),
  }),
  z.object({ do: z.literal('time-back'), entry: number, text }),
  z.object({
    do: z.literal('count'),
    counts: z.preprocess((value) => (typeof value === 'boolean' ? String(value) : value), z.enum(['true', 'false'])),
    text,
  }),
  z.object({ do: z.literal('resolve'), outcome: z.enum(OUTCOMES).exclude(['recovered']), text }),
  z.object({ do: z.literal('reopen'), text }),
  z.object({ do: z.literal('merge'), into: number }),
]);

const act = z.object({ version: z.coerce.number().int().min(1), by: name }).and(step);

const listQuery = z.object({
  site: z.string().regex(ID_PATTERN).optional(),
  open: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(QUEUE_LENGTH),
});
const auditQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export function addTickets(routes: Routes, shifts: Pick<Shifts, 'list'>): void {
  addApi(routes);
  addPages(routes, shifts);
}

function addApi(routes: Routes): void {
  routes.get('/api/v1/tickets', 'tickets', async (c, { reader }) => {
    const query = listQuery.safeParse(c.req.query());
    if (!query.success) return c.json(bad('bad-query', query.error), 400);
    const { open, ...filter } = query.data;
    return c.json({ tickets: await reader.tickets({ ...filter, ...(open === undefined ? {} : { open: open === 'true' }) }) });
  });
  routes.get('/api/v1/tickets/:number', 'tickets', async (c, { reader }) => {
    const ticket = await find(reader, c.req.param('number'));
    return ticket ? c.json({ ticket }) : c.json(MISSING, 404);
  });
  routes.get('/api/v1/sites/:id/audit', 'audit', async (c, { reader }) => {
    const [query, site] = [auditQuery.safeParse(c.req.query()), await reader.site(c.req.param('id') ?? '')];
    if (!query.success) return c.json(bad('bad-query', query.error), 400);
    return site ? c.json(await reader.audit({ site: site.id, ...query.data })) : c.json(MISSING, 404);
  });
  routes.post('/api/v1/tickets', 'work', async (c, { work, named }) => {
    const read = newTicket.safeParse(named(await c.req.json().catch(() => undefined)));
    if (!read.success) return c.json(bad('bad-body', read.error), 400);
    const ticket = await work.open(read.data);
    return ticket ? c.json({ ticket }, 201) : c.json(MISSING, 404);
  });
  routes.post('/api/v1/tickets/:number/steps', 'note', async (c, visit) => {
    const done = await carryOut(visit, c.req.param('number'), await c.req.json().catch(() => undefined));
    return done === 'forbidden' ? forbidden(c, visit) : c.json(done.body, done.status);
  });
}

function addPages(routes: Routes, shifts: Pick<Shifts, 'list'>): void {
  routes.get('/tickets', 'tickets', async (c, { reader, frame, may }) => {
    const at = frame().now;
    const [open, over, incidents, counts, onShift] = await Promise.all([
      reader.tickets({ open: true, limit: QUEUE_LENGTH }),
      reader.tickets({ open: false, limit: 20 }),
      reader.incidents.list({ open: true, limit: 20 }),
      reader.countOpenTickets(at),
      may('desk') ? shifts.list() : undefined,
    ]);
    return c.html(queuePage({ ...frame(), incidents, open, over, counts, onShift }));
  });
  routes.get('/tickets/:number', 'tickets', async (c, { reader, playbooks, frame, may }) => {
    const ticket = await find(reader, c.req.param('number'));
    if (ticket === undefined) return c.html(missingPage(frame()), 404);
    const [alerts, contacts, notes] = await Promise.all([
      withPlaybooksOfFiring(reader, playbooks, ticket.alerts),
      may('contacts') ? reader.contacts(ticket.site, frame().now, isCalledAnyway(ticket)) : undefined,
      may('staff') ? reader.notes(ticket.site) : [],
    ]);
    return c.html(ticketPage({ ...frame(), ticket: { ...ticket, alerts }, dossier: { contacts, notes } }));
  });
  routes.post('/tickets', 'work', async (c, { work, named, frame }) => {
    const read = newTicket.safeParse(named(await c.req.parseBody()));
    if (!read.success) return c.html(refusedPage(frame(), z.prettifyError(read.error), '/tickets'), 400);
    const ticket = await work.open(read.data);
    return ticket ? c.redirect(`/tickets/${ticket.number}`, 303) : c.html(missingPage(frame()), 404);
  });
  routes.post('/tickets/:number', 'note', async (c, visit) => {
    const done = await carryOut(visit, c.req.param('number'), await c.req.parseBody());
    if (done === 'forbidden') return forbidden(c, visit);
    const { status, body } = done;
    if (status === 200) return c.redirect(`/tickets/${c.req.param('number')}`, 303);
    return c.html(refusedPage(visit.frame(), 'message' in body ? body.message : '', `/tickets/${Number(c.req.param('number'))}`), status);
  });
}

const MISSING = { error: 'not-found', message: 'There is no such thing here.' };

function bad(error: string, problem: z.ZodError) {
  return { error, message: z.prettifyError(problem) };
}

/** About one of its alerts the home may be called now, at whatever hour: its house is down. */
function isCalledAnyway({ alerts }: TicketPageView): boolean {
  return alerts.some(({ service }) => service !== undefined && service.noCallsBefore === undefined);
}

async function find(reader: DeskReader, text: string | undefined) {
  const read = number.safeParse(text);
  return read.success ? reader.ticket(read.data) : undefined;
}

type Answer = {
  readonly status: 200 | 400 | 404 | 409;
  readonly body: Extract<Acted, { ticket: unknown }> | { readonly error: string; readonly message: string };
};

/** Who may only note may take no other step. */
async function carryOut({ work, named, may, frame }: Visit, ticket: string | undefined, body: unknown): Promise<Answer | 'forbidden'> {
  const [which, read] = [number.safeParse(ticket), act.safeParse(named(body))];
  if (!which.success) return { status: 404, body: MISSING };
  if (!read.success) return { status: 400, body: bad('bad-body', read.error) };
  const { version, by, ...said } = read.data;
  if (said.do !== 'note' && !may('work')) return 'forbidden';
  const acted = await work.act({ number: which.data, version, by, step: stepIn(said, frame().now) });
  if (acted === 'unknown') return { status: 404, body: MISSING };
  if ('refused' in acted) return { status: 409, body: { error: 'refused', message: acted.refused } };
  if ('changed' in acted)
    return { status: 409, body: { error: 'changed', message: 'Somebody changed it in the meantime. Look at it again.' } };
  return { status: 200, body: acted };
}

function stepIn(said: z.infer<typeof step>, nowAt: number): Step {
  if (said.do === 'snooze') return { do: 'snooze', until: nowAt + said.minutes * MINUTE_MS };
  if (said.do === 'count') return { ...said, counts: said.counts === 'true' };
  if (said.do !== 'tier' && said.do !== 'time') return said;
  const { consentFrom, rate, override, ...rest } = said;
  const agreed = { ...(consentFrom && rate ? { consent: { from: consentFrom, rate } } : {}), ...(override ? { override } : {}) };
  return rest.do === 'tier' ? { ...rest, ...agreed } : { ...rest, billable: rest.billable === 'true', ...agreed };
}
