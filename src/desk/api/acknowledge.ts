/** What people do at the desk: acknowledge an alert, from the page's form or as JSON. */
import { z } from 'zod';
import { planTrouble } from '../../protocol/plan-date.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { badBody, call, type Refusal, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { by, perhaps, siteId } from './taken.ts';
import type { Visit } from './visit.ts';

const acknowledgement = z.object({
  site: siteId,
  key: z.string().min(1).max(96),
  raisedHubAt: z.coerce.number().int().nonnegative(),
  by,
  note: perhaps(256),
  plannedFor: perhaps(32).describe('Of what nears its end: until when it will be replaced, as 2027, 2027-03 or 2027-03-31.'),
});

export const ACKNOWLEDGE_CALLS = {
  acknowledge: call('acknowledgeAlert', 'post /api/v1/alerts/acknowledge', {
    rule: 'work',
    summary: 'Says who sees to an alert that fires',
    body: acknowledgement,
    answer: z.object({ acknowledged: z.literal(true) }).meta({ id: 'Acknowledged' }),
    refusals: [400, 404, 409],
  }),
};

export function addAcknowledge(routes: Routes): void {
  routes.call(ACKNOWLEDGE_CALLS.acknowledge, ({ body }, visit) => carryOut(visit, body));
  // Where the page's script does not run; with it the form is sent as JSON.
  routes.post('/sites/:id/acknowledge', 'work', async (c, visit) => {
    const site = c.req.param('id');
    const read = acknowledgement.safeParse(visit.named({ ...(await c.req.parseBody()), site }));
    const done = read.success ? await carryOut(visit, read.data) : badBody(read.error);
    if (!('refused' in done) || done.refused === 409) return c.redirect(`/sites/${site}`, 303);
    return c.html(refusedPage(visit.frame(), done.message, `/sites/${site}`), done.refused);
  });
}

type Done = { readonly acknowledged: true } | Refusal<400 | 404 | 409>;

async function carryOut({ acknowledge, frame }: Visit, asked: z.output<typeof acknowledgement>): Promise<Done> {
  const { plannedFor } = asked;
  const trouble = plannedFor === undefined ? undefined : planTrouble(plannedFor, frame().now);
  if (trouble !== undefined) return badPlan(`${trouble.problem} ${trouble.fix}`);
  const done = await acknowledge(asked);
  if (done === 'done') return { acknowledged: true };
  if (done === 'unknown') return refuse(404, 'not-found', 'There is no such alert.');
  if (done === 'over') return refuse(409, 'over', 'That alert does not fire any more.');
  if (done === 'endless') return badPlan('Only what nears its end is planned for a date. Leave it out.');
  return refuse(409, 'taken', `${done.taken.by} has acknowledged it before.`);
}

function badPlan(message: string): Refusal<400> {
  return refuse(400, 'bad-plan', message, 'plannedFor');
}
