/** Who did what, one chain for each home: written once and never changed. Appending belongs into the transaction of what was done. */
import type { Recorded } from '../service/interactions.ts';
import { CHAIN_START, type Deed, hashOf, type Link } from '../tickets/audit.ts';
import type { Ticket } from '../tickets/ticket.ts';
import type { DeskDatabase } from './migrations.ts';
import { prepared } from './prepared.ts';

export type NewDeed = Omit<Deed, 'n' | 'detail'> & { readonly detail: object };

/** The caller's transaction must keep others from writing of this home, or two would follow the same link. */
export async function appendDeed(db: DeskDatabase, { detail, ...deed }: NewDeed): Promise<void> {
  const last = await db
    .selectFrom('audit')
    .select(['n', 'hash'])
    .where('site_id', '=', deed.site)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  const whole = { ...deed, n: (last?.n ?? 0) + 1, detail: JSON.stringify(detail) };
  const { site, ...columns } = whole;
  await db
    .insertInto('audit')
    .values({ ...columns, site_id: site, hash: hashOf(last?.hash ?? CHAIN_START, whole) })
    .execute();
}

const REWRITTEN_AT_ONCE = 500;

/**
 * Forgets a name that stands in the details of a chain: those texts are changed, and the hashes of all links from there on with them, so that whoever holds the chain against itself
 * finds it whole. Answers from which link on; undefined where the name stands nowhere. Belongs into the transaction whose deed says that it was done.
 */
export async function forgetInChain(db: DeskDatabase, site: string, name: string, mark: string): Promise<number | undefined> {
  const chain = db.selectFrom('audit').selectAll().where('site_id', '=', site);
  const first = await chain.where('detail', 'like', `%${name}%`).orderBy('n').limit(1).executeTakeFirst();
  if (first === undefined) return undefined;
  const link = await chain.where('n', '=', first.n - 1).executeTakeFirst();
  let [before, after] = [link?.hash ?? CHAIN_START, first.n - 1];
  for (;;) {
    const rows = await chain.where('n', '>', after).orderBy('n').limit(REWRITTEN_AT_ONCE).execute();
    if (rows.length === 0) return first.n;
    const anew = rows.map((row) => {
      const detail = row.detail.replaceAll(name, mark);
      before = hashOf(before, linkOf({ ...row, detail }));
      return { ...row, detail, hash: before };
    });
    await db
      .insertInto('audit')
      .values(anew)
      .onConflict((conflict) =>
        conflict.columns(['site_id', 'n']).doUpdateSet((eb) => ({ detail: eb.ref('excluded.detail'), hash: eb.ref('excluded.hash') })),
      )
      .execute();
    after = rows.at(-1)!.n;
  }
}

const selectDeedsAfter = prepared((db, { site, after }: { site: string; after: number }) =>
  db.selectFrom('audit').select(['n', 'what']).where('site_id', '=', site).where('n', '>', after).orderBy('n'),
);

/** What was done since that link, in few words. */
export async function listDoneSince(db: DeskDatabase, site: string, after: number): Promise<readonly { n: number; what: string }[]> {
  return (await selectDeedsAfter(db, { site, after })).rows;
}

/** The newest of one ticket, in their order. */
export async function listDeedsOfTicket(
  db: DeskDatabase,
  { site, number }: Pick<Ticket, 'site' | 'number'>,
  limit: number,
): Promise<Link[]> {
  const query = db
    .selectFrom('audit')
    .selectAll()
    .where('site_id', '=', site)
    .where('ticket', '=', number)
    .orderBy('n', 'desc')
    .limit(limit);
  return (await query.execute()).toReversed().map(linkOf);
}

/** Of a home: the answers to its client, and what people said of what counts, in their order. */
export async function listAnswersRecorded(db: DeskDatabase, site: string): Promise<Recorded[]> {
  const rows = db.selectFrom('audit').select(['at', 'what', 'ticket', 'detail']).where('site_id', '=', site);
  const answers = await rows.where('what', 'in', ['ticket.answer', 'ticket.count']).where('ticket', 'is not', null).orderBy('n').execute();
  return answers.map(({ at, what, ticket, detail }) => {
    const said = what === 'ticket.count' ? { counts: (JSON.parse(detail) as { counts: boolean }).counts } : {};
    return { ticket: Number(ticket), at, ...said };
  });
}

function linkOf({ site_id, ...columns }: Omit<Link, 'site'> & { readonly site_id: string }): Link {
  return { site: site_id, ...columns };
}

export type DeedFilter = { readonly site: string; readonly after?: number; readonly limit: number };

/** In their order. */
export async function listDeeds(db: DeskDatabase, { site, after = 0, limit }: DeedFilter): Promise<Link[]> {
  const query = db.selectFrom('audit').selectAll().where('site_id', '=', site).where('n', '>', after).orderBy('n').limit(limit);
  return (await query.execute()).map(linkOf);
}

/** The newest of one chain, the newest first; of those before the link `before`, where there is one. */
export async function listNewestDeeds(db: DeskDatabase, site: string, limit: number, before?: number): Promise<Link[]> {
  const query = db.selectFrom('audit').selectAll().where('site_id', '=', site).orderBy('n', 'desc').limit(limit);
  return (await (before === undefined ? query : query.where('n', '<', before)).execute()).map(linkOf);
}
