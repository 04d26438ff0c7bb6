/** Incidents of many homes, which homes are in each, and what people did about it. */
import { type ExpressionBuilder, sql } from 'kysely';
import type { SharedKind } from '../incidents/common-cause.ts';
import type { Homes, Incident } from '../incidents/incident.ts';
import type { DeskDatabase } from './migrations.ts';
import type { AlertRow, DeskTables, IncidentDeedRow, IncidentHomeRow, IncidentRow } from './schema.ts';

/** Rows of one statement: SQLite takes 32,766 values, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 1_000;

/** What says that a whole home is out of reach. As the index has it. */
const IS_OF_LINE = sql<boolean>`code in ('hub-silent', 'internet-down')`;

export type Fallen = { readonly site: string; readonly at: number };

/** Every home that is out of reach now, and since when. */
export async function listFallen(db: DeskDatabase): Promise<Fallen[]> {
  const rows = await db
    .selectFrom('alert')
    .select((eb) => ['site_id', eb.fn.min('raised_at').as('at')])
    .where('cleared_at', 'is', null)
    .where(IS_OF_LINE)
    .groupBy('site_id')
    .execute();
  return rows.map(({ site_id, at }) => ({ site: site_id, at: Number(at) }));
}

/** Homes that were still silent when an incident was over, and when that was: what they fell for before then is their own. */
export async function listDismissed(db: DeskDatabase, sites: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const dismissed = new Map<string, number>();
  for (let from = 0; from < sites.length; from += ROWS_AT_ONCE) {
    const rows = await db
      .selectFrom('incident_home')
      .select((eb) => ['site_id', eb.fn.max('left_at').as('at')])
      .where('is_back', '=', 0)
      .where('left_at', 'is not', null)
      .where('site_id', 'in', sites.slice(from, from + ROWS_AT_ONCE))
      .groupBy('site_id')
      .execute();
    for (const { site_id, at } of rows) dismissed.set(site_id, Number(at));
  }
  return dismissed;
}

/** What says so, of these homes. */
export async function listFallenAlerts(db: DeskDatabase, sites: readonly string[]): Promise<AlertRow[]> {
  if (sites.length === 0) return [];
  return db.selectFrom('alert').selectAll().where('cleared_at', 'is', null).where(IS_OF_LINE).where('site_id', 'in', sites).execute();
}

/** How often hubs fell silent in a span of time by themselves: not together with others. */
export async function countSilences(db: DeskDatabase, from: number, to: number): Promise<number> {
  const alerts = await db
    .selectFrom('alert')
    .select((eb) => eb.fn.countAll().as('n'))
    .where(sql<boolean>`code = 'hub-silent'`)
    .where('raised_at', '>=', from)
    .where('raised_at', '<', to)
    .executeTakeFirstOrThrow();
  const together = await db
    .selectFrom('incident_home')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('since_at', '>=', from)
    .where('since_at', '<', to)
    .executeTakeFirstOrThrow();
  return Math.max(0, Number(alerts.n) - Number(together.n));
}

export type HomeVersion = { readonly id: string; readonly hub_version: string | null };

/** Every home whose hub was ever heard. */
export async function listHomesHeard(db: DeskDatabase): Promise<HomeVersion[]> {
  return db.selectFrom('site').select(['id', 'hub_version']).where('first_seen_at', 'is not', null).execute();
}

/** Whether the alert of a query is explained by an incident that its home is in. */
export function isOfIncident(eb: ExpressionBuilder<DeskTables, 'alert'>) {
  const home = eb.selectFrom('incident_home').select('incident_home.number').whereRef('incident_home.site_id', '=', 'alert.site_id');
  return eb.and([IS_OF_LINE, eb.exists(home.where('incident_home.left_at', 'is', null))]);
}

export async function insertIncident(db: DeskDatabase, incident: Omit<Incident, 'number' | 'version'>): Promise<Incident> {
  const { number } = await db
    .insertInto('incident')
    .values(columnsOf({ ...incident, version: 1 }))
    .returning('number')
    .executeTakeFirstOrThrow();
  return { ...incident, number: Number(number), version: 1 };
}

export async function saveIncident(db: DeskDatabase, incident: Incident): Promise<void> {
  await db.updateTable('incident').set(columnsOf(incident)).where('number', '=', incident.number).execute();
}

/** One that was here before and is back again falls anew. */
export async function addHomes(db: DeskDatabase, number: number, fallen: readonly Fallen[]): Promise<void> {
  const rows = fallen.map(({ site, at }) => ({ number, site_id: site, since_at: at, left_at: null, is_back: 0 }));
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await db
      .insertInto('incident_home')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .onConflict((conflict) => conflict.columns(['number', 'site_id']).doUpdateSet({ left_at: null, is_back: 0 }))
      .execute();
}

/** Those that are in one now. */
export async function listHomesInIncidents(db: DeskDatabase): Promise<IncidentHomeRow[]> {
  return db.selectFrom('incident_home').selectAll().where('left_at', 'is', null).execute();
}

/** They are back. */
export async function noteBack(db: DeskDatabase, sites: readonly string[], at: number): Promise<void> {
  for (let from = 0; from < sites.length; from += ROWS_AT_ONCE)
    await db
      .updateTable('incident_home')
      .set({ left_at: at, is_back: 1 })
      .where('left_at', 'is', null)
      .where('site_id', 'in', sites.slice(from, from + ROWS_AT_ONCE))
      .execute();
}

