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

/** The newest first, without what they say. */
export async function listPolicies(db: DeskDatabase, limit: number): Promise<Omit<PolicyRow, 'body'>[]> {
  return db
    .selectFrom('policy_version')
    .select(['n', 'version', 'since', 'held_from_at', 'file', 'changed_at', 'changed_by', 'changes'])
    .orderBy('n', 'desc')
    .limit(limit)
    .execute();
}
