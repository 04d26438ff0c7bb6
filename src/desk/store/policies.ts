/** The service policies that a desk held, each with what it changed. */
import type { Insertable, Selectable } from 'kysely';
import type { DeskDatabase } from './migrations.ts';
import type { DeskTables } from './schema.ts';

type PolicyRow = Selectable<DeskTables['policy_version']>;

export async function findNewestPolicy(db: DeskDatabase): Promise<Pick<PolicyRow, 'body'> | undefined> {
  return db.selectFrom('policy_version').select('body').orderBy('n', 'desc').limit(1).executeTakeFirst();
}

export async function insertPolicy(db: DeskDatabase, policy: Omit<Insertable<DeskTables['policy_version']>, 'n'>): Promise<void> {
  await db.insertInto('policy_version').values(policy).execute();
}

/** Changes what versions say, in place: for what must not be kept any more. Answers how many it changed. */
export async function changePolicies(
  db: DeskDatabase,
  change: (policy: Pick<PolicyRow, 'body' | 'changes'>) => Pick<PolicyRow, 'body' | 'changes'>,
): Promise<number> {
  let changed = 0;
  for (const { n, body, changes } of await db.selectFrom('policy_version').select(['n', 'body', 'changes']).execute()) {
    const next = change({ body, changes });
    if (next.body === body && next.changes === changes) continue;
    await db.updateTable('policy_version').set(next).where('n', '=', n).execute();
    changed++;
  }
  return changed;
}

/** The newest first, without what they say. */
export async function listPolicies(db: DeskDatabase, limit: number): Promise<Omit<PolicyRow, 'body'>[]> {
  return db
    .selectFrom('policy_version')
    .select(['n', 'version', 'since', 'held_from_at', 'file', 'changed_at', 'changed_by', 'changes'])
    .orderBy('n', 'desc')
    .limit(limit)
    .execute();
}
