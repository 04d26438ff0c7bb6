/** Whether the desk has what the hubs committed: the same ids, each once, in the order of the commits, and of every alert one occurrence. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
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
export async function judge(homes: readonly Home[], desk: DeskDatabase): Promise<Verdict> {
  const verdicts = await Promise.all(homes.map((home) => judgeHome(home, desk)));
  return verdicts.reduce(sum);
}

async function judgeHome({ folder, site }: Home, desk: DeskDatabase): Promise<Verdict> {
  const log = readCommitLog(join(folder, 'commits.log'));
  const { stored, told, toldStates } = await toldOf(site, desk);
  const hub = new Database(join(folder, 'agent.db'), { readonly: true });
  try {
    const alerts = rowsOf(hub, 'SELECT key, raised_at, cleared_at IS NOT NULL FROM alert');
    const toldDevices = new Set(toldStates.map(deviceIn));
    // What is a person's is watched and not told.
    const states = rowsOf(hub, 'SELECT device_id, state FROM health').filter((pair) => toldDevices.has(deviceIn(pair)));
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

/** What the desk has of a home, whatever its database. */
async function toldOf(site: string, desk: DeskDatabase) {
  const stored: Stored[] = await desk
    .selectFrom('event')
    .select(['id', 'ses', 'pos'])
    .where('site_id', '=', site)
    .orderBy('ses')
    .orderBy('pos')
    .execute();
  const alerts = await desk
    .selectFrom('alert')
    .select(['key', 'raised_hub_at', 'cleared_at'])
    .where('site_id', '=', site)
    .where('source', '=', 'hub')
    .execute();
  const states = await desk.selectFrom('device_state').select(['device_id', 'state']).where('site_id', '=', site).execute();
  return {
    stored,
    told: alerts.map(({ key, raised_hub_at, cleared_at }) => `${key} ${raised_hub_at} ${cleared_at === null ? 0 : 1}`),
    toldStates: states.map(({ device_id, state }) => `${device_id} ${state}`),
  };
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

function rowsOf(hub: Database.Database, sql: string): string[] {
  return hub
    .prepare<[], (string | number)[]>(sql)
    .raw()
    .all()
    .map((row) => row.join(' '));
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
