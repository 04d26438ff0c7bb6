/** The history of what hubs told, the parts of snapshots under way, and the bounded record of what could not be read. */
import type { Insertable } from 'kysely';
import { earliest, isBefore, type Order } from '../order.ts';
import { dropCoursesBefore, NO_PAUSE, type Pause } from './courses.ts';
import { dropAllOrphans } from './devices.ts';
import { isOlderThan } from './guard.ts';
import { dropIncidentsBefore } from './incidents.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import { Remembering } from './remembering.ts';
import type { DeskTables, EventRow } from './schema.ts';
import { dropSessionsBefore } from './sites.ts';
import { dropAlertsOfHistory } from './tickets.ts';
import { dropToldBefore } from './told-stages.ts';

type NewEvent = Required<Omit<Insertable<DeskTables['event']>, 'seq'>>;

const insertNewEvent = prepared((db, event: NewEvent) => {
  const { site_id, id, start, ses, pos, kind, body, hub_at, occurred_at, occurred_by, received_at, late, not_before, not_after } = event;
  return db
    .insertInto('event')
    .values({ site_id, id, start, ses, pos, kind, body, hub_at, occurred_at, occurred_by, received_at, late, not_before, not_after })
    .onConflict((conflict) => conflict.columns(['site_id', 'id']).doNothing())
    .returning('seq');
});

/** An entry that is kept here. `arrival`: the desk's own number of it, greater than of all that was kept before. */
export type Kept = { readonly arrival: number; readonly isNew: boolean };

export async function insertEvent(db: DeskDatabase, event: NewEvent): Promise<Kept> {
  const [added] = (await insertNewEvent(db, event)).rows;
  if (added) return { arrival: added.seq, isNew: true };
  const known = db.selectFrom('event').select('seq').where('site_id', '=', event.site_id).where('id', '=', event.id);
  return { arrival: (await known.executeTakeFirstOrThrow()).seq, isNew: false };
}

