import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { LogRow } from '../../src/agent/inventory/identity-log.ts';
import { encodeEntry, type NewEntry } from '../../src/agent/outbox/entry.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { entryBodySchemas, envelopeSchema } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { verdictOf } from '../builders/ends.ts';
import { alertOf, at, clearedEntry, deviceOf, healthOf, idOf, NOTHING, QUIET_SITE, raisedEntry, stateEntry } from '../builders/entries.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const SMALL = { rows: 100, bytes: 1 << 20, alertRows: 30 };

type Options = { start?: number; limits?: typeof SMALL; retention?: { rows: number; ageMs: number } };

function open(folder: string, { start = 1, ...options }: Options = {}): AgentStore {
  const db = openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS);
  return createAgentStore(db, { random: seededRandom(start), start: idOf(start), ...options });
}

function everything(store: AgentStore) {
  return store.outbox.next(0, 100_000);
}

function gaps(store: AgentStore): { class: string; from: number; to: number; count: number }[] {
  return everything(store).flatMap(({ kind, body }) => (kind === 'gap' ? entryBodySchemas.gap.parse(JSON.parse(body)) : []));
}

const decided = (n: number, devices: readonly string[]): LogRow => ({ n, at: n, what: 'merged', by: 'agent', devices, why: 'A test.' });

