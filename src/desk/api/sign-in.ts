/** The door over HTTP: signing in and out, and choosing a password by a link. */
import type { Context } from 'hono';
import { choosePage, signInPage, wornLinkPage } from '../../web/sign-in-page.ts';
import { plural } from '../../web/words.ts';
import type { Access } from '../access/access.ts';
import type { Place } from '../access/sign-ins.ts';
import { addressOf, type Door, originOf, ownOrigin, partyOf } from './door.ts';
import { giveSecret, secretOf, takeSecret } from './doorman.ts';
import type { Routes } from './routes.ts';

const LONGEST_PATH = 512;
const ANY = 'http://desk.invalid';

/** Where somebody wanted to go, if that is a page of this desk; else its first page. */
export function ownPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > LONGEST_PATH || !/^\/[\x21-\x7e]*$/.test(text) || !URL.canParse(text, ANY)) return '/';
  const { origin, pathname, search } = new URL(text, ANY);
  // Read as browsers read it: `//evil.example` and `/\\evil.example` are other hosts to them.
  if (origin !== ANY || pathname.startsWith('//') || /^\/(sign-|api\/|links\/)/.test(pathname)) return '/';
  return pathname + search;
}

const WRONG = 'That name and that password do not belong together, or the account lets nobody in.';
const BUSY = 'Too many people sign in at this moment. Try again in a few seconds.';

export function placeOf(door: Door, c: Context): Place {
  return { address: addressOf(door, c), browser: c.req.header('user-agent') ?? '' };
}

export function addSignIn(routes: Routes, { signIns, people, provider }: Access): void {
  const { door } = routes;
  const ways = (c: Context) => {
    const [own, here] = [ownOrigin(door), originOf(door, c)];
    const at = own === undefined || own === here ? {} : { at: own };
    return { ...(provider && { provider: { title: provider.title, ...at } }), hasPasskeys: partyOf(door)?.origin === here };
  };

  routes.open('get', '/sign-in', async (c, { frame }) => {
    const next = ownPath(c.req.query('next'));
    if (await signIns.who(secretOf(door, c))) return c.redirect(next, 303);
    return c.html(signInPage({ ...frame, ...ways(c), next, isAfter: c.req.query('out') !== undefined }));
  });

  routes.open('post', '/sign-in', async (c, { frame }) => {
    const { name, password, next: to } = await c.req.parseBody();
    const next = ownPath(to);
    if (typeof name !== 'string' || typeof password !== 'string')
      return c.html(signInPage({ ...frame, ...ways(c), next, trouble: WRONG }), 400);
    const before = secretOf(door, c);
    const tried = await signIns.signIn({ name, password, ...(before !== undefined && { before }) }, placeOf(door, c));
    if (typeof tried === 'object' && 'secret' in tried) {
      giveSecret(door, c, tried.secret);
      return c.redirect(next, 303);
    }
    const { status, trouble, waitMs } = refusal(tried);
    if (waitMs !== undefined) c.header('retry-after', String(Math.ceil(waitMs / 1000)));
    return c.html(signInPage({ ...frame, ...ways(c), next, name: name.slice(0, 64), trouble }), status);
  });

  routes.post('/sign-out', 'signed-in', async (c) => {
    await signIns.signOut(secretOf(door, c));
    takeSecret(door, c);
    return c.redirect('/sign-in?out', 303);
  });

  // Looking at a link does not use it up: programs that read mail look at every link in it.
  routes.open('get', '/links/:secret', async (c, { frame }) => {
    const link = await people.linkFor(c.req.param('secret') ?? '');
    return link ? c.html(choosePage({ ...frame, ...link })) : c.html(wornLinkPage(frame), 404);
  });

  routes.open('post', '/links/:secret', async (c, { frame }) => {
    const secret = c.req.param('secret') ?? '';
    const link = await people.linkFor(secret);
    if (link === undefined) return c.html(wornLinkPage(frame), 404);
    const { password, again, signInName, fullName } = await c.req.parseBody();
    const typed = { signInName: textOf(signInName), fullName: textOf(fullName) };
    const refuse = (trouble: string, field?: string) => c.html(choosePage({ ...frame, ...link, typed, trouble, field }), 400);
    if (typeof password !== 'string' || password !== again) return refuse('The two passwords differ. Type the same one twice.', 'password');
    const chosen = await people.choose(secret, { password, ...typed }, placeOf(door, c));
    if (chosen === undefined) return c.html(wornLinkPage(frame), 404);
    if ('trouble' in chosen) return refuse(chosen.trouble, chosen.field);
    await signIns.signOut(secretOf(door, c));
    giveSecret(door, c, chosen.secret);
    return c.redirect('/', 303);
  });
}

/** What a try that let nobody in is answered with. */
export function refusal(tried: 'wrong' | 'busy' | { readonly waitMs: number }): {
  status: 401 | 429 | 503;
  trouble: string;
  waitMs?: number;
} {
  if (tried === 'wrong') return { status: 401, trouble: WRONG };
  if (tried === 'busy') return { status: 503, trouble: BUSY, waitMs: 3000 };
  return { status: 429, trouble: `That failed too often. Wait ${waitWords(tried.waitMs)}, then try again.`, waitMs: tried.waitMs };
}

function waitWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? plural(seconds, 'second') : plural(Math.ceil(seconds / 60), 'minute');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 128) : '';
}
