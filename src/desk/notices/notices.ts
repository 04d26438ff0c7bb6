/**
 * Tells people outside the page what becomes of tickets: looks for news, keeps what is to be sent in the database until it is, and sends it, one lane for each receiver.
 * Several desks on one database share the work. It never stands in the way of the desk's own: what it cannot do now it does later.
 */
import { type Clock, every, type Timer } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { Homes } from '../homes.ts';
import type { Incidents } from '../incidents/incident-view.ts';
import type { Serving } from '../serving.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import {
  countNotices,
  dropNoticesBefore,
  endLeases,
  expire,
  knowReceivers,
  listChanged,
  listDueReceivers,
  listReceivers,
  listToldIncidents,
  MOST_LOOKED_AT,
  unsee,
} from '../store/notices.ts';
import type { NoticeReceiverRow } from '../store/schema.ts';
import { gather } from './gather.ts';
import { Lane, type LaneDeps } from './lane.ts';
import { aboutIncident } from './notice.ts';
import type { NoticePolicy } from './policy.ts';
import { queueNews, queueTrouble, type Trouble } from './queue.ts';
import { queueIncidents } from './queue-incidents.ts';
import type { Senders } from './receivers/deliver.ts';

export type NoticesDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly database: DeskDatabase;
  readonly homes: Homes;
  readonly incidents: Pick<Incidents, 'list'>;
  readonly serving?: Serving | undefined;
  readonly policy: NoticePolicy;
  readonly senders: Senders;
  /** No other desk is on this database: what one that died was sending is sent again at once. */
  readonly isAlone?: boolean;
  /** What the page shows of receivers has changed. */
  readonly onChange: () => void;
};

/** What waits, and what became of others within a day. `failingSince`: nothing has gone out since then, and people should know. */
export type ReceiverStatus = {
  readonly name: string;
  readonly kind: string;
  readonly waiting: number;
  readonly sent: number;
  readonly refused: number;
  readonly expired: number;
  readonly failingSince?: number;
  readonly lastAnswer?: string;
};

const LOOK_EVERY_MS = 5_000;
const MOST_INCIDENTS = 100;
/** Another desk on the same database may have changed something, and clocks go on. */
const LOOK_ANYWAY_MS = 15_000;
const DAY_MS = 86_400_000;
/** Later it helps nobody. */
const WAITS_FOR_MS = DAY_MS;
const KEPT_MS = 30 * DAY_MS;
/** One answer that does not come is no trouble yet. */
const [TROUBLE_TRIES, TROUBLE_AFTER_MS] = [3, 60_000];

export class Notices {
  readonly #deps: NoticesDeps;
  readonly #lanes: ReadonlyMap<string, Lane>;
  #looking: Timer | undefined;
  #running: Promise<void> | undefined;
  #isReady = false;
  #isWoken = true;
  /** The last look failed, and that was said. */
  #isLost = false;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** There may be something to tell of receivers. */
  #isTroubled = true;
  #status: readonly ReceiverStatus[] = [];

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
    const lane: LaneDeps = { ...deps, newId: () => this.#newId(), onSettled: () => (this.#isTroubled = true) };
    this.#lanes = new Map([...deps.policy.receivers].map(([name, receiver]) => [name, new Lane(lane, receiver)]));
  }

  start(): void {
    this.#begin();
    this.#looking = every(this.#deps.clock, LOOK_EVERY_MS, () => this.#begin());
  }

  /** What is under way has a moment to end: what ends without an answer is sent again after the next start. */
  async stop(): Promise<void> {
    this.#looking?.cancel();
    await this.#running;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
  }

  /** Tickets may have changed. */
  wake(): void {
    this.#isWoken = true;
  }

  /** Resolves when all that is due was tried. */
  async idle(): Promise<void> {
    await this.#running;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
    await this.#running;
  }

  /** As it was at the last look. */
  status(): readonly ReceiverStatus[] {
    return this.#status;
  }

  /** Forgets what was sent a month ago. */
  async tidy(): Promise<void> {
    const { database, clock, log, policy } = this.#deps;
    const at = clock.now().wallMs;
    const expired = await expire(database, [...policy.receivers.keys()], at - WAITS_FOR_MS, at);
    if (expired > 0) log.warn('notices were given up: they waited for a day', { expired });
    await dropNoticesBefore(database, at - KEPT_MS);
  }

