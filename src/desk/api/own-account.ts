/** One's own account, as the page of it shows and does, for a browser in which somebody is signed in. What a browser or a provider has a ceremony for stays on the page. */
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import type { Trouble } from '../access/reach.ts';
import { ROLES, SCOPES } from '../access/roles.ts';
import type { Known } from '../access/sign-ins.ts';
import type { Browsers } from '../push/browsers.ts';
import { heldBy } from './account.ts';
import { refusedBy, withoutMissing } from './accounts.ts';
import { NOT_HERE } from './browsers.ts';
import { call, refuse } from './call.ts';
import { giveSecret } from './doorman.ts';
import type { Routes } from './routes.ts';
import { count, instant } from './shapes/basics.ts';
import { tokenShape } from './shapes/desk.ts';
import { placeOf, refusal } from './sign-in.ts';

const OWN = { rule: 'signed-in', isOwn: true } as const;
const one = (of: string) => z.object({ id: z.string().describe(`Of the ${of}.`) });
const done = z.object({ done: z.literal(true) }).meta({ id: 'Done' });
const DONE = { done: true } as const;
const TO_FRESH = 'Takes a sign-in of the last half hour: else 409 `prove-again`.';

const seenAt = instant.optional();
const ownAccountShape = z
  .object({
    fullName: z.string(),
    role: z.enum(ROLES),
    isFresh: z.boolean().describe('Signed in within the last half hour, as a new way in asks for.'),
    hasPassword: z.boolean(),
    signIns: z.array(
      z.object({
        id: z.string(),
        isThis: z.boolean().describe('The one that asks.'),
        way: z.enum(['password', 'link', 'passkey', 'provider']),
        address: z.string(),
        browser: z.string().describe('As it calls itself.'),
        createdAt: instant,
        seenAt: instant,
        endsAt: instant,
      }),
    ),
    passkeys: z.array(z.object({ id: z.string(), title: z.string(), isSynced: z.boolean(), createdAt: instant, usedAt: seenAt })),
    provider: z
      .object({ title: z.string(), email: z.string().optional(), linkedAt: instant.optional() })
      .optional()
      .describe('Of the house; `linkedAt`: since when it lets one in here.'),
    tokens: z.array(tokenShape),
    scopes: z.array(z.enum(SCOPES)).describe('To which one’s tokens may be limited.'),
    browsers: z
      .array(
        z.object({
          id: z.string(),
          title: z.string(),
          createdAt: instant,
          lastAt: seenAt,
          failingSince: seenAt,
          lastAnswer: z.string().optional(),
        }),
      )
      .optional()
      .describe('Those that are told of tickets; absent where this desk tells nobody in a browser.'),
  })
  .meta({ id: 'OwnAccount' });

export const OWN_ACCOUNT_CALLS = {
  account: call('ownAccount', 'get /api/v1/account', {
    ...OWN,
    summary: 'Where one is signed in, by what one comes in, and what acts in one’s name',
    answer: z.object({ account: ownAccountShape }),
  }),
  endSignIns: call('endOwnSignIns', 'post /api/v1/account/sign-ins/end', {
    ...OWN,
    summary: 'Ends one of one’s own sign-ins, or all but the one that asks',
    body: z.object({ only: z.string().max(64).optional().describe('Of the sign-in; none: all others.') }),
    answer: z.object({ ended: count }),
  }),
  password: call('changePassword', 'post /api/v1/account/password', {
    ...OWN,
    summary: 'Another password: signs out everywhere else, and gives this browser another cookie',
    body: z.object({ current: z.string().max(256), next: z.string().max(256) }),
    answer: done,
    refusals: [400, 409, 503],
  }),
  namePasskey: call('namePasskey', 'post /api/v1/account/passkeys/:id/name', {
    ...OWN,
    summary: 'Names a passkey',
    params: one('passkey'),
    body: z.object({ title: z.string().max(400) }),
    answer: done,
    refusals: [404, 409],
  }),
  removePasskey: call('removePasskey', 'post /api/v1/account/passkeys/:id/remove', {
    ...OWN,
    summary: 'Removes a passkey, but never the last way in',
    params: one('passkey'),
    answer: done,
    refusals: [404, 409],
  }),
  disconnect: call('disconnectProvider', 'post /api/v1/account/provider/remove', {
    ...OWN,
    summary: 'Comes in by the provider of the house no more, where there is another way in',
    answer: done,
    refusals: [404, 409],
  }),
  makeToken: call('makeOwnToken', 'post /api/v1/account/tokens', {
    ...OWN,
    summary: 'Makes a token for a program of one’s own, limited to what it is for',
    about: TO_FRESH,
    body: z.object({
      title: z.string().max(400),
      scopes: z.array(z.enum(SCOPES)).max(SCOPES.length).describe('To read homes is in each. What one’s role does not open is left out.'),
      days: z.number().int().min(1).max(366),
    }),
    answer: z
      .object({ id: z.string(), token: z.string().describe('It is told only now.'), title: z.string(), endsAt: instant })
      .meta({ id: 'MadeToken' }),
    status: 201,
    refusals: [409],
  }),
  revokeToken: call('revokeOwnToken', 'post /api/v1/account/tokens/:id/revoke', {
    ...OWN,
    summary: 'Revokes a token of one’s own',
    params: one('token'),
    answer: done,
    refusals: [404, 409],
  }),
  removeBrowser: call('removeBrowser', 'post /api/v1/account/browsers/:id/remove', {
    ...OWN,
    summary: 'Tells one of one’s browsers of no tickets any more',
    params: one('browser'),
    answer: done,
    refusals: [404, 409],
  }),
  testBrowser: call('testBrowser', 'post /api/v1/account/browsers/:id/test', {
    ...OWN,
    rule: 'tickets',
    summary: 'Sends one of one’s browsers a notice to see whether it comes',
    params: one('browser'),
    answer: z.object({ said: z.string().describe('What its push service answered.') }),
    refusals: [404, 409],
  }),
};

