/**
 * Tells browsers of people what a receiver of the kind web-push is told. One browser whose push service fails holds up no other: what at least one took counts as told, and the others are
 * owed it, each with a patience of its own. Where none took it the notice goes back to the queue of notices, whose receiver is failing then.
 */
import { createHash } from 'node:crypto';
import { type Clock, every, type Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { noteDeed } from '../access/deeds.ts';
import { isUsable } from '../access/sign-ins.ts';
import { aboutOf, type Outgoing, type Tellable } from '../notices/notice.ts';
import { retryInMs } from '../notices/pace.ts';
import type { NoticePolicy, PlaceOf, Receiver } from '../notices/policy.ts';
import { readHttp, type Verdict } from '../notices/receivers/receiver.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPerson } from '../store/people.ts';
import {
  dropBrowsers,
  dropOldPush,
  dropOwed,
  type HeldBrowser,
  keepPushKey,
  listBrowsers,
  listOwed,
  listTold,
  listWithinReach,
  saveOwed,
  saveTold,
  updateBrowser,
} from '../store/push.ts';
import type { PushBrowserRow } from '../store/push-tables.ts';
import { endpointOf } from './endpoint.ts';
import { type Holder, isMeant, isNamed, maySee } from './meant.ts';
import { type PushPost, pushRequest, type Said, saidOf } from './message.ts';
import { newSenderKeys, Vapid } from './vapid.ts';

export type PushDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly database: DeskDatabase;
  readonly policy: Pick<NoticePolicy, 'linkTo' | 'contact' | 'pushServices'>;
  readonly post: PushPost;
  /** The full names of those on shift. */
  readonly onShift: () => Promise<readonly string[]>;
};

/** What is left to be told, what then counts as told, and what of it has to be within somebody's sight still. */
type Owed = {
  readonly said: Said;
  readonly told: readonly { readonly about: string; readonly said: string }[];
  readonly sites: readonly string[];
};

/** `gone`: the browser has turned it off. */
type Came = Verdict | { readonly outcome: 'gone'; readonly answer: string };
type Job = Owed & { readonly browser: HeldBrowser };
type Done = Job & { readonly came: Came };

/** For who sees all homes. */
const ALL = '*';
/** More than a desk has. */
const MOST_BROWSERS = 200;
const AT_ONCE = 40;
const OWED_AT_ONCE = 100;
const LOOK_EVERY_MS = 5_000;
/** What a browser was to be told this long ago its person has found on the page. */
const OWED_FOR_MS = 2 * 3_600_000;
const STOP_MS = 2_000;
const DAY_MS = 86_400_000;
const [TOLD_FOR_MS, FAILS_FOR_MS] = [30 * DAY_MS, 14 * DAY_MS];
/** Who is refused as whoever he is may be let in once somebody has mended something. */
const REFUSED_LIKE = 8;

export class Push {
  readonly #deps: PushDeps;
  #vapid: Promise<{ readonly vapid: Vapid; readonly publicKey: string }> | undefined;
  #looking: Timer | undefined;
  /** One after the other: what is newer of a thing goes behind what is older. */
  #running: Promise<unknown> = Promise.resolve();
  #isOwing = false;

  constructor(deps: PushDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#looking = every(this.#deps.clock, LOOK_EVERY_MS, () => {
      if (this.#isOwing) return;
      this.#isOwing = true;
      void this.#inTurn(() => this.#giveOwed())
        .catch((cause: unknown) => this.#deps.log.error('the desk could not tell browsers what they are owed', { cause: String(cause) }))
        .finally(() => {
          this.#isOwing = false;
        });
    });
  }