describe('the agent store', () => {
  it('gives back after a restart all that a tick saved', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const alert = alertOf('device-down:x', at(5));
    const change = {
      ...NOTHING,
      devices: [deviceOf(1), deviceOf(2)],
      health: [healthOf(1, 'down', at(5))],
      readings: [{ deviceId: idOf(1), readings: { http: { dueAt: 86_400_000, failures: 0 } } }],
      learned: [
        {
          deviceId: idOf(1),
          learning: { rounds: 900, losses: { runs: 3, followed: 4, lostAgain: 1 }, past: { quarters: 5, usualMs: 0.4 } },
        },
      ],
      services: [{ deviceId: idOf(1), port: 445, name: 'file sharing (SMB)', downSinceAt: 7 }],
      sleep: [[idOf(2), 'f'.repeat(168)] as const],
      alerts: [alert],
      people: {
        cards: new Map([[idOf(1), { device: idOf(1), keys: ['mac 00:11:32:00:00:01'], says: { name: { value: 'Den', at: 5 } } }]]),
        pins: [{ n: 7, kind: 'apart' as const, a: ['mac a'], b: ['mac b'] }],
      },
      site: QUIET_SITE,
    };
    const told = { device: idOf(1), cause: 'support' as const, name: 'acme-1', ends: '2027-06', stage: 180 };
    const ledger = { since: 5, isIntroduced: true, catalogue: '2026112201', told: new Map([['a', told]]) };
    const lifecycle = { verdicts: new Map([[idOf(1), verdictOf(1)]]), ledger };
    store.commitTick({
      ...change,
      identity: [decided(7, [idOf(1)])],
      lifecycle: { verdicts: [...lifecycle.verdicts], withoutVerdict: [], ledger },
      entries: [stateEntry(1, 'down', at(5)), raisedEntry(alert, at(5))],
    });
    const waiting = everything(store);
    store.close();
    const again = open(folder, { start: 2 });
    const falls = [{ deviceId: idOf(1), sinceAt: at(5).wallMs }];
    expect(again.load()).toEqual({ ...change, lifecycle, falls, nextRow: 8, removedDevices: undefined, entries: undefined });
    expect(everything(again)).toEqual(waiting);
    again.close();
  });

  it('forgets a stage and a verdict that are gone, and saves none of both where the entries of their tick are refused', () => {
    const store = open(temporaryFolder());
    const told = (n: number) => ({ device: idOf(n), cause: 'support' as const, name: `acme-${n}`, stage: 0 });
    const ledger = { isIntroduced: true, told: new Map([1, 2].map((n) => [`end ${n}`, told(n)])) };
    const verdicts = [1, 2].map((n) => [idOf(n), verdictOf(n)] as const);
    store.commitTick({ ...NOTHING, lifecycle: { verdicts, withoutVerdict: [], ledger } });
    const after = { ...ledger, told: new Map([['end 2', { ...told(2), stage: 365 }]]) };
    store.commitTick({ ...NOTHING, lifecycle: { verdicts: [], withoutVerdict: [idOf(1)], ledger: after } });
    expect(store.load().lifecycle).toEqual({ verdicts: new Map([[idOf(2), verdictOf(2)]]), ledger: after });
    const refused = { ...stateEntry(1, 'down', at(5)), kind: null } as unknown as NewEntry;
    const change = { ...NOTHING, lifecycle: { verdicts, withoutVerdict: [], ledger }, entries: [refused] };
    expect(() => store.commitTick(change)).toThrow();
    expect(store.load().lifecycle?.ledger).toEqual(after);
    store.close();
  });

  it('forgets with a device what was learned of it, and learns it anew where it is there', () => {
    const store = open(temporaryFolder());
    const learned = (n: number, rounds: number) => ({
      deviceId: idOf(n),
      learning: { rounds, losses: { runs: 0, followed: 0, lostAgain: 0 }, past: { quarters: 0 } },
    });
    store.commitTick({ ...NOTHING, devices: [deviceOf(1), deviceOf(2)], learned: [learned(1, 10), learned(2, 20)] });
    store.commitTick({ ...NOTHING, removedDevices: [idOf(1)], learned: [learned(2, 30)] });
    expect(store.load().learned).toEqual([learned(2, 30)]);
    store.close();
  });

  it('tells which decision was undone by which, and takes that back when the undoing is undone', () => {
    const store = open(temporaryFolder());
    const rows = [decided(1, [idOf(1)]), decided(2, [idOf(2)]), { ...decided(3, [idOf(1)]), undoes: 1 }];
    store.commitTick({ ...NOTHING, identity: rows });
    expect(store.identity.row(1)?.undoneBy).toBe(3);
    expect(store.identity.newest(9, idOf(1)).map(({ n }) => n)).toEqual([3, 1]);
    store.commitTick({ ...NOTHING, identity: [{ ...decided(4, [idOf(1)]), undoes: 3 }] });
    expect([store.identity.row(1)?.undoneBy, store.identity.row(3)?.undoneBy]).toEqual([undefined, 4]);
    store.close();
  });

  it('keeps the newest 2,000 decisions about identity', () => {
    const store = open(temporaryFolder());
    store.commitTick({ ...NOTHING, identity: Array.from({ length: 2_100 }, (_, i) => decided(i + 1, [])) });
    expect(store.identity.newest(3_000).map(({ n }) => n)).toEqual(Array.from({ length: 2_000 }, (_, i) => 2_100 - i));
    expect(store.identity.nextRow()).toBe(2_101);
    store.close();
  });

  it('forgets a removed device with its verdict and its plan', () => {
    const store = open(temporaryFolder());
    store.commitTick({
      ...NOTHING,
      devices: [deviceOf(1)],
      health: [healthOf(1, 'up', at(1))],
      readings: [{ deviceId: idOf(1), readings: {} }],
    });
    store.commitTick({ ...NOTHING, removedDevices: [idOf(1)] });
    expect(store.load()).toMatchObject({ devices: [], health: [], readings: [], alerts: [] });
    store.close();
  });

  it('saves nothing of a tick whose entries cannot be saved', () => {
    const store = open(temporaryFolder());
    const broken = { ...stateEntry(1, 'up', at(1)), clock: undefined } as unknown as NewEntry;
    const change = { ...NOTHING, devices: [deviceOf(1)], entries: [stateEntry(1, 'down', at(1)), broken] };
    expect(() => store.commitTick(change)).toThrow(/NOT NULL|cannot/);
    expect(store.load().devices).toEqual([]);
    expect(store.outbox.waiting().count).toBe(0);
    store.close();
  });

  it('writes nothing when nothing changed', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const change = { ...NOTHING, devices: [deviceOf(1)], health: [healthOf(1, 'up', at(1))], site: QUIET_SITE };
    store.commitTick(change);
    const log = readFileSync(join(folder, 'agent.db-wal'));
    store.commitTick(change);
    store.commitTick(NOTHING);
    expect(readFileSync(join(folder, 'agent.db-wal')).equals(log)).toBe(true);
    store.close();
  });

  it('keeps at most one firing alert for a key, and the newest of those that are over', () => {
    const store = open(temporaryFolder(), { retention: { rows: 3, ageMs: 1_000_000 } });
    for (let i = 1; i <= 6; i++) {
      const alert = alertOf('gateway-unreachable', at(i * 10));
      store.commitTick({ ...NOTHING, alerts: [alert] });
      store.commitTick({ ...NOTHING, alerts: [{ ...alert, text: 'still' }] });
      expect(store.load().alerts.map(({ text }) => text)).toEqual(['still']);
      store.commitTick({ ...NOTHING, alerts: [{ ...alert, clearedAt: at(i * 10 + 5).wallMs }] });
    }
    expect(store.load().alerts).toEqual([]);
    expect(store.alerts.history(100).map(({ raisedAt }) => raisedAt)).toEqual([60, 50, 40].map((ms) => at(ms).wallMs));
    store.close();
  });

  it('remembers changes of state only, and forgets the oldest beyond its limits, by age only on a clock that the desk vouches for', () => {
    const store = open(temporaryFolder(), { retention: { rows: 4, ageMs: 50 } });
    const commit = (state: 'up' | 'down', ms: number, clock: 'desk' | 'unsynced' = 'unsynced'): void => {
      const entries = [{ ...stateEntry(1, state, at(ms)), clock }];
      store.commitTick({ ...NOTHING, health: [healthOf(1, state, at(ms))], entries });
    };
    commit('up', 10);
    commit('up', 20);
    for (let i = 0; i < 6; i++) commit(i % 2 === 0 ? 'down' : 'up', 30 + i);
    expect(store.health.history(idOf(1), 100).map(({ sinceAt }) => sinceAt)).toEqual([35, 34, 33, 32].map((ms) => at(ms).wallMs));
    commit('down', 84);
    expect(store.health.history(idOf(1), 100).map(({ sinceAt }) => sinceAt)).toEqual([84, 35, 34, 33].map((ms) => at(ms).wallMs));
    commit('up', 85, 'desk');
    expect(store.health.history(idOf(1), 100).map(({ sinceAt }) => sinceAt)).toEqual([85, 84, 35].map((ms) => at(ms).wallMs));
    store.close();
  });
});

