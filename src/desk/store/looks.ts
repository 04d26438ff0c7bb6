/** Who looked into which home on which day. */
import type { Look, LookAt } from '../access/look.ts';
import { findSites } from './homes.ts';
import type { DeskDatabase } from './migrations.ts';

/** A later look of the same day moves its end. A home that was forgotten meanwhile nobody looked at. */
export async function saveLooks(db: DeskDatabase, looks: readonly LookAt[]): Promise<void> {
  const sites = [...new Set(looks.map(({ site }) => site))];
  const here = new Set((await findSites(db, sites)).map(({ id }) => id));
  for (const { site, day, by, firstAt, lastAt } of looks.filter((look) => here.has(look.site)))
    await db
      .insertInto('look')
      .values({ site_id: site, day, by, first_at: firstAt, last_at: lastAt })
      .onConflict((conflict) => conflict.columns(['site_id', 'day', 'by']).doUpdateSet({ last_at: lastAt }))
      .execute();
}

/** Of one home since that day, the newest day first. */
export async function listLooks(db: DeskDatabase, site: string, since: string): Promise<Look[]> {
  const rows = db.selectFrom('look').select(['day', 'by', 'first_at', 'last_at']).where('site_id', '=', site).where('day', '>=', since);
  return (await rows.orderBy('day', 'desc').orderBy('by').execute()).map(({ day, by, first_at, last_at }) => ({
    day,
    by,
    firstAt: first_at,
    lastAt: last_at,
  }));
}

export async function dropLooksBefore(db: DeskDatabase, day: string): Promise<void> {
  await db.deleteFrom('look').where('day', '<', day).execute();
}
