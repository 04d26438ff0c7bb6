/** Tickets, the alerts that belong to each, and what still waits to become one. */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { CLOSES_AFTER_MS, isOpen, REOPENS_WITHIN_MS, type Standing, type Ticket } from '../tickets/ticket.ts';
import type { Occurrence } from './alerts.ts';
import { isOfIncident } from './incidents.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import type { AlertRow, DeskTables, TicketRow } from './schema.ts';

/** At once: what is left comes with the next look. */
export const MOST_AT_ONCE = 200;
/** Homes in one question. */
const ROWS_AT_ONCE = 1_000;

export async function insertTicket(db: DeskDatabase, ticket: Omit<Ticket, 'number'>): Promise<number> {
  const { number } = await db.insertInto('ticket').values(columnsOf(ticket)).returning('number').executeTakeFirstOrThrow();
  return Number(number);
}

/** False where it is not `version` any more. */
export async function updateTicket(db: DeskDatabase, ticket: Ticket, version: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('ticket')
    .set(columnsOf(ticket))
    .where('number', '=', ticket.number)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function findTicket(db: DeskDatabase, number: number): Promise<Ticket | undefined> {
  const row = await db.selectFrom('ticket').selectAll().where('number', '=', number).executeTakeFirst();
  return row && ticketOf(row);
}

/** The ticket that an alert of this symptom belongs to: the open one, else the one resolved last, if that was not long ago, else the open one that people made it part of. */
export async function findTicketFor(db: DeskDatabase, site: string, symptom: string, at: number): Promise<Ticket | undefined> {
  const row = await db
    .selectFrom('ticket')
    .selectAll()
    .where('site_id', '=', site)
    .where('symptom', '=', symptom)
    .where((eb) => eb.or([eb('is_open', '=', 1), eb.and([eb('state', '=', 'resolved'), eb('resolved_at', '>', at - REOPENS_WITHIN_MS)])]))
    .orderBy('is_open', 'desc')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? ticketOf(row) : findMergedInto(db, site, symptom);
}

/** In all homes. */
export async function listOpenTicketsFor(db: DeskDatabase, symptom: string): Promise<Ticket[]> {
  const rows = await db
    .selectFrom('ticket')
    .selectAll()
    .where('symptom', '=', symptom)
    .where('is_open', '=', 1)
    .orderBy('number')
    .execute();
  return rows.map(ticketOf);
}

/** One may be part of another that is itself part of a third. */
const LONGEST_MERGE = 10;

async function findMergedInto(db: DeskDatabase, site: string, symptom: string): Promise<Ticket | undefined> {
  const merged = db.selectFrom('ticket').select('merged_into').where('site_id', '=', site).where('symptom', '=', symptom);
  let into = (await merged.where('state', '=', 'merged').orderBy('number', 'desc').limit(1).executeTakeFirst())?.merged_into;
  for (let i = 0; i < LONGEST_MERGE && into; i++) {
    const ticket = await findTicket(db, into);
    if (ticket && isOpen(ticket)) return ticket;
    into = ticket?.mergedInto;
  }
  return undefined;
}

export type TicketFilter = {
  readonly site?: string;
  readonly symptom?: string;
  /** Those that people work on, or those that are over. */
  readonly open?: boolean;
  readonly limit: number;
  /** From 1 on; each has as many as `limit` says. */
  readonly page?: number;
};

/** Open ones: who waits longest for a first answer first. Those that are over: the newest first. */
export async function listTickets(db: DeskDatabase, { site, symptom, open, limit, page = 1 }: TicketFilter): Promise<Ticket[]> {
  let query = db
    .selectFrom('ticket')
    .selectAll()
    .limit(limit)
    .offset((page - 1) * limit);
  if (site !== undefined) query = query.where('site_id', '=', site);
  if (symptom !== undefined) query = query.where('symptom', '=', symptom);
  if (open !== undefined) query = query.where('is_open', '=', open ? 1 : 0);
  if (open === true) query = query.orderBy(sql`case when answered_at is null then 0 else 1 end`).orderBy('asked_at');
  return (await query.orderBy('number', 'desc').execute()).map(ticketOf);
}

/** How many people work on, and how many of them wait for a first answer; without those that are put off until later. */
export async function countOpenTickets(db: DeskDatabase, at: number): Promise<{ readonly open: number; readonly unanswered: number }> {
  const row = await db
    .selectFrom('ticket')
    .select((eb) => [
      eb.fn.countAll().as('open'),
      sql<number | null>`sum(case when answered_at is null then 1 else 0 end)`.as('unanswered'),
    ])
    .where('is_open', '=', 1)
    .where((eb) => eb.or([eb('snoozed_until', 'is', null), eb('snoozed_until', '<=', at)]))
    .executeTakeFirstOrThrow();
  return { open: Number(row.open), unanswered: Number(row.unanswered ?? 0) };
}

/** One that belonged to another belongs to this one from now on. */
export async function addToTicket(db: DeskDatabase, number: number, { site_id, key, raised_hub_at }: Occurrence): Promise<void> {
  await db
    .insertInto('ticket_alert')
    .values({ number, site_id, key, raised_hub_at })
    .onConflict((conflict) => conflict.columns(['site_id', 'key', 'raised_hub_at']).doUpdateSet({ number }))
    .execute();
}

/** How many keys the alerts of a ticket have, and whether this is one of them. */
export async function keysOfTicket(
  db: DeskDatabase,
  number: number,
  key: string,
): Promise<{ readonly count: number; readonly isKnown: boolean }> {
  const row = await db
    .selectFrom('ticket_alert')
    .select((eb) => [
      eb.fn.count('key').distinct().as('count'),
      sql<number | null>`max(case when key = ${key} then 1 else 0 end)`.as('known'),
    ])
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), isKnown: Number(row.known) === 1 };
}

