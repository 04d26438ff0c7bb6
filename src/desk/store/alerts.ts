/** Alerts, one row for each occurrence: what fires now and what fired before. */
import { sql } from 'kysely';
import type { Order } from '../order.ts';
import { isNewerThanStored, isOlderThan } from './guard.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import { Remembering } from './remembering.ts';
import type { AlertRow } from './schema.ts';

/** What is told of an occurrence; what has no stages and what nobody sees to may leave that out. */
export type ToldAlert = Omit<AlertRow, Optional> & Partial<Pick<AlertRow, Optional>>;
type Optional = 'acknowledged' | 'untold' | 'stage' | 'ends' | 'forgotten' | 'not_before' | 'not_after';

/** Names one occurrence. */
export type Occurrence = Pick<AlertRow, 'site_id' | 'key' | 'raised_hub_at'>;

/** The same in one word, to look it up by. */
export function occurrenceName({ site_id, key, raised_hub_at }: Occurrence): string {
  return `${site_id} ${raised_hub_at} ${key}`;
}

/** Inserts an occurrence or brings it up to date; when the desk first heard of it, and how late and how surely in time that was, stays. */
export async function saveAlert(db: DeskDatabase, row: ToldAlert): Promise<void> {
  const told = { untold: 0, forgotten: 0, ...row };
  const columns = (Object.keys(told) as Column[]).filter((column) => told[column] !== undefined);
  await upsertOf(columns, row)(db, told);
}

type Column = keyof AlertRow;
type Upsert = (db: DeskDatabase, row: ToldAlert) => Promise<unknown>;

/** By the columns that are told and those of them that change: there are a few such sets. */
const upserts = new Map<string, Upsert>();
const STAYS: ReadonlySet<Column> = new Set(['site_id', 'key', 'raised_hub_at', 'received_at', 'late', 'not_before', 'not_after']);

function upsertOf(columns: readonly Column[], said: object): Upsert {
  const changed = columns.filter((column) => !STAYS.has(column) && column in said);
  const name = `${columns} / ${changed}`;
  const known = upserts.get(name);
  if (known) return known;
  const upsert = prepared((db, row: ToldAlert) => {
    const of = <T>(some: readonly Column[]) => Object.fromEntries(some.map((column) => [column, row[column]])) as T;
    return db
      .insertInto('alert')
      .values(of<ToldAlert & { untold: number; forgotten: number }>(columns))
      .onConflict((conflict) =>
        conflict.columns(['site_id', 'key', 'raised_hub_at']).doUpdateSet(of<Partial<AlertRow>>(changed)).where(isNewerThanStored('alert')),
      );
  });
  upserts.set(name, upsert);
  return upsert;
}

/** More at once say no more to a person. */
const MAX_FIRING = 500;

/** How many fire in a home, at most: what ends within a transaction is not taken off, what may begin is added. */
const firing = new Remembering<{ n: number }>();

/** False when the home fires as many as the desk keeps of one; what still fires at the hub comes again with its snapshot. Whoever is told that there is room uses it. */
export async function hasRoomForAlert(db: DeskDatabase, site: string): Promise<boolean> {
  const count = async () => ({ n: Number((await countFiringOf(db, { site })).rows[0]?.n) });
  const known = await firing.get(db, site, count);
  if (++known.n <= MAX_FIRING) return true;
  firing.forget(db, site);
  const exact = await firing.get(db, site, count);
  return ++exact.n <= MAX_FIRING;
}

/** No key is empty: it leads SQLite to the index of what fires, where the home alone would have it read all that ever fired there. */
const ANY_KEY = '';

const countFiringOf = prepared((db, { site }: { site: string }) =>
  db
    .selectFrom('alert')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('site_id', '=', site)
    .where('key', '>', ANY_KEY)
    .where('cleared_at', 'is', null),
);

