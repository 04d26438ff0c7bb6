/** Who comes in at the door: signing in and out, and whose request it is by what its cookie holds. */
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import type { PersonRow, SignInRow, Way } from '../store/access-tables.ts';
import { dropSpentChallenges } from '../store/doors.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPerson, findPersonNamed, updatePerson } from '../store/people.ts';
import { dropSignIn, dropSignInsOf, dropWhatIsOver, findSignedIn, insertSignIn, listSignIns, noteSeen } from '../store/sign-ins.ts';
import { noteDeed } from './deeds.ts';
import { chargeName, forgive } from './failures.ts';
import { passwordTrouble } from './password-rules.ts';
import { type Passwords, TooBusy } from './passwords.ts';
import type { Scope, Who } from './roles.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { FORGOTTEN_AFTER_MS, KNOWN_FOR_MS } from './throttle.ts';

export type SignInDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly passwords: Passwords;
  /** Something about who may see what has changed: open streams are to look again. */
  readonly onChange: () => void;
};

/** A page that is open asks now and then by itself: this is for a browser that was closed. */
export const IDLE_MS = 2 * 3_600_000;
/** A long shift. */
export const LONGEST_MS = 16 * 3_600_000;
const NOTED_EVERY_MS = 60_000;
/** Whoever makes a new way in has proven not long ago who he is: an open browser that somebody left is not enough. */
const PROVEN_FOR_MS = 30 * 60_000;

/** From where. `browser`: as it calls itself. */
export type Place = { readonly address: string; readonly browser: string };

export type NewSignIn = { readonly secret: string; readonly endsAt: number; readonly fullName: string };
export type Tried = NewSignIn | { readonly waitMs: number } | 'wrong' | 'busy';
/** `since`: when he proved who he is. */
export type Known = {
  readonly who: Who & { readonly name: string };
  readonly signIn: string;
  readonly endsAt: number;
  readonly since: number;
};

/** As names are typed at the door; undefined for what cannot be one. */
export function signInNameOf(text: unknown): string | undefined {
  const name = cleanText(text, 64)?.toLowerCase();
  return name !== undefined && /^[\p{L}\p{N}._@+-]{2,64}$/u.test(name) ? name : undefined;
}

export function isUsable({ disabled_at, ends_at }: Pick<PersonRow, 'disabled_at' | 'ends_at'>, now: number): boolean {
  return disabled_at === null && (ends_at === null || ends_at > now);
}

