/** What people are to be told outside the page, until they are: which tickets have changed, what each receiver was told of them, and what waits for it. */
import { sql } from 'kysely';
import { INCIDENTS, type Tellable } from '../notices/notice.ts';
import type { Ticket } from '../tickets/ticket.ts';
import type { DeskDatabase } from './migrations.ts';
import type { NoticeFate, NoticeReceiverRow, NoticeRow, NoticeThreadRow } from './schema.ts';
import { ticketOf } from './tickets.ts';

/** At once: what is left comes with the next look. */
export const MOST_LOOKED_AT = 200;

/** Tickets that changed since somebody looked for news of them, or whose clock has come so far. One that was over before anybody looked is none. */
export async function listChanged(db: DeskDatabase, at: number): Promise<Ticket[]> {
  const open = db
    .selectFrom('ticket')
    .leftJoin('notice_seen', 'notice_seen.ticket', 'ticket.number')
    .selectAll('ticket')
    .where('ticket.is_open', '=', 1)
    .where((eb) =>
      eb.or([
        eb('notice_seen.ticket', 'is', null),
        eb('notice_seen.version', '<>', eb.ref('ticket.version')),
        eb('notice_seen.step', '<>', eb.ref('ticket.step')),
        eb('notice_seen.look_at', '<=', at),
      ]),
    )
    .orderBy('ticket.number')
    .limit(MOST_LOOKED_AT);
  const over = db
    .selectFrom('notice_seen')
    .innerJoin('ticket', 'ticket.number', 'notice_seen.ticket')
    .selectAll('ticket')
    .where('ticket.is_open', '=', 0)
    .orderBy('ticket.number')
    .limit(MOST_LOOKED_AT);
  return [...(await over.execute()), ...(await open.execute())].map(ticketOf);
}

/** What tells a ticket from itself later: its step changes without its version. */
export type SeenAs = { readonly version: number; readonly step: number };

/** As these tickets are now. */
export async function versionsOf(db: DeskDatabase, numbers: readonly number[]): Promise<ReadonlyMap<number, SeenAs>> {
  const rows = await db.selectFrom('ticket').select(['number', 'version', 'step']).where('number', 'in', numbers).execute();
  return new Map(rows.map(({ number, version, step }) => [number, { version, step }]));
}

export async function markSeen(db: DeskDatabase, ticket: number, { version, step }: SeenAs, lookAt: number | undefined): Promise<void> {
  const seen = { version, step, look_at: lookAt ?? null };
  await db
    .insertInto('notice_seen')
    .values({ ticket, ...seen })
    .onConflict((conflict) => conflict.column('ticket').doUpdateSet(seen))
    .execute();
}

export async function dropSeen(db: DeskDatabase, ticket: number): Promise<void> {
  await db.deleteFrom('notice_seen').where('ticket', '=', ticket).execute();
}

/** All open tickets are to be looked at again. */
export async function unsee(db: DeskDatabase): Promise<void> {
  await db.updateTable('notice_seen').set({ version: -1 }).execute();
}

export async function listThreads(db: DeskDatabase, abouts: readonly string[]): Promise<NoticeThreadRow[]> {
  return db.selectFrom('notice_thread').selectAll().where('about', 'in', abouts).execute();
}

/** Incidents of which somebody was told, or is to be, and not yet that they are over. */
export async function listToldIncidents(db: DeskDatabase): Promise<{ threads: NoticeThreadRow[]; waiting: NoticeRow[] }> {
  const threads = db.selectFrom('notice_thread').selectAll().where('is_over', '=', 0).where('about', 'like', `${INCIDENTS}%`);
  const waiting = db.selectFrom('notice').selectAll().where('fate', '=', 'waiting').where('about', 'like', `${INCIDENTS}%`);
  return { threads: await threads.execute(), waiting: await waiting.execute() };
}

/** What this receiver was told that is not over. */
export async function listOpenThreads(db: DeskDatabase, receiver: string): Promise<NoticeThreadRow[]> {
  const threads = db.selectFrom('notice_thread').selectAll().where('receiver', '=', receiver).where('is_over', '=', 0);
  return threads.where('sent', '>', 0).execute();
}