  /** What is under way has a moment to end: what nobody noted is sent again after the next start. */
  async stop(): Promise<void> {
    this.#looking?.cancel();
    const { clock } = this.#deps;
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = clock.setTimer(STOP_MS, resolve);
    });
    await Promise.race([this.idle(), patience]);
    timer?.cancel();
  }

  async idle(): Promise<void> {
    await this.#running.catch(() => {});
  }

  /** What browsers are to be given when they are turned on. */
  async publicKey(): Promise<string> {
    return (await this.#keys()).publicKey;
  }

  async tidy(): Promise<void> {
    const at = this.#now();
    await dropOldPush(this.#deps.database, at, { toldBefore: at - TOLD_FOR_MS, failingBefore: at - FAILS_FOR_MS });
  }

  /** As a receiver takes a notice. */
  tell(outgoing: Outgoing, receiver: Receiver & { readonly place: PlaceOf<'web-push'> }): Promise<Verdict> {
    return this.#inTurn(() => this.#tell(outgoing, receiver));
  }

  /** One browser, at once and once. */
  async test(browser: PushBrowserRow): Promise<Came> {
    const { database } = this.#deps;
    const at = this.#now();
    const said = saidOf({ about: 'test', receiver: 'this browser', at }, { id: '', details: 'title', at });
    const came = await this.#post(browser, said, at);
    await database.transaction().execute((db) => this.#note(db, browser, came, at));
    return came;
  }

  async #tell({ id, notice }: Outgoing, { place, details }: Receiver & { readonly place: PlaceOf<'web-push'> }): Promise<Verdict> {
    if (notice.about === 'test') return { outcome: 'refused', answer: 'each person tests his browser on his account page' };
    const { database } = this.#deps;
    const at = this.#now();
    const notices = notice.about === 'digest' ? notice.notices : [notice];
    const abouts = notices.map(aboutOf);
    const [present, browsers, told] = [await this.#deps.onShift(), await this.#usable(at), await listTold(database, abouts)];
    const within = await listWithinReach(database, limitedIn(browsers), sitesOf(notices));
    const known = new Map(told.map(({ browser_id, about, said }) => [`${browser_id} ${about}`, said]));
    const on = new Set(present);
    let isToldAlready = false;
    const jobs = browsers.flatMap((browser): Job[] => {
      const holder = holderOf(browser);
      const own = notices.filter((one) => {
        const before = known.get(`${browser.id} ${aboutOf(one)}`);
        const isFor = isOver(one) ? before !== undefined && isNamed({}, holder) : isMeant(place, holder, on);
        if (!isFor || !maySee(holder, one, within)) return false;
        isToldAlready ||= before === nameOf(one);
        return before !== nameOf(one);
      });
      if (own.length === 0) return [];
      const one =
        own.length === 1 ? own[0]! : ({ about: 'digest', why: notice.about === 'digest' ? notice.why : 'many', notices: own } as const);
      const said = saidOf(one, { id, details, at });
      return [{ browser, said, told: own.map((each) => ({ about: aboutOf(each), said: nameOf(each) })), sites: sitesOf(own) }];
    });
    if (jobs.length === 0) {
      if (isToldAlready || notices.every(isOver)) return { outcome: 'taken', answer: 'nobody is left to be told' };
      return { outcome: 'later', answer: 'nobody whom it is for has turned on notices in a browser', isUnsent: true };
    }
    const done = await this.#postAll(jobs, at);
    const isTaken = isToldAlready || done.some(({ came }) => came.outcome === 'taken');
    const ended = notices.filter(isOver).map(aboutOf);
    await database.transaction().execute(async (db) => {
      await dropOwed(
        db,
        browsers.map((browser) => browser.id),
        ended,
      );
      for (const one of done) await this.#settle(db, one, isTaken, at);
    });
    return verdictOf(done, isTaken);
  }

  async #giveOwed(): Promise<void> {
    const { database } = this.#deps;
    const at = this.#now();
    const owed = await listOwed(database, at, OWED_AT_ONCE);
    if (owed.length === 0) return;
    const browsers = await this.#usable(at);
    // One each: whether its push service is there again shows by that.
    const firsts = new Map(
      owed.filter(({ ends_at }) => ends_at > at).map(({ browser_id, body }) => [browser_id, JSON.parse(body) as Owed]),
    );
    const sites = [...firsts.values()].flatMap((one) => one.sites);
    const within = await listWithinReach(database, limitedIn(browsers), [...new Set(sites)]);
    const jobs = browsers.flatMap((browser): Job[] => {
      const [first, holder] = [firsts.get(browser.id), holderOf(browser)];
      if (first === undefined || !isNamed({}, holder)) return [];
      return holder.seesAll || first.sites.every((site) => within.has(`${holder.id} ${site}`)) ? [{ browser, ...first }] : [];
    });
    const done = await this.#postAll(jobs, at);
    await database.transaction().execute(async (db) => {
      for (const one of done) await this.#settle(db, one, true, at);
    });
  }

  async #postAll(jobs: readonly Job[], at: number): Promise<Done[]> {
    const done: Done[] = [];
    for (let i = 0; i < jobs.length; i += AT_ONCE) {
      const some = jobs.slice(i, i + AT_ONCE).map(async (job): Promise<Done> => ({ ...job, came: await this.#try(job, at) }));
      done.push(...(await Promise.all(some)));
    }
    return done;
  }

  /** A push service that asked for time is given it. */
  async #try({ browser, said }: Job, at: number): Promise<Came> {
    if (browser.next_at > at)
      return { outcome: 'later', answer: browser.last_answer ?? '', isUnsent: true, wishedMs: browser.next_at - at };
    return this.#post(browser, said, at);
  }

  async #post({ endpoint, p256dh, auth }: PushBrowserRow, said: Said, at: number): Promise<Came> {
    const { post, random, policy } = this.#deps;
    if (endpointOf(endpoint, policy.pushServices) === undefined)
      return { outcome: 'barred', answer: 'its push service is none that the settings name', isUnsent: true };
    const { vapid } = await this.#keys();
    const answer = await post(pushRequest({ endpoint, keys: { p256dh, auth } }, said, { vapid, random, at }));
    // RFC 8030, 7.3: the subscription is over.
    if ('status' in answer && (answer.status === 404 || answer.status === 410)) return { outcome: 'gone', answer: `HTTP ${answer.status}` };
    return readHttp(answer, at);
  }

  /** `isTaken`: it does not come again by itself, so who did not get it is owed it. */
  async #settle(db: DeskDatabase, { browser, came, said, told, sites }: Done, isTaken: boolean, at: number): Promise<void> {
    const wasResting = browser.next_at > at;
    if (!wasResting) await this.#note(db, browser, came, at);
    if (came.outcome === 'gone') return;
    const abouts = told.map(({ about }) => about);
    const owes = said.tag;
    if (came.outcome === 'later' && isTaken)
      return saveOwed(db, {
        browser_id: browser.id,
        about: owes,
        body: JSON.stringify({ said, told, sites } satisfies Owed),
        ends_at: said.at + OWED_FOR_MS,
      });
    if (came.outcome === 'later') return;
    await dropOwed(db, [browser.id], [owes, ...abouts]);
    if (came.outcome === 'taken') for (const one of told) await saveTold(db, { browser_id: browser.id, ...one, told_at: at });
  }

  async #note(db: DeskDatabase, browser: PushBrowserRow, came: Came, at: number): Promise<void> {
    const { id, failures, failing_since } = browser;
    const { outcome, answer } = came;
    if (outcome === 'gone') {
      await dropBrowsers(db, [id]);
      const person = await findPerson(db, browser.person_id);
      return noteDeed(db, { at, actor: 'desk', what: 'browser.gone', detail: { of: person?.full_name, browser: browser.title } });
    }
    if (outcome === 'taken') return updateBrowser(db, id, { last_at: at, failures: 0, next_at: 0, failing_since: null, last_answer: null });
    if (outcome === 'refused') return updateBrowser(db, id, { last_answer: answer });
    const count = failures + 1;
    const waitMs = retryInMs(outcome === 'barred' ? Math.max(count, REFUSED_LIKE) : count, this.#deps.random.fraction(), came.wishedMs);
    return updateBrowser(db, id, { failures: count, next_at: at + waitMs, failing_since: failing_since ?? at, last_answer: answer });
  }

  async #usable(at: number): Promise<HeldBrowser[]> {
    return (await listBrowsers(this.#deps.database, MOST_BROWSERS)).filter((browser) => isUsable(browser, at));
  }

  #keys(): Promise<{ readonly vapid: Vapid; readonly publicKey: string }> {
    const { database, random, policy } = this.#deps;
    this.#vapid ??= keepPushKey(database, newSenderKeys(random), this.#now())
      .then((keys) => ({ vapid: new Vapid(keys, contactOf(policy)), publicKey: keys.publicKey }))
      .catch((cause: unknown) => {
        this.#vapid = undefined;
        throw cause;
      });
    return this.#vapid;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#running.catch(() => {}).then(task);
    this.#running = mine;
    return mine;
  }

  #now(): number {
    return this.#deps.clock.now().wallMs;
  }
}

