/** Accounts: who has one, in which role and for which homes; and the links by which people choose their passwords. Everything leaves its line in the desk's own audit. */
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import { folded } from '../search-words.ts';
import type { PersonRow } from '../store/access-tables.ts';
import { listNewestDeeds } from '../store/audit.ts';
import { countPasskeys, dropIdentities, dropPasskeys, listIdentities } from '../store/doors.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import {
  dropLinksOf,
  findLink,
  findNamesake,
  findPerson,
  hasLead,
  insertLink,
  insertPerson,
  listDealers,
  listLinks,
  listPeople,
  listReaches,
  saveReach,
  updatePerson,
} from '../store/people.ts';
import { dropBrowsersOf } from '../store/push.ts';
import { dropSignInsOf, dropTokensOf } from '../store/sign-ins.ts';
import type { Link } from '../tickets/audit.ts';
import { COMMAND_LINE, DESK_ITSELF, noteDeed } from './deeds.ts';
import { passwordTrouble } from './password-rules.ts';
import type { Passwords } from './passwords.ts';
import { type Actor, nameOf, programTrouble } from './programs.ts';
import { homesTrouble, type Trouble } from './reach.ts';
import type { Reach, Role } from './roles.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { isUsable, type NewSignIn, type Place, type SignIns, signInNameOf } from './sign-ins.ts';

export type PeopleDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly passwords: Passwords;
  readonly signIns: Pick<SignIns, 'begin' | 'list'>;
  readonly onChange: () => void;
};

/** `waiting`: has no way in yet; `isLinked`: comes in by the provider of the house; `invited`: until when the link that was made last may be used. */
export type PersonView = {
  readonly id: string;
  readonly signInName: string;
  readonly fullName: string;
  readonly role: Role;
  readonly reach: Reach;
  readonly state: 'active' | 'waiting' | 'ended' | 'disabled';
  readonly createdAt: number;
  readonly endsAt?: number;
  readonly invitedUntil?: number;
  readonly signIns: number;
  readonly passkeys: number;
  readonly isLinked: boolean;
  readonly seenAt?: number;
};

export type WaysIn = {
  readonly hasPassword: boolean;
  readonly identities: ReadonlyMap<string, { readonly email: string | undefined; readonly linkedAt: number }>;
};

export type NewPerson = {
  readonly signInName: string;
  readonly fullName: string;
  readonly role: Role;
  readonly reach: Reach;
  /** From when on the account lets nobody in: a technician's has such a day. */
  readonly endsAt?: number | undefined;
};

export type MadeLink = {
  readonly secret: string;
  readonly endsAt: number;
  readonly person: Pick<PersonView, 'id' | 'fullName' | 'signInName'>;
};

const HOUR_MS = 3_600_000;
export const INVITATION_MS = 7 * 24 * HOUR_MS;
/** The first link is for whoever reads it now; one that helps somebody who forgot a password is, too. */
export const SHORT_LINK_MS = 24 * HOUR_MS;
const LONGEST_JOB_MS = 31 * 24 * HOUR_MS;
/** Names that stand in audits for no person. */
const RESERVED = new Set(['desk', COMMAND_LINE, 'hub', 'hearthbeat']);
const DEEDS_SHOWN = 200;
const SIGN_IN_NAME_WORDS = 'A sign-in name has 2 to 64 letters, digits or . _ @ + - and no spaces.';

