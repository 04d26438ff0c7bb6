/** A store of many homes on SQLite, or a copy of it on a PostgreSQL server that is started for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { openDeskPostgres } from '../../src/platform/desk-postgres.ts';
import type { PostgresPlace } from '../../src/platform/postgres-pool.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { makeCluster } from '../fakes/postgres-program.ts';
import { makeFleet } from './fleet.ts';

export type FleetPlan = {
  readonly homes: number;
  /** Where the SQLite database is or comes to be; one with as many homes is taken as it is. */
  readonly folder: string;
  readonly engine: 'sqlite' | 'postgres';
  readonly onProgress: (line: string) => void;
};

export type OpenFleet = { readonly database: DeskDatabase; close(): Promise<void> };

const TELL_EVERY_MS = 30_000;
const LOG = { debug() {}, info() {}, warn() {}, error: console.error };

export async function openFleet({ homes, folder, engine, onProgress }: FleetPlan): Promise<OpenFleet> {
  const sqlite = await openDeskDatabase(join(folder, 'desk.db'));
  if ((await homesIn(sqlite)) < homes) {
    let toldMs = performance.now();
    // Until it is made nobody would miss it: the disk need not confirm each step.
    await sql`pragma synchronous = off`.execute(sqlite);
    await makeFleet(sqlite, homes, Date.now(), (done) => {
      if (performance.now() - toldMs < TELL_EVERY_MS) return;
      toldMs = performance.now();
      onProgress(`${done} of ${homes} homes are made`);
    });
  }
  await sql`analyze`.execute(sqlite);
  await sql`pragma synchronous = full`.execute(sqlite);
  onProgress(`${await homesIn(sqlite)} homes`);
  if (engine === 'sqlite') return { database: sqlite, close: () => sqlite.destroy() };
  const server = await startPostgres();
  const database = await openDeskPostgres(server.place, { clock: systemClock, log: LOG });
  await copyAll(sqlite, database, onProgress);
  await sqlite.destroy();
  return {
    database,
    async close() {
      await database.destroy();
      await server.end();
    },
  };
}

async function homesIn(database: DeskDatabase): Promise<number> {
  const { n } = await database
    .selectFrom('site')
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

export type StartedPostgres = { readonly place: PostgresPlace; end(): Promise<void> };

/** Of its own, gone afterwards. */
export async function startPostgres(): Promise<StartedPostgres> {
  const { place, command, args, folder } = await makeCluster();
  const child = spawn(command, args, { stdio: 'ignore', cwd: '/' });
  for (let tries = 0; tries < 100; tries++) {
    const database = await openDeskPostgres(place, { clock: systemClock, log: { ...LOG, warn() {} } }).catch(() => undefined);
    await database?.destroy();
    if (database) break;
    await sleep(100);
  }
  return {
    place,
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const AT_ONCE = 500;
const TABLES = [
  'site',
  'session',
  'device',
  'device_state',
  'device_verdict',
  'alert',
  'told_stage',
  'site_state',
  'event',
  'ticket',
  'ticket_alert',
  'audit',
  'home_word',
  'device_entry',
  'device_word',
  'device_course',
  'home_absence',
] as const;

/** Row by row as they are: numbers that tables gave themselves too. */
async function copyAll(from: DeskDatabase, to: DeskDatabase, onProgress: (line: string) => void): Promise<void> {
  for (const table of TABLES) {
    let rows: Record<string, unknown>[] = [];
    const flush = async (): Promise<void> => {
      if (rows.length > 0)
        await to
          .insertInto(table)
          .values(rows as never)
          .execute();
      rows = [];
    };
    for await (const row of rowsOf(from, table)) {
      rows.push(row);
      if (rows.length >= AT_ONCE) await flush();
    }
    await flush();
    onProgress(`${table} is copied`);
  }
  await sql`vacuum analyze`.execute(to);
}

/** Of those that are kept in the order of their keys. */
const ORDERS: Readonly<Partial<Record<(typeof TABLES)[number], string>>> = {
  device_word: 'word, entry',
  home_word: 'word, site_id',
  device_course: 'site_id, device_id, since_at, ses, pos',
  home_absence: 'site_id, to_at',
};

async function* rowsOf(database: DeskDatabase, table: (typeof TABLES)[number]): AsyncGenerator<Record<string, unknown>> {
  const SLICE = 20_000;
  const order = ORDERS[table] ?? 'rowid';
  const isOrdered = order !== 'rowid';
  let after: readonly unknown[] = isOrdered ? order.split(', ').map(() => '') : [0];
  for (;;) {
    const behind = isOrdered ? sql`(${sql.raw(order)}) > (${sql.join(after)})` : sql`rowid > ${after[0]}`;
    const mark = isOrdered ? sql`''` : sql`rowid`;
    const { rows } = await sql<
      Record<string, unknown>
    >`select ${mark} as "slice_mark", * from ${sql.table(table)} where ${behind} order by ${sql.raw(order)} limit ${sql.lit(SLICE)}`.execute(
      database,
    );
    for (const { slice_mark: _, ...row } of rows) yield row;
    const last = rows.at(-1);
    if (last === undefined || rows.length < SLICE) return;
    after = isOrdered ? order.split(', ').map((column) => last[column]) : [last.slice_mark];
  }
}