/** Some push services take nothing from who does not say how to reach him (Apple's, of none but a real name). */
function contactOf({ contact, linkTo }: PushDeps['policy']): string | undefined {
  if (contact !== undefined) return `mailto:${contact}`;
  return linkTo?.startsWith('https://') ? linkTo : undefined;
}

function holderOf({ person_id, sign_in_name, full_name, role, sees_all }: HeldBrowser): Holder {
  return { id: person_id, signInName: sign_in_name, fullName: full_name, role, seesAll: sees_all === 1 };
}

/** Who does not see all homes. */
function limitedIn(browsers: readonly HeldBrowser[]): string[] {
  return [...new Set(browsers.filter(({ sees_all }) => sees_all === 0).map(({ person_id }) => person_id))];
}

function sitesOf(notices: readonly Tellable[]): string[] {
  return [...new Set(notices.map((one) => (one.about === 'ticket' ? one.ticket.site : ALL)))];
}

function isOver(notice: Tellable): boolean {
  return notice.about === 'ticket' ? notice.standing.isOver : notice.isOver;
}

/** The same for what says the same of the same: another receiver may mean the same browser, and a try whose end nobody knows comes again. */
function nameOf(notice: Tellable): string {
  const what =
    notice.about === 'ticket' ? [notice.changes, notice.standing] : [notice.isOver, notice.about === 'receiver' && notice.sinceAt];
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 22);
}

