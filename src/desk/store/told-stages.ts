/** Which stage of what nears its end people were asked about last: the desk's own memory, which no restored hub, snapshot or wrong clock changes. */
import type { DeskDatabase } from './migrations.ts';

/** One end of one home, by the key of its alerts and its date. */
export type End = { readonly key: string; readonly ends?: string | undefined };

/** Beyond, what is told of further ends of a home is remembered with its alerts only. */
const MOST_OF_A_SITE = 2_000;

/** So many days before the end; undefined where nobody was asked about it. */
export async function nearestTold(db: DeskDatabase, site: string, end: End): Promise<number | undefined> {
  const row = await db
    .selectFrom('told_stage')
    .select('stage')
    .where('site_id', '=', site)
    .where('key', '=', end.key)
    .where('ends', '=', end.ends ?? '')
    .executeTakeFirst();
  return row?.stage;
}

/** False where the home has too many ends. */
export async function noteTold(db: DeskDatabase, site: string, end: End, stage: number, at: number): Promise<boolean> {
  if ((await nearestTold(db, site, end)) === undefined && !(await hasRoom(db, site))) return false;
  await db
    .insertInto('told_stage')
    .values({ site_id: site, key: end.key, ends: end.ends ?? '', stage, told_at: at })
    .onConflict((conflict) => conflict.columns(['site_id', 'key', 'ends']).doUpdateSet({ stage, told_at: at }))
    .execute();
  return true;
}

async function hasRoom(db: DeskDatabase, site: string): Promise<boolean> {
  const { n } = await db
    .selectFrom('told_stage')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('site_id', '=', site)
    .executeTakeFirstOrThrow();
  return Number(n) < MOST_OF_A_SITE;
}

/** Should it come again, it is told again. */
export async function forgetTold(db: DeskDatabase, site: string, { key, ends = '' }: End): Promise<void> {
  await db.deleteFrom('told_stage').where('site_id', '=', site).where('key', '=', key).where('ends', '=', ends).execute();
}

/** What is told of an end comes within a year before it and with the plan after it; what fires still is known by that. */
export async function dropToldBefore(db: DeskDatabase, cutoffAt: number): Promise<void> {
  await db
    .deleteFrom('told_stage')
    .where('told_at', '<', cutoffAt)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('alert')
            .select('alert.key')
            .whereRef('alert.site_id', '=', 'told_stage.site_id')
            .whereRef('alert.key', '=', 'told_stage.key')
            .where('alert.cleared_at', 'is', null),
        ),
      ),
    )
    .execute();
}
