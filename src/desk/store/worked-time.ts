/** Time that people worked on tickets, as it is billed. What was written stays; what was wrong is taken back. */
import type { WorkedTime } from '../service/worked-time.ts';
import type { DeskDatabase } from './migrations.ts';

export async function insertTime(db: DeskDatabase, entry: Omit<WorkedTime, 'no' | 'takenBack'>): Promise<number> {
  const { site, billable, consent, override, ...columns } = entry;
  const { no } = await db
    .insertInto('time_entry')
    .values({
      ...columns,
      site_id: site,
      billable: billable ? 1 : 0,
      consent_from: consent?.from ?? null,
      rate: consent?.rate ?? null,
      override: override ?? null,
      taken_back: null,
    })
    .returning('no')
    .executeTakeFirstOrThrow();
  return Number(no);
}

/** False where that ticket has no such entry, or it was taken back before. */
export async function takeTimeBack(db: DeskDatabase, { ticket, no }: { ticket: number; no: number }, why: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('time_entry')
    .set({ taken_back: why })
    .where('no', '=', no)
    .where('ticket', '=', ticket)
    .where('taken_back', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export type TimeFilter = { readonly site?: string; readonly ticket?: number; readonly from?: number; readonly to?: number };

/** In their order; from `from` until before `to`. */
export async function listTime(db: DeskDatabase, { site, ticket, from, to }: TimeFilter): Promise<WorkedTime[]> {
  let query = db.selectFrom('time_entry').selectAll().orderBy('at').orderBy('no');
  if (site !== undefined) query = query.where('site_id', '=', site);
  if (ticket !== undefined) query = query.where('ticket', '=', ticket);
  if (from !== undefined) query = query.where('at', '>=', from);
  if (to !== undefined) query = query.where('at', '<', to);
  return (await query.execute()).map(({ site_id, billable, consent_from, rate, override, taken_back, ...row }) => ({
    ...row,
    site: site_id,
    billable: billable === 1,
    ...(consent_from === null || rate === null ? {} : { consent: { from: consent_from, rate } }),
    ...(override === null ? {} : { override }),
    ...(taken_back === null ? {} : { takenBack: taken_back }),
  }));
}
