/** Tokens let programs in: each with a role, its homes and an end, shown once and kept as a hash. */
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listReaches, saveReach } from '../store/people.ts';
import { dropToken, findToken, insertToken, listTokens, noteUsed } from '../store/sign-ins.ts';
import { noteDeed } from './deeds.ts';
import { homesTrouble, type Trouble } from './reach.ts';
import type { Reach, Role, Who } from './roles.ts';
import { hashOfSecret, newSecret } from './secrets.ts';

export type TokenDeps = { readonly database: DeskDatabase; readonly clock: Clock; readonly random: Random; readonly onChange: () => void };

/** What whoever finds one in a log or a repository knows it by. */
const MARK = 'hbt_';
const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;
const NOTED_EVERY_MS = 60_000;

export type TokenView = {
  readonly id: string;
  readonly title: string;
  readonly role: Role;
  readonly reach: Reach;
  readonly madeBy: string;
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
    const title = cleanText(asked.title, 48);
    if (title === undefined) return { trouble: 'Say what the token is for.', field: 'title' };
    if (!Number.isInteger(asked.days) || asked.days < 1 || asked.days > LONGEST_DAYS)
      return { trouble: `A token lasts 1 to ${LONGEST_DAYS} days.`, field: 'days' };
    const at = this.#deps.clock.now().wallMs;
    return database.transaction().execute(async (db) => {
      const wrong = await homesTrouble(db, asked.role, asked.reach);
      if (wrong !== undefined) return wrong;
      const [id, secret, endsAt] = [newRandomId(random), newSecret(random), at + asked.days * DAY_MS];
      const row = { id, hash: hashOfSecret(secret) as string, title, role: asked.role, made_by: by, created_at: at, ends_at: endsAt };
      await insertToken(db, { ...row, sees_all: asked.reach === 'all' ? 1 : 0, used_at: null });
      await saveReach(db, id, asked.reach);
      await noteDeed(db, { at, actor: by, what: 'token.made', detail: { token: title, role: asked.role, reach: asked.reach, endsAt } });
      return { token: `${MARK}${secret}`, id, endsAt };
    });
  }

  /** Undefined for one that nobody knows, or that is over. */
  async who(token: string): Promise<Who | undefined> {
    const { database, clock } = this.#deps;
    const hash = token.startsWith(MARK) ? hashOfSecret(token.slice(MARK.length)) : undefined;
    const row = hash === undefined ? undefined : await findToken(database, hash);
    const now = clock.now().wallMs;
    if (row === undefined || row.ends_at <= now) return undefined;
    if (now - (row.used_at ?? 0) >= NOTED_EVERY_MS) await noteUsed(database, row.id, now);
    const scope = row.sees_all === 1 ? 'all' : { holder: row.id };
    return { kind: 'token', id: row.id, name: `token: ${row.title}`, role: row.role, scope };
  }

  async list(): Promise<TokenView[]> {
    const { database } = this.#deps;
    const rows = await listTokens(database);
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
      createdAt: row.created_at,
      endsAt: row.ends_at,
      ...(row.used_at === null ? {} : { usedAt: row.used_at }),
    }));
  }

  async revoke(by: string, id: string): Promise<Trouble | undefined> {
    const { database, clock, onChange } = this.#deps;
    const trouble = await database.transaction().execute(async (db) => {
      const gone = await dropToken(db, id);
      if (gone === undefined) return { trouble: 'There is no such token.' };
      await noteDeed(db, { at: clock.now().wallMs, actor: by, what: 'token.revoked', detail: { token: gone.title } });
      return undefined;
    });
    onChange();
    return trouble;
  }
}
