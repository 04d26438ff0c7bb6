/** Incidents of many homes over HTTP: a list, one with its homes and its history, and what people do with it, from the page's forms or as JSON. */
import { z } from 'zod';
import { incidentPage } from '../../web/incident-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { Incident } from '../incidents/incident.ts';
import { CHANNELS } from '../tickets/ticket.ts';
import { badBody, call, type Refusal, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { incidentShape, listedIncidentShape, wholeIncidentShape } from './shapes/tickets.ts';
import { by, limit, nextNumber, number, version, words, yesOrNo } from './taken.ts';
import type { Visit } from './visit.ts';

const MOST = 200;

const text = words(2000, 'words are needed');
const step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('take') }),
  z.object({ do: z.literal('note'), text }),
  z.object({ do: z.literal('answer'), channel: z.enum(CHANNELS), text }),
  z.object({ do: z.literal('end'), text }),
]);
const act = z.object({ version, by }).and(step);
const place = z.object({ number: number.describe('Of the incident.') });

export const INCIDENT_CALLS = {
  list: call('listIncidents', 'get /api/v1/incidents', {
    rule: 'see',
    summary: 'Incidents of many homes: those that last, the oldest first; or those that are over, the newest first',
    query: z.object({
      open: yesOrNo.default('true'),
      after: number.optional().describe('Those behind the incident of this number.'),
      limit: limit(MOST),
    }),
    answer: z.object({ incidents: z.array(listedIncidentShape), next: nextNumber }),
    paging: { by: 'after', of: 'incidents' },
  }),
  one: call('incident', 'get /api/v1/incidents/:number', {
    rule: 'see',
    summary: 'An incident with its homes and what was done about it',
    params: place,
    answer: z.object({ incident: wholeIncidentShape }),
    refusals: [404],
  }),
  act: call('actOnIncident', 'post /api/v1/incidents/:number/steps', {
    rule: 'work',
    summary: 'A step on an incident: take it, note, tell its clients, end it',
    about: 'It is of many homes: only who sees all of them works on it, for everybody else there is none here.',
    params: place,
    body: act,
    answer: z.object({ incident: incidentShape }).meta({ id: 'IncidentActed' }),
    refusals: [400, 404, 409],
  }),
};

const MISSING = refuse(404, 'not-found', 'There is no such incident.');

/** An incident is of many homes: who sees only some of them sees that these are part of it, and leaves the work to who sees all. */
export function addIncidents(routes: Routes): void {
  routes.call(INCIDENT_CALLS.list, async ({ query: { open, after, limit } }, { reader }) => {
    const incidents = await reader.incidents.list({ open: open === 'true', limit, ...(after === undefined ? {} : { after }) });
    const last = incidents.at(-1);
    return { incidents, ...(last !== undefined && incidents.length === limit ? { next: last.number } : {}) };
  });
  routes.call(INCIDENT_CALLS.one, async ({ params }, { reader }) => {
    const incident = await reader.incidents.one(params.number);
    return incident ? { incident } : MISSING;
  });
  routes.call(INCIDENT_CALLS.act, ({ params, body }, visit) => carryOut(visit, params.number, body));
  routes.get('/incidents/:number', 'see', async (c, { reader, frame }) => {
    const read = number.safeParse(c.req.param('number'));
    const incident = read.success ? await reader.incidents.one(read.data) : undefined;
    return incident ? c.html(incidentPage({ ...frame(), incident })) : c.html(missingPage(frame()), 404);
  });
  routes.post('/incidents/:number', 'work', async (c, visit) => {
    const which = number.safeParse(c.req.param('number'));
    if (!which.success) return c.html(missingPage(visit.frame()), 404);
    const [back, read] = [`/incidents/${which.data}`, act.safeParse(visit.named(await c.req.parseBody()))];
    const done = read.success ? await carryOut(visit, which.data, read.data) : badBody(read.error);
    return 'refused' in done ? c.html(refusedPage(visit.frame(), done.message, back), done.refused) : c.redirect(back, 303);
  });
}

type Done = { readonly incident: Incident } | Refusal<400 | 404 | 409>;

async function carryOut({ incidentWork }: Visit, incident: number, { version, by, ...said }: z.output<typeof act>): Promise<Done> {
  const acted = await incidentWork.act({ number: incident, version, by, step: said });
  if (acted === 'unknown') return MISSING;
  if ('refused' in acted) return refuse(409, 'refused', acted.refused);
  if ('changed' in acted) return refuse(409, 'changed', 'Somebody changed it in the meantime. Look at it again.');
  return acted;
}
