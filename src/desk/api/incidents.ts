/** Incidents of many homes over HTTP: a list, one with its homes and its history, and what people do with it, from the page's forms or as JSON. */
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { incidentPage } from '../../web/incident-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { IncidentActed } from '../incidents/incident-work.ts';
import type { DeskReader } from '../reader.ts';
import { CHANNELS } from '../tickets/ticket.ts';
import type { Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const MOST = 200;

const text = z.preprocess((value) => cleanText(value, 2000), z.string('words are needed'));
const step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('take') }),
  z.object({ do: z.literal('note'), text }),
  z.object({ do: z.literal('answer'), channel: z.enum(CHANNELS), text }),
  z.object({ do: z.literal('end'), text }),
]);
const act = z
  .object({
    version: z.coerce.number().int().min(1),
    by: z.preprocess((value) => cleanText(value, 64), z.string('a name is needed')),
  })
  .and(step);
const number = z.coerce.number().int().min(1);
const listQuery = z.object({
  open: z.enum(['true', 'false']).default('true'),
  limit: z.coerce.number().int().min(1).max(MOST).default(MOST),
});

const MISSING = { error: 'not-found', message: 'There is no such incident.' };

/** An incident is of many homes: who sees only some of them sees that these are part of it, and leaves the work to who sees all. */
export function addIncidents(routes: Routes): void {
  routes.get('/api/v1/incidents', 'see', async (c, { reader }) => {
    const query = listQuery.safeParse(c.req.query());
    if (!query.success) return c.json({ error: 'bad-query', message: z.prettifyError(query.error) }, 400);
    return c.json({ incidents: await reader.incidents.list({ open: query.data.open === 'true', limit: query.data.limit }) });
  });
  routes.get('/api/v1/incidents/:number', 'see', async (c, { reader }) => {
    const incident = await find(reader, c.req.param('number'));
    return incident ? c.json({ incident }) : c.json(MISSING, 404);
  });
  routes.post('/api/v1/incidents/:number/steps', 'work', async (c, visit) => {
    const { status, body } = await carryOut(visit, c.req.param('number'), await c.req.json().catch(() => undefined));
    return c.json(body, status);
  });
  routes.get('/incidents/:number', 'see', async (c, { reader, frame }) => {
    const incident = await find(reader, c.req.param('number'));
    return incident ? c.html(incidentPage({ ...frame(), incident })) : c.html(missingPage(frame()), 404);
  });
  routes.post('/incidents/:number', 'work', async (c, visit) => {
    const { status, body } = await carryOut(visit, c.req.param('number'), await c.req.parseBody());
    const back = `/incidents/${Number(c.req.param('number'))}`;
    return status === 200 ? c.redirect(back, 303) : c.html(refusedPage(visit.frame(), 'message' in body ? body.message : '', back), status);
  });
}

async function find(reader: DeskReader, given: string | undefined) {
  const read = number.safeParse(given);
  return read.success ? reader.incidents.one(read.data) : undefined;
}

type Answer = {
  readonly status: 200 | 400 | 404 | 409;
  readonly body: Extract<IncidentActed, { incident: unknown }> | { readonly error: string; readonly message: string };
};

async function carryOut({ incidentWork, named }: Visit, incident: string | undefined, body: unknown): Promise<Answer> {
  const [which, read] = [number.safeParse(incident), act.safeParse(named(body))];
  if (!which.success) return { status: 404, body: MISSING };
  if (!read.success) return { status: 400, body: { error: 'bad-body', message: z.prettifyError(read.error) } };
  const { version, by, ...said } = read.data;
  const acted = await incidentWork.act({ number: which.data, version, by, step: said });
  if (acted === 'unknown') return { status: 404, body: MISSING };
  if ('refused' in acted) return { status: 409, body: { error: 'refused', message: acted.refused } };
  if ('changed' in acted)
    return { status: 409, body: { error: 'changed', message: 'Somebody changed it in the meantime. Look at it again.' } };
  return { status: 200, body: acted };
}
