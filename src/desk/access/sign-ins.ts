/** Who comes in at the door: signing in and out, and whose request it is by what its cookie holds. */
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import type { PersonRow, SignInRow } from '../store/access-tables.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPerson, findPersonNamed, updatePerson } from '../store/people.ts';
import {
  dropSignIn,
  dropSignInsOf,
  dropWhatIsOver,
  findSignedIn,
  findTallies,
  insertSignIn,
  listSignIns,
  noteSeen,
  saveTally,
} from '../store/sign-ins.ts';
import { noteDeed } from './deeds.ts';
import { passwordTrouble } from './password-rules.ts';
import { type Passwords, TooBusy } from './passwords.ts';
import type { Scope, Who } from './roles.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { charged, FORGOTTEN_AFTER_MS, forgiven, KNOWN_FOR_MS, networkOf, PATIENCE, waitOf } from './throttle.ts';

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
/** What is counted without an end is written down at these counts only, so that nobody fills the audit. */
const TOLD_AT = new Set([5, 50, 500, 5_000, 50_000]);

/** From where. `browser`: as it calls itself. */
export type Place = { readonly address: string; readonly browser: string };

export type NewSignIn = { readonly secret: string; readonly endsAt: number; readonly fullName: string };
export type Tried = NewSignIn | { readonly waitMs: number } | 'wrong' | 'busy';
export type Known = { readonly who: Who & { readonly name: string }; readonly signIn: string; readonly endsAt: number };

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
    const waitMs = await this.#charge(name, place);
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

  /** Every try counts before it is looked at; what is not looked at does not. */
  async #charge(name: string, { address }: Place): Promise<number> {
    const now = this.#now();
    const names = talliesOf(name, address);
    return this.#deps.database.transaction().execute(async (db) => {
      const before = await findTallies(db, Object.values(names));
      const isKnown = (before.get(names.pair)?.right_at ?? 0) > now - KNOWN_FOR_MS;
      const kinds = isKnown ? (['pair', 'network'] as const) : (['pair', 'network', 'account'] as const);
      const tally = (kind: keyof typeof names) => {
        const row = before.get(names[kind]);
        return row && { failures: row.failures, lastAt: row.last_at, untilAt: row.until_at };
      };
      const waitMs = Math.max(...kinds.map((kind) => waitOf(tally(kind), PATIENCE[kind], now)));
      if (waitMs > 0) return waitMs;
      for (const kind of kinds) {
        const after = charged(tally(kind), PATIENCE[kind], now);
        await saveTally(db, names[kind], after);
        if (kind === (isKnown ? 'pair' : 'account') && TOLD_AT.has(after.failures)) await this.#tellFailures(db, name, after.failures, now);
      }
      return 0;
    });
  }

  async #tellFailures(db: DeskDatabase, name: string, failures: number, at: number): Promise<void> {
    const person = await findPersonNamed(db, name);
    if (person) await noteDeed(db, { at, actor: person.full_name, what: 'sign-in.failed', detail: { failures } });
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
      const failed = await forgive(db, person.sign_in_name, place, now);
      if (renewed !== undefined) await updatePerson(db, id, { password_hash: renewed });
      const old = hashOfSecret(before);
      if (old !== undefined) await dropSignIn(db, old);
      await noteDeed(db, { at: now, actor: person.full_name, what: 'sign-in', detail: { from: place.address, failedBefore: failed } });
      return this.begin(db, person, place);
    });
  }

  /** Always another secret than any before, so that nobody is given one that somebody else knows. */
  async begin(db: DeskDatabase, { id, full_name, ends_at }: PersonRow, { address, browser }: Place): Promise<NewSignIn> {
    const { random } = this.#deps;
    const now = this.#now();
    const secret = newSecret(random);
    const endsAt = Math.min(now + LONGEST_MS, ends_at ?? Number.POSITIVE_INFINITY);
    const row = { id: newRandomId(random), person_id: id, created_at: now, seen_at: now, ends_at: endsAt };
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
    return { who, signIn: row.id, endsAt: row.ends_at };
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
    const waitMs = await this.#charge(person.sign_in_name, place);
    if (waitMs > 0) return { waitMs };
    try {
      if ((await passwords.verify(current, person.password_hash ?? undefined)) === 'wrong') return 'wrong';
      const hash = await passwords.hash(next);
      const begun = await database.transaction().execute(async (db) => {
        const at = this.#now();
        await forgive(db, person.sign_in_name, place, at);
        await updatePerson(db, person.id, { password_hash: hash });
        await dropSignInsOf(db, person.id);
        await noteDeed(db, { at, actor: person.full_name, what: 'password.changed', detail: { of: person.full_name } });
        return this.begin(db, person, place);
      });
      onChange();
      return begun;
    } catch (cause) {
      if (cause instanceof TooBusy) return 'busy';
      throw cause;
    }
  }

  async tidy(): Promise<void> {
    const now = this.#now();
    const rightBefore = now - KNOWN_FOR_MS;
    await dropWhatIsOver(this.#deps.database, { now, seenBefore: now - IDLE_MS, forgottenBefore: now - FORGOTTEN_AFTER_MS, rightBefore });
  }

  #now(): number {
    return this.#deps.clock.now().wallMs;
  }
}

function talliesOf(name: string, address: string) {
  const network = networkOf(address);
  return { pair: `pair ${network} ${name}`, network: `network ${network}`, account: `account ${name}` };
}

/** How often it failed from there before. */
async function forgive(db: DeskDatabase, name: string, { address }: Place, now: number): Promise<number> {
  const names = talliesOf(name, address);
  const before = await findTallies(db, Object.values(names));
  for (const one of [names.network, names.account]) {
    const row = before.get(one);
    if (row) await saveTally(db, one, forgiven({ failures: row.failures, lastAt: row.last_at, untilAt: row.until_at }));
  }
  await saveTally(db, names.pair, { failures: 0, lastAt: now, untilAt: 0 }, now);
  return Math.max(0, (before.get(names.pair)?.failures ?? 1) - 1);
}
