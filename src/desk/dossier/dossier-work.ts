/** What people write down of a home: whom to call there, what stays known of it, visits, links and pictures. Each is one transaction with its line in the audit, which never repeats what was written. */
import type { Clock } from '../../base/clock.ts';
import type { Scope } from '../access/roles.ts';
import { appendDeed } from '../store/audit.ts';
import {
  type By,
  changeContact,
  changeNote,
  insertContact,
  insertNote,
  listContacts,
  listNotes,
  removeFromDossier,
  type Which,
} from '../store/dossier.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listHomeLinks, listHomeVisits, listPictures, WRITE_LINK, WRITE_PICTURE, WRITE_VISIT } from '../store/record.ts';
import { scopedTo } from '../store/scoped.ts';
import { findSite } from '../store/sites.ts';
import type { ContactSaid, NoteSaid } from './contact.ts';
import type { HomeLinkSaid, HomeVisitSaid, PictureSaid } from './record.ts';

/** `version`: of what is changed, as whoever acts saw it. */
export type DossierStep<Said> =
  | { readonly do: 'add'; readonly said: Said }
  | { readonly do: 'change'; readonly no: number; readonly version: number; readonly said: Said }
  | { readonly do: 'remove'; readonly no: number; readonly version: number };

/** `changed`: somebody was quicker, or it is gone. */
export type Kept = { readonly no: number } | 'unknown' | 'changed' | { readonly refused: string };

export type DossierAct<Said> = { readonly site: string; readonly by: string; readonly step: DossierStep<Said> };

export type DossierWork = {
  /** `unknown`: there is no such home within the scope of whoever asks. */
  contact(act: DossierAct<ContactSaid>, scope: Scope): Promise<Kept>;
  note(act: DossierAct<NoteSaid>, scope: Scope): Promise<Kept>;
  homeVisit(act: DossierAct<HomeVisitSaid>, scope: Scope): Promise<Kept>;
  link(act: DossierAct<HomeLinkSaid>, scope: Scope): Promise<Kept>;
  /** A change is one of its caption. */
  picture(act: DossierAct<PictureSaid>, scope: Scope): Promise<Kept>;
};

export type DossierWorkDeps = {
  readonly clock: Clock;
  readonly database: DeskDatabase;
  readonly onChange: (sites: ReadonlySet<string>) => void;
};

/** One of the things that are kept. `most`: of one home; nobody reads more at three in the morning, and no program fills the desk. */
export type Shelf<Said> = {
  readonly name: 'contact' | 'note' | 'contract' | 'visit' | 'link' | 'picture';
  readonly most: number;
  list(db: DeskDatabase, site: string): Promise<readonly (Said & { readonly no: number; readonly version: number })[]>;
  readonly insert: (...args: [DeskDatabase, string, Said, By]) => Promise<number>;
  readonly change: (...args: [DeskDatabase, Which, Said, By]) => Promise<boolean>;
  readonly remove: (...args: [DeskDatabase, Which]) => Promise<boolean>;
  /** Why whoever acts may keep none such, nor change one that is. */
  readonly trouble?: (said: Said) => string | undefined;
};

const CONTACTS: Shelf<ContactSaid> = {
  name: 'contact',
  most: 40,
  list: listContacts,
  insert: insertContact,
  change: changeContact,
  remove: (db, which) => removeFromDossier(db, 'contact', which),
};
const NOTES: Shelf<NoteSaid> = {
  name: 'note',
  most: 100,
  list: listNotes,
  insert: insertNote,
  change: changeNote,
  remove: (db, which) => removeFromDossier(db, 'home_note', which),
};
const VISITS: Shelf<HomeVisitSaid> = { name: 'visit', most: 200, list: listHomeVisits, ...WRITE_VISIT };
const LINKS: Shelf<HomeLinkSaid> = { name: 'link', most: 40, list: listHomeLinks, ...WRITE_LINK };
const PICTURES: Shelf<PictureSaid> = { name: 'picture', most: 24, list: listPictures, ...WRITE_PICTURE };

export function createDossierWork({ clock, database, onChange }: DossierWorkDeps): DossierWork {
  async function act<Said extends object>(shelf: Shelf<Said>, asked: DossierAct<Said>, scope: Scope): Promise<Kept> {
    const at = clock.now().wallMs;
    const kept = await database.transaction().execute(async (db) => {
      if (!(await findSite(scopedTo(db, scope), asked.site))) return 'unknown';
      return take(db, shelf, asked, at);
    });
    if (typeof kept === 'object' && 'no' in kept) onChange(new Set([asked.site]));
    return kept;
  }
  return {
    contact: (asked, scope) => act(CONTACTS, asked, scope),
    note: (asked, scope) => act(NOTES, asked, scope),
    homeVisit: (asked, scope) => act(VISITS, asked, scope),
    link: (asked, scope) => act(LINKS, asked, scope),
    picture: (asked, scope) => act(PICTURES, asked, scope),
  };
}

/** Belongs into a transaction that has looked whether whoever acts may see the home. */
export async function take<Said extends object>(
  db: DeskDatabase,
  shelf: Shelf<Said>,
  { site, by, step }: DossierAct<Said>,
  at: number,
): Promise<Kept> {
  const deed = (what: string, detail: object) =>
    appendDeed(db, { site, at, actor: by, what: `${shelf.name}.${what}`, ticket: null, detail });
  const refused = step.do === 'remove' ? undefined : shelf.trouble?.(step.said);
  if (refused !== undefined) return { refused };
  const there = await shelf.list(db, site);
  if (step.do === 'add') {
    if (there.length >= shelf.most)
      return { refused: `This home has ${there.length} of them already. Remove what does not hold any more.` };
    const no = await shelf.insert(db, site, step.said, { by, at });
    await deed('added', { [shelf.name]: no });
    return { no };
  }
  const { no, version } = step;
  const before = there.find((each) => each.no === no && each.version === version);
  if (before === undefined) return 'changed';
  const kept = shelf.trouble?.(before);
  if (kept !== undefined) return { refused: kept };
  if (step.do === 'remove') {
    if (!(await shelf.remove(db, { site, no, version }))) return 'changed';
    await deed('removed', { [shelf.name]: no });
    return { no };
  }
  const fields = changedIn(before, step.said);
  if (fields.length === 0) return { no };
  if (!(await shelf.change(db, { site, no, version }, step.said, { by, at }))) return 'changed';
  await deed('changed', { [shelf.name]: no, fields });
  return { no };
}

/** Their names only. */
function changedIn(before: object, said: object): string[] {
  const value = (of: object, field: string): string => JSON.stringify((of as Readonly<Record<string, unknown>>)[field] ?? null);
  return Object.keys(said).filter((field) => value(before, field) !== value(said, field));
}
