/** Until when people said that they replace what nears its end. */
import type { Acknowledgement } from '../../protocol/messages.ts';
import type { DeskDatabase } from './migrations.ts';

/** What was said last of any of these keys of one home, with a date; over or not. */
export async function findLastPlan(db: DeskDatabase, site: string, keys: readonly string[]): Promise<Acknowledgement | undefined> {
  const rows = await db
    .selectFrom('alert')
    .select('acknowledged')
    .where('site_id', '=', site)
    .where('key', 'in', keys)
    .where('acknowledged', 'is not', null)
    .$narrowType<{ acknowledged: string }>()
    .orderBy('ses', 'desc')
    .orderBy('pos', 'desc')
    .limit(1)
    .execute();
  const said = rows.map(({ acknowledged }) => JSON.parse(acknowledged) as Acknowledgement);
  return said.find(({ plannedFor }) => plannedFor !== undefined);
}
