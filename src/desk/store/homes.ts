/** Homes page by page, and some of them by id or by name. */
import { sql } from 'kysely';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';
import type { SiteRow } from './schema.ts';

const selectSite = prepared((db, { id }: { id: string }) => db.selectFrom('site').selectAll().where('id', '=', id));

/** In no order; those that exist. */
export async function findSites(db: DeskDatabase, ids: readonly string[]): Promise<SiteRow[]> {
  if (ids.length === 0) return [];
  if (ids.length === 1) return (await selectSite(db, { id: ids[0] as string })).rows;
  return db.selectFrom('site').selectAll().where('id', 'in', ids).execute();
}

/** Of these names, as they are sorted, those that several homes have. */
export async function sharedNames(db: DeskDatabase, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await db
    .selectFrom('site')
    .select('sort_name')
    .where('sort_name', 'in', names)
    .groupBy('sort_name')
    .having((eb) => eb.fn.countAll(), '>', 1)
    .execute();
  return new Set(rows.map(({ sort_name }) => sort_name));
}

/** `unheard`: their hub is not heard, or never was. */
export async function countHomes(db: DeskDatabase): Promise<{ readonly homes: number; readonly unheard: number }> {
  const rows = await db
    .selectFrom('site')
    .select((eb) => ['presence', eb.fn.countAll().as('homes')])
    .groupBy('presence')
    .execute();
  const sum = (counted: typeof rows): number => counted.reduce((total, { homes }) => total + Number(homes), 0);
  return { homes: sum(rows), unheard: sum(rows.filter(({ presence }) => presence !== 'online')) };
}

/** Those with the most faults first, then those whose hub is not heard, then by name. */
export async function listHomes(
  db: DeskDatabase,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<SiteRow[]> {
  const troubled = db
    .selectFrom('alert')
    .select((eb) => ['site_id', eb.fn.countAll().as('faults')])
    .where(sql<boolean>`cleared_at is null and (stage is null or severity = 'critical')`)
    .groupBy('site_id');
  const ids = await db
    .selectFrom('site')
    .leftJoin(troubled.as('troubled'), 'troubled.site_id', 'site.id')
    .select('site.id')
    .orderBy(sql`coalesce(troubled.faults, 0) desc`)
    .orderBy(sql`case site.presence when 'online' then 1 else 0 end`)
    .orderBy('site.sort_name')
    .orderBy('site.id')
    .limit(limit)
    .offset(offset)
    .execute();
  const rows = new Map(
    (
      await findSites(
        db,
        ids.map(({ id }) => id),
      )
    ).map((row) => [row.id, row]),
  );
  return ids.flatMap(({ id }) => rows.get(id) ?? []);
}

/** In the order in which they were registered, behind one of them. Behind one that there is not comes nothing. */
export async function listHomesAfter(db: DeskDatabase, after: string | undefined, limit: number): Promise<SiteRow[]> {
  const query = db.selectFrom('site').selectAll().orderBy('registered_at').orderBy('id').limit(limit);
  if (after === undefined) return query.execute();
  const [from] = await findSites(db, [after]);
  return from === undefined ? [] : query.where(sql<boolean>`(registered_at, id) > (${from.registered_at}, ${from.id})`).execute();
}