describe('the history of states', () => {
  it("has nothing of what is a person's, and loses what it had of what turns out to be one's", () => {
    const store = open(temporaryFolder());
    store.commitTick({ ...NOTHING, health: [healthOf(1, 'up', at(1)), { ...healthOf(2, 'up', at(1)), isPersonal: true }] });
    store.commitTick({ ...NOTHING, health: [{ ...healthOf(2, 'asleep', at(2)), isPersonal: true }] });
    expect([1, 2].map((n) => store.health.history(idOf(n), 9).length)).toEqual([1, 0]);
    expect(store.load().health.find(({ deviceId }) => deviceId === idOf(2))?.state).toBe('asleep');
    store.commitTick({ ...NOTHING, devices: [{ ...deviceOf(1), personal: true }] });
    expect(store.health.history(idOf(1), 9)).toEqual([]);
    store.close();
  });
});

it("an older version's history of persons is gone after the upgrade, that of the house is not", () => {
  const path = join(temporaryFolder(), 'agent.db');
  const old = openDatabase(path, AGENT_MIGRATIONS.slice(0, 8));
  const store = createAgentStore(old, { random: seededRandom('old'), start: idOf(99) });
  store.commitTick({ ...NOTHING, devices: [deviceOf(1), { ...deviceOf(2), personal: true }] });
  store.commitTick({ ...NOTHING, health: [1, 2].map((n) => healthOf(n, 'up', at(n))) });
  expect([1, 2].map((n) => store.health.history(idOf(n), 9).length)).toEqual([1, 1]);
  store.close();
  const upgraded = createAgentStore(openDatabase(path, AGENT_MIGRATIONS), { random: seededRandom('new'), start: idOf(98) });
  expect([1, 2].map((n) => upgraded.health.history(idOf(n), 9).length)).toEqual([1, 0]);
  upgraded.close();
});

