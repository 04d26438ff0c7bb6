/** Alerts: at most one that fires for a key, and a bounded history of those that are over. */
import type { Database } from 'better-sqlite3';
import type { AlertMessage } from '../../protocol/messages.ts';
import type { Retention } from './retention.ts';

export type AlertStore = {
  firing(): AlertMessage[];
  /** Firing and past alerts, newest first. */
  history(limit: number): AlertMessage[];
  /** Raised, updated or (with `clearedAt`) over. */
  /** `forgetByAge`: whether the instants are good enough to judge by them what is old. */
  save(alerts: readonly AlertMessage[], forgetByAge: boolean): void;
};

export function createAlertStore(db: Database, retention: Retention): AlertStore {
  const readFiring = db.prepare<[], string>('SELECT body FROM alert WHERE cleared_at IS NULL ORDER BY id').pluck();
  const readHistory = db.prepare<[number], string>('SELECT body FROM alert ORDER BY id DESC LIMIT ?').pluck();
  const update = db.prepare(
    'UPDATE alert SET body = :body, raised_at = :raisedAt, cleared_at = :clearedAt WHERE key = :key AND cleared_at IS NULL',
  );
  const insert = db.prepare('INSERT INTO alert (key, raised_at, cleared_at, body) VALUES (:key, :raisedAt, :clearedAt, :body)');
  const prune = db.prepare(`DELETE FROM alert WHERE cleared_at IS NOT NULL AND (cleared_at < :before
    OR id <= (SELECT id FROM alert WHERE cleared_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET :rows))`);

  function saveOne(alert: AlertMessage): void {
    const row = { key: alert.key, raisedAt: alert.raisedAt, clearedAt: alert.clearedAt ?? null, body: JSON.stringify(alert) };
    if (update.run(row).changes === 0) insert.run(row);
  }

  return {
    firing: () => readFiring.all().map(parse),
    history: (limit) => readHistory.all(limit).map(parse),
    save(alerts, forgetByAge) {
      for (const alert of alerts) saveOne(alert);
      const ends = alerts.flatMap(({ clearedAt }) => clearedAt ?? []);
      if (ends.length > 0) prune.run({ rows: retention.rows, before: forgetByAge ? Math.max(...ends) - retention.ageMs : 0 });
    },
  };
}

function parse(body: string): AlertMessage {
  return JSON.parse(body) as AlertMessage;
}
