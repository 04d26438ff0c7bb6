/** Many homes over HTTP: the page of all of them, their list page by page, and the search. */
import { z } from 'zod';
import { ID_PATTERN } from '../../base/ids.ts';
import { overviewPage } from '../../web/overview-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { PLAYBOOKS_ON_A_PAGE, withPlaybooks } from '../playbooks/shelf.ts';
import { MOST_SITES } from '../reader.ts';
import { LONGEST_SEARCH } from '../search-words.ts';
import { aroundAlerts } from './playbooks.ts';
import type { Routes } from './routes.ts';
import type { Visit } from './visit.ts';

const HISTORY_ON_PAGE = 30;
const INCIDENTS_SHOWN = 20;

const search = z.string().max(LONGEST_SEARCH, `a search has at most ${LONGEST_SEARCH} characters`);
const page = z.coerce.number().int().min(1).max(1_000_000).default(1);
const pageQuery = z.object({ q: search.default(''), page });
const searchQuery = z.object({ q: search.min(1, 'say what to search for'), page });
const sitesQuery = z.object({
  after: z.string().regex(ID_PATTERN).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_SITES).default(MOST_SITES),
});

export function addHomes(routes: Routes): void {
  // Who asks for no page gets what there is of the first thousand homes, as before there were pages.
  routes.get('/api/v1/sites', 'see', async (c, { reader }) => {
    const query = sitesQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const { after, limit } = query.data;
    const sites = await reader.sites(after, limit);
    return c.json({ sites, ...(sites.length === limit ? { next: sites.at(-1)?.id } : {}) });
  });
  routes.get('/api/v1/search', 'see', async (c, { reader }) => {
    const query = searchQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const { homes: sites, isAsked: _, ...found } = await reader.homes.search(query.data.q, query.data.page);
    return c.json({ sites, ...found });
  });
  routes.get('/', 'see', async (c, visit) => {
    const { reader, frame } = visit;
    const { homes } = reader;
    const query = pageQuery.safeParse(c.req.query());
    if (!query.success) return c.html(refusedPage(frame(), z.prettifyError(query.error), '/'), 400);
    const { q, page: number } = query.data;
    const text = q.trim();
    const isFirst = text === '' && number === 1;
    const [totals, list, trouble, incidents] = await Promise.all([
      homes.totals(),
      text === '' ? homes.page(number) : homes.search(text, number),
      isFirst ? troubles(visit) : undefined,
      reader.incidents.list({ open: true, limit: INCIDENTS_SHOWN }),
    ]);
    return c.html(overviewPage({ ...frame(), totals, list, search: text, incidents, ...(trouble && { trouble }) }));
  });
}

async function troubles({ reader, playbooks }: Visit) {
  const { homes } = reader;
  const [wrong, toPlan, over] = await Promise.all([
    homes.wrong(),
    homes.toPlan(),
    reader.alerts({ firing: false, limit: HISTORY_ON_PAGE }),
  ]);
  const around = await aroundAlerts(reader, wrong.firing.slice(0, PLAYBOOKS_ON_A_PAGE));
  return { wrong: { ...wrong, firing: withPlaybooks(playbooks, wrong.firing, around) }, toPlan, over };
}

function badQuery(error: z.ZodError): { error: string; message: string } {
  return { error: 'bad-query', message: z.prettifyError(error) };
}
