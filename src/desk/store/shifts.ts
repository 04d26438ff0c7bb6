/** Who said that he is on shift, or off, and until when. */
import type { Shift } from '../service/skills.ts';
import type { DeskDatabase } from './migrations.ts';

/** Those that last, or will. */
export async function listShifts(db: DeskDatabase, now: number): Promise<Shift[]> {
  const rows = await db.selectFrom('shift').selectAll().where('until_at', '>', now).execute();
  return rows.map(({ name, is_on, since_at, until_at }) => ({ name, isOn: is_on === 1, since: since_at, until: until_at }));
}

/** In place of what he said before. */
export async function saveShift(db: DeskDatabase, { name, isOn, since, until }: Shift): Promise<void> {
  const said = { is_on: isOn ? 1 : 0, since_at: since, until_at: until };
  await db
    .insertInto('shift')
    .values({ name, ...said })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(said))
    .execute();
}
