/** Passkeys, who people are at the provider of the house, and the challenges that were answered already. */
import type { IdentityRow, PasskeyRow } from './access-tables.ts';
import type { DeskDatabase } from './migrations.ts';

export async function listPasskeysOf(db: DeskDatabase, person: string): Promise<PasskeyRow[]> {
  return db.selectFrom('passkey').selectAll().where('person_id', '=', person).orderBy('created_at').orderBy('id').execute();
}

export async function findPasskey(db: DeskDatabase, credential: string): Promise<PasskeyRow | undefined> {
  return db.selectFrom('passkey').selectAll().where('credential', '=', credential).executeTakeFirst();
}

export async function insertPasskey(db: DeskDatabase, passkey: PasskeyRow): Promise<void> {
  await db.insertInto('passkey').values(passkey).execute();
}

/** Of its person alone; undefined where he has none of that id. */
export async function renamePasskey(db: DeskDatabase, person: string, id: string, title: string): Promise<PasskeyRow | undefined> {
  const own = db.updateTable('passkey').set({ title }).where('id', '=', id).where('person_id', '=', person);
  return own.returningAll().executeTakeFirst();
}

export async function notePasskeyUsed(db: DeskDatabase, id: string, { counter, at }: { counter: number; at: number }): Promise<void> {
  await db.updateTable('passkey').set({ counter, used_at: at }).where('id', '=', id).execute();
}

/** One of a person's, or all. Those that were there. */
export async function dropPasskeys(db: DeskDatabase, person: string, id?: string): Promise<PasskeyRow[]> {
  const own = db.deleteFrom('passkey').where('person_id', '=', person);
  return (id === undefined ? own : own.where('id', '=', id)).returningAll().execute();
}

/** How many passkeys each has who has any. */
export async function countPasskeys(db: DeskDatabase): Promise<ReadonlyMap<string, number>> {
  const counted = db.selectFrom('passkey').select(({ fn }) => ['person_id', fn.countAll<number>().as('count')]);
  return new Map((await counted.groupBy('person_id').execute()).map(({ person_id, count }) => [person_id, Number(count)]));
}

export async function findIdentity(db: DeskDatabase, issuer: string, subject: string): Promise<IdentityRow | undefined> {
  return db.selectFrom('identity').selectAll().where('issuer', '=', issuer).where('subject', '=', subject).executeTakeFirst();
}

/** Of one person, or of all. */
export async function listIdentities(db: DeskDatabase, person?: string): Promise<IdentityRow[]> {
  const all = db.selectFrom('identity').selectAll().orderBy('linked_at');
  return (person === undefined ? all : all.where('person_id', '=', person)).execute();
}

export async function insertIdentity(db: DeskDatabase, identity: IdentityRow): Promise<void> {
  await db.insertInto('identity').values(identity).execute();
}

export async function noteIdentityUsed(db: DeskDatabase, { issuer, subject }: IdentityRow, at: number): Promise<void> {
  await db.updateTable('identity').set({ used_at: at }).where('issuer', '=', issuer).where('subject', '=', subject).execute();
}

export async function dropIdentities(db: DeskDatabase, person: string): Promise<IdentityRow[]> {
  return db.deleteFrom('identity').where('person_id', '=', person).returningAll().execute();
}

/** Whether nobody has answered it before. `hash`: of the challenge. */
export async function spendChallenge(db: DeskDatabase, hash: string, endsAt: number): Promise<boolean> {
  const once = db.insertInto('spent_challenge').values({ hash, ends_at: endsAt });
  const { numInsertedOrUpdatedRows } = await once.onConflict((conflict) => conflict.column('hash').doNothing()).executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function dropSpentChallenges(db: DeskDatabase, now: number): Promise<void> {
  await db.deleteFrom('spent_challenge').where('ends_at', '<=', now).execute();
}