export class People {
  readonly #deps: PeopleDeps;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
  }

  async list(): Promise<PersonView[]> {
    const { database, signIns } = this.#deps;
    const now = this.#now();
    const rows = await listPeople(database);
    const [reaches, links, held, passkeys, identities] = await Promise.all([
      listReaches(
        database,
        rows.map(({ id }) => id),
      ),
      listLinks(database, now),
      signIns.list(),
      countPasskeys(database),
      listIdentities(database),
    ]);
    const linked = new Set(identities.map(({ person_id }) => person_id));
    const invited = new Map(links.map(({ person_id, ends_at }) => [person_id, ends_at]));
    const bySignIn = Map.groupBy(held, ({ person_id }) => person_id);
    return rows.map((row) => {
      const own = bySignIn.get(row.id) ?? [];
      const [until, seenAt] = [invited.get(row.id), Math.max(0, ...own.map(({ seen_at }) => seen_at))];
      return {
        id: row.id,
        signInName: row.sign_in_name,
        fullName: row.full_name,
        role: row.role,
        reach: row.sees_all === 1 ? 'all' : (reaches.get(row.id) ?? { dealers: [], sites: [] }),
        state: stateOf(row, now, passkeys.has(row.id) || linked.has(row.id)),
        passkeys: passkeys.get(row.id) ?? 0,
        isLinked: linked.has(row.id),
        createdAt: row.created_at,
        signIns: own.length,
        ...(row.ends_at === null ? {} : { endsAt: row.ends_at }),
        ...(until === undefined ? {} : { invitedUntil: until }),
        ...(seenAt === 0 ? {} : { seenAt }),
      };
    });
  }

  /** How one person comes in. `identities`: by the provider that says who he is. */
  async waysIn(id: string): Promise<WaysIn> {
    const { database } = this.#deps;
    const [person, identities] = await Promise.all([findPerson(database, id), listIdentities(database, id)]);
    const views = identities.map(({ issuer, email, linked_at }) => [issuer, { email: email ?? undefined, linkedAt: linked_at }] as const);
    return { hasPassword: person !== undefined && person.password_hash !== null, identities: new Map(views) };
  }

  /** The names of dealers of record, by the service policy that the desk runs with. */
  async dealers(): Promise<string[]> {
    return listDealers(this.#deps.database);
  }

  /** What was done with accounts, the newest first; those that were done before the link `after`. */
  async deeds({ after, limit = DEEDS_SHOWN }: { readonly after?: number | undefined; readonly limit?: number } = {}): Promise<Link[]> {
    return listNewestDeeds(this.#deps.database, DESK_ITSELF, limit, after);
  }

  /** Undefined where somebody can make accounts already. Makes links of before void. */
  async firstLink(): Promise<{ readonly secret: string; readonly endsAt: number } | undefined> {
    const { database, random } = this.#deps;
    const now = this.#now();
    return database.transaction().execute(async (db) => {
      if (await hasLead(db, now)) return undefined;
      const secret = newSecret(random);
      const endsAt = now + SHORT_LINK_MS;
      const link = { hash: hashOfSecret(secret) as string, person_id: null, made_by: COMMAND_LINE, created_at: now, ends_at: endsAt };
      await insertLink(db, link);
      return { secret, endsAt };
    });
  }

  async invite(actor: Actor, asked: NewPerson): Promise<MadeLink | Trouble> {
    const [now, by] = [this.#now(), nameOf(actor)];
    const refused = programTrouble(actor, 'person.invited', { role: asked.role });
    if (refused !== undefined) return refused;
    const signInName = signInNameOf(asked.signInName);
    if (signInName === undefined) return { trouble: SIGN_IN_NAME_WORDS, field: 'signInName' };
    const { fullName, trouble } = readFullName(asked.fullName);
    if (fullName === undefined) return { trouble, field: 'fullName' };
    const endTrouble = endOf(asked, now);
    if (endTrouble !== undefined) return { trouble: endTrouble, field: 'days' };
    return this.#deps.database.transaction().execute(async (db) => {
      const wrong = (await homesTrouble(db, asked.role, asked.reach)) ?? (await namesake(db, signInName, fullName));
      if (wrong !== undefined) return wrong;
      const person = { id: newRandomId(this.#deps.random), sign_in_name: signInName, full_name: fullName, full_name_key: folded(fullName) };
      const seesAll = asked.reach === 'all' ? 1 : 0;
      await insertPerson(db, { ...person, role: asked.role, sees_all: seesAll, created_at: now, ends_at: asked.endsAt ?? null });
      await saveReach(db, person.id, asked.reach);
      const detail = { person: fullName, signInName, role: asked.role, reach: asked.reach, ...(asked.endsAt && { endsAt: asked.endsAt }) };
      await noteDeed(db, { at: now, actor: by, what: 'person.invited', detail });
      return this.#link(db, by, { id: person.id, fullName, signInName }, INVITATION_MS);
    });
  }

  /** For who forgot a password, or let the invitation pass. Nothing else changes until it is used. */
  async newLink(actor: Actor, id: string): Promise<MadeLink | Trouble> {
    const by = nameOf(actor);
    return this.#deps.database.transaction().execute(async (db) => {
      const person = await findPerson(db, id);
      if (!person) return NOBODY;
      const refused = programTrouble(actor, 'link.made', { person });
      if (refused !== undefined) return refused;
      if (person.disabled_at !== null) return { trouble: 'The account is disabled. Enable it first.' };
      const at = this.#now();
      await noteDeed(db, { at, actor: by, what: 'link.made', detail: { person: person.full_name } });
      const lasts = person.password_hash === null ? INVITATION_MS : SHORT_LINK_MS;
      return this.#link(db, by, { id, fullName: person.full_name, signInName: person.sign_in_name }, lasts);
    });
  }

  async #link(db: DeskDatabase, by: string, person: MadeLink['person'], lastsMs: number): Promise<MadeLink> {
    const now = this.#now();
    const secret = newSecret(this.#deps.random);
    const link = { hash: hashOfSecret(secret) as string, person_id: person.id, made_by: by, created_at: now, ends_at: now + lastsMs };
    await insertLink(db, link);
    return { secret, endsAt: link.ends_at, person };
  }

  /** Whom a link is for; `undefined` person: for the first account. Undefined where it is none, or none any more. */
  async linkFor(secret: string): Promise<{ readonly person?: MadeLink['person'] } | undefined> {
    const { database } = this.#deps;
    const now = this.#now();
    const hash = hashOfSecret(secret);
    const link = hash === undefined ? undefined : await findLink(database, hash, now);
    if (link === undefined) return undefined;
    if (link.person_id === null) return (await hasLead(database, now)) ? undefined : {};
    const person = await findPerson(database, link.person_id);
    if (!person || !isUsable(person, now)) return undefined;
    return { person: { id: person.id, fullName: person.full_name, signInName: person.sign_in_name } };
  }

  /** Uses a link: the password is what was chosen, all sign-ins of before are over, and this browser is signed in. Undefined where the link is none any more. */
  async choose(
    secret: string,
    chosen: { readonly password: string; readonly signInName?: unknown; readonly fullName?: unknown },
    place: Place,
  ): Promise<NewSignIn | Trouble | undefined> {
    const link = await this.linkFor(secret);
    if (link === undefined) return undefined;
    const named = link.person ?? newLead(chosen);
    if ('trouble' in named) return named;
    const trouble = passwordTrouble(chosen.password, [named.signInName, named.fullName]);
    if (trouble !== undefined) return { trouble, field: 'password' };
    const password_hash = await this.#deps.passwords.hash(chosen.password);
    const begun = await this.#deps.database.transaction().execute(async (db) => {
      // Both looked at again: of two that come at once one finds it used.
      const now = this.#now();
      const still = await findLink(db, hashOfSecret(secret) as string, now);
      if (still === undefined || still.person_id !== (link.person?.id ?? null)) return undefined;
      const wrong = link.person ? undefined : await namesake(db, named.signInName, named.fullName);
      if (wrong !== undefined) return wrong;
      await dropLinksOf(db, still.person_id);
      const person = link.person ? await findPerson(db, link.person.id) : await this.#makeFirst(db, named, now);
      if (person === undefined || !isUsable(person, now)) return undefined;
      await updatePerson(db, person.id, { password_hash });
      await dropSignInsOf(db, person.id);
      await noteDeed(db, { at: now, actor: person.full_name, what: 'password.chosen', detail: { from: place.address } });
      return this.#deps.signIns.begin(db, person, place, 'link');
    });
    this.#deps.onChange();
    return begun;
  }

  async #makeFirst(db: DeskDatabase, { signInName, fullName }: Named, now: number): Promise<PersonRow | undefined> {
    if (await hasLead(db, now)) return undefined;
    const id = newRandomId(this.#deps.random);
    const row = { id, sign_in_name: signInName, full_name: fullName, full_name_key: folded(fullName), role: 'lead' as const, sees_all: 1 };
    await insertPerson(db, { ...row, created_at: now });
    await noteDeed(db, { at: now, actor: COMMAND_LINE, what: 'person.first', detail: { person: fullName, signInName } });
    return findPerson(db, id);
  }

  /** Another role, or other homes. */
  async change(by: Actor, id: string, { role, reach, endsAt }: Pick<NewPerson, 'role' | 'reach' | 'endsAt'>): Promise<Trouble | undefined> {
    const now = this.#now();
    const refused = programTrouble(by, 'person.changed', { role });
    if (refused !== undefined) return refused;
    const endTrouble = endOf({ role, endsAt }, now);
    if (endTrouble !== undefined) return { trouble: endTrouble, field: 'days' };
    return this.#about(by, id, 'person.changed', async (db, person) => {
      const wrong = await homesTrouble(db, role, reach);
      if (wrong !== undefined) return wrong;
      if (person.role === 'lead' && role !== 'lead' && person.full_name === by) return { trouble: 'Another lead has to do that.' };
      await updatePerson(db, id, { role, sees_all: reach === 'all' ? 1 : 0, ends_at: endsAt ?? null });
      await saveReach(db, id, reach);
      return { detail: { role, reach, ...(endsAt && { endsAt }) } };
    });
  }

  /** Nobody is let in by it until it is enabled again; what the person did stays under that name. */
  async disable(by: Actor, id: string): Promise<Trouble | undefined> {
    return this.#about(by, id, 'person.disabled', async (db, person) => {
      if (person.full_name === by) return { trouble: 'You cannot disable yourself. Another lead has to do that.' };
      await updatePerson(db, id, { disabled_at: this.#now() });
      await dropLinksOf(db, id);
      await dropBrowsersOf(db, id);
      return { detail: { signInsEnded: await dropSignInsOf(db, id) } };
    });
  }

  async enable(by: Actor, id: string): Promise<Trouble | undefined> {
    return this.#about(by, id, 'person.enabled', async (db) => {
      await updatePerson(db, id, { disabled_at: null });
      return { detail: {} };
    });
  }

  /** For who lost what they are on, or whose are not his: passkeys, what the provider says of him, his own tokens, the browsers that are told and his sign-ins are gone; a link lets him in again. */
  async removeKeys(by: Actor, id: string): Promise<Trouble | undefined> {
    return this.#about(by, id, 'keys.removed', async (db, person) => {
      if (person.full_name === by) return { trouble: 'Remove your own on your account page.' };
      const [passkeys, identities, tokens] = [await dropPasskeys(db, id), await dropIdentities(db, id), await dropTokensOf(db, id)];
      const browsers = await dropBrowsersOf(db, id);
      await dropSignInsOf(db, id);
      return { detail: { passkeys: passkeys.length, providers: identities.length, tokens, browsers } };
    });
  }

  async endSignIns(by: Actor, id: string): Promise<Trouble | undefined> {
    return this.#about(by, id, 'sign-ins.ended', async (db) => ({ detail: { count: await dropSignInsOf(db, id) } }));
  }

  async #about(
    by: Actor,
    id: string,
    what: string,
    task: (db: DeskDatabase, person: PersonRow) => Promise<Trouble | { readonly detail: object }>,
  ): Promise<Trouble | undefined> {
    const trouble = await this.#deps.database.transaction().execute(async (db) => {
      const person = await findPerson(db, id);
      if (!person) return NOBODY;
      const done = programTrouble(by, what, { person, isLetIn: isUsable(person, this.#now()) }) ?? (await task(db, person));
      if ('trouble' in done) return done;
      await noteDeed(db, { at: this.#now(), actor: nameOf(by), what, detail: { person: person.full_name, ...done.detail } });
      return undefined;
    });
    this.#deps.onChange();
    return trouble;
  }

  #now(): number {
    return this.#deps.clock.now().wallMs;
  }
}

const NOBODY: Trouble = { trouble: 'There is no such account.', isMissing: true };

type Named = { readonly signInName: string; readonly fullName: string };

function newLead(chosen: { readonly signInName?: unknown; readonly fullName?: unknown }): Named | Trouble {
  const signInName = signInNameOf(chosen.signInName);
  if (signInName === undefined) return { trouble: SIGN_IN_NAME_WORDS, field: 'signInName' };
  const { fullName, trouble } = readFullName(chosen.fullName);
  return fullName === undefined ? { trouble, field: 'fullName' } : { signInName, fullName };
}

function readFullName(
  text: unknown,
): { readonly fullName: string; readonly trouble?: never } | { readonly fullName?: never; readonly trouble: string } {
  const fullName = cleanText(text, 64);
  if (fullName === undefined || !/\p{L}/u.test(fullName)) return { trouble: 'Say the name that stands beside what is done.' };
  // Programs stand in audits as `token: NAME`.
  return RESERVED.has(folded(fullName)) || /^token\b/.test(folded(fullName))
    ? { trouble: 'That is no name of a person here.' }
    : { fullName };
}

function endOf({ role, endsAt }: Pick<NewPerson, 'role' | 'endsAt'>, now: number): string | undefined {
  if (endsAt !== undefined && endsAt <= now) return 'It would be over already.';
  if (role !== 'technician') return undefined;
  return endsAt !== undefined && endsAt <= now + LONGEST_JOB_MS ? undefined : 'A technician is let in for a job: for 1 to 31 days.';
}

async function namesake(db: DeskDatabase, signInName: string, fullName: string): Promise<Trouble | undefined> {
  const other = await findNamesake(db, signInName, folded(fullName));
  if (other === undefined) return undefined;
  return other.sign_in_name === signInName
    ? { trouble: `Somebody signs in as ${signInName} already.`, field: 'signInName' }
    : {
        trouble: `There is somebody of that name already (${other.sign_in_name}). Whoever reads who did what must know who it was.`,
        field: 'fullName',
      };
}

function stateOf(row: PersonRow, now: number, hasOtherWays: boolean): PersonView['state'] {
  if (row.disabled_at !== null) return 'disabled';
  if (!isUsable(row, now)) return 'ended';
  return row.password_hash === null && !hasOtherWays ? 'waiting' : 'active';
}