/** `isSent`: in a message; otherwise it counts as known. */
export async function saveThread(
  db: DeskDatabase,
  key: { receiver: string; about: string },
  told: Tellable,
  isSent: boolean,
  at: number,
): Promise<void> {
  const isOver = told.about === 'ticket' ? told.standing.isOver : told.isOver;
  const change = { is_over: isOver ? 1 : 0, body: JSON.stringify(told), told_at: at };
  await db
    .insertInto('notice_thread')
    .values({ ...key, ...change, sent: isSent ? 1 : 0 })
    .onConflict((conflict) =>
      conflict.columns(['receiver', 'about']).doUpdateSet((eb) => ({ ...change, sent: eb('notice_thread.sent', '+', isSent ? 1 : 0) })),
    )
    .execute();
}

export async function listWaitingAbout(db: DeskDatabase, abouts: readonly string[]): Promise<NoticeRow[]> {
  return db.selectFrom('notice').selectAll().where('fate', '=', 'waiting').where('about', 'in', abouts).execute();
}

export type NewNotice = Pick<NoticeRow, 'id' | 'receiver' | 'about' | 'made_at' | 'due_at'> & {
  readonly notice: Tellable;
  readonly urgent: boolean;
  readonly held: boolean;
};

export async function insertNotice(db: DeskDatabase, { notice, urgent, held, ...columns }: NewNotice): Promise<void> {
  const fresh = { tries: 0, unsure: 0, batch: null, lease: null, leased_until: 0, fate: 'waiting', done_at: null, answer: null } as const;
  const flags = { urgent: urgent ? 1 : 0, held: held ? 1 : 0 };
  await db
    .insertInto('notice')
    .values({ ...columns, ...flags, ...fresh, body: JSON.stringify(notice) })
    .execute();
}

export async function dropNotice(db: DeskDatabase, seq: number): Promise<void> {
  await db.deleteFrom('notice').where('seq', '=', seq).execute();
}

/** What waits for a receiver and is due: the most urgent first, then what was tried least, so that one that cannot be sent holds up no other. */
export async function listDue(db: DeskDatabase, receiver: string, at: number): Promise<NoticeRow[]> {
  return db
    .selectFrom('notice')
    .selectAll()
    .where('fate', '=', 'waiting')
    .where('receiver', '=', receiver)
    .where('due_at', '<=', at)
    .where('leased_until', '<=', at)
    .orderBy('urgent', 'desc')
    .orderBy('tries')
    .orderBy('seq')
    .limit(MOST_LOOKED_AT)
    .execute();
}

/** For whom something waits that is due. */
export async function listDueReceivers(db: DeskDatabase, at: number): Promise<string[]> {
  const rows = await db
    .selectFrom('notice')
    .select('receiver')
    .distinct()
    .where('fate', '=', 'waiting')
    .where('due_at', '<=', at)
    .where('leased_until', '<=', at)
    .execute();
  return rows.map(({ receiver }) => receiver);
}

/** Messages that went to a receiver since an instant; those of a digest are one. */
export async function countSent(
  db: DeskDatabase,
  receiver: string,
  sinceAt: number,
): Promise<{ count: number; oldestAt: number; newestAt: number }> {
  const rows = await db
    .selectFrom('notice')
    .select(['seq', 'batch', 'done_at'])
    .where('receiver', '=', receiver)
    .where('fate', '=', 'sent')
    .where('done_at', '>', sinceAt)
    .execute();
  const instants = rows.map(({ done_at }) => done_at ?? 0);
  return {
    count: new Set(rows.map(({ seq, batch }) => batch ?? seq)).size,
    oldestAt: Math.min(...instants),
    newestAt: Math.max(...instants),
  };
}

/** What was tried in one message, which may have arrived: it goes again as it was. */
export async function listBatch(db: DeskDatabase, batch: number): Promise<NoticeRow[]> {
  return db.selectFrom('notice').selectAll().where('fate', '=', 'waiting').where('batch', '=', batch).orderBy('seq').execute();
}

/** Nobody else sends them meanwhile. From now on it is not known whether they arrived, and they stay together. */
export async function lease(db: DeskDatabase, rows: readonly { seq: number }[], by: string, untilAt: number): Promise<void> {
  const numbers = rows.map(({ seq }) => seq);
  await db
    .updateTable('notice')
    .set((eb) => ({ lease: by, leased_until: untilAt, tries: eb('tries', '+', 1), batch: Math.min(...numbers) }))
    .where('seq', 'in', numbers)
    .execute();
}

/** Whoever leased them is gone. That they were leased stays known: they may have arrived. */
export async function endLeases(db: DeskDatabase): Promise<void> {
  await db.updateTable('notice').set({ leased_until: 0 }).where('fate', '=', 'waiting').where('leased_until', '>', 0).execute();
}