export async function findAlert(db: DeskDatabase, site: string, key: string, raisedHubAt: number): Promise<AlertRow | undefined> {
  return (await selectAlert(db, { site, key, raisedHubAt })).rows[0];
}

const selectAlert = prepared((db, { site, key, raisedHubAt }: { site: string; key: string; raisedHubAt: number }) =>
  db.selectFrom('alert').selectAll().where('site_id', '=', site).where('key', '=', key).where('raised_hub_at', '=', raisedHubAt),
);

export async function findFiringStage(db: DeskDatabase, site: string, key: string): Promise<AlertRow | undefined> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('site_id', '=', site)
    .where('key', '=', key)
    .where('cleared_at', 'is', null)
    .where('stage', 'is not', null)
    .executeTakeFirst();
}

/** The hub names an occurrence by another instant of raising from now on; one of that name, which is over, makes room. */
export async function renameOccurrence(db: DeskDatabase, { site_id, key, raised_hub_at }: Occurrence, raisedHubAt: number): Promise<void> {
  await db.deleteFrom('alert').where('site_id', '=', site_id).where('key', '=', key).where('raised_hub_at', '=', raisedHubAt).execute();
  await db
    .updateTable('alert')
    .set({ raised_hub_at: raisedHubAt })
    .where('site_id', '=', site_id)
    .where('key', '=', key)
    .where('raised_hub_at', '=', raised_hub_at)
    .execute();
  await db
    .deleteFrom('ticket_alert')
    .where('site_id', '=', site_id)
    .where('key', '=', key)
    .where('raised_hub_at', '=', raisedHubAt)
    .execute();
  await db
    .updateTable('ticket_alert')
    .set({ raised_hub_at: raisedHubAt })
    .where('site_id', '=', site_id)
    .where('key', '=', key)
    .where('raised_hub_at', '=', raised_hub_at)
    .execute();
}

/** The hub knows of it. */
export async function noteNamed(db: DeskDatabase, { site_id, key, raised_hub_at }: Occurrence, order: Order): Promise<void> {
  await db
    .updateTable('alert')
    .set({ forgotten: 0, ...order })
    .where('site_id', '=', site_id)
    .where('key', '=', key)
    .where('raised_hub_at', '=', raised_hub_at)
    .execute();
}

