/**
 * Tokens let programs in, are shown once and kept as a hash. Those that whoever makes accounts makes have a role, homes and an end of their own; a person's own may do what he may, at
 * each moment and in no other home, no more than the scopes that he chose, and end with his account.
 */
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import type { PersonRow, TokenRow } from '../store/access-tables.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPerson, listReaches, saveReach } from '../store/people.ts';
import { dropToken, findToken, insertToken, listTokens, noteUsed } from '../store/sign-ins.ts';
import { noteDeed } from './deeds.ts';
import { PROVE_AGAIN } from './passkeys.ts';
import { homesTrouble, type Trouble } from './reach.ts';
import { permissionsOf, type Reach, type Role, SCOPES, scopesOf, type TokenScope, type Who, WITHOUT_A_PERSON } from './roles.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { isUsable, type Known, type SignIns } from './sign-ins.ts';

export type TokenDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIns: Pick<SignIns, 'isFresh'>;
  readonly onChange: () => void;
};

/** What whoever finds one in a log or a repository knows it by. */
const MARK = 'hbt_';
const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;
const NOTED_EVERY_MS = 60_000;
const MOST_OF_A_PERSON = 20;
/** Of a name in an audit. */
const LONGEST_NAME = 64;

export type TokenView = {
  readonly id: string;
  readonly title: string;
  readonly role: Role;
  readonly reach: Reach;
  readonly madeBy: string;
  /** Of a person's own: whose, and what it is limited to. */
  readonly person?: string;
  readonly scopes?: readonly TokenScope[];
  readonly createdAt: number;
  readonly endsAt: number;
  readonly usedAt?: number;
};

export class Tokens {
  readonly #deps: TokenDeps;

  constructor(deps: TokenDeps) {
    this.#deps = deps;
  }

  async create(
    by: string,
    asked: { readonly title: string; readonly role: Role; readonly reach: Reach; readonly days: number },
  ): Promise<{ readonly token: string; readonly id: string; readonly endsAt: number } | Trouble> {
    const { database, random } = this.#deps;
    const named = nameAndEnd(asked);
    if ('trouble' in named) return named;
    const { title } = named;
    const at = this.#deps.clock.now().wallMs;
    return database.transaction().execute(async (db) => {
      const wrong = await homesTrouble(db, asked.role, asked.reach);
      if (wrong !== undefined) return wrong;
      const [id, secret, endsAt] = [newRandomId(random), newSecret(random), at + asked.days * DAY_MS];
      const row = { id, hash: hashOfSecret(secret) as string, title, role: asked.role, made_by: by, created_at: at, ends_at: endsAt };
      await insertToken(db, { ...row, sees_all: asked.reach === 'all' ? 1 : 0, used_at: null, person_id: null, scopes: null });
      await saveReach(db, id, asked.reach);
      await noteDeed(db, { at, actor: by, what: 'token.made', detail: { token: title, role: asked.role, reach: asked.reach, endsAt } });
      return { token: `${MARK}${secret}`, id, endsAt };
    });
  }

  /** A person's own. */
  async createOwn(
    known: Known,
    asked: { readonly title: string; readonly scopes: readonly string[]; readonly days: number },
  ): Promise<{ readonly id: string; readonly token: string; readonly title: string; readonly endsAt: number } | Trouble> {
    const { database, random, clock, signIns } = this.#deps;
    if (!signIns.isFresh(known)) return { trouble: PROVE_AGAIN };
    const named = nameAndEnd(asked);
    if ('trouble' in named) return named;
    const at = clock.now().wallMs;
    return database.transaction().execute(async (db) => {
      const person = await findPerson(db, known.who.id);
      if (!person || !isUsable(person, at)) return { trouble: 'That account lets nobody in any more.' };
      if ((await listTokens(db, person.id)).length >= MOST_OF_A_PERSON)
        return { trouble: `At most ${MOST_OF_A_PERSON} tokens. Revoke one that nothing uses.` };
      const scopes = scopesOf(person.role).filter((scope) => scope === 'homes' || asked.scopes.includes(scope));
      const [id, secret, endsAt] = [newRandomId(random), newSecret(random), at + asked.days * DAY_MS];
      const row = { id, hash: hashOfSecret(secret) as string, title: named.title, role: person.role, sees_all: person.sees_all };
      const own = { person_id: person.id, scopes: JSON.stringify(scopes), made_by: person.full_name };
      await insertToken(db, { ...row, ...own, created_at: at, ends_at: endsAt, used_at: null });
      await noteDeed(db, { at, actor: person.full_name, what: 'token.made', detail: { token: named.title, scopes, endsAt } });
      return { id, token: `${MARK}${secret}`, title: named.title, endsAt };
    });
  }

