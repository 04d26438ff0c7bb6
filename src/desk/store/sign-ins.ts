/** Browsers that people signed in with, tokens of programs, and the tallies of those who fail. */
import type { Tally } from '../access/throttle.ts';
import type { PersonRow, SignInRow, ThrottleRow, TokenRow } from './access-tables.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';

/** One person has no use for more; the oldest makes room. */
const MOST_OF_A_PERSON = 20;

export async function insertSignIn(db: DeskDatabase, signIn: SignInRow): Promise<void> {
  await db.insertInto('sign_in').values(signIn).execute();
  const kept = db.selectFrom('sign_in').select('hash').where('person_id', '=', signIn.person_id);
  const newest = (await kept.orderBy('created_at', 'desc').orderBy('hash').limit(MOST_OF_A_PERSON).execute()).map(({ hash }) => hash);
  await db.deleteFrom('sign_in').where('person_id', '=', signIn.person_id).where('hash', 'not in', newest).execute();
}

export type SignedIn = Pick<SignInRow, 'id' | 'seen_at' | 'ends_at'> &
  Omit<PersonRow, 'id' | 'ends_at'> & {
    readonly person_id: string;
    readonly person_ends_at: number | null;
    /** When that browser was signed in. */
    readonly since: number;
  };

const selectSignedIn = prepared((db, { hash }: { hash: string }) =>
  db
    .selectFrom('sign_in')
    .innerJoin('person', 'person.id', 'sign_in.person_id')
    .selectAll('person')
    .select([
      'sign_in.id',
      'sign_in.person_id',
      'sign_in.seen_at',
      'sign_in.ends_at',
      'person.ends_at as person_ends_at',
      'sign_in.created_at as since',
    ])
    .where('sign_in.hash', '=', hash),
);

/** The sign-in with this hash and whose it is, whether or not either still holds. */
export async function findSignedIn(db: DeskDatabase, hash: string): Promise<SignedIn | undefined> {
  return (await selectSignedIn(db, { hash })).rows[0];
}

export async function noteSeen(db: DeskDatabase, hash: string, at: number): Promise<void> {
  await db.updateTable('sign_in').set({ seen_at: at }).where('hash', '=', hash).execute();
}

export async function dropSignIn(db: DeskDatabase, hash: string): Promise<SignInRow | undefined> {
  return db.deleteFrom('sign_in').where('hash', '=', hash).returningAll().executeTakeFirst();
}

/** Of a person: all, or one by its id, or all but one. How many there were. */
export async function dropSignInsOf(
  db: DeskDatabase,
  person: string,
  which: { readonly only?: string; readonly but?: string } = {},
): Promise<number> {
  let query = db.deleteFrom('sign_in').where('person_id', '=', person);
  if (which.only !== undefined) query = query.where('id', '=', which.only);
  if (which.but !== undefined) query = query.where('id', '<>', which.but);
  return Number((await query.executeTakeFirstOrThrow()).numDeletedRows);
}

/** Those that hold, the newest first; of one person, or of all. */
export async function listSignIns(
  db: DeskDatabase,
  { seenAfter, now, person }: { readonly seenAfter: number; readonly now: number; readonly person?: string },
): Promise<SignInRow[]> {
  const query = db
    .selectFrom('sign_in')
    .selectAll()
    .where('seen_at', '>', seenAfter)
    .where('ends_at', '>', now)
    .orderBy('created_at', 'desc');
  return (person === undefined ? query : query.where('person_id', '=', person)).execute();
}

export async function findTallies(db: DeskDatabase, names: readonly string[]): Promise<ReadonlyMap<string, ThrottleRow>> {
  const rows = await db.selectFrom('throttle').selectAll().where('name', 'in', names).execute();
  return new Map(rows.map((row) => [row.name, row]));
}

/** `rightAt`: when it was right; left out, that stays what it is. */
export async function saveTally(db: DeskDatabase, name: string, { failures, lastAt, untilAt }: Tally, rightAt?: number): Promise<void> {
  const row = { failures, last_at: lastAt, until_at: untilAt, ...(rightAt === undefined ? {} : { right_at: rightAt }) };
  await db
    .insertInto('throttle')
    .values({ name, right_at: null, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}

export async function insertToken(db: DeskDatabase, token: TokenRow): Promise<void> {
  await db.insertInto('token').values(token).execute();
}

const selectToken = prepared((db, { hash }: { hash: string }) => db.selectFrom('token').selectAll().where('hash', '=', hash));

export async function findToken(db: DeskDatabase, hash: string): Promise<TokenRow | undefined> {
  return (await selectToken(db, { hash })).rows[0];
}

/** Of one person, or all. */
export async function listTokens(db: DeskDatabase, person?: string): Promise<TokenRow[]> {
  const all = db.selectFrom('token').selectAll().orderBy('created_at').orderBy('id');
  return (person === undefined ? all : all.where('person_id', '=', person)).execute();
}

export async function noteUsed(db: DeskDatabase, id: string, at: number): Promise<void> {
  await db.updateTable('token').set({ used_at: at }).where('id', '=', id).execute();
}

export async function dropToken(db: DeskDatabase, id: string): Promise<TokenRow | undefined> {
  await db.deleteFrom('reach').where('holder', '=', id).execute();
  return db.deleteFrom('token').where('id', '=', id).returningAll().executeTakeFirst();
}

/** A person's own. How many there were. */
export async function dropTokensOf(db: DeskDatabase, person: string): Promise<number> {
  return Number((await db.deleteFrom('token').where('person_id', '=', person).executeTakeFirstOrThrow()).numDeletedRows);
}

/** Whoever tries names at random from many places fills no disk. */
const MOST_TALLIES = 20_000;

/** What is over: sign-ins, links, tokens that ended a month ago, tallies of before `forgottenBefore` and of networks that were right before `rightBefore`. */
export async function dropWhatIsOver(
  db: DeskDatabase,
  { now, seenBefore, forgottenBefore, rightBefore }: { now: number; seenBefore: number; forgottenBefore: number; rightBefore: number },
): Promise<void> {
  await db
    .deleteFrom('sign_in')
    .where((eb) => eb.or([eb('ends_at', '<=', now), eb('seen_at', '<=', seenBefore)]))
    .execute();
  await db.deleteFrom('one_time_link').where('ends_at', '<=', now).execute();
  const tallies = db.deleteFrom('throttle').where('last_at', '<', forgottenBefore);
  await tallies.where((eb) => eb.or([eb('right_at', 'is', null), eb('right_at', '<', rightBefore)])).execute();
  const beyond = await db
    .selectFrom('throttle')
    .select('last_at')
    .orderBy('last_at', 'desc')
    .offset(MOST_TALLIES)
    .limit(1)
    .executeTakeFirst();
  if (beyond) await db.deleteFrom('throttle').where('right_at', 'is', null).where('last_at', '<=', beyond.last_at).execute();
}
