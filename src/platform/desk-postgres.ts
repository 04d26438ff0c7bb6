/**
 * The desk's tables on a PostgreSQL server of your own (15 or later). As on SQLite one transaction is under way at a time, of all desks that use
 * the database; what was committed is on the server's disk. A server that is away is told by `DatabaseAway`, and asked again by whoever needs it.
 */
import { CompiledQuery, Kysely, PostgresDialect, PostgresDriver, sql, type TransactionSettings } from 'kysely';
import pg from 'pg';
import { type Clock, sleep } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { DatabaseAway } from '../desk/store/away.ts';
import type { Engine } from '../desk/store/engine.ts';
import { type DeskDatabase, migrate, refuseNewer } from '../desk/store/migrations.ts';
import type { DeskTables } from '../desk/store/schema.ts';
import type { DatabaseFacts } from './desk-database.ts';
import { CarefulPool, isOfTls, type PostgresPlace, placeInWords } from './postgres-pool.ts';

const ENGINE: Engine = {
  // "By default", not "always": a database that is moved here brings its numbers along.
  serial: { type: 'bigint', build: (column) => column.primaryKey().generatedByDefaultAsIdentity() },
  text: sql`text collate "C"`,
  bytes: 'bytea',
  ordered: sql``,
};

/** A machine that starts desk and database together has both after this long. */
const PATIENCE_MS = 10_000;
const TRY_EVERY_MS = 500;

/** Names the turn to write among all advisory locks of the database: "hear" in ASCII. */
const TURN = 0x68656172;

type OpenOptions = { readonly clock: Clock; readonly log: Log };

/**
 * The migrated database at `place`. Waits a while for a server that is away. Throws HB_DATABASE_UNREACHABLE, HB_DATABASE_REFUSED, or
 * HB_DATABASE_NEWER with the database left as it is. The caller ends it with `destroy()`.
 */
export async function openDeskPostgres(place: PostgresPlace, { clock, log }: OpenOptions): Promise<DeskDatabase> {
  const startedMs = clock.now().monoMs;
  for (let isTold = false; ; isTold = true) {
    try {
      await prepare(place, log);
      return kyselyOver(new CarefulPool(place));
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw inWords(place, error);
      if (clock.now().monoMs - startedMs >= PATIENCE_MS || isOfTls(error)) throw unreachable(error);
      if (!isTold) log.warn(error.message, { retryInMs: TRY_EVERY_MS });
      await sleep(clock, TRY_EVERY_MS);
    }
  }
}

/** By a connection of its own, on which a step may take as long as it needs. */
async function prepare(place: PostgresPlace, log: Log): Promise<void> {
  const database = kyselyOver(new CarefulPool(place, { isPatient: true }));
  try {
    await requireFitting(place, database, log);
    await refuseNewer(database, placeInWords(place), 'another database (desk.database.url)');
    await migrate(database, ENGINE).catch((error: unknown) => {
      throw asAway(place, error);
    });
  } finally {
    await database.destroy();
  }
}

/** The library lets go of its lock on a connection that was lost, too, and says that it cannot instead of what happened. */
function asAway(place: PostgresPlace, error: unknown): unknown {
  const isLost = error instanceof Error && error.message.includes('connection has been discarded');
  return isLost ? new DatabaseAway(`The connection to ${placeInWords(place)} was lost while it was brought up to date.`, error) : error;
}

async function requireFitting(place: PostgresPlace, database: DeskDatabase, log: Log): Promise<void> {
  const { rows } = await sql<{ name: string; setting: string }>`select name, setting from pg_settings`.execute(database);
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const encoding = settings.get('server_encoding');
  if (encoding !== 'UTF8')
    throw refused(`${placeInWords(place)} cannot hold every text: its encoding is ${encoding}.`, `Make it anew: ${createDatabase(place)}`);
  const unsafe = ['fsync', 'full_page_writes'].filter((name) => settings.get(name) === 'off');
  if (unsafe.length > 0) log.warn('the database server loses what it has confirmed when its power fails', { off: unsafe.join() });
}

function kyselyOver(pool: CarefulPool): DeskDatabase {
  return new Kysely<DeskTables>({ dialect: new TurnsDialect(pool) });
}

class TurnsDialect extends PostgresDialect {
  readonly #pool: CarefulPool;

  constructor(pool: CarefulPool) {
    super({ pool });
    this.#pool = pool;
  }

  override createDriver(): PostgresDriver {
    return new TurnsDriver({ pool: this.#pool });
  }
}

type Connection = Parameters<PostgresDriver['rollbackTransaction']>[0];

const TAKE_TURN = CompiledQuery.raw(`select pg_advisory_xact_lock(${TURN})`);

/**
 * Writers take turns, as they do on SQLite: a transaction first takes a lock that it keeps until it is over, so that it sees all that was committed before it and no
 * other changes what it has read. Events get their numbers in the order in which they are committed, and no two transactions can wait for each other.
 */
class TurnsDriver extends PostgresDriver {
  override async beginTransaction(connection: Connection, settings: TransactionSettings): Promise<void> {
    await super.beginTransaction(connection, settings);
    try {
      await connection.executeQuery(TAKE_TURN);
    } catch (error) {
      await this.rollbackTransaction(connection);
      throw error;
    }
  }

  /** On a connection that is lost there is nothing to roll back, and what was lost says more than that. It is not used again. */
  override async rollbackTransaction(connection: Connection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => {});
  }
}

/** What the server said no to, for people; anything else as it is. */
function inWords(place: PostgresPlace, error: unknown): unknown {
  const where = placeInWords(place);
  if (!(error instanceof pg.DatabaseError)) return error;
  // SQLSTATE, appendix A of the manual: 28 invalid authorization, 3D000 no such database, 42501 insufficient privilege.
  if (error.code?.startsWith('28'))
    return refused(
      `${where} refuses the user ${place.user}: ${error.message}.`,
      'Check the user in desk.database.url and its password.',
      error,
    );
  if (error.code === '3D000') return refused(`${where} does not exist.`, `Make it: ${createDatabase(place)}`, error);
  if (error.code === '42501')
    return refused(
      `${where} does not let the user ${place.user} make tables: ${error.message}.`,
      `Give it one of its own: ${createDatabase(place)}`,
      error,
    );
  return error;
}

function createDatabase({ user, name }: PostgresPlace): string {
  return `sudo -u postgres createdb --encoding UTF8 --template template0 --owner ${user} ${name}`;
}

function refused(message: string, fix: string, cause?: unknown): HearthbeatError {
  return new HearthbeatError('HB_DATABASE_REFUSED', message, fix, { cause });
}

function unreachable(away: DatabaseAway): HearthbeatError {
  return new HearthbeatError('HB_DATABASE_UNREACHABLE', away.message, 'Start that server, or check desk.database.url.', { cause: away });
}

export async function postgresFacts(database: DeskDatabase, place: PostgresPlace): Promise<DatabaseFacts> {
  const { rows } = await sql<{ version: string; bytes: number }>`select current_setting('server_version') as version,
    pg_database_size(current_database()) as bytes`.execute(database);
  const { version = '', bytes = 0 } = rows[0] ?? {};
  return { engine: `PostgreSQL ${version}`, place: placeInWords(place), bytes: Number(bytes) };
}
