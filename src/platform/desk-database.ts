/** The desk's SQLite database: the embedded engine behind the desk's store. Pragmas, checks and file errors are those of `sqlite.ts`. */
import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { type DatabaseConnection, Kysely, SqliteAdapter, SqliteDialect, SqliteDriver, sql } from 'kysely';
import type { Engine } from '../desk/store/engine.ts';
import { type DeskDatabase, migrate, refuseNewer } from '../desk/store/migrations.ts';
import type { DeskTables } from '../desk/store/schema.ts';
import { KeptStatements } from './kept-statements.ts';
import { inWords, openDatabase, openDatabaseReadOnly } from './sqlite.ts';

const ENGINE: Engine = {
  serial: { type: 'integer', build: (column) => column.primaryKey().autoIncrement() },
  text: 'text',
  bytes: 'blob',
  ordered: sql`without rowid`,
};

/**
 * The migrated database in `file`. Throws HB_DATA_FOLDER, HB_DATABASE_DAMAGED, or HB_DATABASE_NEWER with the file left as it is. The
 * caller ends it with `destroy()`.
 */
export async function openDeskDatabase(file: string): Promise<DeskDatabase> {
  if (existsSync(file))
    await using(kyselyOver(openDatabaseReadOnly(file, [])), (database) => refuseNewer(database, file, 'another folder with --data'));
  const sqlite = openDatabase(file, []);
  makeRoom(sqlite);
  const database = kyselyOver(sqlite);
  try {
    await migrate(database, ENGINE);
    // As SQLite asks of whoever stays open for long (sqlite.org/pragma.html#pragma_optimize): without figures it may go through the greater of two indexes.
    sqlite.pragma('optimize = 0x10002');
    return database;
  } catch (error) {
    await database.destroy();
    throw inWords(file, error);
  }
}

/**
 * A desk writes what a thousand hubs tell, all over its indexes: with a hub's cache and log it reads each page of them again and again, and copies them from the log into the
 * database after every second commit.
 */
function makeRoom(sqlite: Database): void {
  sqlite.pragma('cache_size = -65536');
  sqlite.pragma('wal_autocheckpoint = 8000');
  sqlite.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
  // What is deleted is overwritten: a client who leaves wants nothing kept, and free pages go into each copy of the file.
  sqlite.pragma('secure_delete = on');
}

/** After a home was forgotten: the log goes into the database, which it repeats as it was before. Leaves it as long as somebody else reads. */
export async function emptySqliteLog(database: DeskDatabase): Promise<void> {
  await sql`pragma wal_checkpoint(truncate)`.execute(database);
}

/** Kysely knows the steps that were taken, so SQLite's own version number stays 0. */
function kyselyOver(sqlite: Database): DeskDatabase {
  return new Kysely<DeskTables>({ dialect: new CarefulDialect(sqlite) });
}

/** Kysely's SQLite, with two of its assumptions put right. */
class CarefulDialect extends SqliteDialect {
  readonly #sqlite: Database;

  constructor(sqlite: Database) {
    super({ database: new KeptStatements(sqlite) });
    this.#sqlite = sqlite;
  }

  override createAdapter(): SqliteAdapter {
    return new WholeStepAdapter();
  }

  override createDriver(): SqliteDriver {
    return new CarefulDriver(this.#sqlite);
  }
}

/**
 * SQLite rolls back CREATE TABLE like anything else (sqlite.org/lang_transaction.html). Kysely assumes that it does not, and would leave
 * half a step behind a full disk or a kill, on which every later start fails.
 */
class WholeStepAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** On a full disk SQLite has rolled back by itself; rolling back again would fail, and hide why. */
class CarefulDriver extends SqliteDriver {
  readonly #sqlite: Database;

  constructor(sqlite: Database) {
    super({ database: new KeptStatements(sqlite) });
    this.#sqlite = sqlite;
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#sqlite.inTransaction) await super.rollbackTransaction(connection);
  }
}

async function using(database: DeskDatabase, action: (database: DeskDatabase) => Promise<void>): Promise<void> {
  try {
    await action(database);
  } finally {
    await database.destroy();
  }
}

/** For people: the engine, where it is, and how large. */
export type DatabaseFacts = { readonly engine: string; readonly place: string; readonly bytes: number };

export async function sqliteFacts(database: DeskDatabase, file: string): Promise<DatabaseFacts> {
  const { rows } = await sql<{ version: string; pages: number; size: number }>`select sqlite_version() as version,
    (select page_count from pragma_page_count()) as pages, (select page_size from pragma_page_size()) as size`.execute(database);
  const { version = '', pages = 0, size = 0 } = rows[0] ?? {};
  return { engine: `SQLite ${version}`, place: file, bytes: pages * size };
}
