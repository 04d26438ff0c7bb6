/** The way by the provider of the house over HTTP: to it, back from it, and what went wrong in between. */
import type { Context } from 'hono';
import type { Log } from '../../base/log.ts';
import { type ProviderStop, providerStopPage, toProviderPage } from '../../web/provider-pages.ts';
import { refusedPage } from '../../web/refused-page.ts';
import type { Access } from '../access/access.ts';
import { PROVE_AGAIN } from '../access/passkeys.ts';
import { type Back, ProviderTrouble } from '../access/provider.ts';
import type { Known } from '../access/sign-ins.ts';
import { originOf, ownOrigin } from './door.ts';
import { browserAtTheDoor, giveSecret, markBrowser, secretOf } from './doorman.ts';
import type { Routes } from './routes.ts';
import { ownPath, placeOf } from './sign-in.ts';

export const BACK = '/sign-in/provider/back';

type Status = 400 | 403 | 409 | 429 | 502 | 503;

const STATUS_OF: Readonly<Record<ProviderStop, Status>> = {
  down: 503,
  clock: 502,
  denied: 403,
  old: 400,
  odd: 502,
  stale: 400,
  unknown: 403,
  unlinked: 403,
  often: 429,
};

export function addProvider(routes: Routes, access: Access, log: Pick<Log, 'warn'>): void {
  const { provider, signIns } = access;
  const { door } = routes;
  if (provider === undefined) return;

  const stop = (c: Context, why: ProviderStop) => c.html(providerStopPage(provider.title, why), STATUS_OF[why]);
  const stopped = (c: Context, cause: unknown) => {
    if (!(cause instanceof ProviderTrouble)) throw cause;
    if (cause.fault !== 'denied' && cause.fault !== 'old')
      log.warn('signing in by the provider failed', { fault: cause.fault, cause: cause.message });
    return stop(c, cause.fault);
  };

  /** A form leads nowhere else (the page's policy has it so), so what answers it is a page that goes on by itself. */
  async function lead(c: Context, next: string, known?: Known): Promise<Response> {
    const origin = ownOrigin(door);
    if (origin === undefined || origin !== originOf(door, c)) return stop(c, 'stale');
    const browser = markBrowser(door, c, () => access.newMark());
    try {
      const url = await provider!.begin({ browser, next, redirectUri: origin + BACK, ...(known && { known }) });
      return c.html(toProviderPage(provider!.title, url));
    } catch (cause) {
      return stopped(c, cause);
    }
  }

  routes.open('post', '/sign-in/provider', async (c) => lead(c, ownPath((await c.req.parseBody()).next)));

  routes.post('/account/provider', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    if (!signIns.isFresh(known)) return c.html(refusedPage(visit.frame(), PROVE_AGAIN, '/account'), 409);
    return lead(c, '/account', known);
  });

  routes.post('/account/provider/remove', 'signed-in', async (c, visit, { known }) => {
    if (!known) return c.notFound();
    const refused = await provider.disconnect(known);
    return refused ? c.html(refusedPage(visit.frame(), refused.trouble, '/account'), 409) : c.redirect('/account', 303);
  });

  routes.open('get', BACK, async (c) => {
    // The address as the provider was given it, whatever proxies made of it on the way.
    const answer = new URL(BACK + new URL(c.req.url).search, ownOrigin(door) ?? 'http://localhost');
    const before = secretOf(door, c);
    const known = await signIns.who(before);
    try {
      const back = await provider.finish({ answer, browser: browserAtTheDoor(door, c), known, before }, placeOf(door, c));
      return arrive(c, back);
    } catch (cause) {
      return stopped(c, cause);
    }
  });

  function arrive(c: Context, back: Back): Response | Promise<Response> {
    if (typeof back === 'string') return stop(c, back);
    if ('waitMs' in back) {
      c.header('retry-after', String(Math.ceil(back.waitMs / 1000)));
      return stop(c, 'often');
    }
    if ('trouble' in back) return c.html(providerStopPage(provider!.title, { trouble: back.trouble }), 409);
    if ('connected' in back) return c.redirect('/account', 303);
    giveSecret(door, c, back.signIn.secret);
    return c.redirect(back.next, 303);
  }
}
