/** The pack of a ticket for a vendor over HTTP: as one file of JSON, and as a page to print. */
import { z } from 'zod';
import { missingPage } from '../../web/missing-page.ts';
import { packPage } from '../../web/pack-page.ts';
import type { Role } from '../access/roles.ts';
import type { Pack } from '../pack/pack.ts';
import { findPack } from '../pack/packs.ts';
import { call, type Refusal, refuse } from './call.ts';
import { forbidden, type Routes } from './routes.ts';
import { packShape } from './shapes/pack.ts';
import { number, yesOrNo } from './taken.ts';
import type { Visit } from './visit.ts';

const query = z.object({
  addresses: z
    .preprocess((value) => (value === '' ? 'true' : value), yesOrNo.optional())
    .describe('With the network addresses of devices: for who may work on the ticket.'),
});

export const PACK_CALLS = {
  pack: call('ticketPack', 'get /api/v1/tickets/:number/pack', {
    rule: 'tickets',
    summary: 'What is known of a ticket, to be given to a vendor or the dealer',
    about:
      "Only named fields are in it, and their texts without names of people, ways to reach them, secrets and what is somebody's own. What a person typed can still name somebody whom the desk does not know: read it before you hand it on.",
    params: z.object({ number: number.describe('Of the ticket.') }),
    query,
    answer: packShape,
    refusals: [404],
  }),
};

export type PackDeps = { readonly version: string | undefined; readonly roles: () => Promise<ReadonlyMap<string, Role>> };

export function addPacks(routes: Routes, deps: PackDeps): void {
  routes.call(PACK_CALLS.pack, ({ params, query: { addresses } }, visit) => read(visit, deps, params.number, addresses === 'true'));
  routes.get('/tickets/:number/pack', 'tickets', async (c, visit) => {
    const [which, asked] = [number.safeParse(c.req.param('number')), query.safeParse(c.req.query())];
    if (!which.success || !asked.success) return c.html(missingPage(visit.frame()), 404);
    const pack = await read(visit, deps, which.data, asked.data.addresses === 'true');
    if (!('refused' in pack)) return c.html(packPage({ ...visit.frame(), pack }));
    return pack.refused === 403 ? forbidden(c, visit) : c.html(missingPage(visit.frame()), 404);
  });
}

async function read(
  { reader, may, frame }: Visit,
  { version, roles }: PackDeps,
  ticket: number,
  hasAddresses: boolean,
): Promise<Pack | Refusal<403 | 404>> {
  if (hasAddresses && !may('work')) return refuse(403, 'forbidden', 'Your role at this desk does not allow that.');
  const pack = await findPack(reader, { number: ticket, hasAddresses, now: frame().now, deskVersion: version, roles });
  return pack ?? refuse(404, 'not-found', 'There is no such thing here.');
}
