/** Incidents of many homes over HTTP: a list, one with its homes and its history, and what people do with it, from the page's forms or as JSON. */
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { incidentPage } from '../../web/incident-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import type { Frame } from '../../web/parts.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { IncidentActed, IncidentWork } from '../incidents/incident-work.ts';
import type { DeskReader } from '../reader.ts';
import { CHANNELS } from '../tickets/ticket.ts';
import { onlyFromOwnPage } from './own-page.ts';

export type IncidentDeps = { readonly reader: DeskReader; readonly incidentWork: IncidentWork; frame(): Frame };

const MAX_BODY_BYTES = 16 * 1024;
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

export function addIncidents(app: Hono, { reader, incidentWork, frame }: IncidentDeps): void {
  const find = async (given: string) => {
    const read = number.safeParse(given);
    return read.success ? reader.incidents.one(read.data) : undefined;
  };
  app.get('/api/v1/incidents', async (c) => {
    const query = listQuery.safeParse(c.req.query());
    if (!query.success) return c.json({ error: 'bad-query', message: z.prettifyError(query.error) }, 400);
    return c.json({ incidents: await reader.incidents.list({ open: query.data.open === 'true', limit: query.data.limit }) });
  });
  app.get('/api/v1/incidents/:number', async (c) => {
    const incident = await find(c.req.param('number'));
    return incident ? c.json({ incident }) : c.json(MISSING, 404);
  });
  app.post('/api/v1/incidents/:number/steps', onlyFromOwnPage, limited, async (c) => {
    const { status, body } = await carryOut(incidentWork, c.req.param('number'), await c.req.json().catch(() => undefined));
    return c.json(body, status);
  });
  app.get('/incidents/:number', async (c) => {
    const incident = await find(c.req.param('number'));
    return incident ? c.html(incidentPage({ ...frame(), incident })) : c.html(missingPage(frame()), 404);
  });
  app.post('/incidents/:number', onlyFromOwnPage, limited, async (c) => {
    const { status, body } = await carryOut(incidentWork, c.req.param('number'), await c.req.parseBody());
    const back = `/incidents/${Number(c.req.param('number'))}`;
    return status === 200 ? c.redirect(back, 303) : c.html(refusedPage(frame(), 'message' in body ? body.message : '', back), status);
  });
}

const limited = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: 'too-long', message: 'That is too long.' }, 413) });

type Answer = {
  readonly status: 200 | 400 | 404 | 409;
  readonly body: Extract<IncidentActed, { incident: unknown }> | { readonly error: string; readonly message: string };
};

async function carryOut(work: IncidentWork, incident: string, body: unknown): Promise<Answer> {
  const [which, read] = [number.safeParse(incident), act.safeParse(body)];
  if (!which.success) return { status: 404, body: MISSING };
  if (!read.success) return { status: 400, body: { error: 'bad-body', message: z.prettifyError(read.error) } };
  const { version, by, ...said } = read.data;
  const acted = await work.act({ number: which.data, version, by, step: said });
  if (acted === 'unknown') return { status: 404, body: MISSING };
  if ('refused' in acted) return { status: 409, body: { error: 'refused', message: acted.refused } };
  if ('changed' in acted)
    return { status: 409, body: { error: 'changed', message: 'Somebody changed it in the meantime. Look at it again.' } };
  return { status: 200, body: acted };
}
