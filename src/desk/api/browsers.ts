/** The browsers in which somebody is told of tickets, over HTTP. The script of the page (web/client/push.ts) asks the browser, and sends on what it says. */
import { z } from 'zod';
import { browserWords } from '../../web/people-words.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { Browsers } from '../push/browsers.ts';
import { readJson } from './nul.ts';
import type { Routes } from './routes.ts';

export const NOT_HERE = 'This desk tells nobody of tickets in a browser.';

const sent = z.object({ subscription: z.unknown(), title: z.string().max(400).optional() });

/** Absent: the settings name no receiver of that kind. */
export function addBrowsers(routes: Routes, browsers: Browsers | undefined): void {
  routes.post('/account/browsers', 'tickets', async (c, _, { known }) => {
    if (!known) return c.notFound();
    if (!browsers) return c.json({ message: NOT_HERE }, 409);
    const read = sent.safeParse(await readJson(c));
    if (!read.success) return c.json({ message: 'That is nothing that a browser says of itself.' }, 400);
    const { subscription, title } = read.data;
    const refused = await browsers.add(known, { subscription, title: title || browserWords(c.req.header('user-agent') ?? '') });
    return refused ? c.json({ message: refused.trouble }, 409) : c.json({ go: '/account' });
  });

  routes.post('/account/browsers/:id/remove', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const refused = browsers ? await browsers.remove(known, c.req.param('id') ?? '') : { trouble: NOT_HERE };
    return refused ? c.html(refusedPage(visit.frame(), refused.trouble, '/account'), 409) : c.redirect('/account', 303);
  });

  routes.post('/account/browsers/:id/test', 'tickets', async (c, _, { known }) => {
    if (!known) return c.notFound();
    const tried = browsers ? await browsers.test(known, c.req.param('id') ?? '') : { trouble: NOT_HERE };
    return 'said' in tried ? c.json({ message: tried.said }) : c.json({ message: tried.trouble }, 409);
  });
}
