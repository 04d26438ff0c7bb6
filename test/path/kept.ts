/** Prepares each statement of a hub's database once, so that its processes start quickly, and shows what is written. */
import type { Database, Statement } from 'better-sqlite3';

export type Writes = {
  /** Before each statement that writes. */
  effect(): void;
  /** An entry was put into the outbox; its transaction may still fail. */
  inserted(id: string, ses: number, kind: string, pos: number): void;
};

export function keepStatements(db: Database, writes: Writes): void {
  const prepare = db.prepare.bind(db);
  const kept = new Map<string, Statement>();
  const prepareOnce = (sql: string): Statement => {
    const known = kept.get(sql);
    if (known) return known;
    const statement = prepare(sql) as Statement;
    kept.set(sql, statement);
    if (!statement.readonly) show(statement, sql.startsWith('INSERT INTO outbox'), writes);
    return statement;
  };
  Object.assign(db, { prepare: prepareOnce });
}

function show(statement: Statement, isEntry: boolean, writes: Writes): void {
  const { run, all } = statement;
  Object.assign(statement, {
    run(...values: unknown[]) {
      writes.effect();
      const result = run.apply(statement, values);
      const [id, ses, , kind] = values;
      if (isEntry) writes.inserted(String(id), Number(ses), String(kind), Number(result.lastInsertRowid));
      return result;
    },
    all(...values: unknown[]) {
      writes.effect();
      return all.apply(statement, values);
    },
  });
}