/** Whether a home's `count` newest tickets that no person opened are all from after an instant. */
export async function hasOpenedSince(db: DeskDatabase, site: string, count: number, at: number): Promise<boolean> {
  const oldest = await db
    .selectFrom('ticket')
    .select('opened_at')
    .where('site_id', '=', site)
    .where('symptom', 'is not', null)
    .orderBy('number', 'desc')
    .offset(count - 1)
    .limit(1)
    .executeTakeFirst();
  return oldest !== undefined && oldest.opened_at > at;
}

/** Alerts, each with the number of its ticket. */
function withTickets(db: DeskDatabase) {
  return db
    .selectFrom('alert')
    .innerJoin('ticket_alert', (join) =>
      join
        .onRef('ticket_alert.site_id', '=', 'alert.site_id')
        .onRef('ticket_alert.key', '=', 'alert.key')
        .onRef('ticket_alert.raised_hub_at', '=', 'alert.raised_hub_at'),
    );
}

/** Of a ticket, newest first. */
export async function listAlertsOfTicket(db: DeskDatabase, number: number): Promise<AlertRow[]> {
  return withTickets(db)
    .selectAll('alert')
    .where('ticket_alert.number', '=', number)
    .orderBy('alert.raised_at', 'desc')
    .orderBy('alert.key')
    .limit(MOST_AT_ONCE)
    .execute();
}

export async function findTicketOf(db: DeskDatabase, { site_id, key, raised_hub_at }: Occurrence): Promise<Ticket | undefined> {
  const row = await db
    .selectFrom('ticket')
    .innerJoin('ticket_alert', 'ticket_alert.number', 'ticket.number')
    .selectAll('ticket')
    .where('ticket_alert.site_id', '=', site_id)
    .where('ticket_alert.key', '=', key)
    .where('ticket_alert.raised_hub_at', '=', raised_hub_at)
    .executeTakeFirst();
  return row && ticketOf(row);
}

export type Answered = Occurrence & { readonly answered_at: number };

/** Firing alerts whose tickets a person has answered, and when; of these homes. */
export async function listAnswered(db: DeskDatabase, sites: readonly string[]): Promise<Answered[]> {
  if (sites.length === 0) return [];
  return db
    .selectFrom('ticket')
    .innerJoin('ticket_alert', 'ticket_alert.number', 'ticket.number')
    .select(['ticket_alert.site_id', 'ticket_alert.key', 'ticket_alert.raised_hub_at', 'ticket.answered_at'])
    .where('ticket.is_open', '=', 1)
    .where('ticket.site_id', 'in', sites)
    .where('ticket.answered_at', 'is not', null)
    .$narrowType<{ answered_at: number }>()
    .execute();
}

/** What fires of some tickets. */
export async function listFiringOfTickets(db: DeskDatabase, numbers: readonly number[]): Promise<{ number: number; row: AlertRow }[]> {
  if (numbers.length === 0) return [];
  const rows = await withTickets(db)
    .selectAll('alert')
    .select('ticket_alert.number')
    .where('ticket_alert.number', 'in', numbers)
    .where('alert.cleared_at', 'is', null)
    .execute();
  return rows.map(({ number, ...row }) => ({ number, row }));
}

