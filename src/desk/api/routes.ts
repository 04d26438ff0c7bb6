/**
 * Every address of the desk with the rule of who may ask for it. There is no other way to add one, and what stands behind it is given what its visitor may see and do and nothing
 * else: a reader of his homes, work on his tickets, his own name. One of the API comes with its description, and its requests are checked by that.
 */
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { failedAtTheDoor } from '../../web/failed-page.ts';
import { forbiddenPage } from '../../web/forbidden-page.ts';
import { missingPage } from '../../web/missing-page.ts';
import type { Frame } from '../../web/parts.ts';
import type { Limited, RateLimits } from '../access/rate-limits.ts';
import { mayHe, type Permission, type Who } from '../access/roles.ts';
import { networkOf } from '../access/throttle.ts';
import { type Asked, badBody, type Call, type Refusal, type RefusalStatus, type Told } from './call.ts';
import { addressOf, type Door } from './door.ts';
import { type Caller, readCaller } from './doorman.ts';
import { etagOf, hasIt } from './etag.ts';
import { asksForNul, readJson, sendsNul } from './nul.ts';
import { isForAnotherSite, isFromOwnPage, wayOf } from './own-page.ts';
import { paced } from './paced.ts';
import { linkToNext } from './paging.ts';
import type { Visit } from './visit.ts';

/** `anyone`: also who is not signed in. `signed-in`: whoever is, in whichever role. Else who may do that. */
export type Rule = 'anyone' | 'signed-in' | Permission;

type Answer = Response | Promise<Response>;
type Method = Call['method'];

export type RouteDeps = {
  readonly door: Door;
  /** Absent: there are no accounts, and whoever is on this machine is the desk. */
  readonly callers?: Parameters<typeof readCaller>[0];
  /** Told of a program that tried what no program may with accounts. */
  readonly onRefused?: (who: Who, call: string) => Promise<void>;
  /** How often who may ask; whoever is on this machine where there are no accounts may as he likes. */
  readonly limits?: Pick<RateLimits, 'take'> | undefined;
  visit(who: Who): Visit;
  /** Of a page for who is not signed in. */
  frame(): Frame;
};

const MAX_BODY_BYTES = 16 * 1024;

export class Routes {
  readonly #app: Hono;
  readonly #deps: RouteDeps;
  readonly rules: { readonly method: string; readonly path: string; readonly rule: Rule }[] = [];
  /** Those of the API. */
  readonly calls: Call[] = [];

  constructor(app: Hono, deps: RouteDeps) {
    this.#app = app;
    this.#deps = deps;
  }

  get door(): Door {
    return this.#deps.door;
  }

  get(path: string, rule: Exclude<Rule, 'anyone'>, handle: (c: Context, visit: Visit, caller: Caller) => Answer): void {
    this.#add('get', path, rule, (c) => this.#guarded(c, { rule }, handle));
  }

  /** `mostBytes`: how much may be sent, where that is more than the usual. */
  post(
    path: string,
    rule: Exclude<Rule, 'anyone'>,
    handle: (c: Context, visit: Visit, caller: Caller) => Answer,
    mostBytes?: number,
  ): void {
    this.#add('post', path, rule, (c) => this.#guarded(c, { rule }, handle), mostBytes);
  }

