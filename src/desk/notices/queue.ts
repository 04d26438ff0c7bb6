/** From what tickets and receivers are to what waits to be sent: compares them with what each receiver was told of them. Belongs into a transaction. */
import type { DeskDatabase } from '../store/migrations.ts';
import { dropNotice, dropSeen, insertNotice, listThreads, listWaitingAbout, markSeen, saveThread, versionsOf } from '../store/notices.ts';
import type { NoticeReceiverRow, NoticeRow, NoticeThreadRow } from '../store/schema.ts';
import type { Gathered } from './gather.ts';
import { newsOf } from './news.ts';
import { aboutReceiver, aboutTicket, type TicketNotice, type TroubleNotice } from './notice.ts';
import type { NoticePolicy, Receiver } from './policy.ts';
import { type Delivery, route, type Told } from './route.ts';

export type Queueing = {
  readonly policy: NoticePolicy;
  readonly at: number;
  readonly newId: () => string;
  /** Since when each receiver is there. */
  readonly known: ReadonlyMap<string, NoticeReceiverRow>;
};

/** Soon again, but not before others were looked at. */
const BUSY_MS = 10_000;

/** Tickets that have changed since they were gathered are left for the next look. */
export async function queueNews(db: DeskDatabase, changes: readonly Gathered[], queueing: Queueing): Promise<void> {
  const abouts = changes.map(({ ticket }) => aboutTicket(ticket.number));
  const versions = await versionsOf(
    db,
    changes.map(({ ticket }) => ticket.number),
  );
  const threads = byPlace(await listThreads(db, abouts));
  const waiting = byPlace(await listWaitingAbout(db, abouts));
  for (const change of changes) {
    const { number } = change.ticket;
    const now = versions.get(number);
    if (now?.version !== change.version || now.step !== change.step) continue;
    let isBusy = false;
    for (const receiver of queueing.policy.receivers.values()) {
      const place = placeOf(receiver.name, aboutTicket(number));
      isBusy =
        (await queueFor(db, { change, receiver, thread: threads.get(place), row: waiting.get(place) }, queueing)) === 'busy' || isBusy;
    }
    if (change.standing.isOver && !isBusy) await dropSeen(db, number);
    else await markSeen(db, number, change, isBusy ? queueing.at + BUSY_MS : change.lookAt);
  }
}

type One = {
  readonly change: Gathered;
  readonly receiver: Receiver;
  readonly thread: NoticeThreadRow | undefined;
  readonly row: NoticeRow | undefined;
};

/** `busy`: what waits is under way, or may have arrived, and has to go first. */
async function queueFor(db: DeskDatabase, { change: gathered, receiver, thread, row }: One, queueing: Queueing): Promise<'busy' | 'done'> {
  const { policy, at, known } = queueing;
  const last = thread && (JSON.parse(thread.body) as TicketNotice);
  const change = withSeverity(gathered, last);
  let told: Told | undefined = last && { standing: last.standing, sent: (thread?.sent ?? 0) > 0 };
  if (last === undefined && row === undefined && change.ticket.askedAt < (known.get(receiver.name)?.since_at ?? 0)) {
    await saveThread(db, { receiver: receiver.name, about: aboutTicket(change.ticket.number) }, noticeOf(change, [], last), false, at);
    return 'done';
  }
  if (row !== undefined && row.leased_until > at) return 'busy';
  if (row !== undefined && isUnsure(row)) {
    const tried = JSON.parse(row.body) as TicketNotice;
    const { standing } = tried;
    if (!change.standing.isOver || standing.isOver) return newsOf(standing, change.standing).length > 0 ? 'busy' : 'done';
    // Nobody need be called to what is over by now; but as it may have been told, it counts as told.
    await saveThread(db, { receiver: receiver.name, about: aboutTicket(change.ticket.number) }, tried, true, at);
    told = { standing, sent: true };
  }
  const delivery = route(change, told, receiver, policy, at);
  // Who is not told that it is over is told all the same when it begins again.
  if (delivery === undefined && change.standing.isOver && last !== undefined && !last.standing.isOver)
    await saveThread(db, { receiver: receiver.name, about: aboutTicket(change.ticket.number) }, noticeOf(change, [], last), false, at);
  await replace(db, row, delivery, delivery && noticeOf(change, delivery.changes, last), queueing);
  return 'done';
}

