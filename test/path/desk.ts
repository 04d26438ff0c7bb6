/**
 * The desk on the simulated path: the real ingest and the real store over SQLite in memory, in processes that come and go on one machine. Its
 * statements may fail, its transactions may take long, and its database may be put back to an older copy.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import {
  type DatabaseConnection,
  type Dialect,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';
import { sleep } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { INGEST_DEFAULTS, Ingest } from '../../src/desk/ingest/ingest.ts';
import type { Presence } from '../../src/desk/presence.ts';
import type { DeskTables, TicketRow } from '../../src/desk/store/schema.ts';
import { DeskWork } from '../../src/desk/tickets/desk-work.ts';
import type { Step } from '../../src/desk/tickets/ticket.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { KeptStatements } from '../../src/platform/kept-statements.ts';
import { between } from '../../src/simulation/seeded-random.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { type Broker, DESK } from './broker.ts';
import type { Faults } from './faults.ts';
import { lifetime } from './hub.ts';
import type { LostEvent } from './hub-witness.ts';
import { PathLink } from './link.ts';
import { type Machine, Process } from './machine.ts';

const BOOTS_WITHIN_MS = [500, 20_000] as const;
const SLOW_MS = [10, 5_000] as const;
const SETTINGS = { ...INGEST_DEFAULTS, acceptNewSites: true };

type Running = { readonly process: Process; readonly ingest: Ingest; readonly work: DeskWork; readonly link: PathLink };

export class DeskNode {
  readonly #machine: Machine;
  readonly #broker: Broker;
  readonly #random: Random;
  #faults: Faults;
  #sqlite: Database.Database;
  #statements: KeptStatements;
  #running: Running | undefined;
  #copy: Buffer | undefined;

  constructor(machine: Machine, broker: Broker, random: Random, faults: Faults, empty: Buffer) {
    this.#machine = machine;
    this.#broker = broker;
    this.#random = random;
    this.#faults = faults;
    this.#sqlite = new Database(empty);
    this.#statements = new KeptStatements(this.#sqlite);
  }

  get process(): Process | undefined {
    return this.#running?.process;
  }

  presence(site: string): Presence | undefined {
    return this.#running?.ingest.presence(site);
  }

  /** What is committed at this moment; undefined while a transaction is under way. */
  rows<T>(sql: string, ...values: unknown[]): T[] | undefined {
    return this.#sqlite.inTransaction ? undefined : (this.#statements.prepare(sql).all(...values) as T[]);
  }

  heal(faults: Faults): void {
    this.#faults = faults;
    this.#running?.process.spare();
  }

  boot(): void {
    const process = new Process(this.#machine, lifetime(this.#faults.deskDies, this.#random), () => this.#died(process));
    const link = new PathLink(DESK, process, this.#broker, this.#random, { attempted() {}, publishing() {} });
    const database = new Kysely<DeskTables>({ dialect: this.#dialect(process) });
    const work = new DeskWork({ clock: process.clock, log: silentLog, database, onChange() {} });
    const ingest = new Ingest({ clock: process.clock, log: silentLog, database, link, onChange: () => work.wake() }, SETTINGS);
    this.#running = { process, ingest, work, link };
    work.start();
    // It fails only where the process died meanwhile.
    ingest.start().catch(() => process.die());
  }

  /** Somebody does something with some ticket, as they saw it a moment ago; what comes of it is for the judge. */
  act(random: Random): void {
    const tickets = this.rows<TicketRow>('SELECT * FROM ticket ORDER BY number DESC LIMIT 8');
    const row = tickets?.[Math.floor(random.fraction() * tickets.length)];
    if (!row) return;
    const step = stepOf(random, row.number);
    this.#running?.work.act({ number: row.number, version: row.version, by: 'Ben', step }).catch(() => {});
  }

  /** Copies the database; false while a transaction is under way, or where a copy waits already. */
  copy(): boolean {
    if (this.#copy || this.#sqlite.inTransaction) return false;
    this.#copy = this.#sqlite.serialize();
    return true;
  }

  /** Puts the copy in place of the database; answers the entries that are lost with that. */
  restore(): LostEvent[] {
    const copy = this.#copy;
    this.#copy = undefined;
    if (!copy) return [];
    this.#running?.process.die();
    const before = this.#events();
    this.#statements.close();
    this.#sqlite = new Database(copy);
    this.#statements = new KeptStatements(this.#sqlite);
    const left = new Set(this.#events().map(({ id }) => id));
    return before.filter(({ id }) => !left.has(id));
  }

  #events(): LostEvent[] {
    return this.#statements.prepare('SELECT site_id, id, kind, body FROM event').all() as LostEvent[];
  }

  close(): void {
    this.#statements.close();
  }

  #died(process: Process): void {
    const running = this.#running;
    if (running?.process !== process) return;
    this.#running = undefined;
    running.link.die(false);
    if (this.#sqlite.inTransaction) this.#sqlite.exec('ROLLBACK');
    this.#machine.time.setTimer(between(this.#random, BOOTS_WITHIN_MS), () => this.boot());
  }

  #dialect(process: Process): Dialect {
    const isSlow = (): boolean => this.#random.fraction() < this.#faults.deskSlow;
    const pause = (): Promise<void> => (isSlow() ? sleep(process.clock, between(this.#random, SLOW_MS)) : Promise.resolve());
    const statements = this.#statements;
    const database = { prepare: (sql: string) => this.#guarded(sql, statements.prepare(sql), process), close() {} };
    return {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new PathDriver(database, pause, () => this.#sqlite.inTransaction),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    };
  }

  /** A dead process changes nothing any more; a living one may die before each statement and after a commit, and be refused by its disk. */
  #guarded(sql: string, statement: Database.Statement, process: Process): SqliteStatement {
    const isEnd = sql === 'commit' || sql === 'rollback';
    const guard = <T>(work: () => T): T => {
      process.effect();
      if (!isEnd && this.#random.fraction() < this.#faults.deskRefuses) throw new Error('database or disk is full');
      const result = work();
      if (isEnd) process.effect();
      return result;
    };
    return {
      reader: statement.reader,
      all: (values) => guard(() => statement.all(...(values as unknown[]))),
      run: (values) => guard(() => statement.run(...(values as unknown[]))),
      iterate: (values) => statement.iterate(...(values as unknown[])) as IterableIterator<unknown>,
    };
  }
}

function stepOf(random: Random, number: number): Step {
  const chance = random.fraction();
  if (chance < 0.4) return { do: 'take' };
  if (chance < 0.6) return { do: 'note', text: 'seen' };
  if (chance < 0.75) return { do: 'resolve', outcome: 'workaround', text: 'by cable' };
  if (chance < 0.85) return { do: 'reopen', text: 'back' };
  return { do: 'merge', into: Math.max(1, number - 1 - Math.floor(random.fraction() * 3)) };
}

/** As that of src/platform/desk-database.ts, on a disk that may be slow. */
class PathDriver extends SqliteDriver {
  readonly #pause: () => Promise<void>;
  readonly #inTransaction: () => boolean;

  constructor(database: SqliteDatabase, pause: () => Promise<void>, inTransaction: () => boolean) {
    super({ database });
    this.#pause = pause;
    this.#inTransaction = inTransaction;
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#pause();
    await super.commitTransaction(connection);
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#inTransaction()) await super.rollbackTransaction(connection);
  }
}

/** The database of a desk that has heard nothing yet. */
export async function emptyDesk(): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-path-'));
  try {
    const file = path.join(folder, 'desk.db');
    await (await openDeskDatabase(file)).destroy();
    const db = new Database(file);
    db.pragma('journal_mode = DELETE');
    db.close();
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