describe('the outbox', () => {
  it('stamps entries once: place, session and start stay what they were at the commit', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    store.commitTick({ ...NOTHING, entries: [stateEntry(1, 'down', at(1))] });
    expect(store.outbox.grant(7)).toBe(true);
    expect(store.outbox.grant(7)).toBe(false);
    store.commitTick({ ...NOTHING, entries: [stateEntry(1, 'up', at(2))] });
    store.close();
    const again = open(folder, { start: 2 });
    again.commitTick({ ...NOTHING, entries: [stateEntry(1, 'down', at(3))] });
    expect(again.outbox.grant(7), 'the same number is new for a new start').toBe(true);
    const places = everything(again).map(({ ses, pos, start }) => ({ ses, pos, start }));
    expect(places).toEqual([
      { ses: 0, pos: 1, start: idOf(1) },
      { ses: 7, pos: 2, start: idOf(1) },
      { ses: 7, pos: 3, start: idOf(2) },
    ]);
    again.close();
  });

  it('never gives a position twice, also when everything was acknowledged', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const ids = store.commitTick({ ...NOTHING, entries: [stateEntry(1, 'down', at(1)), stateEntry(1, 'up', at(2))] });
    expect(store.outbox.acknowledge([...ids, idOf(99)])).toHaveLength(2);
    expect(store.outbox.waiting()).toEqual({ count: 0, bytes: 0, dropped: 0 });
    store.close();
    const again = open(folder);
    again.commitTick({ ...NOTHING, entries: [stateEntry(1, 'down', at(3))] });
    expect(everything(again).map(({ pos }) => pos)).toEqual([3]);
    again.close();
  });

  it('sends what the contract says', () => {
    const store = open(temporaryFolder());
    const alert = alertOf('device-down:ü"\n', at(5.5));
    store.commitTick({ ...NOTHING, entries: [raisedEntry(alert, at(5.5)), clearedEntry(alert, at(6))] });
    const [raised] = everything(store).map((entry) => envelopeSchema.parse(JSON.parse(encodeEntry(entry))));
    expect(raised).toMatchObject({ v: 1, ses: 0, pos: 1, mono: 5.5, clk: 'unsynced', k: 'alert.raised', d: alert });
    store.close();
  });

  it('drops the oldest alerts beyond their limit and says which', () => {
    const store = open(temporaryFolder(), { limits: { ...SMALL, rows: 1000 } });
    for (let i = 1; i <= 31; i++) store.commitTick({ ...NOTHING, entries: [raisedEntry(alertOf(`a${i}`, at(i)), at(i))] });
    expect(gaps(store)).toEqual([{ class: 'alert', from: 1, to: 4, count: 4 }]);
    expect(everything(store)[0]?.pos).toBe(5);
    expect(store.outbox.snapshotDue()).toBe(true);
    store.close();
  });

  it('keeps of a long outage the newest state of each device and every alert', () => {
    const store = open(temporaryFolder(), { limits: SMALL });
    store.commitTick({ ...NOTHING, entries: [raisedEntry(alertOf('first', at(0)), at(0)), stateEntry(77, 'down', at(0))] });
    for (let i = 1; i <= 1000; i++) store.commitTick({ ...NOTHING, entries: [stateEntry(i % 10, i % 3 === 0 ? 'up' : 'down', at(i))] });
    const rest = everything(store);
    expect(rest.length).toBeLessThanOrEqual(SMALL.rows);
    expect(rest[0]?.kind).toBe('alert.raised');
    expect(rest[1]?.body, 'the only word on a quiet device').toContain(idOf(77));
    for (let n = 0; n < 10; n++) {
      const newest = rest.findLast(({ kind, body }) => kind === 'device.state' && JSON.parse(body).device === idOf(n));
      expect(newest?.at.monoMs).toBe(n === 0 ? 1000 : 990 + n);
    }
    const [gap, ...more] = gaps(store);
    expect(more).toEqual([]);
    expect(gap?.count).toBe(1002 + 1 - rest.length);
    expect(store.outbox.waiting().dropped).toBe(gap?.count);
    store.close();
  });

  it('stays within its bytes, inventory going before states and states before alerts', () => {
    const store = open(temporaryFolder(), { limits: { rows: 10_000, bytes: 40_000, alertRows: 10_000 } });
    for (let i = 1; i <= 100; i++) {
      const removed: NewEntry = { kind: 'device.removed', body: { device: idOf(i), why: 'x'.repeat(200) }, at: at(i), clock: 'ntp' };
      store.commitTick({ ...NOTHING, entries: [removed, stateEntry(i, 'up', at(i)), raisedEntry(alertOf(`a${i}`, at(i)), at(i))] });
      expect(store.outbox.waiting().bytes).toBeLessThan(40_500);
    }
    const kinds = Map.groupBy(everything(store), ({ kind }) => kind);
    expect(kinds.get('alert.raised')).toHaveLength(100);
    expect(kinds.get('device.removed')?.length ?? 0).toBeLessThan(kinds.get('device.state')?.length ?? 0);
    const told = gaps(store).reduce((sum, { count }) => sum + count, 0);
    expect(told).toBe(300 - everything(store).filter(({ kind }) => kind !== 'gap').length);
    store.close();
  });

  it('counts right what it finds when it is opened again', () => {
    const folder = temporaryFolder();
    const store = open(folder, { limits: SMALL });
    for (let i = 1; i <= 90; i++) store.commitTick({ ...NOTHING, entries: [stateEntry(i, 'up', at(i))] });
    const before = store.outbox.waiting();
    store.close();
    const again = open(folder, { limits: SMALL });
    expect(again.outbox.waiting()).toEqual(before);
    again.close();
  });

  it('commits a snapshot whole and then owes none', () => {
    const store = open(temporaryFolder());
    store.outbox.grant(1);
    expect(store.outbox.snapshotDue()).toBe(true);
    const part = { snapshot: idOf(1), part: 0, parts: 2, site: QUIET_SITE, devices: [], alerts: [] };
    store.outbox.commitSnapshot([part, { ...part, part: 1 }], at(1), 'desk');
    expect(store.outbox.snapshotDue()).toBe(false);
    expect(everything(store).map(({ kind, ses }) => `${kind} ${ses}`)).toEqual(['snapshot 1', 'snapshot 1']);
    store.close();
  });

  it('tells a full disk from a broken one, and goes on when there is room again', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    store.close();
    const db = openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS);
    const cramped = createAgentStore(db, { random: seededRandom(1), start: idOf(1) });
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
    const big = { ...NOTHING, entries: Array.from({ length: 500 }, (_, i) => stateEntry(i, 'up', at(i))) };
    expect(() => cramped.commitTick(big)).toThrow(expect.objectContaining({ code: 'HB_DATA_FOLDER', retryable: true }));
    expect(cramped.outbox.waiting().count).toBe(0);
    db.pragma('max_page_count = 100000');
    expect(cramped.commitTick(big)).toHaveLength(500);
    expect(cramped.outbox.waiting().count).toBe(500);
    expect(db.prepare('SELECT count(*) FROM outbox').pluck().get()).toBe(500);
    cramped.close();
    expect(new Database(join(folder, 'agent.db')).pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
