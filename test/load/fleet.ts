/**
 * A store of many homes, as the desk itself would have it: each home's birth and snapshot go through the desk's own batches, and behind them lie weeks of history. The same
 * number of homes gives the same store, but for the instants.
 */
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { type Arrival, commitBatch } from '../../src/desk/ingest/batch.ts';
import type { EntryContent } from '../../src/desk/ingest/decode.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { downAlert, LoadHome, stateOf } from './load-home.ts';

/** Behind the present of each home. */
const PAST = { alerts: 12, changes: 60 } as const;
const HOMES_AT_ONCE = 50;
const DAY_MS = 86_400_000;
/** One of so many hubs is not heard. */
const UNHEARD_EVERY = 50;

export async function makeFleet(
  database: DeskDatabase,
  homes: number,
  at: number,
  onProgress: (done: number) => void = () => {},
): Promise<void> {
  for (let first = 0; first < homes; first += HOMES_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(HOMES_AT_ONCE, homes - first) }, (_, i) => first + i);
    const all = numbers.map((number) => new LoadHome(number, at));
    const settings = { acceptNewSites: true, graceMs: 0, excusedFromMs: 0, seen: 0 };
    await commitBatch(
      database,
      all.flatMap((home, i) => presentOf(home, first + i, at)),
      new Map(),
      settings,
    );
    await database.transaction().execute(async (db) => {
      for (const home of all) await addPast(db, home, at);
    });
    onProgress(first + numbers.length);
  }
}

/** What its hub says when it is started; a hub that is not heard says goodbye. */
function presentOf(home: LoadHome, number: number, wallMs: number): Arrival[] {
  const { site } = home;
  const random = seededRandom(`hub ${number}`);
  const [start, sid] = [newRandomId(random), newRandomId(random)];
  const at = { monoMs: 0, listenedMs: 0, wallMs };
  const clocks = { ts: wallMs, mono: 0, clk: 'ntp' } as const;
  const birth = {
    v: 1 as const,
    s: 'online' as const,
    sid,
    start,
    ver: '0.1.0',
    ...clocks,
    heartbeatS: 30,
    caps: [] as string[],
    siteName: home.name,
  };
  const entries = home.snapshot(wallMs).map((body, i) => {
    const envelope = { v: 1 as const, id: newRandomId(random), start, ses: 1, pos: i + 1, ...clocks, k: 'snapshot', d: body };
    return { at, inbound: { kind: 'entry' as const, site, envelope, content: { k: 'snapshot', d: body } satisfies EntryContent } };
  });
  const goodbye = { v: 1, s: 'offline', sid, why: 'shutdown' } as const;
  return [
    { at, inbound: { kind: 'status', site, message: birth, retained: false } },
    ...entries,
    ...(number % UNHEARD_EVERY === 0 ? [{ at, inbound: { kind: 'status' as const, site, message: goodbye, retained: false } }] : []),
  ];
}

async function addPast(db: DeskDatabase, home: LoadHome, at: number): Promise<void> {
  const random = seededRandom(`past of ${home.site}`);
  const [start, site_id] = [newRandomId(random), home.site];
  const instants = (count: number): number[] =>
    Array.from({ length: count }, () => at - DAY_MS - Math.floor(random.fraction() * 60 * DAY_MS));
  const [alerts, changes] = [instants(PAST.alerts), instants(PAST.changes)];
  await db
    .insertInto('alert')
    .values(alerts.map((when, i) => pastAlert(home, i, when)))
    .execute();
  await db
    .insertInto('event')
    .values(changes.map((when, i) => pastChange(home, i, when, { site_id, start, random })))
    .execute();
  await db
    .insertInto('device_course')
    .values(changes.map((when, i) => pastCourse(home, i, when)))
    .execute();
}

/** As the desk keeps it of such a change that it hears of late. */
function pastCourse(home: LoadHome, i: number, since_at: number) {
  const { device: device_id, state } = stateOf(home.device(i), i % 2 === 0 ? 'down' : 'up', since_at);
  return { site_id: home.site, device_id, since_at, ses: 0, pos: i + 1, state, was: null, rtt_us: 600 };
}

/** Of a device that went up and down day and night: the newest three months of years. */
export const RESTLESS_CHANGES = 3_000;

export async function addRestlessDevice(db: DeskDatabase, home: LoadHome, at: number): Promise<string> {
  const device_id = home.device(0).device.id;
  const every = (90 * DAY_MS) / RESTLESS_CHANGES;
  const rows = Array.from({ length: RESTLESS_CHANGES }, (_, i) => {
    const state = i % 2 === 0 ? 'down' : 'up';
    return {
      site_id: home.site,
      device_id,
      since_at: Math.round(at - 2 * DAY_MS - i * every),
      ses: 0,
      pos: 100 + i,
      state,
      was: null,
      rtt_us: 600 + i,
    };
  });
  for (let i = 0; i < rows.length; i += 300)
    await db
      .insertInto('device_course')
      .values(rows.slice(i, i + 300))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  return device_id;
}

function pastAlert(home: LoadHome, i: number, at: number) {
  const told = { ...downAlert(home.device(i * 5), at), clearedAt: at + 600_000, clearedBecause: 'it answers again' };
  return {
    site_id: home.site,
    key: told.key,
    raised_hub_at: at,
    ses: 0,
    pos: i + 1,
    code: told.code,
    severity: told.severity,
    device_id: told.device ?? null,
    raised_at: at,
    actionable_at: told.actionableAt,
    cleared_at: told.clearedAt,
    cleared_because: told.clearedBecause,
    source: 'hub' as const,
    body: JSON.stringify(told),
    clock_offset_ms: 0,
    received_at: at,
    late: 0,
    untold: 0,
    forgotten: 0,
  };
}

function pastChange(home: LoadHome, i: number, at: number, { site_id, start, random }: { site_id: string; start: string; random: Random }) {
  const body = JSON.stringify(stateOf(home.device(i), i % 2 === 0 ? 'down' : 'up', at));
  const times = {
    hub_at: at,
    occurred_at: at,
    occurred_by: 'anchor' as const,
    received_at: at,
    late: 0,
    not_before: null,
    not_after: null,
  };
  return { site_id, id: newRandomId(random), start, ses: 0, pos: i + 1, kind: 'device.state', body, ...times };
}
