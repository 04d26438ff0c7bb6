/** The people of a home and the notes about it. What is removed is gone: the audit says that it was there and who removed it, and not what it said. */
import type { Insertable, Selectable } from 'kysely';
import type { Contact, ContactRole, ContactSaid, ContactWay, Hand, HomeNote, NoteSaid } from '../dossier/contact.ts';
import type { DeskDatabase } from './migrations.ts';
import type { ContactTable, HomeNoteTable } from './schema.ts';

/** Of one home. */
export async function listContacts(db: DeskDatabase, site: string): Promise<Contact[]> {
  return (await db.selectFrom('contact').selectAll().where('site_id', '=', site).orderBy('no').execute()).map(contactIn);
}

/** The pinned first, then the newest. */
export async function listNotes(db: DeskDatabase, site: string): Promise<HomeNote[]> {
  const rows = db.selectFrom('home_note').selectAll().where('site_id', '=', site).orderBy('pinned', 'desc').orderBy('no', 'desc');
  return (await rows.execute()).map(noteIn);
}

function contactIn({
  no,
  version,
  name,
  role,
  has_key,
  is_first,
  ways,
  hours,
  language,
  about,
  ...hand
}: Selectable<ContactTable>): Contact {
  return {
    no,
    version,
    name,
    role: role as ContactRole,
    hasKey: has_key === 1,
    first: is_first === 1,
    ways: JSON.parse(ways) as ContactWay[],
    ...(hours === null ? {} : { hours }),
    ...(language === null ? {} : { language }),
    ...(about === null ? {} : { about }),
    ...handIn(hand),
  };
}

function noteIn({ no, version, text, pinned, ...hand }: Selectable<HomeNoteTable>): HomeNote {
  return { no, version, text, pinned: pinned === 1, ...handIn(hand) };
}

type HandColumns = Pick<Selectable<ContactTable>, 'made_by' | 'made_at' | 'changed_by' | 'changed_at'>;

export function handIn({ made_by: by, made_at: at, changed_by, changed_at }: HandColumns): Hand {
  return { by, at, ...(changed_by === null || changed_at === null ? {} : { changed: { by: changed_by, at: changed_at } }) };
}

export type By = { readonly by: string; readonly at: number };
export type Which = { readonly site: string; readonly no: number; readonly version: number };

const contactColumns = ({ name, role, hasKey, first, ways, hours, language, about }: ContactSaid) => ({
  name,
  role,
  has_key: hasKey ? 1 : 0,
  is_first: first ? 1 : 0,
  ways: JSON.stringify(ways),
  hours: hours ?? null,
  language: language ?? null,
  about: about ?? null,
});
const noteColumns = ({ text, pinned }: NoteSaid) => ({ text, pinned: pinned ? 1 : 0 });
export const made = (site: string, { by, at }: By) => ({
  site_id: site,
  version: 1,
  made_by: by,
  made_at: at,
  changed_by: null,
  changed_at: null,
});

export type DossierTable = 'contact' | 'home_note' | 'home_visit' | 'home_link' | 'home_picture';

/** Answers its number. `columns`: those that `table` has beside who wrote it. */
export async function insertKept(db: DeskDatabase, table: DossierTable, site: string, columns: object, by: By): Promise<number> {
  const row = { ...columns, ...made(site, by) } as Insertable<ContactTable>;
  const query = db
    .insertInto(table as 'contact')
    .values(row)
    .returning('no');
  return Number((await query.executeTakeFirstOrThrow()).no);
}

/** False where it is of another version by now, or there is none. */
export async function changeKept(
  db: DeskDatabase,
  table: DossierTable,
  { site, no, version }: Which,
  columns: object,
  { by, at }: By,
): Promise<boolean> {
  const set = { ...columns, version: version + 1, changed_by: by, changed_at: at };
  const query = db
    .updateTable(table as 'contact')
    .set(set)
    .where('site_id', '=', site)
    .where('no', '=', no)
    .where('version', '=', version);
  return (await query.executeTakeFirstOrThrow()).numUpdatedRows > 0n;
}

export function insertContact(db: DeskDatabase, site: string, said: ContactSaid, by: By): Promise<number> {
  return insertKept(db, 'contact', site, contactColumns(said), by);
}

export function insertNote(db: DeskDatabase, site: string, said: NoteSaid, by: By): Promise<number> {
  return insertKept(db, 'home_note', site, noteColumns(said), by);
}

export function changeContact(db: DeskDatabase, which: Which, said: ContactSaid, by: By): Promise<boolean> {
  return changeKept(db, 'contact', which, contactColumns(said), by);
}

export function changeNote(db: DeskDatabase, which: Which, said: NoteSaid, by: By): Promise<boolean> {
  return changeKept(db, 'home_note', which, noteColumns(said), by);
}

export async function removeFromDossier(db: DeskDatabase, table: DossierTable, { site, no, version }: Which): Promise<boolean> {
  const query = db
    .deleteFrom(table as 'contact')
    .where('site_id', '=', site)
    .where('no', '=', no)
    .where('version', '=', version);
  return (await query.executeTakeFirstOrThrow()).numDeletedRows > 0n;
}
