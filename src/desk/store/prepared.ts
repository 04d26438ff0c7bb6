/**
 * Questions that are put together once for each engine and then only asked. Kysely makes a statement anew for each question, which takes as long as the answer
 * (20 of 45 µs, measured): the desk asks these for every entry of every hub.
 */
import { type Compilable, type CompiledQuery, type DatabaseConnection, type QueryResult, SqliteAdapter } from 'kysely';
import type { DeskDatabase } from './migrations.ts';

/** Stands for a value that is known only when it is asked. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * `build` is called once, with stand-ins for the values: it may only hand them on to the statement, and none may be left out or become `null` where the statement says
 * `=`. What is answered asks with real ones.
 */
export function prepared<P extends Readonly<Record<string, unknown>>, O>(
  build: (db: DeskDatabase, values: P) => Compilable<O>,
): (db: DeskDatabase, values: P) => Promise<QueryResult<O>> {
  const compiled = new WeakMap<object, CompiledQuery<O>>();
  const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as P;
  return (db, values) => {
    const { adapter, plugins } = db.getExecutor();
    // One for each engine: all transactions of a database share it. A database that is limited to some homes asks otherwise than all others do (scoped.ts): it has its own.
    const key = plugins.at(-1) ?? adapter;
    let query = compiled.get(key);
    if (query === undefined) {
      query = build(db, slots).compile();
      compiled.set(key, query);
    }
    return ask(db, { ...query, parameters: query.parameters.map((value) => (value instanceof Slot ? values[value.name] : value)) });
  };
}

/** What a transaction on SQLite asks with. */
const connections = new WeakMap<DeskDatabase, DatabaseConnection>();

/**
 * Within a transaction on SQLite the connection is asked itself: it answers at once, and Kysely would take its turn for each question with five promises (3 of 8 µs,
 * measured). Through Kysely where it does more: asks over a network, or limits what is seen. Kysely would refuse a transaction that is over, and this does not: none is kept
 * beyond its callback.
 */
async function ask<O>(db: DeskDatabase, query: CompiledQuery<O>): Promise<QueryResult<O>> {
  const known = connections.get(db);
  if (known !== undefined) return known.executeQuery<O>(query);
  const executor = db.getExecutor();
  if (!db.isTransaction || executor.plugins.length > 0 || !(executor.adapter instanceof SqliteAdapter)) return db.executeQuery(query);
  const connection = await executor.provideConnection(async (mine) => mine);
  connections.set(db, connection);
  return connection.executeQuery<O>(query);
}