/** The numbers of the tickets that firing alerts belong to; of one home, or of all. */
export async function listTicketsOfFiring(db: DeskDatabase, site?: string): Promise<(Occurrence & { number: number })[]> {
  const query = withTickets(db).selectAll('ticket_alert').where('alert.cleared_at', 'is', null);
  return (site === undefined ? query : query.where('alert.site_id', '=', site)).execute();
}

/** Merging: its alerts are the other's from now on. */
export async function moveAlerts(db: DeskDatabase, from: number, to: number): Promise<void> {
  await db.updateTable('ticket_alert').set({ number: to }).where('number', '=', from).execute();
}

/** What belonged to a ticket and is dropped from the history: what was done about it is in the audit. Looks at a second table, so it is to be in a transaction. */
export async function dropAlertsOfHistory(db: DeskDatabase): Promise<void> {
  await db
    .deleteFrom('ticket_alert')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('alert')
            .select('alert.key')
            .whereRef('alert.site_id', '=', 'ticket_alert.site_id')
            .whereRef('alert.key', '=', 'ticket_alert.key')
            .whereRef('alert.raised_hub_at', '=', 'ticket_alert.raised_hub_at'),
        ),
      ),
    )
    .execute();
}

/**
 * Alerts that fire, that may call for work, and that neither a ticket nor an incident of many homes sees to: the oldest first, those behind `after`. Of one home, or of all. A ticket that ended because its alerts
 * were over sees to none that fires on after all; one that people ended while it fired does.
 */