/** Whoever leased it may have died after it was sent. */
export function isUnsure({ unsure, lease }: NoticeRow): boolean {
  return unsure === 1 || lease !== null;
}

/** What waits is what is so now; it goes when it was to go. */
async function replace(
  db: DeskDatabase,
  row: NoticeRow | undefined,
  delivery: Delivery | undefined,
  notice: TicketNotice | undefined,
  { at, newId }: Queueing,
): Promise<void> {
  if (row !== undefined && notice !== undefined && row.body === JSON.stringify(notice)) return;
  if (row !== undefined) await dropNotice(db, row.seq);
  if (delivery === undefined || notice === undefined) return;
  const wasSoon = row !== undefined && row.held === 0 && !delivery.held;
  await insertNotice(db, {
    // A message of this name may have been taken by a receiver that takes each name once.
    id: row !== undefined && row.tries === 0 ? row.id : newId(),
    receiver: delivery.receiver,
    about: aboutTicket(notice.ticket.number),
    notice,
    urgent: delivery.urgent,
    held: delivery.held,
    made_at: at,
    due_at: wasSoon ? Math.min(row.due_at, delivery.dueAt) : delivery.dueAt,
  });
}

/** What is over has no alert that says how bad it was. */
function withSeverity(change: Gathered, last: TicketNotice | undefined): Gathered {
  if (!change.standing.isOver || last === undefined) return change;
  const { severity } = last.standing;
  return { ...change, ticket: { ...change.ticket, severity }, standing: { ...change.standing, severity } };
}

function noticeOf({ ticket, standing }: Gathered, changes: TicketNotice['changes'], last: TicketNotice | undefined): TicketNotice {
  const before = last !== undefined && !last.standing.isOver ? last.ticket.firstSeverity : undefined;
  return { about: 'ticket', changes, ticket: { ...ticket, firstSeverity: before ?? ticket.severity }, standing };
}

/** A receiver that fails, or does again. */
export type Trouble = { readonly receiver: string; readonly isFailing: boolean; readonly sinceAt: number; readonly answer: string };

/** One other receiver is told of each that fails, and the same one when it is over. False where nothing more of it is to be told. */
export async function queueTrouble(
  db: DeskDatabase,
  troubles: readonly Trouble[],
  { policy, at, newId }: Omit<Queueing, 'known'>,
): Promise<boolean> {
  const abouts = troubles.map(({ receiver }) => aboutReceiver(receiver));
  if (abouts.length === 0) return false;
  const [threads, waiting] = [await listThreads(db, abouts), await listWaitingAbout(db, abouts)];
  const failing = new Set(troubles.flatMap(({ receiver, isFailing }) => (isFailing ? [receiver] : [])));
  for (const { receiver: name, isFailing, sinceAt, answer } of troubles) {
    const about = aboutReceiver(name);
    const open = threads.filter((thread) => thread.about === about && thread.is_over === 0);
    const rows = waiting.filter((row) => row.about === about);
    const notice: TroubleNotice = { about: 'receiver', receiver: name, sinceAt, answer, isOver: !isFailing };
    const insert = (receiver: string) =>
      insertNotice(db, { id: newId(), receiver, about, notice, urgent: true, held: false, made_at: at, due_at: at });
    if (isFailing) {
      const other = [...policy.receivers.keys()].find((one) => one !== name && !failing.has(one));
      if (open.length === 0 && rows.length === 0 && other !== undefined) await insert(other);
      continue;
    }
    for (const row of rows) if (row.leased_until <= at && !isUnsure(row) && !isOverNotice(row)) await dropNotice(db, row.seq);
    for (const { receiver } of open) if (!rows.some((row) => row.receiver === receiver)) await insert(receiver);
  }
  return failing.size > 0 || waiting.length > 0 || threads.some(({ is_over }) => is_over === 0);
}

function isOverNotice({ body }: NoticeRow): boolean {
  return (JSON.parse(body) as TroubleNotice).isOver;
}

function placeOf(receiver: string, about: string): string {
  return `${receiver}\n${about}`;
}

function byPlace<T extends { readonly receiver: string; readonly about: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [placeOf(row.receiver, row.about), row]));
}