function verdictOf(done: readonly Done[], isTaken: boolean): Verdict {
  const of = (outcome: Came['outcome']): Done[] => done.filter(({ came }) => came.outcome === outcome);
  const answer = (['taken', 'later', 'barred', 'refused', 'gone'] as const)
    .flatMap((outcome) => (of(outcome).length === 0 ? [] : [`${outcome}: ${of(outcome).length}`]))
    .join(', ');
  const why = done.find(({ came }) => came.outcome !== 'taken')?.came.answer;
  const words = why === undefined ? answer : `${answer} (${why})`;
  if (isTaken) return { outcome: 'taken', answer: words };
  const waiting = of('later');
  if (waiting.length > 0) {
    const wishes = waiting.map(({ came }) => ('wishedMs' in came ? (came.wishedMs ?? 0) : 0));
    const isUnsent = waiting.every(({ came }) => 'isUnsent' in came && came.isUnsent === true);
    return { outcome: 'later', answer: words, isUnsent, wishedMs: Math.min(...wishes) };
  }
  // Who was there has gone meanwhile: somebody else may come.
  if (of('gone').length === done.length) return { outcome: 'later', answer: words, isUnsent: true };
  return { outcome: of('refused').length > 0 ? 'refused' : 'barred', answer: words, isUnsent: true };
}
