/**
 * Brings the tickets of a home, or of all, up to what its alerts say now: what calls for work becomes a ticket or joins one, what is over is watched and then
 * resolved. It goes by what the alerts are and not by what was told, so that a snapshot, news that come late and a desk that was away all end the
 * same; and it belongs into the transaction that changed them.
 */
import type { AlertMessage } from '../../protocol/messages.ts';
import type { Occurrence } from '../store/alerts.ts';
import { appendDeed } from '../store/audit.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { AlertRow } from '../store/schema.ts';
import {
  addToTicket,
  findTicketFor,
  findTicketOf,
  hasOpenedSince,
  insertTicket,
  keysOfTicket,
  listAlertsWithoutTicket,
  listSitesToKeep,
  listUnsettled,
  MOST_AT_ONCE,
  nextActionableAt,
  updateTicket,
} from '../store/tickets.ts';
import { callsForWork, OF_THE_HOUSE, symptomOf } from './symptom.ts';
import { isOpen, newTicket, openedAgain, seen, settle, settlesAt, type Ticket, take } from './ticket.ts';

/** Who does what nobody does. */
const DESK = 'desk';

/** The homes where something changed. `dueAt`: when time alone changes more than that a resolved ticket is closed, which may wait for the next look; Infinity where that takes news. */
export type Kept = { readonly changed: ReadonlySet<string>; readonly dueAt: number };

/** Of all homes. `at`: the desk's wall clock. */
export async function keepTickets(db: DeskDatabase, at: number): Promise<Kept> {
  const changed = new Set<string>();
  const isLeft = await giveTickets(db, at, undefined, changed);
  const holdsUntil = isLeft ? at : ((await nextActionableAt(db, at)) ?? Number.POSITIVE_INFINITY);
  return { changed, dueAt: Math.min(holdsUntil, await settleTickets(db, at, undefined, changed)) };
}

/** Of these homes, whose alerts have changed in this transaction: mostly none of them calls for work, and none has a ticket. */
export async function keepTicketsOf(db: DeskDatabase, sites: readonly string[], at: number): Promise<void> {
  const changed = new Set<string>();
  const asking = await listSitesToKeep(db, at, sites);
  for (const site of sites.filter((each) => asking.has(each))) {
    await giveTickets(db, at, site, changed);
    await settleTickets(db, at, site, changed);
  }
}

/** Answers when the next of them settles by itself. */
async function settleTickets(db: DeskDatabase, at: number, site: string | undefined, changed: Set<string>): Promise<number> {
  let dueAt = Number.POSITIVE_INFINITY;
  for (const { ticket, standing } of await listUnsettled(db, at, site)) {
    const settled = settle(ticket, standing, at);
    dueAt = Math.min(dueAt, settlesAt(settled?.ticket ?? ticket, standing));
    if (settled === undefined || !(await updateTicket(db, settled.ticket, ticket.version))) continue;
    const { number, site: home } = ticket;
    const detail = { from: ticket.state, to: settled.ticket.state, why: settled.why };
    await appendDeed(db, { site: home, at, actor: DESK, what: 'ticket.settled', ticket: number, detail });
    changed.add(home);
  }
  return dueAt;
}

/** True where some are left for the next look. All are looked through: those that call for no work must not hide one that does. */
async function giveTickets(db: DeskDatabase, at: number, site: string | undefined, changed: Set<string>): Promise<boolean> {
  let [given, after]: [number, AlertRow | undefined] = [0, undefined];
  do {
    const rows = await listAlertsWithoutTicket(db, at, site, after);
    for (const row of rows) {
      if (!(await giveTicket(db, row, at))) continue;
      changed.add(row.site_id);
      if (++given === MOST_AT_ONCE) return true;
    }
    after = rows.length < MOST_AT_ONCE ? undefined : rows.at(-1);
  } while (after !== undefined);
  return false;
}