export function addOwnAccount(routes: Routes, access: Access, browsers: Browsers | undefined): void {
  const { signIns, passkeys, tokens, provider } = access;
  const { door } = routes;

  routes.call(OWN_ACCOUNT_CALLS.account, async (_, __, { caller }) => ({ account: await viewOf(access, knownOf(caller), browsers) }));

  routes.call(OWN_ACCOUNT_CALLS.endSignIns, async ({ body: { only } }, _, { caller }) => {
    const known = knownOf(caller);
    return { ended: await signIns.end(known, only === undefined ? { but: known.signIn } : { only }) };
  });

  routes.call(OWN_ACCOUNT_CALLS.password, async ({ body }, _, { c, caller }) => {
    const changed = await signIns.changePassword(knownOf(caller), body, placeOf(door, c));
    if (changed === 'wrong') return refuse(400, 'wrong-password', 'The present password is another one.', 'current');
    if (changed === 'busy') return refuse(503, 'busy', refusal(changed).trouble);
    if ('trouble' in changed) return refuse(409, 'refused', changed.trouble, 'next');
    if ('waitMs' in changed) {
      c.header('retry-after', String(Math.ceil(changed.waitMs / 1000)));
      return c.json({ error: 'too-often', message: refusal(changed).trouble }, 429);
    }
    giveSecret(door, c, changed.secret);
    return DONE;
  });

  routes.call(OWN_ACCOUNT_CALLS.namePasskey, async ({ params, body }, _, { caller }) =>
    doneUnless(await passkeys.rename(knownOf(caller), params.id, body.title)),
  );

  routes.call(OWN_ACCOUNT_CALLS.removePasskey, async ({ params }, _, { caller }) =>
    doneUnless(await passkeys.remove(knownOf(caller), params.id)),
  );

  routes.call(OWN_ACCOUNT_CALLS.disconnect, async (_, __, { caller }) => {
    if (provider === undefined) return refuse(404, 'not-found', 'This desk has no provider.');
    return doneUnless(await provider.disconnect(knownOf(caller)));
  });

  routes.call(OWN_ACCOUNT_CALLS.makeToken, async ({ body }, _, { caller }) => {
    const made = await tokens.createOwn(knownOf(caller), body);
    return 'trouble' in made ? withoutMissing(made) : made;
  });

  routes.call(OWN_ACCOUNT_CALLS.revokeToken, async ({ params }, { who }, { caller }) =>
    doneUnless(await tokens.revoke(knownOf(caller).who.name, params.id, who.id)),
  );

  routes.call(OWN_ACCOUNT_CALLS.removeBrowser, async ({ params }, _, { caller }) => {
    return doneUnless(browsers ? await browsers.remove(knownOf(caller), params.id) : { trouble: NOT_HERE });
  });

  routes.call(OWN_ACCOUNT_CALLS.testBrowser, async ({ params }, _, { caller }) => {
    const tried = browsers ? await browsers.test(knownOf(caller), params.id) : { trouble: NOT_HERE };
    return 'said' in tried ? tried : refusedBy(tried);
  });
}

async function viewOf(access: Access, known: Known, browsers: Browsers | undefined) {
  const { signIns, passkeys, tokens, ways, told, scopes, isFresh } = await heldBy(access, known, browsers);
  const { provider } = access;
  return {
    ...{ fullName: known.who.name, role: known.who.role, isFresh, hasPassword: ways.hasPassword, tokens, scopes },
    signIns: signIns.map(({ id, way, address, browser, created_at, seen_at, ends_at }) => ({
      ...{ id, isThis: id === known.signIn, way, address, browser },
      ...{ createdAt: created_at, seenAt: seen_at, endsAt: ends_at },
    })),
    passkeys: passkeys.map(({ id, title, is_synced, created_at, used_at }) => ({
      ...{ id, title, isSynced: is_synced === 1, createdAt: created_at },
      ...(used_at === null ? {} : { usedAt: used_at }),
    })),
    ...(provider && { provider: { title: provider.title, ...ways.identities.get(provider.issuer) } }),
    ...(told && { browsers: told.browsers.map(({ mark: _, ...browser }) => browser) }),
  };
}

function doneUnless(trouble: Trouble | undefined) {
  return trouble === undefined ? DONE : refusedBy(trouble);
}

/** `isOwn` lets nobody else come so far. */
function knownOf({ known }: { readonly known?: Known }): Known {
  if (known === undefined) throw new Error('nobody is signed in');
  return known;
}
