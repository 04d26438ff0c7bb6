/**
 * Reads what can be read of a damaged database into a sound one: each table from its beginning to where it breaks, and from its end backwards. What is no JSON where JSON
 * is kept, or breaks a rule of its table, is left out. A full disk is no damage: that is thrown, and nothing is kept.
 */
import Database from 'better-sqlite3';
import { isOfSpace } from '../data-folder.ts';

/** Names of the tables that broke off. */
export type Salvaged = { readonly isRead: boolean; readonly cutTables: readonly string[] };

/** A number that was given and is forgotten must not be given again: where nobody knows it, this many are passed over. */
const PASSED_OVER = 1_000_000;

type Row = Readonly<Record<string, unknown>>;

/** `into` is the connection of the sound database, with all tables; a table that was read whole replaces what was there. */
export function salvage(damagedPath: string, into: Database.Database): Salvaged {
  const tables = tablesOf(into);
  const damaged = openedAnyhow(damagedPath);
  if (!damaged) {
    passOver(into);
    return { isRead: false, cutTables: tables };
  }
  try {
    return into.transaction((): Salvaged => {
      const cutTables = tables.filter((table) => !copyTable(damaged, into, table));
      copyNumbers(damaged, into);
      return { isRead: cutTables.length < tables.length, cutTables };
    })();
  } finally {
    damaged.close();
  }
}

function openedAnyhow(path: string): Database.Database | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    // A cell that reaches out of its page is found when the page is read, not when it is followed.
    db.pragma('cell_size_check = ON');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch {
    db?.close();
    return undefined;
  }
}

function tablesOf(db: Database.Database): string[] {
  return db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .pluck()
    .all();
}

/** Whether it was read to its end. */
function copyTable(from: Database.Database, into: Database.Database, table: string): boolean {
  const columns = sharedColumns(from, into, table);
  if (columns.length === 0) return false;
  const key = keyOf(into, table);
  const read = `SELECT ${columns.join(', ')} FROM ${table} NOT INDEXED ORDER BY`;
  const ahead = rowsUntilBroken(from, `${read} ${key.join(', ')}`);
  if (ahead.isWhole) into.exec(`DELETE FROM ${table}`);
  const back = ahead.isWhole ? [] : rowsUntilBroken(from, `${read} ${key.map((column) => `${column} DESC`).join(', ')}`).rows;
  const write = into.prepare(
    `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `:${name}`).join(', ')})`,
  );
  const isKept = [...ahead.rows, ...back].map((row) => isSound(table, row) && isWritten(write, row));
  return ahead.isWhole && !isKept.includes(false);
}

function rowsUntilBroken(db: Database.Database, sql: string): { readonly rows: readonly Row[]; readonly isWhole: boolean } {
  const rows: Row[] = [];
  try {
    for (const row of db.prepare<[], Row>(sql).iterate()) rows.push(row);
    return { rows, isWhole: true };
  } catch (error) {
    if (isOfSpace(error)) throw error;
    return { rows, isWhole: false };
  }
}

function sharedColumns(from: Database.Database, into: Database.Database, table: string): string[] {
  const there = new Set(namesOf(from, table));
  return namesOf(into, table).filter((name) => there.has(name));
}

function namesOf(db: Database.Database, table: string): string[] {
  try {
    return db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  } catch {
    return [];
  }
}

/** In the order of its own pages: an index may be the broken part. */
function keyOf(db: Database.Database, table: string): string[] {
  const key = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk').pluck().all(table);
  return key.length > 0 ? key : ['rowid'];
}

/** What is read as JSON without a second look must be some. */
function isSound(table: string, row: Row): boolean {
  const texts = table === 'meta' ? [row.value].filter(looksLikeJson) : [row.body, table === 'journal' ? row.state : null];
  return texts.every((text) => text === undefined || text === null || isJson(text));
}

/** Some values are plain words. */
function looksLikeJson(value: unknown): boolean {
  return typeof value === 'string' && /^[[{]/.test(value);
}

function isJson(text: unknown): boolean {
  try {
    JSON.parse(String(text));
    return true;
  } catch {
    return false;
  }
}

function isWritten(write: Database.Statement, row: Row): boolean {
  try {
    write.run(row);
    return true;
  } catch (error) {
    if (isOfSpace(error)) throw error;
    return false;
  }
}

/** The numbers that tables will give next; passed over where they cannot be read. */
function copyNumbers(from: Database.Database, into: Database.Database): void {
  const { rows, isWhole } = rowsUntilBroken(from, 'SELECT name, seq FROM sqlite_sequence');
  if (!isWhole) passOver(into);
  else for (const { name, seq } of rows) giveNext(into, String(name), Number(seq));
}

function passOver(db: Database.Database): void {
  const numbered = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'").pluck();
  const last = db.prepare<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck();
  for (const table of numbered.all()) giveNext(db, table, (last.get(table) ?? 0) + PASSED_OVER);
}

/** `last`: the last one that counts as given. */
function giveNext(db: Database.Database, table: string, last: number): void {
  db.prepare('DELETE FROM sqlite_sequence WHERE name = ?').run(table);
  db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, last);
}
