/** People with accounts, the homes that they and tokens may see, and the links by which they choose a password. */
import type { Insertable } from 'kysely';
import type { Reach, Role } from '../access/roles.ts';
import type { LinkRow, PersonRow } from './access-tables.ts';
import type { DeskDatabase } from './migrations.ts';
import type { DeskTables } from './schema.ts';

export async function listPeople(db: DeskDatabase): Promise<PersonRow[]> {
  return db.selectFrom('person').selectAll().orderBy('full_name_key').execute();
}

/** By their full names. */
export async function listRoles(db: DeskDatabase): Promise<ReadonlyMap<string, Role>> {
  const rows = await db.selectFrom('person').select(['full_name', 'role']).execute();
  return new Map(rows.map(({ full_name, role }) => [full_name, role]));
}

export async function findPerson(db: DeskDatabase, id: string): Promise<PersonRow | undefined> {
  return db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function findPersonNamed(db: DeskDatabase, signInName: string): Promise<PersonRow | undefined> {
  return db.selectFrom('person').selectAll().where('sign_in_name', '=', signInName).executeTakeFirst();
}

/** Somebody who has that sign-in name, or a full name that reads the same. */
export async function findNamesake(db: DeskDatabase, signInName: string, fullNameKey: string): Promise<PersonRow | undefined> {
  const either = db.selectFrom('person').selectAll();
  return either.where((eb) => eb.or([eb('sign_in_name', '=', signInName), eb('full_name_key', '=', fullNameKey)])).executeTakeFirst();
}

export async function insertPerson(db: DeskDatabase, person: Insertable<DeskTables['person']>): Promise<void> {
  await db.insertInto('person').values(person).execute();
}

export async function updatePerson(
  db: DeskDatabase,
  id: string,
  change: Partial<Pick<PersonRow, 'role' | 'sees_all' | 'password_hash' | 'ends_at' | 'disabled_at'>>,
): Promise<void> {
  await db.updateTable('person').set(change).where('id', '=', id).execute();
}

/** Whether anybody can make accounts for others: a lead who has a way in, or had one at a provider. */
export async function hasLead(db: DeskDatabase, now: number): Promise<boolean> {
  const leads = db.selectFrom('person').select('id').where('role', '=', 'lead').where('disabled_at', 'is', null);
  const usable = leads
    .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]))
    .where((eb) => {
      const passkeys = eb.selectFrom('passkey').select('passkey.person_id');
      const identities = eb.selectFrom('identity').select('identity.person_id');
      return eb.or([eb('password_hash', 'is not', null), eb('id', 'in', passkeys), eb('id', 'in', identities)]);
    });
  return (await usable.limit(1).executeTakeFirst()) !== undefined;
}

/** In place of what it was. `all` is no row here: the holder's own says so. */
export async function saveReach(db: DeskDatabase, holder: string, reach: Reach): Promise<void> {
  await db.deleteFrom('reach').where('holder', '=', holder).execute();
  if (reach === 'all') return;
  const rows = [
    ...[...new Set(reach.dealers)].map((name) => ({ holder, kind: 'dealer' as const, name })),
    ...[...new Set(reach.sites)].map((name) => ({ holder, kind: 'site' as const, name })),
  ];
  if (rows.length > 0) await db.insertInto('reach').values(rows).execute();
}

/** Of these holders: those who see all have none. */
export async function listReaches(db: DeskDatabase, holders: readonly string[]): Promise<ReadonlyMap<string, Exclude<Reach, 'all'>>> {
  if (holders.length === 0) return new Map();
  const rows = await db.selectFrom('reach').selectAll().where('holder', 'in', holders).orderBy('name').execute();
  const named = (of: typeof rows, kind: 'dealer' | 'site'): string[] => of.filter((row) => row.kind === kind).map(({ name }) => name);
  const byHolder = Map.groupBy(rows, ({ holder }) => holder);
  return new Map([...byHolder].map(([holder, of]) => [holder, { dealers: named(of, 'dealer'), sites: named(of, 'site') }]));
}

/** The ids of all homes within somebody's reach. */
export async function listInReach(db: DeskDatabase, holder: string): Promise<string[]> {
  return (await db.selectFrom('in_reach').select('site_id').where('holder', '=', holder).execute()).map(({ site_id }) => site_id);
}

const ROWS_AT_ONCE = 1000;

/** Whose homes these are by the service policy that the desk runs with, in place of what was known before. */
export async function saveDealers(
  db: DeskDatabase,
  homes: readonly { readonly dealer: string; readonly site_id: string }[],
): Promise<void> {
  await db.transaction().execute(async (inTurn) => {
    await inTurn.deleteFrom('dealer_home').execute();
    for (let i = 0; i < homes.length; i += ROWS_AT_ONCE)
      await inTurn
        .insertInto('dealer_home')
        .values(homes.slice(i, i + ROWS_AT_ONCE))
        .execute();
  });
}

export async function listDealers(db: DeskDatabase): Promise<string[]> {
  return (await db.selectFrom('dealer_home').select('dealer').distinct().orderBy('dealer').execute()).map(({ dealer }) => dealer);
}

/** A new link makes those void that the person had before; one for nobody yet makes those void. */
export async function insertLink(db: DeskDatabase, link: LinkRow): Promise<void> {
  await dropLinksOf(db, link.person_id);
  await db.insertInto('one_time_link').values(link).execute();
}

export async function dropLinksOf(db: DeskDatabase, person: string | null): Promise<void> {
  await db
    .deleteFrom('one_time_link')
    .where('person_id', person === null ? 'is' : '=', person)
    .execute();
}

export async function findLink(db: DeskDatabase, hash: string, now: number): Promise<LinkRow | undefined> {
  return db.selectFrom('one_time_link').selectAll().where('hash', '=', hash).where('ends_at', '>', now).executeTakeFirst();
}

/** Who waits for nothing but to choose a password, and until when each may. */
export async function listLinks(db: DeskDatabase, now: number): Promise<Pick<LinkRow, 'person_id' | 'ends_at'>[]> {
  return db.selectFrom('one_time_link').select(['person_id', 'ends_at']).where('ends_at', '>', now).execute();
}