/** Those that are leased by `by` still: another may have taken them over from one that slept too long. */
export async function listLeased(db: DeskDatabase, by: string): Promise<NoticeRow[]> {
  return db.selectFrom('notice').selectAll().where('fate', '=', 'waiting').where('lease', '=', by).orderBy('seq').execute();
}

/** `isUnsent`: this try has certainly not arrived. What may have arrived at an earlier one stays as it was then. */
export async function giveBack(db: DeskDatabase, by: string, isUnsent: boolean): Promise<void> {
  const change = isUnsent ? { batch: sql<number | null>`case when unsure = 1 then batch end` } : { unsure: 1 };
  await db
    .updateTable('notice')
    .set({ lease: null, leased_until: 0, ...change })
    .where('lease', '=', by)
    .where('fate', '=', 'waiting')
    .execute();
}

export async function finish(db: DeskDatabase, by: string, fate: NoticeFate, answer: string, at: number): Promise<void> {
  await db
    .updateTable('notice')
    .set({ fate, answer, done_at: at, lease: null, leased_until: 0 })
    .where('lease', '=', by)
    .where('fate', '=', 'waiting')
    .execute();
}

/** What waited for too long helps nobody any more; of a receiver that is not there any more nothing waits. Answers how many. */
export async function expire(db: DeskDatabase, receivers: readonly string[], dueBefore: number, at: number): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('notice')
    .set({ fate: 'expired', done_at: at })
    .where('fate', '=', 'waiting')
    .where('leased_until', '<=', at)
    .where((eb) =>
      eb.or([eb('due_at', '<', dueBefore), ...(receivers.length > 0 ? [eb('receiver', 'not in', receivers)] : [eb.lit(true)])]),
    )
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** The receivers of the policy: those that are new count from now on, and all may be tried at once, as somebody may have mended the settings. True where one is new. */
export async function knowReceivers(db: DeskDatabase, names: readonly string[], at: number): Promise<boolean> {
  if (names.length === 0) return false;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('notice_receiver')
    .values(
      names.map((name) => ({
        name,
        since_at: at,
        failures: 0,
        next_at: 0,
        failing_since: null,
        barred: 0,
        last_at: null,
        last_answer: null,
      })),
    )
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirstOrThrow();
  await db.updateTable('notice_receiver').set({ next_at: 0 }).execute();
  await db.deleteFrom('notice_receiver').where('name', 'not in', names).execute();
  await db.deleteFrom('notice_thread').where('receiver', 'not in', names).execute();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function listReceivers(db: DeskDatabase): Promise<NoticeReceiverRow[]> {
  return db.selectFrom('notice_receiver').selectAll().orderBy('name').execute();
}

export async function saveReceiver(
  db: DeskDatabase,
  name: string,
  change: Partial<Omit<NoticeReceiverRow, 'name' | 'since_at'>>,
): Promise<void> {
  await db.updateTable('notice_receiver').set(change).where('name', '=', name).execute();
}

export type CountedNotices = { readonly receiver: string; readonly fate: NoticeFate; readonly count: number };

/** Of what waits, and of what was done with since an instant. */
export async function countNotices(db: DeskDatabase, sinceAt: number): Promise<CountedNotices[]> {
  const all = db
    .selectFrom('notice')
    .select((eb) => ['receiver', 'fate', eb.fn.countAll().as('count')])
    .groupBy(['receiver', 'fate']);
  const rows = [...(await all.where('fate', '=', 'waiting').execute()), ...(await all.where('done_at', '>', sinceAt).execute())];
  return rows.map(({ count, ...rest }) => ({ ...rest, count: Number(count) }));
}

/** What went, or did not, about one thing: the newest first. */
export async function listNoticesAbout(db: DeskDatabase, about: string, limit: number): Promise<NoticeRow[]> {
  return db.selectFrom('notice').selectAll().where('about', '=', about).orderBy('seq', 'desc').limit(limit).execute();
}

/** Forgets what was sent before; what is open keeps what was told of it. */
export async function dropNoticesBefore(db: DeskDatabase, cutoffAt: number): Promise<void> {
  await db.deleteFrom('notice').where('done_at', '<', cutoffAt).execute();
  await db.deleteFrom('notice_thread').where('is_over', '=', 1).where('told_at', '<', cutoffAt).execute();
}
