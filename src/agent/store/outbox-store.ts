/**
 * The durable queue to the desk as a table: stamps entries, forgets acknowledged ones, and keeps itself within its limits. Its methods
 * that write are to be called inside the caller's transaction or make one of their own; nesting is safe.
 */
import type { Database } from 'better-sqlite3';
import type { Instant } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import type { ClockQuality, EntryKind } from '../../protocol/messages.ts';
import {
  classOf,
  type EntryClass,
  type NewEntry,
  type Outbox,
  type OutboxEntry,
  type Place,
  subjectOf,
  type Waiting,
} from '../outbox/entry.ts';
import type { MetaStore } from './meta-store.ts';
import { explained } from './store-error.ts';

export type OutboxLimits = { readonly rows: number; readonly bytes: number; readonly alertRows: number };

export const OUTBOX_LIMITS: OutboxLimits = { rows: 60_000, bytes: 16 * 1024 * 1024, alertRows: 20_000 };

/** A full queue is cut back to this part of its limit, so that drops come in batches and few `gap` entries tell of them. */
const CUT_TO = 0.9;

/** Under pressure, what goes first: what a new snapshot brings back anyway, then the history of states, alerts last. */
const DROP_ORDER: readonly EntryClass[] = ['snapshot', 'inventory', 'state', 'alert'];

const DROP_BATCH = 500;

type Row = {
  pos: number;
  id: string;
  ses: number;
  start: string;
  kind: EntryKind;
  body: string;
  mono_ms: number;
  wall_ms: number;
  clock: ClockQuality;
};
type Dropped = { pos: number; class: EntryClass; bytes: number };
type Gap = { class: string; from: number; to: number; count: number };
type Total = { rows: number; bytes: number };

export type OutboxStore = Outbox & {
  /** Commits entries; answers their ids in order. */
  append(entries: readonly NewEntry[]): string[];
  /** Runs a transaction that appends; should it fail, the running totals are read again from what is really there. */
  counted<T>(work: () => T): T;
};

export type OutboxStoreOptions = { readonly random: Random; readonly start: string; readonly limits: OutboxLimits };

