/** One's own account over HTTP: where one is signed in, another password, and one's own tokens. Passkeys and the provider of the house have files of their own. */
import type { Context } from 'hono';
import { type AccountPage, accountPage, tokenPage } from '../../web/account-page.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { Access } from '../access/access.ts';
import { may, scopesOf } from '../access/roles.ts';
import type { Known } from '../access/sign-ins.ts';
import type { Browsers } from '../push/browsers.ts';
import { originOf, ownOrigin, partyOf } from './door.ts';
import { giveSecret, secretOf, takeSecret } from './doorman.ts';
import type { Routes } from './routes.ts';
import { placeOf, refusal } from './sign-in.ts';
import type { Visit } from './visit.ts';

/** What lets somebody in, what acts in his name and what he is told by. */
export async function heldBy({ signIns, passkeys, tokens, people }: Access, known: Known, browsers: Browsers | undefined) {
  const { id, role } = known.who;
  const [held, keys, own, ways, told] = await Promise.all([
    signIns.list(id),
    passkeys.list(id),
    tokens.list(id),
    people.waysIn(id),
    may(role, 'tickets') ? browsers?.view(known) : undefined,
  ]);
  return { signIns: held, passkeys: keys, tokens: own, ways, told, scopes: scopesOf(role), isFresh: signIns.isFresh(known) };
}

export function addAccount(routes: Routes, access: Access, browsers?: Browsers): void {
  const { signIns, tokens, provider } = access;
  const { door } = routes;

  async function view(c: Context, { who, frame }: Visit, known: Known): Promise<AccountPage> {
    const { ways, ...held } = await heldBy(access, known, browsers);
    const [origin, doorAt, here] = [partyOf(door)?.origin, ownOrigin(door), originOf(door, c)];
    const at = doorAt === undefined || doorAt === here ? {} : { at: doorAt };
    return {
      ...frame(),
      role: who.role,
      own: known.signIn,
      ...held,
      passkeysAt: origin === undefined ? 'nowhere' : origin === here ? 'here' : origin,
      hasPassword: ways.hasPassword,
      ...(provider && { provider: { title: provider.title, ...at, ...ways.identities.get(provider.issuer) } }),
    };
  }

  routes.get('/account', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    return c.html(accountPage({ ...(await view(c, visit, known)), isChanged: c.req.query('changed') !== undefined }));
  });

  routes.post('/account/password', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const { current, next, again } = await c.req.parseBody();
    const refuse = async (trouble: string, status: 400 | 401 | 429 | 503 = 400) =>
      c.html(accountPage({ ...(await view(c, visit, known)), trouble }), status);
    if (typeof current !== 'string' || typeof next !== 'string' || next !== again)
      return refuse('The two new passwords differ. Type the same one twice.');
    const changed = await signIns.changePassword(known, { current, next }, placeOf(door, c));
    if (changed === 'wrong') return refuse('The present password is another one.', 400);
    if (typeof changed === 'object' && 'trouble' in changed) return refuse(changed.trouble);
    if (typeof changed === 'object' && 'secret' in changed) {
      giveSecret(door, c, changed.secret);
      return c.redirect('/account?changed', 303);
    }
    const { status, trouble } = refusal(changed);
    return refuse(trouble, status);
  });

  routes.post('/account/sign-ins', 'signed-in', async (c, _, { known }) => {
    if (!known) return c.notFound();
    const { end } = await c.req.parseBody();
    await signIns.end(known, typeof end === 'string' && end !== 'others' ? { only: end } : { but: known.signIn });
    return c.redirect('/account', 303);
  });

  // Whoever is to make a new way in and signed in long ago: out, in, and back here.
  routes.post('/account/again', 'signed-in', async (c, _, { known }) => {
    if (!known) return c.notFound();
    await signIns.signOut(secretOf(door, c));
    takeSecret(door, c);
    return c.redirect(`/sign-in?next=${encodeURIComponent('/account')}`, 303);
  });

  routes.post('/account/tokens', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const { title, days, scopes = [] } = await c.req.parseBody({ all: true });
    const asked = { title: typeof title === 'string' ? title : '', scopes: [scopes].flat().map(String), days: Number(days) };
    const made = await tokens.createOwn(known, asked);
    if ('trouble' in made) return c.html(accountPage({ ...(await view(c, visit, known)), trouble: made.trouble }), 400);
    return c.html(tokenPage({ ...visit.frame(), ...made }), 201);
  });

  routes.post('/account/tokens/:id/revoke', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const refused = await tokens.revoke(known.who.name, c.req.param('id') ?? '', known.who.id);
    return refused ? c.html(refusedPage(visit.frame(), refused.trouble, '/account'), 409) : c.redirect('/account', 303);
  });
}
