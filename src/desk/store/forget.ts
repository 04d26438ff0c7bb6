/**
 * Everything that the desk keeps of one home, to be counted and to be deleted. Each table says here what of it is of a home: one that is new does not compile before it does, and a
 * test looks into the database itself.
 */
import { aboutIncident, aboutTicket } from '../notices/notice.ts';
import { dropContractsOf, type HomesOf } from './contracts.ts';
import type { DeskDatabase } from './migrations.ts';
import type { DeskTables } from './schema.ts';
import { HOME_COLUMN } from './scoped.ts';

type Table = keyof DeskTables;

/** Its rows are looked for one by one: they name a home by a ticket, a device or in a text. */
const BY_HAND = 'by hand';
const OF_NO_HOME = 'of no home';

const OTHERS = {
  session: 'site_id',
  told_stage: 'site_id',
  snapshot_part: 'site_id',
  dealer_home: 'site_id',
  quarantine: BY_HAND,
  device_word: BY_HAND,
  notice_seen: BY_HAND,
  notice_thread: BY_HAND,
  notice: BY_HAND,
  push_told: BY_HAND,
  push_owed: BY_HAND,
  incident: BY_HAND,
  incident_deed: BY_HAND,
  reach: BY_HAND,
  policy_version: BY_HAND,
  vendor_contract: BY_HAND,
  notice_receiver: OF_NO_HOME,
  shift: OF_NO_HOME,
  push_key: OF_NO_HOME,
  push_browser: OF_NO_HOME,
  person: OF_NO_HOME,
  sign_in: OF_NO_HOME,
  one_time_link: OF_NO_HOME,
  throttle: OF_NO_HOME,
  token: OF_NO_HOME,
  passkey: OF_NO_HOME,
  identity: OF_NO_HOME,
  spent_challenge: OF_NO_HOME,
  /** A view of reach and dealer_home. */
  in_reach: OF_NO_HOME,
} as const;

type Rule = 'site_id' | 'id' | typeof BY_HAND | typeof OF_NO_HOME;
/** Of one statement: SQLite takes 32,766 values. */
const AT_ONCE = 1_000;

export const HOME_ROWS: Readonly<Record<Table, Rule>> = { ...HOME_COLUMN, ...OTHERS };

const COLUMNS = Object.entries(HOME_ROWS).filter(
  (entry): entry is [Table, 'site_id' | 'id'] => entry[1] === 'site_id' || entry[1] === 'id',
);

/** Rows by table. */
export type RowsOfHome = Readonly<Record<string, number>>;

/** For whoever is asked whether it is to go: of the tables that have a column for it. */
export async function countRowsOfHome(db: DeskDatabase, site: string): Promise<RowsOfHome> {
  const counts: Record<string, number> = {};
  for (const [table, column] of COLUMNS) {
    const query = db.selectFrom(table as 'alert').select((eb) => eb.fn.countAll().as('n'));
    counts[table] = Number((await query.where(column as 'site_id', '=', site).executeTakeFirstOrThrow()).n);
  }
  return counts;
}

/**
 * Deletes them all, and answers how many of which table. `homesOf`: what holds for all homes of a dealer stays in another. Belongs into one transaction: of a home that is half forgotten nobody could say what is missing.
 */
export async function dropRowsOfHome(db: DeskDatabase, site: string, homesOf: HomesOf): Promise<RowsOfHome> {
  const rows: Record<string, number> = {};
  const drop = async (table: Table, query: { executeTakeFirstOrThrow(): Promise<{ readonly numDeletedRows: bigint }> }): Promise<void> => {
    rows[table] = (rows[table] ?? 0) + Number((await query.executeTakeFirstOrThrow()).numDeletedRows);
  };
  const numbers = async (table: 'ticket' | 'incident_home'): Promise<number[]> =>
    (await db.selectFrom(table).select('number').where('site_id', '=', site).execute()).map(({ number }) => Number(number));
  const [tickets, incidents, named] = [await numbers('ticket'), await numbers('incident_home'), `%${site}%`];
  const entries = db.selectFrom('device_entry').select('no').where('site_id', '=', site);
  await drop('device_word', db.deleteFrom('device_word').where('entry', 'in', entries));
  await drop('reach', db.deleteFrom('reach').where('kind', '=', 'site').where('name', '=', site));
  const unread = db.deleteFrom('quarantine');
  await drop(
    'quarantine',
    unread.where((eb) => eb.or([eb('site_id', '=', site), eb('topic', 'like', named), eb('sample', 'like', named)])),
  );
  rows.vendor_contract = await dropContractsOf(db, site, homesOf);
  // A message of many homes says their names, too.
  for (const table of ['notice', 'notice_thread', 'push_owed'] as const)
    await drop(table, db.deleteFrom(table).where('body', 'like', named));
  for (const [table, column] of COLUMNS) await drop(table, db.deleteFrom(table as 'alert').where(column as 'site_id', '=', site));
  const alone = await incidentsWithoutHomes(db, incidents);
  for (let from = 0; from < alone.length; from += AT_ONCE) {
    const some = alone.slice(from, from + AT_ONCE);
    await drop('incident_deed', db.deleteFrom('incident_deed').where('number', 'in', some));
    await drop('incident', db.deleteFrom('incident').where('number', 'in', some));
  }
  for (let from = 0; from < tickets.length; from += AT_ONCE)
    await drop('notice_seen', db.deleteFrom('notice_seen').where('ticket', 'in', tickets.slice(from, from + AT_ONCE)));
  const abouts = [...tickets.map(aboutTicket), ...alone.map(aboutIncident)];
  for (let from = 0; from < abouts.length; from += AT_ONCE)
    for (const table of ['notice', 'notice_thread', 'push_told', 'push_owed'] as const)
      await drop(table, db.deleteFrom(table).where('about', 'in', abouts.slice(from, from + AT_ONCE)));
  return rows;
}

async function incidentsWithoutHomes(db: DeskDatabase, incidents: readonly number[]): Promise<number[]> {
  const alone: number[] = [];
  for (const number of new Set(incidents)) {
    const other = await db.selectFrom('incident_home').select('site_id').where('number', '=', number).limit(1).executeTakeFirst();
    if (other === undefined) alone.push(number);
  }
  return alone;
}
