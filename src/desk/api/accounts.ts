/** What a desk lead does with accounts and tokens on the page of people, for programs: the same functions are behind both. */
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { PROVE_AGAIN } from '../access/passkeys.ts';
import type { MadeLink } from '../access/people.ts';
import { actorOf } from '../access/programs.ts';
import type { Trouble } from '../access/reach.ts';
import { ROLES } from '../access/roles.ts';
import { call, type Refusal, refuse } from './call.ts';
import { originOf } from './door.ts';
import { endOf } from './people.ts';
import type { Routes } from './routes.ts';
import { instant } from './shapes/basics.ts';
import { personShape, reachShape } from './shapes/desk.ts';

const given = {
  role: z.enum(ROLES),
  reach: reachShape,
  days: z.number().int().min(1).max(3660).optional().describe('For so long; a technician for 1 to 31. None: for good.'),
};

const invitation = z.object({
  signInName: z.string().max(200),
  fullName: z.string().max(200).describe('As others read who did what.'),
  ...given,
});

const step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('change'), ...given }),
  z.object({ do: z.literal('disable') }),
  z.object({ do: z.literal('enable') }),
  z.object({ do: z.literal('end-sign-ins') }),
  z.object({
    do: z.literal('remove-keys').describe('Passkeys, what the provider says of him, his tokens and browsers; his sign-ins end.'),
  }),
]);

const account = z.object({ id: z.string().describe('Of the account.') });

const linkShape = z
  .object({
    link: z.string().describe('Whoever opens it chooses the password of this account, once. It is told only now.'),
    endsAt: instant,
    person: z.object({ id: z.string(), fullName: z.string(), signInName: z.string() }),
  })
  .meta({ id: 'OneTimeLink' });

const OF_PROGRAMS =
  'A program with the scope `people` makes nobody a desk lead, and does nothing with a lead or with the account that its token belongs to.';

export const ACCOUNT_CALLS = {
  invite: call('invite', 'post /api/v1/people', {
    rule: 'accounts',
    summary: 'Makes an account, and the link with which its person chooses a password',
    about: OF_PROGRAMS,
    body: invitation,
    answer: linkShape,
    status: 201,
    refusals: [409],
  }),
  act: call('actOnAccount', 'post /api/v1/people/:id/steps', {
    rule: 'accounts',
    summary: 'Changes, disables or enables an account, or ends what lets its person in',
    about: `${OF_PROGRAMS} It may \`change\`, \`disable\` and \`end-sign-ins\`.`,
    params: account,
    body: step,
    answer: z.object({ person: personShape }),
    refusals: [404, 409],
  }),
  link: call('newLink', 'post /api/v1/people/:id/link', {
    rule: 'accounts',
    summary: 'A new link to choose a password',
    about: 'For a desk lead who is signed in, and for no token: it would let somebody in as somebody who is here already.',
    params: account,
    answer: linkShape,
    status: 201,
    refusals: [404, 409],
  }),
  revoke: call('revokeToken', 'post /api/v1/people/tokens/:id/revoke', {
    rule: 'accounts',
    isOwn: true,
    summary: 'Revokes the token of a program, whoever made it',
    params: z.object({ id: z.string().describe('Of the token.') }),
    answer: z.object({ revoked: z.literal(true) }),
    refusals: [404, 409],
  }),
};

export function addAccounts(routes: Routes, { people, tokens }: Access): void {
  const { door } = routes;
  const told = ({ secret, endsAt, person }: MadeLink, origin: string) => {
    const { id, fullName, signInName } = person;
    return { link: `${origin}/links/${secret}`, endsAt, person: { id, fullName, signInName } };
  };

  routes.call(ACCOUNT_CALLS.invite, async ({ body: { days, ...asked } }, visit, { c }) => {
    const made = await people.invite(actorOf(visit.who), { ...asked, endsAt: endOf(days, visit) });
    return 'trouble' in made ? withoutMissing(made) : told(made, originOf(door, c));
  });

  routes.call(ACCOUNT_CALLS.link, async ({ params }, { who }, { c }) => {
    const made = await people.newLink(actorOf(who), params.id);
    return 'trouble' in made ? refusedBy(made) : told(made, originOf(door, c));
  });

  routes.call(ACCOUNT_CALLS.act, async ({ params: { id }, body }, visit) => {
    const actor = actorOf(visit.who);
    const steps = {
      disable: () => people.disable(actor, id),
      enable: () => people.enable(actor, id),
      'end-sign-ins': () => people.endSignIns(actor, id),
      'remove-keys': () => people.removeKeys(actor, id),
    };
    const change = async () => {
      if (body.do !== 'change') return steps[body.do]();
      return people.change(actor, id, { role: body.role, reach: body.reach, endsAt: endOf(body.days, visit) });
    };
    const trouble = await change();
    if (trouble !== undefined) return refusedBy(trouble);
    const person = (await people.list()).find((one) => one.id === id);
    return person === undefined ? refuse(404, 'not-found', 'There is no such account.') : { person };
  });

  routes.call(ACCOUNT_CALLS.revoke, async ({ params }, { who }) => {
    const trouble = await tokens.revoke(who.name ?? '', params.id);
    return trouble === undefined ? { revoked: true as const } : refusedBy(trouble);
  });
}

/** As the page says it, in the words that it uses. `prove-again`: sign in once more, then it goes. */
export function refusedBy({ trouble, field, isMissing, isForbidden }: Trouble): Refusal<403 | 404 | 409> {
  if (isMissing) return refuse(404, 'not-found', trouble);
  if (isForbidden) return refuse(403, 'forbidden', trouble);
  return refuse(409, trouble === PROVE_AGAIN ? 'prove-again' : 'refused', trouble, field);
}

/** Of what is made anew nothing can be missing. */
export function withoutMissing(trouble: Trouble): Refusal<403 | 409> {
  const refused = refusedBy(trouble);
  return refused.refused === 404 ? refuse(409, 'refused', refused.message) : { ...refused, refused: refused.refused };
}