export async function listAlertsWithoutTicket(db: DeskDatabase, at: number, site?: string, after?: AlertRow): Promise<AlertRow[]> {
  if (after === undefined && site !== undefined) return (await withoutTicketOf(db, { at, site })).rows;
  let query = withoutTicket(db, at);
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(raised_at, site_id, key, raised_hub_at) > (${after.raised_at}, ${after.site_id}, ${after.key}, ${after.raised_hub_at})`,
    );
  return (site === undefined ? query : query.where('site_id', '=', site)).execute();
}

function withoutTicket(db: DeskDatabase, at: number) {
  return mayNeedTicket(db, at)
    .selectAll()
    .orderBy('raised_at')
    .orderBy('site_id')
    .orderBy('key')
    .orderBy('raised_hub_at')
    .limit(MOST_AT_ONCE);
}

function mayNeedTicket(db: DeskDatabase, at: number) {
  return db
    .selectFrom('alert')
    .where('cleared_at', 'is', null)
    .where('severity', 'in', ['error', 'critical'])
    .where('actionable_at', '<=', at)
    .where((eb) => eb.not(isOfIncident(eb)))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('ticket_alert')
            .innerJoin('ticket', 'ticket.number', 'ticket_alert.number')
            .select('ticket_alert.number')
            .whereRef('ticket_alert.site_id', '=', 'alert.site_id')
            .whereRef('ticket_alert.key', '=', 'alert.key')
            .whereRef('ticket_alert.raised_hub_at', '=', 'alert.raised_hub_at')
            .where((eb) => eb.or([eb('ticket.outcome', 'is', null), eb('ticket.outcome', 'not in', ['fixed', 'recovered'])])),
        ),
      ),
    );
}

const withoutTicketOf = prepared((db, { at, site }: { at: number; site: string }) => withoutTicket(db, at).where('site_id', '=', site));

/** Of these homes, those of which the two lists above and below have something. Two questions for all of them, where few have any. */
export async function listSitesToKeep(db: DeskDatabase, at: number, sites: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let from = 0; from < sites.length; from += ROWS_AT_ONCE) {
    const some = filledUp(sites.slice(from, from + ROWS_AT_ONCE));
    for (const rows of [
      await mayNeedTicket(db, at).select('site_id').distinct().where('site_id', 'in', some).execute(),
      await db
        .selectFrom('ticket')
        .select('site_id')
        .distinct()
        .where(isUnsettled(at - CLOSES_AFTER_MS))
        .where('site_id', 'in', some)
        .execute(),
    ])
      for (const { site_id } of rows) found.add(site_id);
  }
  return found;
}

/** To a power of two, with the last of them again: each length would be a statement of its own. */
function filledUp(sites: readonly string[]): string[] {
  return Array.from({ length: 2 ** Math.ceil(Math.log2(sites.length)) }, (_, i) => sites[Math.min(i, sites.length - 1)] as string);
}

/** When the next hold of an alert that may call for work is over, in any home. */
export async function nextActionableAt(db: DeskDatabase, at: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('alert')
    .select((eb) => eb.fn.min('actionable_at').as('next'))
    .where('cleared_at', 'is', null)
    .where('severity', 'in', ['error', 'critical'])
    .where('actionable_at', '>', at)
    .executeTakeFirst();
  return row?.next == null ? undefined : Number(row.next);
}

export type StandingTicket = { readonly ticket: Ticket; readonly standing: Standing };

/** Tickets that are open, with what their alerts say, and those resolved until `at` less a week, which are to be closed; of one home, or of all. */
export async function listUnsettled(db: DeskDatabase, at: number, site?: string): Promise<StandingTicket[]> {
  const resolvedBy = at - CLOSES_AFTER_MS;
  const rows = site === undefined ? await unsettled(db, resolvedBy).execute() : (await unsettledOf(db, { resolvedBy, site })).rows;
  return rows.map(({ firing, over_since, ...row }) => ({
    ticket: ticketOf(row),
    standing: { isFiring: Number(firing) > 0, ...(over_since === null ? {} : { overSince: Number(over_since) }) },
  }));
}

function unsettled(db: DeskDatabase, resolvedBy: number) {
  return db
    .selectFrom('ticket')
    .leftJoin('ticket_alert', 'ticket_alert.number', 'ticket.number')
    .leftJoin('alert', (join) =>
      join
        .onRef('alert.site_id', '=', 'ticket_alert.site_id')
        .onRef('alert.key', '=', 'ticket_alert.key')
        .onRef('alert.raised_hub_at', '=', 'ticket_alert.raised_hub_at'),
    )
    .selectAll('ticket')
    .select([
      sql<number>`sum(case when alert.site_id is not null and alert.cleared_at is null then 1 else 0 end)`.as('firing'),
      sql<number | null>`max(alert.cleared_at)`.as('over_since'),
    ])
    .where(isUnsettled(resolvedBy))
    .groupBy('ticket.number');
}

const isUnsettled =
  (resolvedBy: number) =>
  (eb: ExpressionBuilder<DeskTables, 'ticket'>): Expression<SqlBool> =>
    eb.and([
      eb('ticket.state', 'in', ['new', 'open', 'waiting', 'monitoring', 'resolved']),
      eb.or([eb('ticket.state', '<>', 'resolved'), eb('ticket.resolved_at', '<=', resolvedBy)]),
    ]);

const unsettledOf = prepared((db, { resolvedBy, site }: { resolvedBy: number; site: string }) =>
  unsettled(db, resolvedBy).where('ticket.site_id', '=', site),
);

export function ticketOf(row: TicketRow): Ticket {
  const maybe = <K extends string, V>(key: K, value: V | null): Partial<Record<K, V>> =>
    value === null ? {} : ({ [key]: value } as Record<K, V>);
  return {
    number: row.number,
    site: row.site_id,
    title: row.title,
    state: row.state,
    tier: row.tier,
    openedAt: row.opened_at,
    askedAt: row.asked_at,
    reopened: row.reopened,
    isTouched: row.touched === 1,
    version: row.version,
    ...maybe('symptom', row.symptom),
    ...maybe('assignee', row.assignee),
    ...maybe('answeredAt', row.answered_at),
    ...maybe('seenAt', row.seen_at),
    ...(row.passed_to === null || row.passed_at === null ? {} : { passed: { step: row.step, to: row.passed_to, at: row.passed_at } }),
    ...maybe('countsFrom', row.counts_from),
    ...maybe('waitsFor', row.waits_for),
    ...maybe('snoozedUntil', row.snoozed_until),
    ...maybe('resolvedAt', row.resolved_at),
    ...maybe('outcome', row.outcome),
    ...maybe('mergedInto', row.merged_into),
  };
}

function columnsOf(ticket: Omit<Ticket, 'number'>): Omit<TicketRow, 'number'> {
  return {
    site_id: ticket.site,
    symptom: ticket.symptom ?? null,
    title: ticket.title,
    state: ticket.state,
    is_open: isOpen(ticket) ? 1 : 0,
    tier: ticket.tier,
    assignee: ticket.assignee ?? null,
    opened_at: ticket.openedAt,
    asked_at: ticket.askedAt,
    answered_at: ticket.answeredAt ?? null,
    seen_at: ticket.seenAt ?? null,
    step: ticket.passed?.step ?? 0,
    passed_to: ticket.passed?.to ?? null,
    passed_at: ticket.passed?.at ?? null,
    counts_from: ticket.countsFrom ?? null,
    waits_for: ticket.waitsFor ?? null,
    snoozed_until: ticket.snoozedUntil ?? null,
    resolved_at: ticket.resolvedAt ?? null,
    outcome: ticket.outcome ?? null,
    reopened: ticket.reopened,
    touched: ticket.isTouched ? 1 : 0,
    merged_into: ticket.mergedInto ?? null,
    version: ticket.version,
  };
}
