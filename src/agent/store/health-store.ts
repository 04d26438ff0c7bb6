/** The newest verdict on each device, and a bounded history of how states changed. */
import type { Database } from 'better-sqlite3';
import type { Evidence, HealthState } from '../../protocol/messages.ts';
import type { Retention } from './retention.ts';

/** A verdict as it is kept. Only the wall time (Unix ms) of its beginning: a monotonic clock ends with its process. */
export type StoredHealth = {
  readonly deviceId: string;
  readonly state: HealthState;
  readonly sinceAt: number;
  readonly reason: string;
  readonly detectWithinMs: number;
  readonly evidence?: Evidence;
  /** It is a person's: when that one came and went is nobody's business, also in this house. */
  readonly isPersonal?: boolean;
};

/** Without its evidence, which is the most of it: an alert keeps that of what was worth one. */
export type StoredTransition = Pick<StoredHealth, 'deviceId' | 'state' | 'sinceAt' | 'reason'>;

export type HealthStore = {
  all(): StoredHealth[];
  /** When devices were found silent, newest first. */
  falls(): Pick<StoredTransition, 'deviceId' | 'sinceAt'>[];
  /** Changes of state of one device, newest first. */
  history(deviceId: string, limit: number): StoredTransition[];
  /** `forgetByAge`: whether the instants are good enough to judge by them what is old. */
  save(verdicts: readonly StoredHealth[], forgetByAge: boolean): void;
  remove(deviceIds: readonly string[]): void;
  /** Takes what is over of these devices out of it. */
  forgetHistory(deviceIds: readonly string[]): void;
};

type Row = { device_id: string; state: HealthState; since_at: number; reason: string; detect_within_ms: number; evidence: string | null };
type Past = Pick<Row, 'device_id' | 'state' | 'since_at' | 'reason'>;

const UPSERT = `INSERT INTO health VALUES (:device_id, :state, :since_at, :reason, :detect_within_ms, :evidence)
  ON CONFLICT (device_id) DO UPDATE SET state = excluded.state, since_at = excluded.since_at, reason = excluded.reason,
    detect_within_ms = excluded.detect_within_ms, evidence = excluded.evidence
  WHERE (state, since_at, reason, detect_within_ms, evidence) IS NOT (excluded.state, excluded.since_at, excluded.reason, excluded.detect_within_ms, excluded.evidence)`;

export function createHealthStore(db: Database, retention: Retention): HealthStore {
  const read = db.prepare<[], Row>('SELECT * FROM health ORDER BY device_id');
  const stateOf = db.prepare<[string], string>('SELECT state FROM health WHERE device_id = ?').pluck();
  const write = db.prepare(UPSERT);
  const erase = db.prepare('DELETE FROM health WHERE device_id = ?');
  const record = db.prepare('INSERT INTO transition (device_id, state, since_at, reason) VALUES (:device_id, :state, :since_at, :reason)');
  const eraseHistory = db.prepare('DELETE FROM transition WHERE device_id = ?');
  const readHistory = db.prepare<[string, number], Past>(
    'SELECT device_id, state, since_at, reason FROM transition WHERE device_id = ? ORDER BY id DESC LIMIT ?',
  );
  const readFalls = db.prepare<[], Pick<Row, 'device_id' | 'since_at'>>(
    "SELECT device_id, since_at FROM transition WHERE state IN ('down', 'unreachable') ORDER BY id DESC",
  );
  // Rows lie in the order in which things happened: the oldest that stays is found without a look at all of them.
  const prune = db.prepare(`DELETE FROM transition WHERE id <= max((SELECT max(id) FROM transition) - :rows,
    coalesce((SELECT id FROM transition WHERE since_at >= :before ORDER BY id LIMIT 1), 0) - 1)`);

  function saveOne(verdict: StoredHealth): boolean {
    const row = toRow(verdict);
    const changed = !verdict.isPersonal && stateOf.get(row.device_id) !== row.state;
    if (changed) record.run({ device_id: row.device_id, state: row.state, since_at: row.since_at, reason: row.reason });
    write.run(row);
    return changed;
  }

  return {
    all: () => read.all().map(fromRow),
    falls: () => readFalls.all().map((row) => ({ deviceId: row.device_id, sinceAt: row.since_at })),
    history: (deviceId, limit) => readHistory.all(deviceId, limit).map(pastOf),
    save(verdicts, forgetByAge) {
      const changed = verdicts.filter(saveOne);
      if (changed.length > 0) prune.run({ rows: retention.rows, before: forgetByAge ? newest(changed) - retention.ageMs : 0 });
    },
    remove(deviceIds) {
      for (const id of deviceIds) erase.run(id);
    },
    forgetHistory(deviceIds) {
      for (const id of deviceIds) eraseHistory.run(id);
    },
  };
}

function newest(verdicts: readonly StoredHealth[]): number {
  return Math.round(Math.max(...verdicts.map((verdict) => verdict.sinceAt)));
}

function toRow(verdict: StoredHealth): Row {
  return {
    device_id: verdict.deviceId,
    state: verdict.state,
    since_at: Math.round(verdict.sinceAt),
    reason: verdict.reason,
    detect_within_ms: Math.round(verdict.detectWithinMs),
    evidence: verdict.evidence === undefined ? null : JSON.stringify(verdict.evidence),
  };
}

function fromRow(row: Row): StoredHealth {
  const evidence = row.evidence === null ? {} : { evidence: JSON.parse(row.evidence) as Evidence };
  return { ...pastOf(row), detectWithinMs: row.detect_within_ms, ...evidence };
}

function pastOf({ device_id: deviceId, state, since_at: sinceAt, reason }: Past): StoredTransition {
  return { deviceId, state, sinceAt, reason };
}
