/** A home is forgotten, over HTTP: by a desk lead who has just signed in, who is told what will go and names the home again. */
import type { Context } from 'hono';
import { z } from 'zod';
import { forgetPage } from '../../web/forget-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { PROVE_AGAIN } from '../access/passkeys.ts';
import type { Trouble } from '../access/reach.ts';
import type { SignIns } from '../access/sign-ins.ts';
import type { ForgetAct, Forgotten, ToForget } from '../forgetting.ts';
import { refusedBy } from './accounts.ts';
import { badBody, call, refuse } from './call.ts';
import type { Caller } from './doorman.ts';
import type { Routes } from './routes.ts';
import { count } from './shapes/basics.ts';
import { by, words } from './taken.ts';

export type Forgetting = {
  look(site: string): Promise<ToForget | undefined>;
  forget(act: ForgetAct): Promise<Forgotten | undefined>;
};

const LONGEST_REASON = 160;
const act = z.object({
  by,
  site: z.string().max(64).describe('The id of the home again: what is forgotten comes back from nowhere.'),
  reason: words(LONGEST_REASON, 'a reason is needed').describe('Stays in the audit of the desk: without names.'),
});
const place = z.object({ id: z.string().describe('Of the home.') });

export const FORGET_CALLS = {
  forget: call('forgetHome', 'delete /api/v1/sites/:id', {
    rule: 'forget',
    summary: 'Deletes all that the desk keeps of a home',
    about:
      'For a desk lead who has signed in within the last half hour (else 409 `prove-again`). A hub that connects to the broker anew afterwards makes a new home.',
    params: place,
    body: act,
    answer: z
      .object({
        rows: count.describe('That were deleted.'),
        tables: z.record(z.string(), count),
        mark: z.string().describe('What stands in the audit of the desk for its id.'),
        isInPolicy: z
          .boolean()
          .describe('The service policy names it still: take it out of the file before the desk starts the next time.'),
        topic: z.string().describe('Where the broker keeps the last word of its hub. The desk clears it where the broker lets it.'),
      })
      .meta({ id: 'Forgotten' }),
    refusals: [400, 404, 409],
  }),
};

const OTHER = 'That is the id of another home. Type the one that this page shows.';

export function addForget(routes: Routes, forgetting: Forgetting, signIns: Pick<SignIns, 'isFresh'> | undefined): void {
  const stale = ({ known }: Pick<Caller, 'known'>): Trouble | undefined =>
    known !== undefined && signIns !== undefined && !signIns.isFresh(known) ? { trouble: PROVE_AGAIN } : undefined;

  routes.call(FORGET_CALLS.forget, async ({ params, body }, _, { caller }) => {
    const trouble = stale(caller);
    if (trouble !== undefined) return refusedBy(trouble);
    if (body.site !== params.id) return refuse(400, 'other-home', OTHER, 'site');
    const forgotten = await forgetting.forget({ site: params.id, by: body.by, because: body.reason });
    return forgotten ?? refuse(404, 'not-found', 'There is no such home.');
  });

  const look = async (c: Context) => {
    const id = c.req.param('id') ?? '';
    return { id, toForget: await forgetting.look(id) };
  };

  routes.get('/sites/:id/forget', 'forget', async (c, { reader, frame }, caller) => {
    const { id, toForget } = await look(c);
    const site = toForget && (await reader.site(id));
    if (toForget === undefined || site === undefined) return c.html(missingPage(frame()), 404);
    return c.html(forgetPage({ ...frame(), site, toForget, isFresh: stale(caller) === undefined }));
  });

  routes.post('/sites/:id/forget', 'forget', async (c, { frame, named }, caller) => {
    const id = c.req.param('id') ?? '';
    const back = `/sites/${encodeURIComponent(id)}/forget`;
    const read = act.safeParse(named(await c.req.parseBody()));
    if (!read.success) return c.html(refusedPage(frame(), badBody(read.error).message, back), 400);
    const trouble = stale(caller)?.trouble ?? (read.data.site === id ? undefined : OTHER);
    if (trouble !== undefined) return c.html(refusedPage(frame(), trouble, back), 409);
    const forgotten = await forgetting.forget({ site: id, by: read.data.by, because: read.data.reason });
    return forgotten ? c.redirect('/', 303) : c.html(missingPage(frame()), 404);
  });
}
