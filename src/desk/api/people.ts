/** Accounts and tokens over HTTP, for desk leads. */
import type { Context } from 'hono';
import { z } from 'zod';
import { cleanText } from '../../base/text.ts';
import { linkPage, peopleLogPage, peoplePage } from '../../web/people-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { Access } from '../access/access.ts';
import type { MadeLink, NewPerson } from '../access/people.ts';
import type { Trouble } from '../access/reach.ts';
import { type Reach, ROLES } from '../access/roles.ts';
import { call } from './call.ts';
import { originOf } from './door.ts';
import { partOf } from './paging.ts';
import type { Routes } from './routes.ts';
import { personShape, tokenShape } from './shapes/desk.ts';
import { deedShape } from './shapes/tickets.ts';
import { limit, next, nextNumber } from './taken.ts';
import type { Visit } from './visit.ts';

const DAY_MS = 86_400_000;

const invitation = z.object({
  signInName: z.string().max(200),
  fullName: z.string().max(200),
  role: z.enum(ROLES),
  homes: z.enum(['all', 'some']).default('some'),
  dealer: z.string().max(500).default(''),
  sites: z.string().max(16_000).default(''),
  days: z.preprocess((text) => text || undefined, z.coerce.number().int().min(1).max(3660).optional()),
});

const changes = invitation.omit({ signInName: true, fullName: true });

const part = (of: string) =>
  z.object({ after: z.string().max(64).optional().describe(`Those behind the ${of} of this id.`), limit: limit(1000) });

const programs = {
  rule: 'people',
  summary: 'Which programs are let in',
  query: part('token'),
  answer: z.object({ tokens: z.array(tokenShape), next }),
  paging: { by: 'after', of: 'tokens' },
} as const;

export const PEOPLE_CALLS = {
  people: call('listPeople', 'get /api/v1/people', {
    rule: 'people',
    summary: 'Who has an account, by name',
    query: part('account'),
    answer: z.object({ people: z.array(personShape), next }),
    paging: { by: 'after', of: 'people' },
  }),
  log: call('listAccessDeeds', 'get /api/v1/people/log', {
    rule: 'people',
    summary: 'What was done with accounts and tokens, the newest first',
    query: z.object({
      after: z.coerce.number().int().min(1).optional().describe('Those that were done before the one of this `n`.'),
      limit: limit(1000, 200),
    }),
    answer: z.object({ deeds: z.array(deedShape), next: nextNumber }),
    paging: { by: 'after', of: 'deeds' },
  }),
  tokens: call('listTokens', 'get /api/v1/people/tokens', programs),
  tokensAsBefore: call('listTokensAsBefore', 'get /api/v1/tokens', { ...programs, about: 'The same as `/api/v1/people/tokens`.' }),
};

export function addPeople(routes: Routes, { people, tokens }: Access): void {
  const view = async ({ frame, who }: Visit) => {
    const [list, dealers, programs] = await Promise.all([people.list(), people.dealers(), tokens.list()]);
    return { ...frame(), people: list, dealers, tokens: programs, self: who.id };
  };
  const byName = ({ who }: Visit): string => who.name ?? '';

  routes.get('/people', 'people', async (c, visit) => c.html(peoplePage(await view(visit))));
  routes.get('/people/log', 'people', async (c, visit) => c.html(peopleLogPage({ ...visit.frame(), deeds: await people.deeds() })));
  routes.call(PEOPLE_CALLS.people, async ({ query }) => {
    const { part: some, ...more } = partOf(await people.list(), query, ({ id }) => id);
    return { people: some, ...more };
  });
  routes.call(PEOPLE_CALLS.log, async ({ query }) => {
    const deeds = await people.deeds(query);
    const last = deeds.at(-1);
    return { deeds, ...(last !== undefined && deeds.length === query.limit ? { next: last.n } : {}) };
  });
  for (const listed of [PEOPLE_CALLS.tokens, PEOPLE_CALLS.tokensAsBefore])
    routes.call(listed, async ({ query }) => {
      const { part: some, ...more } = partOf(await tokens.list(), query, ({ id }) => id);
      return { tokens: some, ...more };
    });

  routes.post('/people', 'accounts', async (c, visit) => {
    const typed = await c.req.parseBody();
    const read = invitation.safeParse(typed);
    if (!read.success) return c.html(refusedPage(visit.frame(), z.prettifyError(read.error), '/people'), 400);
    const { days, signInName, fullName } = read.data;
    const asked: NewPerson = { signInName, fullName, role: read.data.role, reach: reachOf(read.data), endsAt: endOf(days, visit) };
    const made = await people.invite(byName(visit), asked);
    if ('trouble' in made) return c.html(peoplePage({ ...(await view(visit)), typed: read.data, ...made }), 400);
    return showLink(c, visit, made);
  });

  routes.post('/people/:id/link', 'accounts', async (c, visit) => {
    const made = await people.newLink(byName(visit), c.req.param('id') ?? '');
    return 'trouble' in made ? answer(c, visit, made) : showLink(c, visit, made);
  });
  routes.post('/people/:id/change', 'accounts', async (c, visit) => {
    const read = changes.safeParse(await c.req.parseBody());
    if (!read.success) return c.html(refusedPage(visit.frame(), z.prettifyError(read.error), '/people'), 400);
    const change = { role: read.data.role, reach: reachOf(read.data), endsAt: endOf(read.data.days, visit) };
    return answer(c, visit, await people.change(byName(visit), c.req.param('id') ?? '', change));
  });
  routes.post('/people/:id/disable', 'accounts', async (c, visit) => answer(c, visit, await people.disable(byName(visit), idIn(c))));
  routes.post('/people/:id/enable', 'accounts', async (c, visit) => answer(c, visit, await people.enable(byName(visit), idIn(c))));
  routes.post('/people/:id/sign-ins', 'accounts', async (c, visit) => answer(c, visit, await people.endSignIns(byName(visit), idIn(c))));
  routes.post('/people/:id/keys', 'accounts', async (c, visit) => answer(c, visit, await people.removeKeys(byName(visit), idIn(c))));
  routes.post('/people/tokens/:id/revoke', 'accounts', async (c, visit) => answer(c, visit, await tokens.revoke(byName(visit), idIn(c))));

  /** Shown this once, and never in an address. */
  async function showLink(c: Context, visit: Visit, { secret, endsAt, person }: MadeLink): Promise<Response> {
    return c.html(linkPage({ ...visit.frame(), link: `${originOf(routes.door, c)}/links/${secret}`, endsAt, person }), 201);
  }
}

function idIn(c: Context): string {
  return c.req.param('id') ?? '';
}

async function answer(c: Context, visit: Visit, trouble: Trouble | undefined): Promise<Response> {
  return trouble ? c.html(refusedPage(visit.frame(), trouble.trouble, '/people'), 409) : c.redirect('/people', 303);
}

export function endOf(days: number | undefined, { frame }: Visit): number | undefined {
  return days === undefined ? undefined : frame().now + days * DAY_MS;
}

/** `sites`: ids, apart by whatever is no part of one. */
function reachOf({ homes, dealer, sites }: { readonly homes: 'all' | 'some'; readonly dealer: string; readonly sites: string }): Reach {
  if (homes === 'all') return 'all';
  const name = cleanText(dealer, 500);
  return {
    dealers: name === undefined ? [] : [name],
    sites: sites
      .toLowerCase()
      .split(/[\s,;]+/)
      .filter(Boolean),
  };
}
