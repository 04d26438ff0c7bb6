/** Visits to a home, links and pictures of it. What is removed is gone, as with its people (dossier.ts). */
import type { Selectable } from 'kysely';
import type { HomeLink, HomeLinkSaid, HomeVisit, HomeVisitSaid, Picture, PictureSaid } from '../dossier/record.ts';
import { type By, changeKept, type DossierTable, handIn, insertKept, removeFromDossier, type Which } from './dossier.ts';
import type { DeskDatabase } from './migrations.ts';
import type { HomeLinkTable, HomePictureTable, HomeVisitTable } from './schema.ts';

/** Of one home, the newest first. */
export async function listHomeVisits(db: DeskDatabase, site: string): Promise<HomeVisit[]> {
  const rows = db.selectFrom('home_visit').selectAll().where('site_id', '=', site).orderBy('day', 'desc').orderBy('no', 'desc');
  return (await rows.execute()).map(visitIn);
}

/** By their titles. */
export async function listHomeLinks(db: DeskDatabase, site: string): Promise<HomeLink[]> {
  const rows = db.selectFrom('home_link').selectAll().where('site_id', '=', site).orderBy('title').orderBy('no');
  return (await rows.execute()).map(linkIn);
}

/** The newest first, without what they show. */
export async function listPictures(db: DeskDatabase, site: string): Promise<Picture[]> {
  const columns = ['no', 'site_id', 'version', 'caption', 'bytes', 'made_by', 'made_at', 'changed_by', 'changed_at'] as const;
  const rows = db.selectFrom('home_picture').select(columns).where('site_id', '=', site).orderBy('no', 'desc');
  return (await rows.execute()).map(pictureIn);
}

export async function findPicture(db: DeskDatabase, site: string, no: number): Promise<Uint8Array | undefined> {
  const row = db.selectFrom('home_picture').select('jpeg').where('site_id', '=', site).where('no', '=', no);
  return (await row.executeTakeFirst())?.jpeg;
}

type Row<T> = Omit<Selectable<T>, 'site_id'>;

function visitIn({ no, version, day, who, why, done, next_due, ...hand }: Row<HomeVisitTable>): HomeVisit {
  return {
    no,
    version,
    day,
    who,
    why,
    ...(done === null ? {} : { done }),
    ...(next_due === null ? {} : { nextDue: next_due }),
    ...handIn(hand),
  };
}

function linkIn({ no, version, title, address, ...hand }: Row<HomeLinkTable>): HomeLink {
  return { no, version, title, address, ...handIn(hand) };
}

function pictureIn({ no, version, caption, bytes, ...hand }: Omit<Row<HomePictureTable>, 'jpeg'>): Picture {
  return { no, version, caption, bytes, ...handIn(hand) };
}

/** How one of them is written. */
function writer<Said>(table: DossierTable, columnsOf: (said: Said) => object) {
  return {
    insert: (db: DeskDatabase, site: string, said: Said, by: By): Promise<number> => insertKept(db, table, site, columnsOf(said), by),
    change: (db: DeskDatabase, which: Which, said: Said, by: By): Promise<boolean> => changeKept(db, table, which, columnsOf(said), by),
    remove: (db: DeskDatabase, which: Which): Promise<boolean> => removeFromDossier(db, table, which),
  };
}

export const WRITE_VISIT = writer<HomeVisitSaid>('home_visit', ({ day, who, why, done, nextDue }) => ({
  ...{ day, who, why },
  done: done ?? null,
  next_due: nextDue ?? null,
}));
export const WRITE_LINK = writer<HomeLinkSaid>('home_link', ({ title, address }) => ({ title, address }));
/** A picture is never put in the place of another. */
export const WRITE_PICTURE = writer<PictureSaid>('home_picture', ({ caption, jpeg }) => ({
  caption,
  ...(jpeg === undefined ? {} : { jpeg: Buffer.from(jpeg), bytes: jpeg.length }),
}));