export function createOutboxStore(db: Database, meta: MetaStore, { random, start, limits }: OutboxStoreOptions): OutboxStore {
  const sql = prepare(db);
  const atOnce = db.transaction((work: () => unknown) => work());
  let totals = readTotals();

  function readTotals(): Map<string, Total> {
    return new Map(sql.totals.all().map(({ class: name, rows, bytes }) => [name, { rows, bytes }]));
  }

  function total(name: string): Total {
    return totals.get(name) ?? { rows: 0, bytes: 0 };
  }

  function account(name: string, rows: number, bytes: number): void {
    const before = total(name);
    totals.set(name, { rows: before.rows + rows, bytes: before.bytes + bytes });
  }

  function all(): Total {
    return [...totals.values()].reduce((sum, { rows, bytes }) => ({ rows: sum.rows + rows, bytes: sum.bytes + bytes }), {
      rows: 0,
      bytes: 0,
    });
  }

  function counted<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      totals = readTotals();
      throw error;
    }
  }

  function committed<T>(work: () => T): T {
    // What appends inside a transaction is taken back with the whole of it.
    return counted(() => explained(db.inTransaction ? work : () => atOnce(work) as T));
  }

  function session(): number {
    return Number(meta.get('session') ?? 0);
  }

  function insert(entry: NewEntry, subject = subjectOf(entry)): string {
    const id = newRandomId(random);
    const body = JSON.stringify(entry.body);
    const bytes = Buffer.byteLength(body);
    const name = classOf(entry.kind);
    sql.insert.run(
      id,
      session(),
      start,
      entry.kind,
      name,
      subject ?? null,
      body,
      bytes,
      entry.at.monoMs,
      Math.round(entry.at.wallMs),
      entry.clock,
    );
    account(name, 1, bytes);
    return id;
  }

  function isOver(part: number): boolean {
    const { rows, bytes } = all();
    return rows > limits.rows * part || bytes > limits.bytes * part;
  }

  /** What was dropped to come back within the limits; nothing in the usual case. */
  function cutBack(): Dropped[] {
    const dropped: Dropped[] = [];
    const drop = (rows: Dropped[]): void => {
      for (const row of rows) account(row.class, -1, -row.bytes);
      dropped.push(...rows);
    };
    const surplusAlerts = total('alert').rows - limits.alertRows;
    if (surplusAlerts > 0) drop(sql.dropOldest.all('alert', total('alert').rows - Math.floor(limits.alertRows * CUT_TO)));
    if (!isOver(1)) return dropped;
    drop(sql.dropSuperseded.all());
    for (const name of DROP_ORDER) {
      while (isOver(CUT_TO) && total(name).rows > 0) drop(sql.dropOldest.all(name, Math.min(DROP_BATCH, surplus())));
    }
    return dropped;
  }

  /** At least one row, and no more than the row limit asks for, so that a queue is not cut deeper than needed. */
  function surplus(): number {
    const { rows, bytes } = all();
    const byBytes = bytes > limits.bytes * CUT_TO ? Math.ceil(rows * (1 - (limits.bytes * CUT_TO) / bytes)) : 0;
    return Math.max(1, Math.ceil(rows - limits.rows * CUT_TO), byBytes);
  }

  /** One `gap` entry for each class, an earlier one that still waits taken up in it: gaps themselves never fill the queue. */
  function tellGap(name: EntryClass, dropped: readonly Dropped[], at: Instant, clock: ClockQuality): void {
    const positions = dropped.map(({ pos }) => pos);
    let gap: Gap = { class: name, from: Math.min(...positions), to: Math.max(...positions), count: positions.length };
    for (const earlier of sql.takeGap.all(`gap:${name}`)) {
      account('gap', -1, -earlier.bytes);
      gap = join(gap, JSON.parse(earlier.body) as Gap, earlier.pos);
    }
    insert({ kind: 'gap', body: gap, at, clock }, `gap:${name}`);
  }

  function keepWithinLimits(at: Instant, clock: ClockQuality): void {
    const dropped = cutBack();
    if (dropped.length === 0) return;
    for (const [name, rows] of Map.groupBy(dropped, (row) => row.class)) tellGap(name, rows, at, clock);
    meta.set('dropped', String(Number(meta.get('dropped') ?? 0) + dropped.length));
    meta.set('snapshot-due', '1');
  }

  function append(entries: readonly NewEntry[]): string[] {
    const last = entries.at(-1);
    if (last === undefined) return [];
    return committed(() => {
      const ids = entries.map((entry) => insert(entry));
      keepWithinLimits(last.at, last.clock);
      return ids;
    });
  }

  return {
    append,
    counted,
    next: (afterPos, limit) => sql.next.all(afterPos, limit).map(fromRow),
    acknowledge(ids) {
      if (ids.length === 0) return [];
      return committed(() => {
        const gone = ids.flatMap((id) => sql.forget.all(id));
        for (const row of gone) account(row.class, -1, -row.bytes);
        return gone.map(({ ses, pos }) => ({ ses, pos }));
      });
    },
    waiting(): Waiting {
      const { rows, bytes } = all();
      const oldestAt = sql.oldest.get();
      return { count: rows, bytes, dropped: Number(meta.get('dropped') ?? 0), ...(oldestAt === undefined ? {} : { oldestAt }) };
    },
    session,
    grant(ses) {
      // Repeated, overtaken, or of a desk that was put back to an older database and will grant a greater one once it has heard of this.
      if (meta.get('session-start') === start && ses <= session()) return false;
      committed(() => {
        meta.set('session', String(ses));
        meta.set('session-start', start);
        meta.set('snapshot-due', '1');
      });
      return true;
    },
    snapshotDue: () => meta.get('snapshot-due') === '1',
    commitSnapshot(parts, at, clock) {
      committed(() => {
        meta.set('snapshot-due', '0');
        append(parts.map((body) => ({ kind: 'snapshot', body, at, clock })));
      });
    },
  };
}

function join(gap: Gap, earlier: Gap, earlierPos: number): Gap {
  return {
    class: gap.class,
    from: Math.min(gap.from, earlier.from),
    to: Math.max(gap.to, earlier.to, earlierPos),
    count: gap.count + earlier.count,
  };
}

function prepare(db: Database) {
  return {
    totals: db.prepare<[], { class: string } & Total>('SELECT class, count(*) AS rows, sum(bytes) AS bytes FROM outbox GROUP BY class'),
    insert: db.prepare(
      'INSERT INTO outbox (id, ses, start, kind, class, subject, body, bytes, mono_ms, wall_ms, clock) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    next: db.prepare<[number, number], Row>('SELECT * FROM outbox WHERE pos > ? ORDER BY pos LIMIT ?'),
    oldest: db.prepare<[], number>('SELECT wall_ms FROM outbox ORDER BY pos LIMIT 1').pluck(),
    forget: db.prepare<[string], Dropped & Place>('DELETE FROM outbox WHERE id = ? RETURNING ses, pos, class, bytes'),
    dropOldest: db.prepare<[string, number], Dropped>(
      'DELETE FROM outbox WHERE pos IN (SELECT pos FROM outbox WHERE class = ? ORDER BY pos LIMIT ?) RETURNING pos, class, bytes',
    ),
    dropSuperseded: db.prepare<[], Dropped>(`DELETE FROM outbox WHERE class = 'state'
      AND EXISTS (SELECT 1 FROM outbox AS newer WHERE newer.subject = outbox.subject AND newer.pos > outbox.pos) RETURNING pos, class, bytes`),
    takeGap: db.prepare<[string], { pos: number; bytes: number; body: string }>(
      'DELETE FROM outbox WHERE subject = ? RETURNING pos, bytes, body',
    ),
  };
}

function fromRow(row: Row): OutboxEntry {
  const { pos, id, ses, start, kind, body, clock } = row;
  return { pos, id, ses, start, kind, body, clock, at: { monoMs: row.mono_ms, wallMs: row.wall_ms } };
}
