/** All homes over HTTP for who looks after many of them: within the visitor's reach. */
import { z } from 'zod';
import { dealersPage, fleetPage, heatPage } from '../../web/fleet-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { type FleetFilter, STANDINGS } from '../fleet/standing.ts';
import { call } from './call.ts';
import type { Routes } from './routes.ts';
import { count } from './shapes/basics.ts';
import { choiceShape, countsShape, fleetHomeShape, groupShape, heatShape } from './shapes/fleet.ts';
import { nextPage } from './taken.ts';

const DAY_MS = 86_400_000;

/** Left empty in a form, it is none. */
const chosen = z
  .string()
  .max(500)
  .optional()
  .transform((text) => text || undefined)
  .describe('As the answer names it.');
const fleetQuery = z.object({
  state: z.preprocess((text) => text || undefined, z.enum(STANDINGS).optional()),
  dealer: chosen,
  plan: chosen,
  version: chosen,
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
});
const heatQuery = z.object({ dealer: chosen });

export const FLEET_CALLS = {
  page: call('fleet', 'get /api/v1/fleet', {
    rule: 'staff',
    summary: 'Homes by their trouble, found by how they stand, whose they are, their plan and the version of their hub',
    query: fleetQuery,
    answer: z.object({
      sites: z.array(fleetHomeShape).describe('Fifty on a page.'),
      page: count,
      pages: count,
      counts: countsShape.describe('Of those that fit all that is asked but `state`.'),
      total: count,
      dealers: z.array(choiceShape).describe('What else could be asked for, of all homes.'),
      plans: z.array(choiceShape),
      versions: z.array(choiceShape),
      next: nextPage,
    }),
    paging: { by: 'page', of: 'sites' },
  }),
  dealers: call('fleetDealers', 'get /api/v1/fleet/dealers', {
    rule: 'staff',
    summary: 'Dealers with how their homes stand, those in the most trouble first',
    answer: z.object({ groups: z.array(groupShape), counts: countsShape }),
  }),
  heat: call('fleetHeat', 'get /api/v1/fleet/heat', {
    rule: 'staff',
    summary: 'Which homes called for somebody on which day of the last thirty, against a budget',
    query: heatQuery,
    answer: z.object({ heat: heatShape }),
  }),
};

export function addFleet(routes: Routes): void {
  routes.call(FLEET_CALLS.page, async ({ query }, { reader }) => {
    const { homes: sites, ...found } = await reader.fleet.page(filterOf(query), query.page);
    return { sites, ...found, ...(found.page < found.pages ? { next: found.page + 1 } : {}) };
  });
  routes.call(FLEET_CALLS.dealers, (_, { reader }) => reader.fleet.dealers());
  routes.call(FLEET_CALLS.heat, async ({ query }, { reader, frame }) => ({ heat: await reader.fleet.heat(query, endOfDay(frame().now)) }));
  routes.get('/fleet', 'staff', async (c, { reader, frame }) => {
    const query = fleetQuery.safeParse(c.req.query());
    if (!query.success) return c.html(refusedPage(frame(), z.prettifyError(query.error), '/fleet'), 400);
    const filter = filterOf(query.data);
    return c.html(fleetPage({ ...frame(), filter, fleet: await reader.fleet.page(filter, query.data.page) }));
  });
  routes.get('/fleet/dealers', 'staff', async (c, { reader, frame }) =>
    c.html(dealersPage({ ...frame(), ...(await reader.fleet.dealers()) })),
  );
  routes.get('/fleet/heat', 'staff', async (c, { reader, frame }) => {
    const query = heatQuery.safeParse(c.req.query());
    if (!query.success) return c.html(refusedPage(frame(), z.prettifyError(query.error), '/fleet/heat'), 400);
    const { dealer } = query.data;
    return c.html(heatPage({ ...frame(), dealer, heat: await reader.fleet.heat({ dealer }, endOfDay(frame().now)) }));
  });
}

function filterOf({ state, dealer, plan, version }: z.infer<typeof fleetQuery>): FleetFilter {
  return { standing: state, dealer, plan, version };
}

/** Days are those of UTC, the last of them today. */
function endOfDay(now: number): number {
  return (Math.floor(now / DAY_MS) + 1) * DAY_MS;
}
