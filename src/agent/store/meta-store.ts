/** Single values that outlive the process. Each key has one owner. */
import type { Database } from 'better-sqlite3';

export type MetaKey =
  /** Id of this home, made at the first start. */
  | 'site'
  /** Password of the site's broker account, where the hub was given one. */
  | 'broker-password'
  /** Last session granted by the desk, and the process start it was granted for. */
  | 'session'
  | 'session-start'
  /** `1` while the desk needs a snapshot. */
  | 'snapshot-due'
  /** Entries dropped from a full outbox since the database was made. */
  | 'dropped'
  /** State of the site as last told (JSON). */
  | 'site-state'
  /** Places on the internet that have answered from this home, separated by spaces. */
  | 'answered-anchors'
  /** Declared contests for addresses (JSON). */
  | 'contests'
  /** Devices that fell silent together (JSON, see src/agent/alerts/common-cause.ts). */
  | 'outages'
  | 'services'
  | 'sleep'
  /** Silences that last (JSON, see src/agent/alerts/silences.ts). */
  | 'silences'
  /** What switches and access points told of their ports (JSON, see src/agent/inventory/wiring.ts). */
  | 'wiring'
  /** What their wired ports had counted when they were asked last (JSON, see src/agent/decay/day.ts). */
  | 'port-counts'
  /** What has begun to be told (JSON, see src/agent/unfinished.ts). */
  | 'unfinished'
  /** Since when stages of what ends are told, and by which catalogue (JSON, see src/agent/alerts/stages.ts). */
  | 'lifecycle'
  /** What became of a damaged database before this one (JSON, see src/agent/rebuilt.ts). */
  | 'rebuilt'
  /** When the process last lived, and whether it was stopped (JSON, see src/agent/health/last-life.ts). */
  | 'life'
  /** What the desk's clock said when it was last heard (Unix ms, at most an hour old then; see src/agent/outbox/time-floor.ts). */
  | 'desk-time'
  /** Where this hub is shown on a broker of the house (JSON, see src/agent/mirror/shown-at.ts). */
  | 'mirror'
  /** How the connection to the desk last was, for commands that run beside the agent (JSON). */
  | 'uplink';

export type MetaStore = {
  get(key: MetaKey): string | undefined;
  /** Writes only what differs. */
  set(key: MetaKey, value: string): void;
};

export function createMetaStore(db: Database): MetaStore {
  const read = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const write = db.prepare(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
  );
  return {
    get: (key) => read.get(key),
    set(key, value) {
      write.run(key, value);
    },
  };
}
