/** The way to one receiver: leases what is due, sends it, and keeps what came of it. One message at a time; a receiver that fails is left alone for a while. */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import {
  countSent,
  finish,
  giveBack,
  lease,
  listBatch,
  listDue,
  listLeased,
  listOpenThreads,
  listReceivers,
  listThreads,
  saveReceiver,
  saveThread,
} from '../store/notices.ts';
import type { NoticeReceiverRow, NoticeRow } from '../store/schema.ts';
import type { Notice, Outgoing, Tellable } from './notice.ts';
import { nextOf, retryInMs, WINDOW_MS } from './pace.ts';
import { mirrors, type NoticePolicy, type Receiver } from './policy.ts';
import { alertmanagerRequest, REFRESH_MS } from './receivers/alertmanager.ts';
import { deliver, type Senders } from './receivers/deliver.ts';
import { readHttp, type Verdict } from './receivers/receiver.ts';

export type LaneDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly database: DeskDatabase;
  readonly policy: NoticePolicy;
  readonly senders: Senders;
  readonly newId: () => string;
  readonly onSettled: () => void;
};

/** Longer than any try takes (platform/notice-post.ts, notice-mail.ts): then whoever had it is gone. */
const LEASE_MS = 60_000;
/** Who is barred is asked as seldom as who has failed so often. */
const BARRED_LIKE = 6;
const STOP_MS = 2_000;
const MOST_REFRESHED = 200;

type Leased = { readonly rows: readonly NoticeRow[]; readonly outgoing: Outgoing; readonly by: string };