  /** Of the API. What is asked is read as the call describes it, before anything else is done with it. */
  call<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType, S extends RefusalStatus>(
    call: Call<P, Q, B, A, S>,
    handle: (
      asked: Asked<P, Q, B>,
      visit: Visit,
      raw: { readonly c: Context; readonly caller: Caller },
    ) => MaybeLater<Told<z.output<A>> | Refusal<S | 403> | Response>,
  ): void {
    this.calls.push(call as unknown as Call);
    const answered = (c: Context): Promise<Response> =>
      this.#guarded(c, call, async (_, visit, caller) => {
        if (call.isOwn && caller.known === undefined) return refusal(c, ONLY_SIGNED_IN);
        const asked = await readAsked(call, c, visit);
        if ('refused' in asked) return refusal(c, asked);
        const told = await handle(asked, visit, { c, caller });
        if (told instanceof Response) return told;
        if (typeof told === 'object' && told !== null && 'refused' in told) return refusal(c, told as Refusal);
        return answer(c, call as unknown as Call, { asked, told: told as object }, visit.who);
      });
    this.#add(call.method, call.path, call.rule, answered, call.mostBytes);
  }

  /** For who is not signed in, too. */
  open(method: Method, path: string, handle: (c: Context, place: { readonly frame: Frame; readonly address: string }) => Answer): void {
    this.#add(method, path, 'anyone', (c) => {
      const { door, frame } = this.#deps;
      return this.#strangerTooOften(c) ?? handle(c, { frame: frame(), address: addressOf(door, c) });
    });
  }

  /** What is the same for everybody, and lies in memory: nobody is counted who asks for it. */
  asset(path: string, handle: (c: Context) => Answer): void {
    this.rules.push({ method: 'get', path, rule: 'anyone' });
    this.#app.get(path, (c) => handle(c));
  }

  /** Throws where the application has an address that nobody has given a rule, or one of the API that nobody has described. */
  seal(): void {
    const known = new Set(this.rules.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    const without = this.#app.routes.filter(({ method, path }) => method !== 'ALL' && !known.has(`${method} ${path}`));
    const catchAll = this.#app.routes.filter(({ method, path }) => method === 'ALL' && path !== '/*');
    const [first] = [...without, ...catchAll];
    if (first) throw new Error(`no rule says who may ask for ${first.method} ${first.path}: add it by Routes`);
    const described = new Set(this.calls.map(({ method, path }) => `${method} ${path}`));
    const bare = this.rules.find(({ method, path }) => path.startsWith('/api/') && !described.has(`${method} ${path}`));
    if (bare)
      throw new Error(
        `nothing says what ${bare.method} ${bare.path} takes and answers: describe it (api/call.ts), and add it by Routes.call`,
      );
  }

  #add(method: Method, path: string, rule: Rule, handle: (c: Context) => Answer, mostBytes?: number): void {
    this.rules.push({ method, path, rule });
    if (method === 'get') this.#app.get(path, (c) => (isForAnotherSite(c) ? foreign(c) : handle(c)));
    else
      this.#app.on(method.toUpperCase(), path, limitedTo(mostBytes), async (c) => {
        if (!isFromOwnPage(this.#deps.door, c)) return foreign(c);
        return !isApi(c) && (await sendsNul(c)) ? c.html(failedAtTheDoor('no text here can hold the character NUL'), 400) : handle(c);
      });
  }

  async #guarded(
    c: Context,
    { rule, isOwn, name }: { readonly rule: Exclude<Rule, 'anyone'> } & Partial<Pick<Call, 'isOwn' | 'name'>>,
    handle: (c: Context, visit: Visit, caller: Caller) => Answer,
  ): Promise<Response> {
    const { callers, door, onRefused } = this.#deps;
    const caller = await readCaller(callers, door, c);
    // Whoever guesses at tokens is not signed in either.
    if (caller === undefined) return this.#strangerTooOften(c) ?? signedOut(c);
    const { kind, id } = caller.who;
    const tooOften = kind === 'local' ? undefined : this.#tooOften(c, kind === 'token' ? 'token' : 'account', id);
    if (tooOften !== undefined) return tooOften;
    const visit = this.#deps.visit(caller.who);
    const answered = await this.#within(c, rule, handle, visit, caller);
    if (answered.status === 403 && kind === 'token' && name !== undefined && (isOwn || WITHOUT_PROGRAMS.has(rule)))
      await onRefused?.(caller.who, name);
    return answered;
  }

  async #within(
    c: Context,
    rule: Exclude<Rule, 'anyone'>,
    handle: (c: Context, visit: Visit, caller: Caller) => Answer,
    visit: Visit,
    caller: Caller,
  ): Promise<Response> {
    if (rule !== 'signed-in' && !mayHe(caller.who, rule)) return forbidden(c, visit);
    if (asksForNul(c)) return isApi(c) ? refusal(c, NOTHING_HERE) : c.html(missingPage(visit.frame()), 404);
    return handle(c, visit, caller);
  }

  #strangerTooOften(c: Context): Answer | undefined {
    return this.#tooOften(c, 'address', `${wayOf(c)} ${networkOf(addressOf(this.#deps.door, c))}`);
  }

  /** Counts the request; undefined where it may go on. */
  #tooOften(c: Context, limited: Limited, name: string): Answer | undefined {
    const { limits, callers } = this.#deps;
    if (limits === undefined || callers === undefined) return undefined;
    const waitMs = paced(c, limits.take(limited, name));
    if (waitMs === 0) return undefined;
    const message = 'That was too often. Wait as long as Retry-After says, in seconds.';
    return isApi(c)
      ? c.json({ error: 'too-often', message }, 429)
      : c.html(failedAtTheDoor(`it was asked too often. It answers again in ${Math.ceil(waitMs / 1000)} s`), 429);
  }
}

