/** Passkeys over HTTP. The script of the page (web/client/passkey.ts) asks, has the browser answer, and sends that on, as JSON. */
import type { Context } from 'hono';
import { z } from 'zod';
import { refusedPage } from '../../web/refused-page.ts';
import type { Access } from '../access/access.ts';
import { partyOf } from './door.ts';
import { browserAtTheDoor, giveSecret, markBrowser, secretOf } from './doorman.ts';
import { readJson } from './nul.ts';
import type { Routes } from './routes.ts';
import { ownPath, placeOf, refusal } from './sign-in.ts';

const NOWHERE = 'Passkeys do not work at this address of the desk.';
const AGAIN = 'That took too long, or was begun elsewhere. Try once more.';
const WRONG = 'This passkey opens nothing here, or its account lets nobody in.';

const sent = z.object({
  sealed: z.string().max(4096),
  answer: z.unknown(),
  next: z.string().optional(),
  title: z.string().max(400).optional(),
});

export function addPasskeys(routes: Routes, access: Access): void {
  const { door } = routes;
  const { passkeys } = access;

  routes.open('post', '/sign-in/passkey/begin', async (c) => {
    const party = partyOf(door);
    if (party === undefined) return c.json({ message: NOWHERE }, 409);
    return c.json(
      await passkeys.beginEntering(
        markBrowser(door, c, () => access.newMark()),
        party,
      ),
    );
  });

  routes.open('post', '/sign-in/passkey', async (c) => {
    const [party, browser, read] = [partyOf(door), browserAtTheDoor(door, c), sent.safeParse(await jsonOf(c))];
    if (party === undefined) return c.json({ message: NOWHERE }, 409);
    if (browser === undefined || !read.success) return c.json({ message: AGAIN }, 400);
    const { sealed, answer, next } = read.data;
    const tried = await passkeys.enter({ sealed, answer, browser, before: secretOf(door, c) }, party, placeOf(door, c));
    if (tried === 'stale') return c.json({ message: AGAIN }, 400);
    if (tried === 'wrong') return c.json({ message: WRONG }, 401);
    if (typeof tried === 'object' && 'secret' in tried) {
      giveSecret(door, c, tried.secret);
      return c.json({ go: ownPath(next) });
    }
    const { status, trouble, waitMs } = refusal(tried);
    if (waitMs !== undefined) c.header('retry-after', String(Math.ceil(waitMs / 1000)));
    return c.json({ message: trouble }, status);
  });

  routes.post('/account/passkeys/begin', 'signed-in', async (c, _, { known }) => {
    const party = partyOf(door);
    if (!known) return c.notFound();
    if (party === undefined) return c.json({ message: NOWHERE }, 409);
    const asked = await passkeys.beginAdding(known, party);
    return 'trouble' in asked ? c.json({ message: asked.trouble }, 409) : c.json(asked);
  });

  routes.post('/account/passkeys', 'signed-in', async (c, _, { known }) => {
    const [party, read] = [partyOf(door), sent.safeParse(await jsonOf(c))];
    if (!known) return c.notFound();
    if (party === undefined) return c.json({ message: NOWHERE }, 409);
    if (!read.success) return c.json({ message: AGAIN }, 400);
    const { sealed, answer, title } = read.data;
    const refused = await passkeys.add(known, party, { sealed, answer, title });
    return refused ? c.json({ message: refused.trouble }, 409) : c.json({ go: '/account' });
  });

  routes.post('/account/passkeys/:id/name', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const refused = await passkeys.rename(known, c.req.param('id') ?? '', (await c.req.parseBody()).title);
    return refused ? c.html(refusedPage(visit.frame(), refused.trouble, '/account'), 409) : c.redirect('/account', 303);
  });

  routes.post('/account/passkeys/:id/remove', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const refused = await passkeys.remove(known, c.req.param('id') ?? '');
    return refused ? c.html(refusedPage(visit.frame(), refused.trouble, '/account'), 409) : c.redirect('/account', 303);
  });
}

async function jsonOf(c: Context): Promise<unknown> {
  return readJson(c);
}