  /** Undefined for one that nobody knows, or that is over. */
  async who(token: string): Promise<Who | undefined> {
    const { database, clock } = this.#deps;
    const hash = token.startsWith(MARK) ? hashOfSecret(token.slice(MARK.length)) : undefined;
    const row = hash === undefined ? undefined : await findToken(database, hash);
    const now = clock.now().wallMs;
    if (row === undefined || row.ends_at <= now) return undefined;
    const person = row.person_id === null ? undefined : await findPerson(database, row.person_id);
    if (row.person_id !== null && (person === undefined || !isUsable(person, now))) return undefined;
    if (now - (row.used_at ?? 0) >= NOTED_EVERY_MS) await noteUsed(database, row.id, now);
    if (person) return ofPerson(row, person);
    const scope = row.sees_all === 1 ? 'all' : { holder: row.id };
    return { kind: 'token', id: row.id, name: `token: ${row.title}`, role: row.role, scope, limits: WITHOUT_A_PERSON };
  }

  /** Of one person, or all. */
  async list(person?: string): Promise<TokenView[]> {
    const { database } = this.#deps;
    const rows = await listTokens(database, person);
    const reaches = await listReaches(
      database,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      id: row.id,
      title: row.title,
      role: row.role,
      reach: row.sees_all === 1 ? 'all' : (reaches.get(row.id) ?? { dealers: [], sites: [] }),
      madeBy: row.made_by,
      ...(row.person_id === null ? {} : { person: row.person_id, scopes: scopesIn(row) }),
      createdAt: row.created_at,
      endsAt: row.ends_at,
      ...(row.used_at === null ? {} : { usedAt: row.used_at }),
    }));
  }

  /** `person`: only if it is his. */
  async revoke(by: string, id: string, person?: string): Promise<Trouble | undefined> {
    const { database, clock, onChange } = this.#deps;
    const trouble = await database.transaction().execute(async (db) => {
      const isOthers = person !== undefined && !(await listTokens(db, person)).some((token) => token.id === id);
      const gone = isOthers ? undefined : await dropToken(db, id);
      if (gone === undefined) return { trouble: 'There is no such token.', isMissing: true as const };
      await noteDeed(db, { at: clock.now().wallMs, actor: by, what: 'token.revoked', detail: { token: gone.title } });
      return undefined;
    });
    onChange();
    return trouble;
  }
}

function nameAndEnd({ title: text, days }: { readonly title: string; readonly days: number }): { readonly title: string } | Trouble {
  const title = cleanText(text, 48);
  if (title === undefined) return { trouble: 'Say what the token is for.', field: 'title' };
  if (!Number.isInteger(days) || days < 1 || days > LONGEST_DAYS)
    return { trouble: `A token lasts 1 to ${LONGEST_DAYS} days.`, field: 'days' };
  return { title };
}

/** As what the person is now, in the homes that he sees now. */
function ofPerson(row: TokenRow, { id, full_name, role, sees_all }: PersonRow): Who {
  const name = [...`token: ${full_name} / ${row.title}`].slice(0, LONGEST_NAME).join('');
  const scope = sees_all === 1 ? ('all' as const) : { holder: id };
  return { kind: 'token', id: row.id, name, role, scope, owner: id, limits: permissionsOf(scopesIn(row)) };
}

function scopesIn({ scopes }: TokenRow): TokenScope[] {
  const stored = JSON.parse(scopes ?? '[]') as unknown[];
  return SCOPES.filter((scope) => stored.includes(scope));
}