/** Notes who sees to an alert that fires; false when it does not, or when somebody else was quicker than who saw it as `known`. */
export async function acknowledgeAlert(
  db: DeskDatabase,
  known: Occurrence & Pick<AlertRow, 'acknowledged'>,
  acknowledged: string,
  isToBeTold: boolean,
): Promise<boolean> {
  const { site_id, key, raised_hub_at } = known;
  const { numUpdatedRows } = await db
    .updateTable('alert')
    .set({ acknowledged, untold: isToBeTold ? 1 : 0 })
    .where('site_id', '=', site_id)
    .where('key', '=', key)
    .where('raised_hub_at', '=', raised_hub_at)
    .where('cleared_at', 'is', null)
    .where('acknowledged', known.acknowledged === null ? 'is' : '=', known.acknowledged)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export type UntoldAcknowledgement = Occurrence & { readonly acknowledged: string };

/** Of alerts that fire, what their hubs have not confirmed yet: as much as people at the desk have said lately. */
export async function listUntoldAcknowledgements(db: DeskDatabase): Promise<UntoldAcknowledgement[]> {
  return db
    .selectFrom('alert')
    .select(['site_id', 'key', 'raised_hub_at', 'acknowledged'])
    .where(sql<boolean>`untold = 1`)
    .where('forgotten', '=', 0)
    .where('cleared_at', 'is', null)
    .where('acknowledged', 'is not', null)
    .$narrowType<{ acknowledged: string }>()
    .execute();
}

/**
 * At most one occurrence of a key fires: an older one is over when a newer one was told, in whatever order they arrive. Until it is granted a session again, a hub that was put back to an
 * older copy gives out places that it has given before; of two at one place the one raised later is the newer.
 */
export async function clearSuperseded(
  db: DeskDatabase,
  alert: Pick<AlertRow, 'site_id' | 'key' | 'raised_hub_at' | 'ses' | 'pos'>,
  at: number,
): Promise<void> {
  const { site_id, key, raised_hub_at, ses, pos } = alert;
  const place = { site_id, key, raised_hub_at, ses, pos };
  await clearOlder(db, { ...place, at });
  if ((await selectNewer(db, place)).rows.length > 0) await firingOf(db, place, at).where('raised_hub_at', '=', raised_hub_at).execute();
}

type AlertPlace = Occurrence & Order;

function firingOf(db: DeskDatabase, { site_id, key }: Occurrence, at: number) {
  return db
    .updateTable('alert')
    .set({ cleared_at: at, cleared_because: 'it was raised anew' })
    .where('site_id', '=', site_id)
    .where('key', '=', key)
    .where('source', '=', 'hub')
    .where('cleared_at', 'is', null);
}

const clearOlder = prepared((db, place: AlertPlace & { at: number }) =>
  firingOf(db, place, place.at).where(sql<boolean>`(ses, pos, raised_hub_at) < ${placeOf(place)}`),
);

const selectNewer = prepared((db, place: AlertPlace) =>
  db
    .selectFrom('alert')
    .select('key')
    .where('site_id', '=', place.site_id)
    .where('key', '=', place.key)
    .where(sql<boolean>`(ses, pos, raised_hub_at) > ${placeOf(place)}`)
    .limit(1),
);

function placeOf({ ses, pos, raised_hub_at }: AlertPlace) {
  return sql`(${ses}, ${pos}, ${raised_hub_at})`;
}

export type ForgottenAlert = Occurrence & Pick<AlertRow, 'acknowledged' | 'body'>;

/** Ends that fire here and that their hubs do not name. */
export async function listForgotten(db: DeskDatabase): Promise<ForgottenAlert[]> {
  return db
    .selectFrom('alert')
    .select(['site_id', 'key', 'raised_hub_at', 'acknowledged', 'body'])
    .where(sql<boolean>`forgotten = 1`)
    .where('cleared_at', 'is', null)
    .execute();
}

/** Clears the hub's alerts that nothing at or after `order` named. What nears its end fires on: the hub has forgotten it, or says that it is over. */
export async function clearAlertsBefore(db: DeskDatabase, site: string, order: Order, at: number): Promise<void> {
  const unnamed = db
    .updateTable('alert')
    .where('site_id', '=', site)
    .where('key', '>', ANY_KEY)
    .where('source', '=', 'hub')
    .where('cleared_at', 'is', null)
    .where(isOlderThan(order));
  await unnamed.set({ forgotten: 1 }).where('stage', 'is not', null).execute();
  await unnamed.set({ cleared_at: at, cleared_because: 'the hub no longer reports it' }).where('stage', 'is', null).execute();
}

/** Ends an alert that the desk itself raised. */
export async function clearDeskAlert(db: DeskDatabase, site: string, key: string, at: number, because: string): Promise<void> {
  await db
    .updateTable('alert')
    .set({ cleared_at: at, cleared_because: because })
    .where('site_id', '=', site)
    .where('key', '=', key)
    .where('source', '=', 'desk')
    .where('cleared_at', 'is', null)
    .execute();
}

/** Says better why those of the desk's own alerts are over that fired at some time of a span. */
export async function explainDeskAlerts(
  db: DeskDatabase,
  site: string,
  key: string,
  span: { readonly from: number; readonly to: number },
  because: string,
): Promise<void> {
  await db
    .updateTable('alert')
    .set({ cleared_because: because })
    .where('site_id', '=', site)
    .where('key', '=', key)
    .where('source', '=', 'desk')
    .where('cleared_at', '>=', span.from)
    .where('raised_at', '<=', span.to)
    .execute();
}

export type AlertFilter = {
  readonly site?: string;
  readonly firing?: boolean;
  readonly code?: string;
  readonly device?: string;
  /** Those that follow this occurrence. */
  readonly after?: { readonly site: string; readonly key: string; readonly raisedHubAt: number };
  readonly limit: number;
};

const SEVERITY_RANK = sql<number>`case severity when 'critical' then 0 when 'error' then 1 when 'warning' then 2 else 3 end`;

/** An end that is to be planned for is no fault: nobody is called for it today. */
const IS_TO_PLAN = sql<number>`case when stage is not null and severity <> 'critical' then 1 else 0 end`;

/** What fires, the worst first, then the oldest; of each home at most `perSite` faults and as many ends, so that none hides another. */
export async function listFiring(db: DeskDatabase, filter: { site?: string; perSite: number }): Promise<AlertRow[]> {
  const firing = db
    .selectFrom('alert')
    .selectAll()
    .select(
      sql<number>`row_number() over (partition by site_id, ${IS_TO_PLAN} order by case source when 'desk' then 0 else 1 end, ${SEVERITY_RANK}, raised_at, key)`.as(
        'place',
      ),
    )
    .where('cleared_at', 'is', null);
  return db
    .selectFrom((filter.site === undefined ? firing : firing.where('site_id', '=', filter.site)).as('firing'))
    .selectAll()
    .where('place', '<=', filter.perSite)
    .orderBy(SEVERITY_RANK)
    .orderBy('raised_at')
    .orderBy('key')
    .execute();
}

export async function countFiring(
  db: DeskDatabase,
  sites: readonly string[],
): Promise<{ site_id: string; source: AlertRow['source']; toPlan: boolean; count: number; acknowledged: number }[]> {
  const query = db
    .selectFrom('alert')
    .select((eb) => [
      'site_id',
      'source',
      IS_TO_PLAN.as('to_plan'),
      eb.fn.countAll().as('count'),
      eb.fn.count('acknowledged').as('acknowledged'),
    ])
    .where('cleared_at', 'is', null)
    .groupBy(['site_id', 'source', 'to_plan']);
  const rows = await query.where('site_id', 'in', sites).execute();
  return rows.map(({ to_plan, count, acknowledged, ...row }) => ({
    ...row,
    toPlan: Number(to_plan) === 1,
    count: Number(count),
    acknowledged: Number(acknowledged),
  }));
}

/** Newest first; of what was raised at one instant what was told last, and always in the same order. Behind an occurrence that there is not (any more) comes nothing. */
export async function listAlerts(db: DeskDatabase, filter: AlertFilter): Promise<AlertRow[]> {
  let query = db
    .selectFrom('alert')
    .selectAll()
    .orderBy('raised_at', 'desc')
    .orderBy('key')
    .orderBy('site_id')
    .orderBy('ses', 'desc')
    .orderBy('pos', 'desc')
    .orderBy('raised_hub_at', 'desc')
    .limit(filter.limit);
  if (filter.site !== undefined) query = query.where('site_id', '=', filter.site);
  if (filter.code !== undefined) query = query.where('code', '=', filter.code);
  if (filter.device !== undefined) query = query.where('device_id', '=', filter.device);
  if (filter.firing !== undefined) query = query.where('cleared_at', filter.firing ? 'is' : 'is not', null);
  if (filter.after === undefined) return query.execute();
  const from = await findAlert(db, filter.after.site, filter.after.key, filter.after.raisedHubAt);
  return from === undefined ? [] : query.where(follows(from)).execute();
}

/** In the order of `listAlerts`. */
function follows({ raised_at, key, site_id, ses, pos, raised_hub_at }: AlertRow) {
  return sql<boolean>`raised_at <= ${raised_at} and (raised_at < ${raised_at} or key > ${key} or (key = ${key} and (site_id > ${site_id}
    or (site_id = ${site_id} and (ses, pos, raised_hub_at) < (${ses}, ${pos}, ${raised_hub_at})))))`;
}
