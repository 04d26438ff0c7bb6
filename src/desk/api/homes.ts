/** Many homes over HTTP: the page of all of them, their list page by page, the search, and each with its devices. */
import { z } from 'zod';
import { overviewPage } from '../../web/overview-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { PLAYBOOKS_ON_A_PAGE, withPlaybooks } from '../playbooks/shelf.ts';
import { MOST_SITES } from '../reader.ts';
import { LONGEST_SEARCH } from '../search-words.ts';
import { MAX_DEVICES } from '../store/devices.ts';
import { call, refuse } from './call.ts';
import { partOf } from './paging.ts';
import { aroundAlerts } from './playbooks.ts';
import type { Routes } from './routes.ts';
import { alertShape } from './shapes/alerts.ts';
import { count } from './shapes/basics.ts';
import { deviceShape, foundDeviceShape, siteShape } from './shapes/homes.ts';
import { limit, next, nextPage, siteId } from './taken.ts';
import type { Visit } from './visit.ts';

const HISTORY_ON_PAGE = 30;
const INCIDENTS_SHOWN = 20;

const search = z.string().max(LONGEST_SEARCH, `a search has at most ${LONGEST_SEARCH} characters`);
const page = z.coerce.number().int().min(1).max(1_000_000).default(1);
const pageQuery = z.object({ q: search.default(''), page });
const place = z.object({ id: z.string().describe('Of the home.') });

export const HOMES_CALLS = {
  // Who asks for no page gets what there is of the first thousand homes, as before there were pages.
  list: call('listHomes', 'get /api/v1/sites', {
    rule: 'see',
    summary: 'Homes, in the order in which they were registered',
    query: z.object({ after: siteId.optional().describe('Those behind this home.'), limit: limit(MOST_SITES) }),
    answer: z.object({ sites: z.array(siteShape), next }),
    paging: { by: 'after', of: 'sites' },
  }),
  search: call('search', 'get /api/v1/search', {
    rule: 'see',
    summary: 'Homes by name and id, and devices by name, maker, model, serial number, room and address',
    query: z.object({ q: search.min(1, 'say what to search for'), page }),
    answer: z.object({
      sites: z.array(siteShape).describe('Fifty on a page.'),
      devices: z.array(foundDeviceShape).describe('At most fifty, whatever the page.'),
      areAllDevices: z.boolean(),
      page: count,
      pages: count,
      total: count.describe('Of homes.'),
      next: nextPage,
    }),
    paging: { by: 'page', of: 'sites' },
  }),
  one: call('home', 'get /api/v1/sites/:id', {
    rule: 'see',
    summary: 'A home and what fires in it, the most urgent first',
    params: place,
    answer: z.object({ site: siteShape, firing: z.array(alertShape) }),
    refusals: [404],
  }),
  devices: call('listDevices', 'get /api/v1/sites/:id/devices', {
    rule: 'see',
    summary: 'The devices of a home, with how each is and how near its end',
    params: place,
    query: z.object({ after: siteId.optional().describe('Those behind this device.'), limit: limit(MAX_DEVICES) }),
    answer: z.object({ devices: z.array(deviceShape), next }),
    refusals: [404],
    paging: { by: 'after', of: 'devices' },
  }),
};

const NO_SITE = refuse(404, 'not-found', 'There is no such site.');

export function addHomes(routes: Routes): void {
  routes.call(HOMES_CALLS.list, async ({ query: { after, limit } }, { reader }) => {
    const sites = await reader.sites(after, limit);
    const last = sites.at(-1);
    return { sites, ...(last !== undefined && sites.length === limit ? { next: last.id } : {}) };
  });
  routes.call(HOMES_CALLS.search, async ({ query: { q, page } }, { reader }) => {
    const { homes: sites, isAsked: _, ...found } = await reader.homes.search(q, page);
    return { sites, ...found, ...(page < found.pages ? { next: page + 1 } : {}) };
  });
  routes.call(HOMES_CALLS.one, async ({ params }, { reader }) => {
    const site = await reader.site(params.id);
    return site ? { site, firing: await reader.firing(site.id) } : NO_SITE;
  });
  routes.call(HOMES_CALLS.devices, async ({ params, query }, { reader }) => {
    const site = await reader.site(params.id);
    if (site === undefined) return NO_SITE;
    const { part: devices, ...more } = partOf(await reader.devices(site.id), query, ({ id }) => id);
    return { devices, ...more };
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