/** When the newest earlier entry happened whose time is sure. */
export async function lastAnchoredBefore(db: DeskDatabase, site: string, order: Order): Promise<number | undefined> {
  const row = await db
    .selectFrom('event')
    .select('occurred_at')
    .where('site_id', '=', site)
    .where('occurred_by', '=', 'anchor')
    .where(isOlderThan(order))
    .orderBy('ses', 'desc')
    .orderBy('pos', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.occurred_at;
}

export async function hasEvent(db: DeskDatabase, site: string, { ses, pos }: Order): Promise<boolean> {
  const place = db.selectFrom('event').select('seq').where('site_id', '=', site).where('ses', '=', ses).where('pos', '=', pos);
  return (await place.limit(1).executeTakeFirst()) !== undefined;
}

/** In the order of arrival, after the arrival number `after`. */
export async function listEvents(
  db: DeskDatabase,
  filter: { after: number; site?: string; kind?: string; limit: number },
): Promise<EventRow[]> {
  let query = db.selectFrom('event').selectAll().where('seq', '>', filter.after).orderBy('seq').limit(filter.limit);
  if (filter.site !== undefined) query = query.where('site_id', '=', filter.site);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  return query.execute();
}

/** A site may have this many parts of unfinished snapshots beside the newest one; more means that its hub never finishes one. */
const MAX_WAITING_PARTS = 64;

type Part = Order & { readonly snapshot: string; readonly part: number; readonly parts: number };

/** Notes a part; answers the place of the snapshot (its earliest part) once all parts are here. */
export async function addSnapshotPart(db: DeskDatabase, site: string, part: Part): Promise<Order | undefined> {
  const { snapshot, part: number, parts: total, ses, pos } = part;
  settled.forget(db, site);
  await db
    .insertInto('snapshot_part')
    .values({ site_id: site, snapshot, part: number, parts: total, ses, pos })
    .onConflict((conflict) => conflict.columns(['site_id', 'snapshot', 'part']).doNothing())
    .execute();
  const bySnapshot = Map.groupBy(await snapshotParts(db, site), (waiting) => waiting.snapshot);
  const unfinished = [...bySnapshot.values()].filter((parts) => !isComplete(parts) && parts[0]?.snapshot !== snapshot).flat();
  if (unfinished.length > MAX_WAITING_PARTS) await dropSnapshots(db, site, [...new Set(unfinished.map((waiting) => waiting.snapshot))]);
  const mine = bySnapshot.get(snapshot) ?? [];
  return mine.length === total ? earliest(mine) : undefined;
}

function isComplete(parts: readonly Part[]): boolean {
  return parts.length === parts[0]?.parts;
}

/** The place of the newest complete snapshot: whatever is older and not named since is gone. */
export async function settledOrder(db: DeskDatabase, site: string): Promise<Order | undefined> {
  return settled.get(db, site, () => readSettledOrder(db, site));
}

const settled = new Remembering<Order | undefined>();

async function readSettledOrder(db: DeskDatabase, site: string): Promise<Order | undefined> {
  const bySnapshot = Map.groupBy(await snapshotParts(db, site), (part) => part.snapshot);
  const complete = [...bySnapshot.values()].filter(isComplete).map(earliest);
  return complete.reduce((newest, order) => (newest === undefined || (order && isBefore(newest, order)) ? order : newest), undefined);
}

/** Forgets snapshots that began before the settled one. */
export async function dropSnapshotsBefore(db: DeskDatabase, site: string, order: Order, kept: string): Promise<void> {
  const older = (await snapshotParts(db, site))
    .filter((part) => part.snapshot !== kept && isBefore(part, order))
    .map((part) => part.snapshot);
  if (older.length > 0) await dropSnapshots(db, site, [...new Set(older)]);
}

async function dropSnapshots(db: DeskDatabase, site: string, snapshots: readonly string[]): Promise<void> {
  settled.forget(db, site);
  await db.deleteFrom('snapshot_part').where('site_id', '=', site).where('snapshot', 'in', snapshots).execute();
}

const selectParts = prepared((db, { site }: { site: string }) =>
  db.selectFrom('snapshot_part').select(['snapshot', 'part', 'parts', 'ses', 'pos']).where('site_id', '=', site),
);

async function snapshotParts(db: DeskDatabase, site: string): Promise<Part[]> {
  return (await selectParts(db, { site })).rows;
}

const MAX_QUARANTINED = 1000;

/** Keeps the newest thousand. */
export async function quarantine(db: DeskDatabase, message: Insertable<DeskTables['quarantine']>): Promise<void> {
  const { seq } = await db.insertInto('quarantine').values(message).returning('seq').executeTakeFirstOrThrow();
  await db
    .deleteFrom('quarantine')
    .where('seq', '<=', seq - MAX_QUARANTINED)
    .execute();
}

/** What was told of an end is remembered for as long as its stages may come: no old copy of a hub's memory tells them again as new. */
const STAGES_REMEMBERED_MS = 730 * 86_400_000;

/** Ends history before `cutoffAt`; what fires and what is present stays, and of every home the greatest session and the running one. */
export async function dropHistoryBefore(db: DeskDatabase, cutoffAt: number, pause = NO_PAUSE): Promise<void> {
  await dropEventsBefore(db, cutoffAt, pause);
  await dropCoursesBefore(db, cutoffAt, pause);
  await db.deleteFrom('alert').where('stage', 'is', null).where('cleared_at', '<', cutoffAt).execute();
  await db
    .deleteFrom('alert')
    .where('cleared_at', '<', cutoffAt - STAGES_REMEMBERED_MS)
    .execute();
  await db.deleteFrom('device').where('removed_at', 'is not', null).where('removed_at', '<', cutoffAt).execute();
  // These look at a second table, which no batch may change meanwhile.
  await db.transaction().execute(async (inTurn) => {
    await dropToldBefore(inTurn, cutoffAt - STAGES_REMEMBERED_MS);
    await dropAllOrphans(inTurn);
    await dropAlertsOfHistory(inTurn);
    await dropSessionsBefore(inTurn, cutoffAt);
    await dropIncidentsBefore(inTurn, cutoffAt);
  });
}

const EVENTS_AT_ONCE = 5_000;

/** The oldest are the first, so that no statement goes through all of them: a server with 200 million would give that up, and on SQLite the desk would stand still. */
async function dropEventsBefore(db: DeskDatabase, cutoffAt: number, pause: Pause): Promise<void> {
  for (;;) {
    const first = await db.selectFrom('event').select(['seq', 'received_at']).orderBy('seq').limit(EVENTS_AT_ONCE).execute();
    const last = first.findLast(({ received_at }) => received_at < cutoffAt);
    if (last === undefined) return;
    await db.deleteFrom('event').where('seq', '<=', last.seq).where('received_at', '<', cutoffAt).execute();
    if (first.length === EVENTS_AT_ONCE) await pause();
  }
}