async function giveTicket(db: DeskDatabase, row: AlertRow, at: number): Promise<boolean> {
  const told = JSON.parse(row.body) as AlertMessage;
  const { code, device, stage } = told;
  const isWork = callsForWork(
    { code, device, stage, severity: told.severity, isHeld: told.held === true, actionableAt: row.actionable_at },
    at,
  );
  if (!isWork) return false;
  const alert = { row, title: told.title, detail: { alert: row.key, title: told.title, severity: told.severity } };
  const symptom = symptomOf(told);
  const known = (await findTicketFor(db, row.site_id, symptom, at)) ?? (await ofTheHouse(db, row.site_id, at));
  if (known === undefined) await openFor(db, alert, symptom, at);
  else if (known === 'none') await openFor(db, { ...alert, title: MUCH_AT_ONCE }, OF_THE_HOUSE, at);
  else await join(db, alert, known, at);
  return true;
}

/** More in one day is nobody's list of work: a hub that makes up devices must not hide other homes in the queue. */
const MOST_IN_A_DAY = 50;
const DAY_MS = 86_400_000;
const MUCH_AT_ONCE = 'Much is wrong in this home at once';

/** Where a home has had many tickets of late, the one of the whole house sees to what is more, or `none` does yet. */
async function ofTheHouse(db: DeskDatabase, site: string, at: number): Promise<Ticket | 'none' | undefined> {
  if (!(await hasOpenedSince(db, site, MOST_IN_A_DAY, at - DAY_MS))) return undefined;
  return (await findTicketFor(db, site, OF_THE_HOUSE, at)) ?? 'none';
}

/** `detail`: what the audit keeps of it. */
type Given = { readonly row: AlertRow; readonly title: string; readonly detail: object };

async function openFor(db: DeskDatabase, { row, title, detail }: Given, symptom: string, at: number): Promise<void> {
  const site = row.site_id;
  const number = await insertTicket(db, newTicket({ site, symptom, title, isTouched: false }, at));
  await addToTicket(db, number, row);
  await appendDeed(db, { site, at, actor: DESK, what: 'ticket.opened', ticket: number, detail });
}

/** More different ones on one ticket say no more to anybody. */
const MOST_TOLD_OF = 100;

/** What is new to an open ticket ends its rest. What it has had before changes nothing of it: who works on it would be told with each coming and going that somebody was quicker. */
async function join(db: DeskDatabase, { row, detail }: Given, ticket: Ticket, at: number): Promise<void> {
  const keys = await keysOfTicket(db, ticket.number, row.key);
  await addToTicket(db, ticket.number, row);
  const { snoozedUntil, ...awake } = ticket;
  const wasOpen = isOpen(ticket);
  if (wasOpen && (keys.isKnown || (keys.count >= MOST_TOLD_OF && snoozedUntil === undefined))) return;
  const joined: Ticket = wasOpen ? awake : openedAgain(ticket, at);
  await updateTicket(db, { ...joined, version: ticket.version + 1 }, ticket.version);
  const what = wasOpen ? 'ticket.joined' : 'ticket.reopened';
  await appendDeed(db, { site: row.site_id, at, actor: DESK, what, ticket: ticket.number, detail });
}

/** Somebody sees to an alert: its ticket is theirs, unless it is somebody's. */
export async function noteSeen(
  db: DeskDatabase,
  occurrence: Occurrence,
  said: { readonly by: string; readonly at: number },
): Promise<void> {
  const { by, at, ...detail } = said;
  const ticket = await findTicketOf(db, occurrence);
  const { site_id: site, key: alert } = occurrence;
  await appendDeed(db, { site, at, actor: by, what: 'alert.acknowledged', ticket: ticket?.number ?? null, detail: { alert, ...detail } });
  if (ticket === undefined || !isOpen(ticket) || (ticket.assignee !== undefined && ticket.seenAt !== undefined)) return;
  const isSomebodys = ticket.assignee !== undefined;
  const taken = isSomebodys ? { ticket: { ...seen(ticket, at), version: ticket.version + 1 } } : take(ticket, { do: 'take' }, by, at);
  if ('ticket' in taken) await updateTicket(db, taken.ticket, ticket.version);
}
