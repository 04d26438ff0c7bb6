/** What fires in all homes, counted and ranked without reading what is said of it: by indexes that hold only that (step-homes-and-search.ts). */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Occurrence } from './alerts.ts';
import { isOfIncident } from './incidents.ts';
import type { DeskDatabase } from './migrations.ts';
import type { AlertRow } from './schema.ts';

/** Word for word as in the index `alert_fault`, or it would not be used. */
const IS_FAULT: RawBuilder<SqlBool> = sql`cleared_at is null and (stage is null or severity = 'critical')`;
const IS_END: RawBuilder<SqlBool> = sql`cleared_at is null and stage is not null and severity <> 'critical'`;

export type Fault = Occurrence & Pick<AlertRow, 'source' | 'severity' | 'raised_at'> & { readonly isSeen: boolean };

/** All faults of today but those that an incident of many homes explains. */
export async function listFaults(db: DeskDatabase): Promise<Fault[]> {
  const rows = await db
    .selectFrom('alert')
    .select(['site_id', 'key', 'raised_hub_at', 'source', 'severity', 'raised_at', sql<number>`acknowledged is not null`.as('seen')])
    .where(IS_FAULT)
    .where((eb) => eb.not(isOfIncident(eb)))
    .execute();
  return rows.map(({ seen, ...fault }) => ({ ...fault, isSeen: Boolean(seen) }));
}

export type Ends = { readonly total: number; readonly homes: number; readonly acknowledged: number };

/** What is to be planned for: counted in indexes, no row of it is read. */
export async function countEnds(db: DeskDatabase): Promise<Ends> {
  const ends = db.selectFrom('alert').where(IS_END);
  const homes = ends.select((eb) => ['site_id', eb.fn.countAll().as('ends')]).groupBy('site_id');
  const [all, seen] = await Promise.all([
    db
      .selectFrom(homes.as('home'))
      .select((eb) => [eb.fn.sum('ends').as('total'), eb.fn.countAll().as('homes')])
      .executeTakeFirstOrThrow(),
    ends
      .select((eb) => eb.fn.countAll().as('seen'))
      .where('acknowledged', 'is not', null)
      .executeTakeFirstOrThrow(),
  ]);
  return { total: Number(all.total ?? 0), homes: Number(all.homes), acknowledged: Number(seen.seen) };
}

const SEVERITIES = ['error', 'warning', 'info'];

/** The worst first, then what was told first. */
export async function listEnds(db: DeskDatabase, limit: number): Promise<AlertRow[]> {
  const ends: AlertRow[] = [];
  for (const severity of SEVERITIES) {
    if (ends.length >= limit) break;
    const query = db.selectFrom('alert').selectAll().where(IS_END).where('severity', '=', severity);
    ends.push(
      ...(await query
        .orderBy('raised_at')
        .orderBy('key')
        .orderBy('site_id')
        .limit(limit - ends.length)
        .execute()),
    );
  }
  return ends;
}