/** What is not back by now has another cause. */
export async function dismissHomes(db: DeskDatabase, number: number, at: number): Promise<void> {
  await db.updateTable('incident_home').set({ left_at: at }).where('number', '=', number).where('left_at', 'is', null).execute();
}

export async function countHomesOf(db: DeskDatabase, number: number): Promise<Homes> {
  const row = await db
    .selectFrom('incident_home')
    .select((eb) => [eb.fn.countAll().as('all'), eb.fn.sum('is_back').as('back')])
    .select(sql<number | null>`max(case when is_back = 1 then left_at end)`.as('last'))
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  return { all: Number(row.all), back: Number(row.back ?? 0), lastBackAt: row.last === null ? undefined : Number(row.last) };
}

export async function findIncident(db: DeskDatabase, number: number): Promise<Incident | undefined> {
  const row = await db.selectFrom('incident').selectAll().where('number', '=', number).executeTakeFirst();
  return row && incidentOf(row);
}

export type IncidentFilter = { readonly open: boolean; readonly limit: number; readonly after?: number };

/** Those that last, the oldest first; or those that are over, the newest first. `after`: those that follow the one of this number. */
export async function listIncidents(db: DeskDatabase, filter: IncidentFilter): Promise<Incident[]> {
  let query = db.selectFrom('incident').selectAll().limit(filter.limit);
  if (filter.after !== undefined) query = query.where('number', filter.open ? '>' : '<', filter.after);
  const rows = filter.open
    ? query.where('ended_at', 'is', null).orderBy('number')
    : query.where('ended_at', 'is not', null).orderBy('number', 'desc');
  return (await rows.execute()).map(incidentOf);
}

/** Those that are out of reach first, then those that fell first. */
export async function listHomesOf(db: DeskDatabase, number: number, limit: number): Promise<IncidentHomeRow[]> {
  return db
    .selectFrom('incident_home')
    .selectAll()
    .where('number', '=', number)
    .orderBy('is_back')
    .orderBy('since_at')
    .orderBy('site_id')
    .limit(limit)
    .execute();
}

/** The incident that a home is in now. */
export async function findIncidentOf(db: DeskDatabase, site: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('incident_home')
    .select('number')
    .where('site_id', '=', site)
    .where('left_at', 'is', null)
    .executeTakeFirst();
  return row && Number(row.number);
}

/** The homes among these that are in an incident whose clients were told, and when. */
export async function listToldHomes(db: DeskDatabase, sites: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (sites.length === 0) return new Map();
  const rows = await db
    .selectFrom('incident_home')
    .innerJoin('incident', 'incident.number', 'incident_home.number')
    .select(['incident_home.site_id', 'incident.answered_at'])
    .where('incident_home.left_at', 'is', null)
    .where('incident_home.site_id', 'in', sites)
    .where('incident.answered_at', 'is not', null)
    .$narrowType<{ answered_at: number }>()
    .execute();
  return new Map(rows.map(({ site_id, answered_at }) => [site_id, answered_at]));
}

export type IncidentDeed = Omit<IncidentDeedRow, 'number' | 'n' | 'detail'> & { readonly detail: object };

export async function appendIncidentDeed(db: DeskDatabase, number: number, { detail, ...deed }: IncidentDeed): Promise<void> {
  const { n } = await db
    .selectFrom('incident_deed')
    .select((eb) => eb.fn.max('n').as('n'))
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('incident_deed')
    .values({ number, n: Number(n ?? 0) + 1, ...deed, detail: JSON.stringify(detail) })
    .execute();
}

/** The newest, in their order. */
export async function listIncidentDeeds(db: DeskDatabase, number: number, limit: number): Promise<IncidentDeedRow[]> {
  const query = db.selectFrom('incident_deed').selectAll().where('number', '=', number).orderBy('n', 'desc').limit(limit);
  return (await query.execute()).toReversed();
}

/** What is over for longer. */
export async function dropIncidentsBefore(db: DeskDatabase, at: number): Promise<void> {
  const old = db.selectFrom('incident').select('number').where('ended_at', '<', at);
  await db.deleteFrom('incident_home').where('number', 'in', old).execute();
  await db.deleteFrom('incident_deed').where('number', 'in', old).execute();
  await db.deleteFrom('incident').where('ended_at', '<', at).execute();
}

function columnsOf(incident: Omit<Incident, 'number'>) {
  const { kind, name, size, byChance, since, lastFellAt, openedAt, endedAt, endedBecause, assignee, answeredAt, version } = incident;
  return {
    kind,
    name,
    size,
    by_chance: byChance,
    since_at: since,
    last_fell_at: lastFellAt,
    opened_at: openedAt,
    ended_at: endedAt ?? null,
    ended_because: endedBecause ?? null,
    assignee: assignee ?? null,
    answered_at: answeredAt ?? null,
    version,
  };
}

function incidentOf(row: IncidentRow): Incident {
  return {
    number: Number(row.number),
    kind: row.kind as SharedKind,
    name: row.name,
    size: row.size,
    byChance: row.by_chance,
    since: row.since_at,
    lastFellAt: row.last_fell_at,
    openedAt: row.opened_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.ended_because === null ? {} : { endedBecause: row.ended_because }),
    ...(row.assignee === null ? {} : { assignee: row.assignee }),
    ...(row.answered_at === null ? {} : { answeredAt: row.answered_at }),
    version: row.version,
  };
}
