/** Tickets over HTTP: the queue, one ticket with its alerts and its history, and what people do with it, from the page's forms or as JSON. */
import { z } from 'zod';
import { missingPage } from '../../web/missing-page.ts';
import { queuePage } from '../../web/queue-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { ticketPage } from '../../web/ticket-page.ts';
import type { TicketPageView } from '../reader.ts';
import type { Shifts } from '../shifts.ts';
import { symptomOfDevice } from '../tickets/symptom.ts';
import { CHANNELS, OUTCOMES, type Step, TIERS, type Ticket } from '../tickets/ticket.ts';
import { CASE_TIERS } from '../vendors/vendor-case.ts';
import { badBody, call, type Refusal, refuse } from './call.ts';
import { withPlaybooksOfFiring } from './playbooks.ts';
import { readDossier } from './read-dossier.ts';
import { forbidden, type Routes } from './routes.ts';
import { deedShape, listedTicketShape, ticketShape, wholeTicketShape } from './shapes/tickets.ts';
import { by, limit, nextNumber, nextPage, number, perhaps, siteId, truth, unlessEmpty, version, words, yesOrNo } from './taken.ts';
import type { Visit } from './visit.ts';

const QUEUE_LENGTH = 200;
const MINUTE_MS = 60_000;

const text = words(2000, 'words are needed');

const inner = truth
  .optional()
  .transform((isInner) => (isInner === true ? isInner : undefined))
  .describe('For the desk alone: it is in no pack for others.');

const newTicket = z.object({
  site: siteId,
  title: words(160, 'a title is needed'),
  by,
  channel: z.preprocess((value) => value || undefined, z.enum(CHANNELS).optional().describe('How the client told it.')),
  text: perhaps(2000),
});

const caseName = perhaps(80).describe('Its number at the vendor.');

const step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('take') }),
  z.object({ do: z.literal('note'), text, inner }),
  z.object({ do: z.literal('answer'), channel: z.enum(CHANNELS), text }),
  z.object({ do: z.literal('wait'), for: words(160, 'say for what it waits') }),
  z.object({ do: z.literal('snooze'), minutes: z.coerce.number().int().min(1) }),
  z.object({ do: z.literal('tier'), to: z.enum(TIERS), consentFrom: perhaps(64), rate: perhaps(64), override: perhaps(256) }),
  z.object({
    do: z.literal('time'),
    minutes: z.coerce.number().int().min(1).max(1440),
    billable: truth,
    text,
    consentFrom: perhaps(64),
    rate: perhaps(64),
    override: perhaps(256),
  }),
  z.object({ do: z.literal('time-back'), entry: number, text }),
  z.object({ do: z.literal('count'), counts: truth, text }),
  z.object({
    do: z.literal('vendor'),
    contract: unlessEmpty(number.optional()).describe('By which of the contracts that the home has.'),
    vendor: perhaps(80).describe('Where it is by none of them.'),
    case: caseName,
  }),
  z.object({ do: z.literal('vendor-reached'), entry: number.describe('Of the case.'), tier: z.enum(CASE_TIERS), case: caseName }),
  z.object({ do: z.literal('resolve'), outcome: z.enum(OUTCOMES).exclude(['recovered']), text }),
  z.object({ do: z.literal('reopen'), text }),
  z.object({ do: z.literal('merge'), into: number }),
]);

const act = z.object({ version, by }).and(step);
const place = z.object({ number: number.describe('Of the ticket.') });
const acted = z.object({ ticket: ticketShape }).meta({ id: 'TicketActed' });

export const TICKET_CALLS = {
  list: call('listTickets', 'get /api/v1/tickets', {
    rule: 'tickets',
    summary: 'Tickets: of those that are open the first are those whose first answer is due next, of the others the newest',
    query: z.object({
      site: siteId.optional(),
      device: siteId.optional().describe('Only those about this device.'),
      open: yesOrNo.optional().describe('Only those that people work on, or only those that are over.'),
      page: z.coerce.number().int().min(1).max(10_000).default(1),
      limit: limit(1000, QUEUE_LENGTH),
    }),
    answer: z.object({ tickets: z.array(listedTicketShape), next: nextPage }),
    paging: { by: 'page', of: 'tickets' },
  }),
  one: call('ticket', 'get /api/v1/tickets/:number', {
    rule: 'tickets',
    summary: 'A ticket with its alerts, what was done on it and who was told',
    params: place,
    answer: z.object({ ticket: wholeTicketShape }),
    refusals: [404],
  }),
  audit: call('audit', 'get /api/v1/sites/:id/audit', {
    rule: 'audit',
    summary: 'Who did what in a home, in their order',
    params: z.object({ id: z.string().describe('Of the home.') }),
    query: z.object({
      after: z.coerce.number().int().min(0).default(0).describe('Those behind the link of this `n`.'),
      limit: limit(1000, 200),
    }),
    answer: z.object({
      deeds: z.array(deedShape),
      brokenAt: z.number().int().optional().describe('The first link of the whole chain that does not follow from the one before.'),
      next: nextNumber,
    }),
    refusals: [404],
    paging: { by: 'after', of: 'deeds' },
  }),
  open: call('openTicket', 'post /api/v1/tickets', {
    rule: 'work',
    summary: 'Opens a ticket for what no hub sees',
    body: newTicket,
    answer: acted,
    status: 201,
    refusals: [404],
  }),
  act: call('actOnTicket', 'post /api/v1/tickets/:number/steps', {
    rule: 'note',
    summary: 'A step on a ticket',
    about: 'Who may only note may take no other step.',
    params: place,
    body: act,
    answer: acted,
    refusals: [400, 404, 409],
  }),
};