export class SignIns {
  readonly #deps: SignInDeps;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  /** Says of a wrong name and of a wrong password the same, after the same time. `before`: what the browser's cookie held. */
  async signIn(given: { readonly name: unknown; readonly password: string; readonly before?: string }, place: Place): Promise<Tried> {
    const { database, passwords } = this.#deps;
    const name = signInNameOf(given.name) ?? 'nobody';
    const waitMs = await chargeName(this.#deps, name, place.address);
    if (waitMs > 0) return { waitMs };
    const known = await findPersonNamed(database, name);
    const person = known && isUsable(known, this.#now()) ? known : undefined;
    try {
      const verdict = await passwords.verify(given.password, person?.password_hash ?? undefined);
      if (person === undefined || verdict === 'wrong') return 'wrong';
      const renewed = verdict === 'old' ? await passwords.hash(given.password) : undefined;
      return await this.#admit(person, place, { before: given.before, renewed });
    } catch (cause) {
      if (cause instanceof TooBusy) return 'busy';
      throw cause;
    }
  }

  /** What was true when the password was looked at may not be any more. */
  async #admit(
    { id, password_hash }: PersonRow,
    place: Place,
    { before, renewed }: { readonly before?: string | undefined; readonly renewed?: string | undefined },
  ): Promise<Tried> {
    const now = this.#now();
    return this.#deps.database.transaction().execute(async (db) => {
      const person = await findPerson(db, id);
      if (!person || !isUsable(person, now) || person.password_hash !== password_hash) return 'wrong';
      if (renewed !== undefined) await updatePerson(db, id, { password_hash: renewed });
      return this.admit(db, person, place, { way: 'password', before });
    });
  }

  /** In the transaction in which somebody was seen to be who he is, and to be let in. `before`: what the browser's cookie held. */
  async admit(
    db: DeskDatabase,
    person: PersonRow,
    place: Place,
    { way, before }: { readonly way: Way; readonly before?: string | undefined },
  ): Promise<NewSignIn> {
    const at = this.#now();
    const failedBefore = await forgive(db, way === 'password' ? 'name' : 'network', person.sign_in_name, place.address, at);
    const old = hashOfSecret(before);
    if (old !== undefined) await dropSignIn(db, old);
    await noteDeed(db, { at, actor: person.full_name, what: 'sign-in', detail: { from: place.address, failedBefore, by: way } });
    return this.begin(db, person, place, way);
  }

  /** Always another secret than any before, so that nobody is given one that somebody else knows. */
  async begin(db: DeskDatabase, { id, full_name, ends_at }: PersonRow, { address, browser }: Place, way: Way): Promise<NewSignIn> {
    const { random } = this.#deps;
    const now = this.#now();
    const secret = newSecret(random);
    const endsAt = Math.min(now + LONGEST_MS, ends_at ?? Number.POSITIVE_INFINITY);
    const row = { id: newRandomId(random), person_id: id, created_at: now, seen_at: now, ends_at: endsAt, way };
    const from = { address: cleanText(address, 64) ?? '', browser: cleanText(browser, 160) ?? '' };
    await insertSignIn(db, { hash: hashOfSecret(secret) as string, ...row, ...from });
    return { secret, endsAt, fullName: full_name };
  }

  /** Undefined for whom nobody knows, or does not any more. */
  async who(secret: string | undefined): Promise<Known | undefined> {
    const { database } = this.#deps;
    const hash = hashOfSecret(secret);
    const row = hash === undefined ? undefined : await findSignedIn(database, hash);
    const now = this.#now();
    if (row === undefined || hash === undefined || row.ends_at <= now || row.seen_at + IDLE_MS <= now) return undefined;
    if (!isUsable({ disabled_at: row.disabled_at, ends_at: row.person_ends_at }, now)) return undefined;
    if (now - row.seen_at >= NOTED_EVERY_MS || row.seen_at > now) await noteSeen(database, hash, now);
    const scope: Scope = row.sees_all === 1 ? 'all' : { holder: row.person_id };
    const who = { kind: 'person' as const, id: row.person_id, name: row.full_name, role: row.role, scope };
    return { who, signIn: row.id, endsAt: row.ends_at, since: row.since };
  }

  async signOut(secret: string | undefined): Promise<void> {
    const hash = hashOfSecret(secret);
    if (hash === undefined) return;
    const { database, onChange } = this.#deps;
    await database.transaction().execute(async (db) => {
      const ended = await dropSignIn(db, hash);
      const person = ended && (await findPerson(db, ended.person_id));
      if (person) await noteDeed(db, { at: this.#now(), actor: person.full_name, what: 'sign-out', detail: {} });
    });
    onChange();
  }

  /** Those of a person that hold, the newest first. */
  async list(person?: string): Promise<SignInRow[]> {
    const now = this.#now();
    return listSignIns(this.#deps.database, { now, seenAfter: now - IDLE_MS, ...(person === undefined ? {} : { person }) });
  }

  /** A person ends one of his own, or all but the one that asks. */
  async end({ who }: Known, which: { readonly only: string } | { readonly but: string }): Promise<number> {
    const { database, onChange } = this.#deps;
    const ended = await database.transaction().execute(async (db) => {
      const count = await dropSignInsOf(db, who.id, which);
      if (count > 0) await noteDeed(db, { at: this.#now(), actor: who.name, what: 'sign-ins.ended', detail: { of: who.name, count } });
      return count;
    });
    onChange();
    return ended;
  }

  /** Everywhere else the person is signed out by it, and here gets another secret. */
  async changePassword(
    { who }: Known,
    { current, next }: { readonly current: string; readonly next: string },
    place: Place,
  ): Promise<Tried | { readonly trouble: string }> {
    const { database, passwords, onChange } = this.#deps;
    const person = await findPerson(database, who.id);
    if (!person) return 'wrong';
    const trouble = passwordTrouble(next, [person.sign_in_name, person.full_name]);
    if (trouble !== undefined) return { trouble };
    const waitMs = await chargeName(this.#deps, person.sign_in_name, place.address);
    if (waitMs > 0) return { waitMs };
    try {
      if ((await passwords.verify(current, person.password_hash ?? undefined)) === 'wrong') return 'wrong';
      const hash = await passwords.hash(next);
      const begun = await database.transaction().execute(async (db) => {
        const at = this.#now();
        await forgive(db, 'name', person.sign_in_name, place.address, at);
        await updatePerson(db, person.id, { password_hash: hash });
        await dropSignInsOf(db, person.id);
        await noteDeed(db, { at, actor: person.full_name, what: 'password.changed', detail: { of: person.full_name } });
        return this.begin(db, person, place, 'password');
      });
      onChange();
      return begun;
    } catch (cause) {
      if (cause instanceof TooBusy) return 'busy';
      throw cause;
    }
  }

  /** Whether it was not long ago that he proved who he is. A clock that was set back makes nobody new. */
  isFresh({ since }: Known): boolean {
    const age = this.#now() - since;
    return age >= 0 && age < PROVEN_FOR_MS;
  }

  async tidy(): Promise<void> {
    const now = this.#now();
    const rightBefore = now - KNOWN_FOR_MS;
    await dropSpentChallenges(this.#deps.database, now);
    await dropWhatIsOver(this.#deps.database, { now, seenBefore: now - IDLE_MS, forgottenBefore: now - FORGOTTEN_AFTER_MS, rightBefore });
  }

  #now(): number {
    return this.#deps.clock.now().wallMs;
  }
}
