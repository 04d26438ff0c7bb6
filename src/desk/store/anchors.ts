/** Where the desk knows a hub's stream to have been when: the starts of its processes, whose clocks were read while they ran. */
import type { DeskDatabase } from './migrations.ts';

/** When the next process of the hub began whose clock the desk knows, in whole milliseconds; undefined where none followed. */
export async function nextStartAfter(
  db: DeskDatabase,
  site: string,
  { ses, start }: { ses: number; start: string },
): Promise<number | undefined> {
  const row = await db
    .selectFrom('session')
    .select((eb) => eb.fn.min('anchor_at').as('at'))
    .where('site_id', '=', site)
    .where('ses', '>', ses)
    .where('start', '<>', start)
    .executeTakeFirst();
  return row?.at == null ? undefined : Math.round(row.at);
}
