/**
 * Every address of the desk with the rule of who may ask for it. There is no other way to add one, and what stands behind it is given what its visitor may see and do and nothing
 * else: a reader of his homes, work on his tickets, his own name.
 */
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { forbiddenPage } from '../../web/forbidden-page.ts';
import type { Frame } from '../../web/parts.ts';
import { mayHe, type Permission, type Who } from '../access/roles.ts';
import { addressOf, type Door } from './door.ts';
import { type Caller, readCaller } from './doorman.ts';
import { isFromOwnPage } from './own-page.ts';
import type { Visit } from './visit.ts';

/** `anyone`: also who is not signed in. `signed-in`: whoever is, in whichever role. Else who may do that. */
export type Rule = 'anyone' | 'signed-in' | Permission;

type Answer = Response | Promise<Response>;
type Method = 'get' | 'post';

export type RouteDeps = {
  readonly door: Door;
  /** Absent: there are no accounts, and whoever is on this machine is the desk. */
  readonly callers?: Parameters<typeof readCaller>[0];
  visit(who: Who): Visit;
  /** Of a page for who is not signed in. */
  frame(): Frame;
};

const MAX_BODY_BYTES = 16 * 1024;

export class Routes {
  readonly #app: Hono;
  readonly #deps: RouteDeps;
  readonly rules: { readonly method: string; readonly path: string; readonly rule: Rule }[] = [];

  constructor(app: Hono, deps: RouteDeps) {
    this.#app = app;
    this.#deps = deps;
  }

  get door(): Door {
    return this.#deps.door;
  }

  get(path: string, rule: Exclude<Rule, 'anyone'>, handle: (c: Context, visit: Visit, caller: Caller) => Answer): void {
    this.#add('get', path, rule, (c) => this.#guarded(c, rule, handle));
  }

  post(path: string, rule: Exclude<Rule, 'anyone'>, handle: (c: Context, visit: Visit, caller: Caller) => Answer): void {
    this.#add('post', path, rule, (c) => this.#guarded(c, rule, handle));
  }

  /** For who is not signed in, too. */
  open(method: Method, path: string, handle: (c: Context, place: { readonly frame: Frame; readonly address: string }) => Answer): void {
    this.#add(method, path, 'anyone', (c) => handle(c, { frame: this.#deps.frame(), address: addressOf(this.#deps.door, c) }));
  }

  /** Throws where the application has an address that nobody has given a rule. */
  seal(): void {
    const known = new Set(this.rules.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    const without = this.#app.routes.filter(({ method, path }) => method !== 'ALL' && !known.has(`${method} ${path}`));
    const catchAll = this.#app.routes.filter(({ method, path }) => method === 'ALL' && path !== '/*');
    const [first] = [...without, ...catchAll];
    if (first) throw new Error(`no rule says who may ask for ${first.method} ${first.path}: add it by Routes`);
  }

  #add(method: Method, path: string, rule: Rule, handle: (c: Context) => Answer): void {
    this.rules.push({ method, path, rule });
    if (method === 'get') this.#app.get(path, (c) => handle(c));
    else this.#app.post(path, limited, (c) => (isFromOwnPage(this.#deps.door, c) ? handle(c) : foreign(c)));
  }

  async #guarded(
    c: Context,
    rule: Exclude<Rule, 'anyone'>,
    handle: (c: Context, visit: Visit, caller: Caller) => Answer,
  ): Promise<Response> {
    const caller = await readCaller(this.#deps.callers, this.#deps.door, c);
    if (caller === undefined) return signedOut(c);
    const visit = this.#deps.visit(caller.who);
    if (rule !== 'signed-in' && !mayHe(caller.who, rule)) return forbidden(c, visit);
    return handle(c, visit, caller);
  }
}

const limited = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: 'too-long', message: 'That is too long.' }, 413) });

export function isApi(c: Context): boolean {
  return c.req.path.startsWith('/api/');
}

function foreign(c: Context): Response {
  return c.json({ error: 'foreign-origin', message: 'Only the page of this desk may do that.' }, 403);
}

/** A page leads to the door and back again; a form that was sent too late leads to the door only. */
function signedOut(c: Context): Response {
  if (isApi(c)) {
    c.header('www-authenticate', 'Bearer realm="hearthbeat desk"');
    return c.json({ error: 'signed-out', message: 'Sign in first, or send a token that holds.' }, 401);
  }
  const { pathname, search } = new URL(c.req.url);
  const next = c.req.method === 'GET' && pathname !== '/' ? `?next=${encodeURIComponent(pathname + search)}` : '';
  return c.redirect(`/sign-in${next}`, 303);
}

export function forbidden(c: Context, visit: Visit): Answer {
  if (isApi(c)) return c.json({ error: 'forbidden', message: 'Your role at this desk does not allow that.' }, 403);
  return c.html(forbiddenPage(visit.frame()), 403);
}
