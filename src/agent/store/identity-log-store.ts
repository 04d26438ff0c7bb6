/** The identity log: what was decided about who is who, newest 2,000 rows, each whole as JSON, with what later undid it. */
import type { Database } from 'better-sqlite3';
import { type LogRow, MOST_ROWS } from '../inventory/identity-log.ts';
import type { Order, Past } from '../inventory/order.ts';
import { explained } from './store-error.ts';

export type IdentityLog = {
  /** The number that the next row will get; numbers are never given twice. */
  nextRow(): number;
  row(n: number): LogRow | undefined;
  /** Rows behind one, oldest first. */
  after(n: number): LogRow[];
  /** The newest rows without what it takes to undo them, for people. */
  told(limit: number): LogRow[];
  /** The newest rows, of one device or of all. */
  newest(limit: number, deviceId?: string): LogRow[];
};

export type IdentityLogStore = IdentityLog & { append(rows: readonly LogRow[]): void };

/** What carrying out an order needs to know of the log. Throws HearthbeatError when the disk refuses. */
export function pastOf(log: IdentityLog, order: Order): Past {
  return explained(() => {
    if (order.do === 'undo') return { row: log.row(order.row), later: log.after(order.row), of: [] };
    return { later: [], of: order.do === 'split' ? log.newest(MOST_OF_ONE, order.device) : [] };
  });
}

const MOST_OF_ONE = 100;

type Row = { n: number; undone_by: number | null; body: string };

export function createIdentityLogStore(db: Database): IdentityLogStore {
  const highest = db
    .prepare<[], number | null>("SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'identity_log'), 0), 0)")
    .pluck();
  const one = db.prepare<[number], Row>('SELECT n, undone_by, body FROM identity_log WHERE n = ?');
  const behind = db.prepare<[number], Row>('SELECT n, undone_by, body FROM identity_log WHERE n > ? ORDER BY n');
  const toTell = db.prepare<[number], Row>(
    "SELECT n, undone_by, json_remove(body, '$.undo') AS body FROM identity_log ORDER BY n DESC LIMIT ?",
  );
  const newestOfAll = db.prepare<[number], Row>('SELECT n, undone_by, body FROM identity_log ORDER BY n DESC LIMIT ?');
  const newestOf = db.prepare<[string, number], Row>(
    'SELECT n, undone_by, body FROM identity_log WHERE instr(devices, ?) > 0 ORDER BY n DESC LIMIT ?',
  );
  const write = db.prepare('INSERT INTO identity_log (n, devices, body) VALUES (?, ?, ?)');
  const mark = db.prepare('UPDATE identity_log SET undone_by = ? WHERE n = ?');
  const prune = db.prepare('DELETE FROM identity_log WHERE n <= (SELECT max(n) FROM identity_log) - ?');

  function add(row: LogRow): void {
    write.run(row.n, row.devices.join(' '), JSON.stringify(row));
    if (row.undoes === undefined) return;
    mark.run(row.n, row.undoes);
    // To undo an undoing is to do the first thing again.
    const again = one.get(row.undoes);
    const first = again ? fromRow(again).undoes : undefined;
    if (first !== undefined) mark.run(null, first);
  }

  return {
    nextRow: () => (highest.get() ?? 0) + 1,
    row(n) {
      const found = one.get(n);
      return found && fromRow(found);
    },
    after: (n) => behind.all(n).map(fromRow),
    told: (limit) => toTell.all(limit).map(fromRow),
    newest: (limit, deviceId) => (deviceId === undefined ? newestOfAll.all(limit) : newestOf.all(deviceId, limit)).map(fromRow),
    append(rows) {
      for (const row of rows) add(row);
      if (rows.length > 0) prune.run(MOST_ROWS);
    },
  };
}

function fromRow({ body, undone_by }: Row): LogRow {
  const row = JSON.parse(body) as LogRow;
  return undone_by === null ? row : { ...row, undoneBy: undone_by };
}