  #begin(): void {
    this.#running ??= this.#look()
      .then(() => {
        this.#isLost = false;
      })
      .catch((cause: unknown) => {
        this.#isWoken = true;
        if (!this.#isLost) this.#deps.log.error('the desk could not look for what is to be told', { cause: String(cause) });
        this.#isLost = true;
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #look(): Promise<void> {
    const { database, clock } = this.#deps;
    const { monoMs, wallMs: at } = clock.now();
    await this.#prepare(at);
    if (this.#isWoken || monoMs - this.#lookedAtMs >= LOOK_ANYWAY_MS) {
      this.#isWoken = false;
      this.#lookedAtMs = monoMs;
      await this.#queueNews(at);
    }
    const due = await listDueReceivers(database, at);
    if (this.#isTroubled || due.length > 0) await this.#queueTrouble(at);
    for (const name of due) this.#lanes.get(name)?.go();
    for (const lane of this.#lanes.values()) lane.refresh();
  }

  async #prepare(at: number): Promise<void> {
    if (this.#isReady) return;
    const { database, policy, isAlone = false } = this.#deps;
    await database.transaction().execute(async (db) => {
      if (isAlone) await endLeases(db);
      if (await knowReceivers(db, [...policy.receivers.keys()], at)) await unsee(db);
    });
    await this.tidy();
    this.#isReady = true;
  }

  async #queueNews(at: number): Promise<void> {
    const { database, policy } = this.#deps;
    const changed = await listChanged(database, at);
    const incidents = await this.#incidents();
    if (changed.length === 0 && incidents.open.length === 0 && incidents.ended.length === 0) return;
    const gathered = changed.length === 0 ? [] : await gather(this.#deps, changed, at);
    await database.transaction().execute(async (db) => {
      const known = new Map((await listReceivers(db)).map((row) => [row.name, row]));
      const queueing = { policy, at, known, newId: () => this.#newId() };
      if (gathered.length > 0) await queueNews(db, gathered, queueing);
      await queueIncidents(db, incidents, queueing);
    });
    if (changed.length >= MOST_LOOKED_AT) this.#isWoken = true;
  }

  /** Those that last, and those that ended since somebody was told of them. */
  async #incidents(): Promise<Parameters<typeof queueIncidents>[1]> {
    const { database, incidents } = this.#deps;
    const open = await incidents.list({ open: true, limit: MOST_INCIDENTS });
    const { threads, waiting } = await listToldIncidents(database);
    const told = new Set([...threads, ...waiting].map(({ about }) => about));
    for (const { number } of open) told.delete(aboutIncident(number));
    const ended = told.size === 0 ? [] : await incidents.list({ open: false, limit: MOST_INCIDENTS });
    return { open, ended: ended.filter(({ number }) => told.has(aboutIncident(number))) };
  }

  async #queueTrouble(at: number): Promise<void> {
    const { database, policy, onChange, log } = this.#deps;
    const rows = await listReceivers(database);
    const troubles = rows.map((row) => troubleOf(row, at));
    const isOpen = await database.transaction().execute((db) => queueTrouble(db, troubles, { policy, at, newId: () => this.#newId() }));
    this.#isTroubled = isOpen || rows.some(({ failures }) => failures > 0);
    const counts = await countNotices(database, at - DAY_MS);
    const status = rows.map((row, i) =>
      statusOf(row, troubles[i]!, policy, (fate) => counts.find((one) => one.receiver === row.name && one.fate === fate)?.count ?? 0),
    );
    for (const one of status) {
      const before = this.#status.find(({ name }) => name === one.name)?.failingSince;
      if ((before === undefined) === (one.failingSince === undefined)) continue;
      if (one.failingSince === undefined) log.info('notices to a receiver go out again', { receiver: one.name });
      else log.error('notices to a receiver do not go out', { receiver: one.name, answer: one.lastAnswer });
    }
    const isChanged = JSON.stringify(status.map(seen)) !== JSON.stringify(this.#status.map(seen));
    this.#status = status;
    if (isChanged) onChange();
  }

  #newId(): string {
    return `msg_${newRandomId(this.#deps.random)}`;
  }
}

/** What the banner of the page says. */
function seen({ name, failingSince }: ReceiverStatus): unknown {
  return [name, failingSince];
}

function troubleOf({ name, failures, failing_since, barred, last_answer }: NoticeReceiverRow, at: number): Trouble {
  const isLong = failing_since !== null && failures >= TROUBLE_TRIES && at - failing_since >= TROUBLE_AFTER_MS;
  return { receiver: name, isFailing: barred === 1 || isLong, sinceAt: failing_since ?? at, answer: last_answer ?? '' };
}

function statusOf(
  { name, last_answer }: NoticeReceiverRow,
  { isFailing, sinceAt }: Trouble,
  policy: NoticePolicy,
  count: (fate: 'waiting' | 'sent' | 'refused' | 'expired') => number,
): ReceiverStatus {
  return {
    name,
    kind: policy.receivers.get(name)?.place.kind ?? '',
    waiting: count('waiting'),
    sent: count('sent'),
    refused: count('refused'),
    expired: count('expired'),
    ...(isFailing ? { failingSince: sinceAt } : {}),
    ...(last_answer === null ? {} : { lastAnswer: last_answer }),
  };
}
