/**
 * Makes a new database for a hub whose own is damaged: what can be read of that, over the newest backup that can be used, or over nothing. The damaged one is put aside.
 */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { extractDatabase, readBackup } from '../backup/backup-file.ts';
import { isOfSpace } from '../data-folder.ts';
import { DATABASE_ENDINGS, type Migration, openDatabase } from '../sqlite.ts';
import { draftOf, exchange, makeReady } from './exchange.ts';
import { makeReadableCopy } from './readable-copy.ts';
import { type Salvaged, salvage } from './salvage.ts';

export type RebuildOptions = {
  readonly path: string;
  readonly migrations: readonly Migration[];
  /** Backups of this hub, the newest first. */
  readonly backups: readonly string[];
  /** Throws where the program could not start with what is in the database. */
  readonly prove: (db: Database.Database) => void;
  /** Notes in the new database what became of the old one. */
  readonly note: (db: Database.Database, outcome: RebuildOutcome) => void;
};

export type RebuildOutcome = {
  /** Of the backup that stands in for what could not be read, Unix milliseconds; undefined without one. */
  readonly backupAt: number | undefined;
  /** Whether anything could be read of the damaged file, and names of the tables that could not be read to their end. */
  readonly isRead: boolean;
  readonly cutTables: readonly string[];
};

/** The database at `path` is sound when this returns. Throws what the disk says. */
export function rebuild(options: RebuildOptions): void {
  makeSound(options.path, options);
  makeReady(options.path);
  exchange(options.path);
}

/** Makes the sound one as the draft of `options.path` and leaves `damaged` as it is, so that another disk can be worked on. Throws what the disks say. */
export function makeSound(damaged: string, options: RebuildOptions): void {
  const copy = `${draftOf(options.path)}.damaged`;
  try {
    makeCopy(damaged, copy);
    makeDraft(copy, options);
  } finally {
    forget(copy);
  }
}

function makeCopy(path: string, copy: string): void {
  try {
    makeReadableCopy(path, copy);
  } catch (error) {
    // One that cannot even be opened counts as one of which nothing can be read.
    if (isOfSpace(error)) throw error;
  }
}

function makeDraft(copy: string, options: RebuildOptions): void {
  const { db, backupAt } = startWith(options, siteIn(copy));
  try {
    options.note(db, { backupAt, ...salvagedAndProved(copy, db, options) });
    // What does not fit would stay in its log without a word, and that is left behind in the exchange.
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

function salvagedAndProved(copy: string, db: Database.Database, { prove }: RebuildOptions): Salvaged {
  db.exec('SAVEPOINT salvage');
  try {
    const salvaged = salvage(copy, db);
    prove(db);
    db.exec('RELEASE salvage');
    return salvaged;
  } catch (error) {
    if (isOfSpace(error)) throw error;
    // What was read makes no sense together: then what was there before it has to do.
    db.exec('ROLLBACK TO salvage; RELEASE salvage');
    return { isRead: false, cutTables: [] };
  }
}

type Start = { readonly db: Database.Database; readonly backupAt?: number };

/** The draft with what the newest usable backup knew, of this hub where it is known which one that is, or with nothing. */
function startWith({ path, migrations, backups, prove }: RebuildOptions, site: string | undefined): Start {
  const draft = draftOf(path);
  for (const backup of backups) {
    forget(draft);
    try {
      const { about } = readBackup(backup);
      if (site !== undefined && about.site !== site) continue;
      extractDatabase(backup, draft, () => undefined);
      const db = openDatabase(draft, migrations);
      prove(db);
      // What waited then has been sent since, or told otherwise; it is not worth a second telling.
      db.exec('DELETE FROM outbox');
      return { db, backupAt: about.madeAt };
    } catch (error) {
      if (isOfSpace(error)) throw error;
      // The next older one, then.
    }
  }
  forget(draft);
  return { db: openDatabase(draft, migrations) };
}

/** Whose the damaged database is, where that can be read: the disk with the backups may have been another hub's. */
function siteIn(copy: string): string | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(copy, { readonly: true, fileMustExist: true });
    return db.prepare<[], string>("SELECT value FROM meta WHERE key = 'site'").pluck().get();
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

function forget(draft: string): void {
  for (const ending of [...DATABASE_ENDINGS, '.new']) rmSync(`${draft}${ending}`, { force: true });
}
