/**
 * Connections to a PostgreSQL server for Kysely. Each statement is prepared once on each connection; a number comes back as a number; and what fails because the
 * server is away, stops, or has no room is told apart from what is wrong with a question.
 */
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { DatabaseAway } from '../desk/store/away.ts';

export type PostgresPlace = {
  /** A folder (it begins with a slash) is that of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  /** Without one, what the environment variable PGPASSWORD holds. */
  readonly password?: string;
  /** Absent: no TLS. The certificate must be signed by an authority of `ca` (PEM text), or of the system where there is none, for `host`. */
  readonly tls?: { readonly ca?: string };
};

/** The desk writes through one of them; the others read for the page. */
const CONNECTIONS = 5;
const CONNECT_WITHIN_MS = 5_000;
/** No statement of the desk takes a hundredth of it. */
const STATEMENT_WITHIN_MS = 30_000;
/** A server that does not even say so by then is gone without a word. */
const ANSWER_WITHIN_MS = STATEMENT_WITHIN_MS + 5_000;
/** A desk that stands still, or is cut off, in the middle of a transaction holds up others for so long. */
const IDLE_IN_TRANSACTION_MS = 20_000;
/** The desk has about a hundred; lists of changing length make more of them, which are not prepared. */
const MOST_PREPARED = 200;

/** `isPatient`: statements may take as long as they need, and that the server refuses to let the desk in is told as it said it. */
export class CarefulPool implements PostgresPool {
  readonly options: object = {};
  readonly #pool: pg.Pool;
  readonly #place: PostgresPlace;
  readonly #isPatient: boolean;
  /** By the text of the statement. */
  readonly #names = new Map<string, string>();

  constructor(place: PostgresPlace, { isPatient = false } = {}) {
    this.#place = place;
    this.#isPatient = isPatient;
    this.#pool = new pg.Pool({
      ...serverOf(place),
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      ...(isPatient ? {} : { statement_timeout: STATEMENT_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS }),
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      types: { getTypeParser },
      onConnect: makeReady,
    });
    // A connection that is lost while nobody uses it is replaced when somebody needs one; without a listener it would end the process.
    this.#pool.on('error', () => {});
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return new CarefulClient(await this.#pool.connect(), this.#names, this.#place);
    } catch (error) {
      // It was let in before: an account or a password that was changed since is mended at the server, or by a start with other settings.
      throw this.#isPatient ? told(error, this.#place) : new DatabaseAway(wordsFor(error, this.#place), error);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

/**
 * Everything is said here, so that no variable of the environment but the password's changes it. A server that asks for a password where there is none is to say so itself:
 * the driver would leave it waiting, and a server does not make or drop a database while somebody is about to come in.
 */
function serverOf({ host, port, name, user, password, tls }: PostgresPlace): pg.PoolConfig {
  return {
    host,
    port,
    database: name,
    user,
    password: password ?? (process.env.PGPASSWORD || 'none was given'),
    ssl: tls === undefined ? false : { rejectUnauthorized: true, ...tls },
    application_name: 'hearthbeat desk',
    keepAlive: true,
  };
}

async function makeReady(client: pg.ClientBase): Promise<void> {
  // When it is lost while in use, whoever uses it is told by what fails.
  client.on('error', () => {});
  // Hubs forget what the desk has confirmed: it must be on the server's disk by then, whatever is usual there.
  await client.query("select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'");
}

/** Whole numbers and sums come as text, because they may be greater than a number can hold exactly; the desk's are not. */
const NUMBERS: ReadonlySet<number> = new Set([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return NUMBERS.has(oid) && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text');
}

class CarefulClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #names: Map<string, string>;
  readonly #place: PostgresPlace;
  #isSpoilt = false;

  constructor(client: pg.PoolClient, names: Map<string, string>, place: PostgresPlace) {
    this.#client = client;
    this.#names = names;
    this.#place = place;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query(asked: string | PostgresCursor<unknown>, values: readonly unknown[] = []): unknown {
    if (typeof asked !== 'string') throw new TypeError('nothing here reads by a cursor');
    return this.#ask(asked, values);
  }

  async #ask(text: string, values: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#client.query({ text, values: [...values], ...this.#nameOf(text, values) });
    } catch (error) {
      this.#isSpoilt ||= isOfPlan(error);
      throw told(error, this.#place);
    }
  }

  /** `begin` and its like need no preparing. */
  #nameOf(text: string, values: readonly unknown[]): { name?: string } {
    const known = this.#names.get(text);
    if (known !== undefined) return { name: known };
    if (values.length === 0 || this.#names.size >= MOST_PREPARED) return {};
    const name = `desk-${this.#names.size}`;
    this.#names.set(text, name);
    return { name };
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isSpoilt);
  }
}

/** Another desk has changed the tables below a prepared statement, or somebody has thrown it away: on a new connection it works. */
function isOfPlan(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return error.code === '26000' || (error.code === '0A000' && /cached plan/.test(error.message));
}

/**
 * SQLSTATE classes (the manual's appendix A) of what passes, or is mended at the server: connection, rollback by a deadlock, no room, an operator, the system, a lock, a
 * server that may only be read. A question is not wrong because of any.
 */
const OF_THE_SERVER = /^(08|40|53|57|58|XX|55P03$|25006$)/;

/** `DatabaseAway` where the server, or the way to it, is at fault; else the error itself. */
function told(error: unknown, place: PostgresPlace): unknown {
  const isAway =
    error instanceof pg.DatabaseError ? OF_THE_SERVER.test(error.code ?? '') || isOfPlan(error) : !(error instanceof TypeError);
  return isAway ? new DatabaseAway(wordsFor(error, place), error) : error;
}

function wordsFor(error: unknown, place: PostgresPlace): string {
  return error instanceof pg.DatabaseError
    ? `${placeInWords(place)} cannot be used now: ${error.message}.`
    : `${placeInWords(place)} cannot be reached: ${whyNot(error)}.`;
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no name server knows that name',
  EAI_AGAIN: 'no name server answers',
  ECONNREFUSED: 'nothing listens on that port',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not open its socket',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that network',
  CERT_HAS_EXPIRED: 'its certificate has expired, unless the clock of this machine is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

function whyNot(error: unknown): string {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const known = FAILURES[code];
  if (known !== undefined) return known;
  if (/certificate/i.test(message))
    return 'its certificate is signed by an authority unknown here; name that one with desk.database.caFile';
  if (/does not support SSL/.test(message)) return 'it does not speak TLS (desk.database.tls: false, where the way to it is safe)';
  return /timeout/i.test(message) ? 'no answer' : message || code;
}

/** No waiting mends that. */
export function isOfTls({ cause }: DatabaseAway): boolean {
  return /certificate|SSL/.test(String(cause));
}

/** Without the password. */
export function placeInWords({ host, port, name }: PostgresPlace): string {
  return `The database ${name} on ${host.includes(':') ? `[${host}]` : host}:${port}`;
}
