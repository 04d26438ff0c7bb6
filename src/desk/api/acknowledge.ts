/** What people do at the desk: acknowledge an alert, from the page's form or as JSON. */
import { z } from 'zod';
import { ID_PATTERN } from '../../base/ids.ts';
import { cleanText } from '../../base/text.ts';
import { planTrouble } from '../../protocol/plan-date.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const cleaned = <T extends z.ZodType>(limit: number, schema: T) => z.preprocess((text) => cleanText(text, limit), schema);

const bodySchema = z.object({
  site: z.string().regex(ID_PATTERN),
  key: z.string().min(1).max(96),
  raisedHubAt: z.coerce.number().int().nonnegative(),
  by: cleaned(64, z.string('a name is needed')),
  /** Left empty in a form, it is none. */
  note: cleaned(256, z.string().optional()),
  plannedFor: cleaned(32, z.string().optional()),
});

export function addAcknowledge(routes: Routes): void {
  routes.post('/api/v1/alerts/acknowledge', 'work', async (c, visit) => {
    const { status, body } = await carryOut(visit, await c.req.json().catch(() => undefined));
    return c.json(body, status);
  });
  // Where the page's script does not run; with it the form is sent as JSON.
  routes.post('/sites/:id/acknowledge', 'work', async (c, visit) => {
    const site = c.req.param('id');
    const { status, body } = await carryOut(visit, { ...(await c.req.parseBody()), site });
    if (status === 200 || status === 409) return c.redirect(`/sites/${site}`, 303);
    return c.html(refusedPage(visit.frame(), 'message' in body ? body.message : '', `/sites/${site}`), status);
  });
}

type Answer = {
  readonly status: 200 | 400 | 404 | 409;
  /** `field`: what of the form is wrong. */
  readonly body: { readonly acknowledged: true } | { readonly error: string; readonly message: string; readonly field?: string };
};

async function carryOut({ acknowledge, named, frame }: Visit, body: unknown): Promise<Answer> {
  const read = bodySchema.safeParse(named(body));
  if (!read.success) return { status: 400, body: { error: 'bad-body', message: z.prettifyError(read.error) } };
  const { plannedFor } = read.data;
  const trouble = plannedFor === undefined ? undefined : planTrouble(plannedFor, frame().now);
  if (trouble !== undefined) return badPlan(`${trouble.problem} ${trouble.fix}`);
  const done = await acknowledge(read.data);
  if (done === 'done') return { status: 200, body: { acknowledged: true } };
  if (done === 'unknown') return { status: 404, body: { error: 'not-found', message: 'There is no such alert.' } };
  if (done === 'over') return { status: 409, body: { error: 'over', message: 'That alert does not fire any more.' } };
  if (done === 'endless') return badPlan('Only what nears its end is planned for a date. Leave it out.');
  return { status: 409, body: { error: 'taken', message: `${done.taken.by} has acknowledged it before.` } };
}

function badPlan(message: string): Answer {
  return { status: 400, body: { error: 'bad-plan', field: 'plannedFor', message } };
}
