/** All homes at once in a few bytes each, and how often something called for somebody there. */
import { sql } from 'kysely';
import type { DeskDatabase } from './migrations.ts';
import type { SiteRow } from './schema.ts';

const COLUMNS = ['id', 'sort_name', 'presence', 'presence_since', 'last_seen_at', 'hub_version'] as const;

export type HomeInShort = Pick<SiteRow, (typeof COLUMNS)[number]>;

/** By what they are called. */
export async function listHomesInShort(db: DeskDatabase): Promise<HomeInShort[]> {
  return db.selectFrom('site').select(COLUMNS).orderBy('sort_name').orderBy('id').execute();
}

/** The first two word for word as in the index `alert_call`, or it would not be used. What was over while it was held asked nobody (decision 0022). */
const IS_CALL = sql<boolean>`(stage is null or severity = 'critical') and severity <> 'info' and (cleared_at is null or cleared_at >= actionable_at)`;

/** Alerts that call for somebody, raised in a span: how many in each home that had any. */
export async function countCalls(
  db: DeskDatabase,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('alert')
    .select((eb) => ['site_id', eb.fn.countAll().as('calls')])
    .where(IS_CALL)
    .where('raised_at', '>=', from)
    .where('raised_at', '<', to)
    .groupBy('site_id')
    .execute();
  return new Map(rows.map(({ site_id, calls }) => [site_id, Number(calls)]));
}

/** When they were raised, of a few homes. */
export async function listCalls(
  db: DeskDatabase,
  sites: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ readonly site_id: string; readonly raised_at: number }[]> {
  if (sites.length === 0) return [];
  return db
    .selectFrom('alert')
    .select(['site_id', 'raised_at'])
    .where(IS_CALL)
    .where('site_id', 'in', sites)
    .where('raised_at', '>=', from)
    .where('raised_at', '<', to)
    .execute();
}

/** How many homes have a hub of which version; null: it was never heard. */
export async function countVersions(db: DeskDatabase): Promise<{ readonly version: string | null; readonly homes: number }[]> {
  const rows = await db
    .selectFrom('site')
    .select((eb) => ['hub_version as version', eb.fn.countAll().as('homes')])
    .groupBy('hub_version')
    .execute();
  return rows
    .map(({ version, homes }) => ({ version, homes: Number(homes) }))
    .sort((one, other) => (other.version ?? '').localeCompare(one.version ?? '', 'en', { numeric: true }));
}