type MaybeLater<T> = T | Promise<T>;

async function readAsked<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  { method, params, query, body }: Pick<Call<P, Q, B>, 'method' | 'params' | 'query' | 'body'>,
  c: Context,
  { named }: Visit,
): Promise<Asked<P, Q, B> | Refusal> {
  if (method !== 'get' && c.req.header('if-match') !== undefined) return { refused: 412, ...NO_IF_MATCH };
  const [place, asked] = [params.safeParse(c.req.param()), query.safeParse(c.req.query())];
  // A path that cannot be names nothing.
  if (!place.success) return NOTHING_HERE;
  if (!asked.success) return { refused: 400, error: 'bad-query', message: z.prettifyError(asked.error) };
  const sent = body?.safeParse(named(await readJson(c)));
  if (sent?.success === false) return badBody(sent.error);
  return { params: place.data, query: asked.data, body: sent?.data as z.output<B> };
}

const NOTHING_HERE: Refusal<404> = { refused: 404, error: 'not-found', message: 'There is no such thing here.' };

/** What a program tries of these and may not is written down. */
const WITHOUT_PROGRAMS: ReadonlySet<Rule> = new Set(['accounts', 'forget']);

const ONLY_SIGNED_IN: Refusal<403> = {
  refused: 403,
  error: 'forbidden',
  message: 'That is for the browser in which one is signed in, and for no token.',
};

/** A step says in its body which version was seen: two ways to say it could differ. */
const NO_IF_MATCH = { error: 'no-if-match', message: 'If-Match means nothing here. Send the version that you saw in the body.' };

function refusal(c: Context, { refused, ...problem }: Refusal): Response {
  return c.json(problem, refused);
}

/** What may be kept to be asked about again, by a program that alone was given it. A browser keeps nothing: its disk outlives who is signed in. */
export const FOR_PROGRAMS = 'private, no-cache';

function answer(
  c: Context,
  call: Call,
  { asked, told }: { readonly asked: { readonly query: object }; readonly told: object },
  who: Who,
): Response {
  const text = JSON.stringify(told);
  const next = linkToNext(call, c.req.url, asked.query, told);
  if (next !== undefined) c.header('link', next);
  if (call.method === 'get') {
    const etag = etagOf(who, text);
    c.header('etag', etag);
    c.header('vary', 'authorization, cookie');
    if (who.kind === 'token') c.header('cache-control', FOR_PROGRAMS);
    if (hasIt(c.req.header('if-none-match'), etag)) return c.body(null, 304);
  }
  return c.body(text, call.status, { 'content-type': 'application/json' });
}

const limitedTo = (maxSize = MAX_BODY_BYTES) =>
  bodyLimit({ maxSize, onError: (c) => c.json({ error: 'too-long', message: 'That is too long.' }, 413) });

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
