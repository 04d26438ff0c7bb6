/** What homes are promised, over HTTP. */
import { z } from 'zod';
import type { Serving } from '../serving.ts';
import { call, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { homeServiceShape } from './shapes/homes.ts';

export const SERVICE_CALLS = {
  one: call('homeService', 'get /api/v1/sites/:id/service', {
    rule: 'see',
    summary: 'What a home is promised',
    params: z.object({ id: z.string().describe('Of the home.') }),
    answer: z.object({ service: homeServiceShape.nullable().describe('Null where the desk has no service policy: nothing is promised.') }),
    refusals: [404],
  }),
};

/** Without a service policy every home answers `null`: nothing is promised. */
export function addService(routes: Routes, serving: Serving | undefined): void {
  routes.call(SERVICE_CALLS.one, async ({ params }, { reader }) => {
    const site = await reader.site(params.id);
    if (site === undefined) return refuse(404, 'not-found', 'There is no such site.');
    return { service: serving?.home(site) ?? null };
  });
}
