/** What homes are promised, over HTTP. */
import type { Serving } from '../serving.ts';
import type { Routes } from './routes.ts';

/** Without a service policy every home answers `null`: nothing is promised. */
export function addService(routes: Routes, serving: Serving | undefined): void {
  routes.get('/api/v1/sites/:id/service', 'see', async (c, { reader }) => {
    const site = await reader.site(c.req.param('id') ?? '');
    if (site === undefined) return c.json({ error: 'not-found', message: 'There is no such site.' }, 404);
    return c.json({ service: serving?.home(site) ?? null });
  });
}
