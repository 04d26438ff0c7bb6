/** All homes over HTTP for who looks after many of them: within the visitor's reach. */
import { z } from 'zod';
import { dealersPage, fleetPage, heatPage } from '../../web/fleet-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import { type FleetFilter, STANDINGS } from '../fleet/standing.ts';
import type { Routes } from './routes.ts';

const DAY_MS = 86_400_000;

/** Left empty in a form, it is none. */
const chosen = z
  .string()
  .max(500)
  .optional()
  .transform((text) => text || undefined);
const fleetQuery = z.object({
  state: z.preprocess((text) => text || undefined, z.enum(STANDINGS).optional()),
  dealer: chosen,
  plan: chosen,
  version: chosen,
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
});
const heatQuery = z.object({ dealer: chosen });

export function addFleet(routes: Routes): void {
  routes.get('/api/v1/fleet', 'staff', async (c, { reader }) => {
    const query = fleetQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    const { homes: sites, ...page } = await reader.fleet.page(filterOf(query.data), query.data.page);
    return c.json({ sites, ...page });
  });
  routes.get('/api/v1/fleet/dealers', 'staff', async (c, { reader }) => c.json(await reader.fleet.dealers()));
  routes.get('/api/v1/fleet/heat', 'staff', async (c, { reader, frame }) => {
    const query = heatQuery.safeParse(c.req.query());
    if (!query.success) return c.json(badQuery(query.error), 400);
    return c.json({ heat: await reader.fleet.heat(query.data, endOfDay(frame().now)) });
  });
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

function badQuery(error: z.ZodError): { error: string; message: string } {
  return { error: 'bad-query', message: z.prettifyError(error) };
}
