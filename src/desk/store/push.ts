/** Browsers that are told of tickets, until when they are theirs; what each was told, and what it is owed. */
import type { PersonRow } from './access-tables.ts';
import type { DeskDatabase } from './migrations.ts';
import type { PushBrowserRow, PushOwedRow, PushToldRow } from './push-tables.ts';

const OWN_KEY = 'desk';

export type PushKey = { readonly publicKey: string; readonly privateKey: string };

/** The one that is there; else this one, from now on. */
export async function keepPushKey(db: DeskDatabase, { publicKey, privateKey }: PushKey, at: number): Promise<PushKey> {
  await db
    .insertInto('push_key')
    .values({ name: OWN_KEY, public_key: publicKey, private_key: privateKey, created_at: at })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const { public_key, private_key } = await db.selectFrom('push_key').selectAll().where('name', '=', OWN_KEY).executeTakeFirstOrThrow();
  return { publicKey: public_key, privateKey: private_key };
}

/** Of a person. */
export async function listBrowsersOf(db: DeskDatabase, person: string): Promise<PushBrowserRow[]> {
  return db.selectFrom('push_browser').selectAll().where('person_id', '=', person).orderBy('created_at').orderBy('id').execute();
}

export type HeldBrowser = PushBrowserRow & Pick<PersonRow, 'sign_in_name' | 'full_name' | 'role' | 'sees_all' | 'disabled_at' | 'ends_at'>;

/** All, each with whose it is. */
export async function listBrowsers(db: DeskDatabase, limit: number): Promise<HeldBrowser[]> {
  return db
    .selectFrom('push_browser')
    .innerJoin('person', 'person.id', 'push_browser.person_id')
    .selectAll('push_browser')
    .select(['person.sign_in_name', 'person.full_name', 'person.role', 'person.sees_all', 'person.disabled_at', 'person.ends_at'])
    .orderBy('push_browser.created_at')
    .orderBy('push_browser.id')
    .limit(limit)
    .execute();
}

/** In place of what was known of the same address, whoever's it was: the browser is his who turned it on last. */
export async function saveBrowser(db: DeskDatabase, browser: PushBrowserRow): Promise<void> {
  const known = await db.selectFrom('push_browser').select('id').where('endpoint', '=', browser.endpoint).execute();
  await dropBrowsers(
    db,
    known.map(({ id }) => id),
  );
  await db.insertInto('push_browser').values(browser).execute();
}

export async function updateBrowser(
  db: DeskDatabase,
  id: string,
  change: Partial<Pick<PushBrowserRow, 'last_at' | 'failures' | 'next_at' | 'failing_since' | 'last_answer'>>,
): Promise<void> {
  await db.updateTable('push_browser').set(change).where('id', '=', id).execute();
}

export async function dropBrowsers(db: DeskDatabase, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.deleteFrom('push_told').where('browser_id', 'in', ids).execute();
  await db.deleteFrom('push_owed').where('browser_id', 'in', ids).execute();
  await db.deleteFrom('push_browser').where('id', 'in', ids).execute();
}

/** Answers how many there were. */
export async function dropBrowsersOf(db: DeskDatabase, person: string): Promise<number> {
  const own = await listBrowsersOf(db, person);
  await dropBrowsers(
    db,
    own.map(({ id }) => id),
  );
  return own.length;
}

/** Which of these homes each of these holders sees: `HOLDER SITE`. */
export async function listWithinReach(
  db: DeskDatabase,
  holders: readonly string[],
  sites: readonly string[],
): Promise<ReadonlySet<string>> {
  if (holders.length === 0 || sites.length === 0) return new Set();
  const rows = await db.selectFrom('in_reach').selectAll().where('holder', 'in', holders).where('site_id', 'in', sites).execute();
  return new Set(rows.map(({ holder, site_id }) => `${holder} ${site_id}`));
}

export async function listTold(db: DeskDatabase, abouts: readonly string[]): Promise<PushToldRow[]> {
  return db.selectFrom('push_told').selectAll().where('about', 'in', abouts).execute();
}

export async function saveTold(db: DeskDatabase, told: PushToldRow): Promise<void> {
  const { said, told_at } = told;
  await db
    .insertInto('push_told')
    .values(told)
    .onConflict((conflict) => conflict.columns(['about', 'browser_id']).doUpdateSet({ said, told_at }))
    .execute();
}

/** In place of what it was owed of the same thing. */
export async function saveOwed(db: DeskDatabase, owed: PushOwedRow): Promise<void> {
  const { body, ends_at } = owed;
  await db
    .insertInto('push_owed')
    .values(owed)
    .onConflict((conflict) => conflict.columns(['browser_id', 'about']).doUpdateSet({ body, ends_at }))
    .execute();
}

export async function dropOwed(db: DeskDatabase, browsers: readonly string[], abouts: readonly string[]): Promise<void> {
  if (browsers.length === 0 || abouts.length === 0) return;
  await db.deleteFrom('push_owed').where('browser_id', 'in', browsers).where('about', 'in', abouts).execute();
}

/** What may be tried again now. */
export async function listOwed(db: DeskDatabase, at: number, limit: number): Promise<PushOwedRow[]> {
  return db
    .selectFrom('push_owed')
    .innerJoin('push_browser', 'push_browser.id', 'push_owed.browser_id')
    .selectAll('push_owed')
    .where('push_browser.next_at', '<=', at)
    .orderBy('push_owed.ends_at')
    .orderBy('push_owed.browser_id')
    .orderBy('push_owed.about')
    .limit(limit)
    .execute();
}

/** Forgets what is too late to be told, what was told before `cutoffAt`, and browsers that took nothing since then or whose people are let in no more. */
export async function dropOldPush(
  db: DeskDatabase,
  at: number,
  { toldBefore, failingBefore }: { toldBefore: number; failingBefore: number },
): Promise<void> {
  await db.deleteFrom('push_owed').where('ends_at', '<=', at).execute();
  await db.deleteFrom('push_told').where('told_at', '<', toldBefore).execute();
  const failing = await db.selectFrom('push_browser').select('id').where('failing_since', '<', failingBefore).execute();
  const people = db.selectFrom('person').select('id').where('disabled_at', 'is', null);
  const usable = people.where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', at)]));
  const ended = await db.selectFrom('push_browser').select('id').where('person_id', 'not in', usable).execute();
  await dropBrowsers(
    db,
    [...failing, ...ended].map(({ id }) => id),
  );
}