export function addTickets(routes: Routes, shifts: Pick<Shifts, 'list'>): void {
  addApi(routes);
  addPages(routes, shifts);
}

function addApi(routes: Routes): void {
  routes.call(TICKET_CALLS.list, async ({ query: { open, device, ...filter } }, { reader }) => {
    const tickets = await reader.tickets({
      ...filter,
      ...(open === undefined ? {} : { open: open === 'true' }),
      ...(device === undefined ? {} : { symptom: symptomOfDevice(device) }),
    });
    return { tickets, ...(tickets.length === filter.limit ? { next: filter.page + 1 } : {}) };
  });
  routes.call(TICKET_CALLS.one, async ({ params }, { reader }) => {
    const ticket = await reader.ticket(params.number);
    return ticket ? { ticket } : MISSING;
  });
  routes.call(TICKET_CALLS.audit, async ({ params, query }, { reader }) => {
    const site = await reader.site(params.id);
    if (site === undefined) return MISSING;
    const audit = await reader.audit({ site: site.id, ...query });
    const last = audit.deeds.at(-1);
    return { ...audit, ...(last !== undefined && audit.deeds.length === query.limit ? { next: last.n } : {}) };
  });
  routes.call(TICKET_CALLS.open, async ({ body }, { work }) => {
    const ticket = await work.open(body);
    return ticket ? { ticket } : MISSING;
  });
  routes.call(TICKET_CALLS.act, ({ params, body }, visit) => carryOut(visit, params.number, body));
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
  routes.get('/tickets/:number', 'tickets', async (c, visit) => {
    const { reader, playbooks, frame } = visit;
    const which = number.safeParse(c.req.param('number'));
    const ticket = which.success ? await reader.ticket(which.data) : undefined;
    if (ticket === undefined) return c.html(missingPage(frame()), 404);
    const [alerts, dossier, site, devices] = await Promise.all([
      withPlaybooksOfFiring(reader, playbooks, ticket.alerts),
      readDossier(visit, ticket.site, isCalledAnyway(ticket)),
      reader.site(ticket.site),
      reader.devices(ticket.site),
    ]);
    return c.html(ticketPage({ ...frame(), ticket: { ...ticket, alerts }, dossier, where: site && { site, devices } }));
  });
  routes.post('/tickets', 'work', async (c, { work, named, frame }) => {
    const read = newTicket.safeParse(named(await c.req.parseBody()));
    if (!read.success) return c.html(refusedPage(frame(), z.prettifyError(read.error), '/tickets'), 400);
    const ticket = await work.open(read.data);
    return ticket ? c.redirect(`/tickets/${ticket.number}`, 303) : c.html(missingPage(frame()), 404);
  });
  routes.post('/tickets/:number', 'note', async (c, visit) => {
    const which = number.safeParse(c.req.param('number'));
    if (!which.success) return c.html(missingPage(visit.frame()), 404);
    const [back, read] = [`/tickets/${which.data}`, act.safeParse(visit.named(await c.req.parseBody()))];
    const done = read.success ? await carryOut(visit, which.data, read.data) : badBody(read.error);
    if (!('refused' in done)) return c.redirect(back, 303);
    return done.refused === 403 ? forbidden(c, visit) : c.html(refusedPage(visit.frame(), done.message, back), done.refused);
  });
}

const MISSING = refuse(404, 'not-found', 'There is no such thing here.');

/** About one of its alerts the home may be called now, at whatever hour: its house is down. */
function isCalledAnyway({ alerts }: TicketPageView): boolean {
  return alerts.some(({ service }) => service !== undefined && service.noCallsBefore === undefined);
}

type Done = { readonly ticket: Ticket } | Refusal<400 | 403 | 404 | 409>;

/** Who may only note may take no other step. */
async function carryOut({ work, may, frame }: Visit, ticket: number, { version, by, ...said }: z.output<typeof act>): Promise<Done> {
  if (said.do !== 'note' && !may('work')) return refuse(403, 'forbidden', 'Your role at this desk does not allow that.');
  const acted = await work.act({ number: ticket, version, by, step: stepIn(said, frame().now) });
  if (acted === 'unknown') return MISSING;
  if ('refused' in acted) return refuse(409, 'refused', acted.refused);
  if ('changed' in acted) return refuse(409, 'changed', 'Somebody changed it in the meantime. Look at it again.');
  return acted;
}

function stepIn(said: z.infer<typeof step>, nowAt: number): Step {
  if (said.do === 'snooze') return { do: 'snooze', until: nowAt + said.minutes * MINUTE_MS };
  if (said.do !== 'tier' && said.do !== 'time') return said;
  const { consentFrom, rate, override, ...rest } = said;
  const agreed = { ...(consentFrom && rate ? { consent: { from: consentFrom, rate } } : {}), ...(override ? { override } : {}) };
  return { ...rest, ...agreed };
}
