/** Who did what, one chain for each home: written once and never changed. Appending belongs into the transaction of what was done. */
import { CHAIN_START, type Deed, hashOf, type Link } from '../tickets/audit.ts';
import type { DeskDatabase } from './migrations.ts';

export type NewDeed = Omit<Deed, 'n' | 'detail'> & { readonly detail: object };

/** The caller's transaction must keep others from writing of this home, or two would follow the same link. */
export async function appendDeed(db: DeskDatabase, { detail, ...deed }: NewDeed): Promise<void> {
  const last = await db
    .selectFrom('audit')
    .select(['n', 'hash'])
    .where('site_id', '=', deed.site)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  const whole = { ...deed, n: (last?.n ?? 0) + 1, detail: JSON.stringify(detail) };
  const { site, ...columns } = whole;
  await db
    .insertInto('audit')
    .values({ ...columns, site_id: site, hash: hashOf(last?.hash ?? CHAIN_START, whole) })
    .execute();
}

export type DeedFilter = { readonly site: string; readonly ticket?: number; readonly after?: number; readonly limit: number };

/** In their order. */
export async function listDeeds(db: DeskDatabase, { site, ticket, after = 0, limit }: DeedFilter): Promise<Link[]> {
  let query = db.selectFrom('audit').selectAll().where('site_id', '=', site).where('n', '>', after).orderBy('n').limit(limit);
  if (ticket !== undefined) query = query.where('ticket', '=', ticket);
  return (await query.execute()).map(({ site_id, ...columns }) => ({ site: site_id, ...columns }));
}
