/** Who looked into a home, over HTTP: for whoever may read what was done there. */
import { z } from 'zod';
import { dayOf, type Look } from '../access/look.ts';
import { LOOKS_KEPT_DAYS } from '../access/looks.ts';
import { call, refuse } from './call.ts';
import type { Routes } from './routes.ts';
import { instant } from './shapes/basics.ts';
import { exactly } from './shapes/exactly.ts';

const DAY_MS = 86_400_000;

const lookShape = exactly<Look>()(
  z.object({
    day: z.string().describe('`2026-11-23`, in UTC.'),
    by: z.string().describe('A person, or a token by its name.'),
    firstAt: instant,
    lastAt: instant,
  }),
).meta({ id: 'Look', description: 'Somebody read of a home on a day, once or often.' });

export const LOOK_CALLS = {
  list: call('listLooks', 'get /api/v1/sites/:id/looks', {
    rule: 'audit',
    summary: 'Who looked into a home, the newest day first',
    about: 'Lists of many homes and what a search finds count for none of them. Nobody is known where the desk has no accounts.',
    params: z.object({ id: z.string().describe('Of the home.') }),
    query: z.object({ days: z.coerce.number().int().min(1).max(LOOKS_KEPT_DAYS).default(30).describe('Today and those before.') }),
    answer: z.object({ looks: z.array(lookShape) }),
    refusals: [404],
  }),
};

/** The first of so many days, of which the last is today: `2026-11-23`, in UTC. */
export function firstOf(days: number, now: number): string {
  return dayOf(now - (days - 1) * DAY_MS);
}

export function addLooks(routes: Routes): void {
  routes.call(LOOK_CALLS.list, async ({ params, query }, { reader, frame }) => {
    const site = await reader.site(params.id);
    if (site === undefined) return refuse(404, 'not-found', 'There is no such site.');
    return { looks: await reader.looks(site.id, firstOf(query.days, frame().now)) };
  });
}