export class Lane {
  readonly #deps: LaneDeps;
  readonly #receiver: Receiver;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LaneDeps, receiver: Receiver) {
    this.#deps = deps;
    this.#receiver = receiver;
  }

  /** Something is due. */
  go(): void {
    this.#run(() => this.#drain());
  }

  /** Tells a receiver that forgets what it is not told again. */
  refresh(): void {
    const { monoMs } = this.#deps.clock.now();
    if (this.#receiver.place.kind !== 'alertmanager' || monoMs - this.#refreshedAtMs < REFRESH_MS) return;
    this.#refreshedAtMs = monoMs;
    this.#run(() => this.#tellAgain());
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const { clock } = this.#deps;
    let timer: ReturnType<Clock['setTimer']> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = clock.setTimer(STOP_MS, resolve);
    });
    await Promise.race([this.#running, patience]);
    timer?.cancel();
  }

  #run(task: () => Promise<void>): void {
    const { log } = this.#deps;
    const before = this.#running ?? Promise.resolve();
    const mine: Promise<void> = before
      .then(() => (this.#isStopped ? undefined : task()))
      .catch((cause: unknown) => log.error('the desk could not send a notice', { receiver: this.#receiver.name, cause: String(cause) }))
      .finally(() => {
        if (this.#running === mine) this.#running = undefined;
      });
    this.#running = mine;
  }

  async #drain(): Promise<void> {
    while (!this.#isStopped) {
      const leased = await this.#lease();
      if (leased === undefined) return;
      const verdict = await deliver(leased.outgoing, this.#receiver, this.#deps.policy, this.#deps.senders);
      if (this.#isStopped && verdict.outcome === 'later') return;
      await this.#settle(leased, verdict);
      this.#deps.onSettled();
    }
  }

  /** The next message, leased; undefined where none may go now. */
  async #lease(): Promise<Leased | undefined> {
    const { database, clock, newId } = this.#deps;
    const at = clock.now().wallMs;
    const by = newId();
    return database.transaction().execute(async (db) => {
      const state = await this.#state(db);
      if (state === undefined || state.next_at > at) return undefined;
      const due = await listDue(db, this.#receiver.name, at);
      if (due.length === 0) return undefined;
      const { rows, why } = (await this.#next(db, due, at)) ?? { rows: [] };
      if (rows.length === 0) return undefined;
      await lease(db, rows, by, at + LEASE_MS);
      return { rows, by, outgoing: await this.#outgoing(db, rows, why, at) };
    });
  }

  /** What may have arrived goes again as it was; what has not is put together as there is room for it. */
  async #next(db: DeskDatabase, due: readonly NoticeRow[], at: number): Promise<{ rows: NoticeRow[]; why?: 'quiet' | 'many' } | undefined> {
    const [first] = due;
    if (first !== undefined && first.batch !== null) {
      const rows = await listBatch(db, first.batch);
      return rows.length > 1 ? { rows, why: rows.some(({ held }) => held === 1) ? 'quiet' : 'many' } : { rows };
    }
    const fresh = due.filter(({ batch }) => batch === null);
    const recent = await countSent(db, this.#receiver.name, at - WINDOW_MS);
    const waiting = fresh.map(({ seq, urgent, held, body }) => ({ seq, urgent: urgent === 1, held: held === 1, alike: alikeOf(body) }));
    const next = nextOf(waiting, recent, mirrors(this.#receiver.place) ? Number.POSITIVE_INFINITY : this.#receiver.most, at);
    if (next === undefined || 'waitUntil' in next) return undefined;
    const chosen = new Set(next.rows.map(({ seq }) => seq));
    const rows = fresh.filter(({ seq }) => chosen.has(seq));
    return next.why === undefined ? { rows } : { rows, why: next.why };
  }

  async #outgoing(db: DeskDatabase, rows: readonly NoticeRow[], why: 'quiet' | 'many' | undefined, at: number): Promise<Outgoing> {
    const notices = rows.map(({ body }) => JSON.parse(body) as Tellable);
    // The name of a digest is that of its first, which stays with it.
    const first = rows.toSorted((left, right) => left.seq - right.seq)[0]!;
    if (why !== undefined) return { id: first.id, notice: { about: 'digest', why, notices }, isFirst: true, at };
    const [thread] = (await listThreads(db, [first.about])).filter(({ receiver }) => receiver === this.#receiver.name);
    return { id: first.id, notice: notices[0] as Notice, isFirst: (thread?.sent ?? 0) === 0, at };
  }

  async #state(db: DeskDatabase): Promise<NoticeReceiverRow | undefined> {
    return (await listReceivers(db)).find(({ name }) => name === this.#receiver.name);
  }

  async #settle({ by }: Leased, verdict: Verdict): Promise<void> {
    const { database, clock, log } = this.#deps;
    const { name: receiver } = this.#receiver;
    const at = clock.now().wallMs;
    const { outcome, answer } = verdict;
    await database.transaction().execute(async (db) => {
      await this.#noteHealth(db, verdict, at);
      if (outcome === 'later' || outcome === 'barred') return giveBack(db, by, verdict.isUnsent === true);
      for (const row of await listLeased(db, by)) {
        const told = JSON.parse(row.body) as Tellable;
        await saveThread(db, { receiver, about: row.about }, told, outcome === 'taken', at);
      }
      await finish(db, by, outcome === 'taken' ? 'sent' : 'refused', answer, at);
    });
    if (outcome === 'refused') log.error('a receiver refused a notice for good', { receiver, answer });
  }

  async #noteHealth(db: DeskDatabase, { outcome, answer, wishedMs }: Verdict, at: number): Promise<void> {
    const { name } = this.#receiver;
    const said = { last_at: at, last_answer: answer };
    if (outcome === 'taken' || outcome === 'refused')
      return saveReceiver(db, name, { ...said, failures: 0, next_at: 0, failing_since: null, barred: 0 });
    const state = await this.#state(db);
    const failures = (state?.failures ?? 0) + 1;
    const isBarred = outcome === 'barred';
    const waitMs = retryInMs(isBarred ? Math.max(failures, BARRED_LIKE) : failures, this.#deps.random.fraction(), wishedMs);
    const change = { failures, next_at: at + waitMs, failing_since: state?.failing_since ?? at, barred: isBarred ? 1 : 0 };
    return saveReceiver(db, name, { ...said, ...change });
  }

  /** All that it was told of and that is not over, in few requests. */
  async #tellAgain(): Promise<void> {
    const { database, clock, policy, senders } = this.#deps;
    const { place, name, details } = this.#receiver;
    if (place.kind !== 'alertmanager') return;
    const { wallMs: at } = clock.now();
    if (((await this.#state(database))?.next_at ?? 0) > at) return;
    const threads = await listOpenThreads(database, name);
    for (let i = 0; i < threads.length; i += MOST_REFRESHED) {
      const all = threads
        .slice(i, i + MOST_REFRESHED)
        .map(({ body }) => ({ id: '', notice: JSON.parse(body) as Notice, isFirst: false, at }));
      const verdict = readHttp(await senders.post(alertmanagerRequest(all, place, { details, linkTo: policy.linkTo })), at);
      await database.transaction().execute((db) => this.#noteHealth(db, verdict, clock.now().wallMs));
      this.#deps.onSettled();
      if (verdict.outcome !== 'taken') return;
    }
  }
}

/** Tickets that are passed on to the same people in one moment are one message to them. */
function alikeOf(body: string): string | undefined {
  if (!body.includes('"passed-on"')) return undefined;
  const notice = JSON.parse(body) as Tellable;
  return notice.about === 'ticket' && notice.changes.includes('passed-on') ? notice.standing.passed?.to : undefined;
}
