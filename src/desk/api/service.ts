/** What homes are promised, over HTTP. */
import type { Hono } from 'hono';
import type { DeskReader } from '../reader.ts';
import type { Serving } from '../serving.ts';

export type ServiceDeps = { readonly reader: DeskReader; readonly serving?: Serving };

/** Without a service policy every home answers `null`: nothing is promised. */
export function addService(app: Hono, { reader, serving }: ServiceDeps): void {
  app.get('/api/v1/sites/:id/service', async (c) => {
    const site = await reader.site(c.req.param('id'));
    if (site === undefined) return c.json({ error: 'not-found', message: 'There is no such site.' }, 404);
    return c.json({ service: serving?.home(site) ?? null });
  });
}
