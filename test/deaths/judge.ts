/** Whether the desk has what the hubs committed: the same ids, each once, in the order of the commits, and of every alert one occurrence. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type CommitLog, type LoggedEntry, readCommitLog } from './commit-log.ts';

export type Verdict = {
  /** Entries that the hubs committed, by the logs outside of their databases. */
  readonly emitted: number;
  readonly stored: number;
  readonly lost: number;
  /** Stored twice, or at a place where another entry is. */
  readonly doubled: number;
  /** Stored, and never committed by a hub. */
  readonly invented: number;
  /** Entries that sort otherwise by (session, position) than they were committed, or whose place was changed. */
  readonly outOfOrder: number;
  readonly alerts: number;
  /** Alerts that the desk has twice, not at all, or in another state than the hub. */
  readonly wrongAlerts: number;
  readonly wrongStates: number;
  /** Commits that were under way when their hub was killed, and how many of them had been committed. */
  readonly cut: number;
  readonly cutButCommitted: number;
};

type Stored = Omit<LoggedEntry, 'kind'>;
type Home = { readonly folder: string; readonly site: string };

/** Reads the databases: hubs and desk must have ended. */
export function judge(homes: readonly Home[], deskFolder: string): Verdict {
  const desk = new Database(join(deskFolder, 'desk.db'), { readonly: true });
  try {
    return homes.map((home) => judgeHome(home, desk)).reduce(sum);
  } finally {
    desk.close();
  }
}

function judgeHome({ folder, site }: Home, desk: Database.Database): Verdict {
  const log = readCommitLog(join(folder, 'commits.log'));
  const stored = desk.prepare<[string], Stored>('SELECT id, ses, pos FROM event WHERE site_id = ? ORDER BY ses, pos').all(site);
  const hub = new Database(join(folder, 'agent.db'), { readonly: true });
  try {
    const alerts = occurrences(hub, 'SELECT key, raised_at AS raisedAt, cleared_at IS NOT NULL AS isOver FROM alert');
    const told = occurrences(
      desk,
      "SELECT key, raised_hub_at AS raisedAt, cleared_at IS NOT NULL AS isOver FROM alert WHERE source = 'hub' AND site_id = ?",
      site,
    );
    const toldStates = pairs(desk, 'SELECT device_id, state FROM device_state WHERE site_id = ?', site);
    const toldDevices = new Set(toldStates.map(deviceIn));
    // What is a person's is watched and not told.
    const states = pairs(hub, 'SELECT device_id, state FROM health').filter((pair) => toldDevices.has(deviceIn(pair)));
    const { cut, cutButCommitted } = log;
    return {
      ...judgeEntries(log, stored),
      alerts: alerts.length,
      wrongAlerts: difference(alerts, told),
      wrongStates: difference(states, toldStates),
      cut,
      cutButCommitted,
    };
  } finally {
    hub.close();
  }
}

export function judgeEntries({ entries }: Pick<CommitLog, 'entries'>, stored: readonly Stored[]) {
  const emitted = new Map(entries.map((entry, index) => [entry.id, { ...entry, index }]));
  const ids = new Set(stored.map(({ id }) => id));
  const places = new Set(stored.map(({ ses, pos }) => `${ses}/${pos}`));
  const order = stored.flatMap(({ id }) => emitted.get(id)?.index ?? []);
  const moved = stored.filter(({ id, ses, pos }) => emitted.has(id) && (emitted.get(id)?.ses !== ses || emitted.get(id)?.pos !== pos));
  return {
    emitted: emitted.size,
    stored: stored.length,
    lost: [...emitted.keys()].filter((id) => !ids.has(id)).length,
    doubled: 2 * stored.length - ids.size - places.size,
    invented: [...ids].filter((id) => !emitted.has(id)).length,
    outOfOrder: moved.length + order.filter((index, i) => i > 0 && index < (order[i - 1] as number)).length,
  };
}

function occurrences(db: Database.Database, sql: string, ...values: string[]): string[] {
  type Row = { key: string; raisedAt: number; isOver: number };
  return db
    .prepare<string[], Row>(sql)
    .all(...values)
    .map(({ key, raisedAt, isOver }) => `${key} ${raisedAt} ${isOver}`);
}

function pairs(db: Database.Database, sql: string, ...values: string[]): string[] {
  return db
    .prepare<string[], string[]>(sql)
    .raw()
    .all(...values)
    .map((pair) => pair.join(' '));
}

const deviceIn = (pair: string): string => pair.slice(0, pair.indexOf(' '));

/** How many of `left` and `right` have no partner in the other. */
function difference(left: readonly string[], right: readonly string[]): number {
  const waiting = new Map<string, number>();
  for (const each of left) waiting.set(each, (waiting.get(each) ?? 0) + 1);
  for (const each of right) waiting.set(each, (waiting.get(each) ?? 0) - 1);
  return [...waiting.values()].reduce((total, count) => total + Math.abs(count), 0);
}

function sum(a: Verdict, b: Verdict): Verdict {
  return Object.fromEntries(Object.entries(a).map(([key, value]) => [key, value + b[key as keyof Verdict]])) as Verdict;
}
