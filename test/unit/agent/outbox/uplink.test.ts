import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { MOST_SILENCES } from '../../../../src/agent/alerts/silences.ts';
import { createUplink, type UplinkDeps } from '../../../../src/agent/outbox/uplink.ts';
import { createAgentStore } from '../../../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../../../src/agent/store/migrations.ts';
import { HearthbeatError } from '../../../../src/base/errors.ts';
import type { LinkHandlers } from '../../../../src/base/mqtt.ts';
import {
  type Envelope,
  entryBodySchemas,
  heartbeatSchema,
  type RememberedAlert,
  statusSchema,
  type VerdictMessage,
  verdictSchema,
} from '../../../../src/protocol/messages.ts';
import { downTopic, upTopic } from '../../../../src/protocol/topics.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../../../src/simulation/virtual-clock.ts';
import { verdictOf } from '../../../builders/ends.ts';
import { at, idOf, NOTHING, QUIET_SITE, stateEntry } from '../../../builders/entries.ts';
import { supportEnding } from '../../../fakes/hub.ts';

const SITE = idOf(7);
const START = idOf(8);

type Sent = { readonly topic: string; readonly payload: string; readonly atMs: number };

/** A hub whose link is this test. */
function hub(overrides: Partial<UplinkDeps> = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const db = new Database(':memory:');
  for (const { sql } of AGENT_MIGRATIONS) db.exec(sql);
  const store = createAgentStore(db, { random, start: START });
  const sent: Sent[] = [];
  let handlers: LinkHandlers | undefined;
  const link = {
    start: (given: LinkHandlers) => {
      handlers = given;
    },
    publish: async (topic: string, payload: string) => {
      sent.push({ topic, payload, atMs: clock.now().monoMs });
      return true;
    },
    stop: async () => {},
  };
  const uplink = createUplink({
    link,
    outbox: store.outbox,
    clock,
    random,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    identity: { site: SITE, start: START, version: '1.2.3', heartbeatS: 30 },
    snapshot: () => ({ site: QUIET_SITE, devices: [], alerts: [] }),
    acknowledge: () => false,
    remember: () => false,
    counts: () => ({ up: 1, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
    ...overrides,
  });
  uplink.start();
  const receive = (topic: string, body: unknown, retained = false): void =>
    handlers?.onMessage({ topic, payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), retained });
  return {
    clock,
    store,
    uplink,
    sent,
    receive,
    connect: (isUndated = false) => {
      const will = handlers?.will?.();
      handlers?.onState({ connected: true, isUndated });
      return will;
    },
    disconnect: (problem: string) => handlers?.onState({ connected: false, problem, code: 'HB_BROKER_UNREACHABLE' }),
    grant: (ses = 1, start = START, time = clock.now().wallMs) => receive(downTopic(SITE, 'grant'), { v: 1, start, ses, time }),
    ack: (ids: string[], time = clock.now().wallMs) => receive(downTopic(SITE, 'ack'), { v: 1, ids, time }),
    commit: (count: number) => {
      const ids = store.commitTick({ ...NOTHING, entries: Array.from({ length: count }, (_, i) => stateEntry(i, 'up', clock.now())) });
      uplink.notify();
      return ids;
    },
    births: () =>
      sent.filter(({ topic }) => topic === upTopic(SITE, 'status')).map(({ payload }) => statusSchema.parse(JSON.parse(payload))),
    entries: () =>
      sent
        .filter(({ topic }) => topic === upTopic(SITE, 'ev'))
        .map(({ payload, atMs }) => ({ ...(JSON.parse(payload) as Envelope), atMs })),
  };
}

/** Connected, granted, and rid of the snapshot. */
function granted(overrides: Partial<UplinkDeps> = {}): ReturnType<typeof hub> {
  const it = hub(overrides);
  it.connect();
  it.grant();
  it.ack(it.entries().map(({ id }) => id));
  it.sent.length = 0;
  return it;
}

describe('after a connect the hub', () => {
  it('says hello, again after 1, 2, 4, 8, then every 10 s until the desk answers, and sends nothing before', async () => {
    const it = hub();
    it.commit(3);
    it.connect();
    await it.clock.advance(36_000);
    expect(it.births()).toHaveLength(7);
    expect(it.births()[0]).toMatchObject({ s: 'online', start: START, ver: '1.2.3', heartbeatS: 30, clk: 'unsynced' });
    expect(it.entries()).toEqual([]);
    it.grant(4);
    await it.clock.advance(60_000);
    expect(it.births()).toHaveLength(7);
    expect(
      it
        .entries()
        .slice(0, 4)
        .map(({ k, ses }) => `${k} ${ses}`),
    ).toEqual(['device.state 0', 'device.state 0', 'device.state 0', 'snapshot 4']);
  });

  it('tells a broker that only the desk can prove right nothing of its house before the desk answered', async () => {
    const identity = { site: SITE, start: START, version: '1.2.3', heartbeatS: 30, siteName: 'Villa Meyer' };
    const it = hub({ identity });
    it.commit(3);
    it.connect(true);
    await it.clock.advance(120_000);
    expect(it.births().length).toBeGreaterThan(5);
    expect(new Set(it.sent.map(({ topic }) => topic))).toEqual(new Set([upTopic(SITE, 'status')]));
    expect(JSON.stringify(it.sent)).not.toContain('Villa');
    const unanswered = it.births().length;
    it.grant();
    await it.clock.advance(60_000);
    expect(it.births().slice(unanswered)).toMatchObject([{ siteName: 'Villa Meyer' }]);
    expect(it.entries().length).toBeGreaterThan(3);
    expect(it.sent.filter(({ topic }) => topic === upTopic(SITE, 'hb'))).toHaveLength(2);
  });

  it('names each connection, in its birth and in its will', () => {
    const it = hub();
    const first = it.connect();
    it.disconnect('gone');
    const wills = [first, it.connect()].map((will) => statusSchema.parse(JSON.parse(will?.payload ?? '')));
    expect(it.births().map(({ sid }) => sid)).toEqual(wills.map(({ sid }) => sid));
    expect(new Set(wills.map(({ sid }) => sid)).size).toBe(2);
    expect(wills[0]).toMatchObject({ s: 'offline', why: 'will' });
  });

  it('sends everything that is not acknowledged again, oldest first, and no second snapshot for the same session', () => {
    const it = granted();
    const ids = it.commit(5);
    it.ack(ids.slice(1, 2));
    it.disconnect('gone');
    it.sent.length = 0;
    it.connect();
    it.grant();
    expect(it.entries().map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3], ids[4]]);
  });

  it('does not wait for what was on its way when the connection was lost', async () => {
    const it = granted();
    const ids = it.commit(40);
    await it.clock.advance(5_000);
    it.disconnect('gone');
    it.sent.length = 0;
    it.connect();
    it.grant();
    expect(it.entries().map(({ id }) => id)).toEqual(ids.slice(0, 20));
  });

  it('beats with what waits', async () => {
    const it = granted();
    it.commit(2);
    await it.clock.advance(30_000);
    const beat = it.sent.find(({ topic }) => topic === upTopic(SITE, 'hb'));
    expect(heartbeatSchema.parse(JSON.parse(beat?.payload ?? ''))).toMatchObject({
      start: START,
      ses: 1,
      n: 0,
      outbox: { waiting: 2, oldestAgeS: 30 },
    });
  });
});

describe('an entry', () => {
  it('is sent again after 10 s, 20 s, 40 s and at last every 5 minutes, a fifth more or less', async () => {
    const it = granted();
    it.commit(1);
    await it.clock.advance(3_600_000);
    const times = it.entries().map(({ atMs }) => atMs);
    const waits = times.slice(1).map((ms, i) => (ms - (times[i] as number)) / 1000);
    for (const [i, expected] of [10, 20, 40, 80, 160, 300, 300, 300].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(expected * 0.8 - 0.01);
      expect(waits[i]).toBeLessThanOrEqual(expected * 1.2 + 0.01);
    }
  });

  it('leaves the outbox only by the acknowledgement of the desk, also a late one', async () => {
    const it = granted();
    const ids = it.commit(1);
    await it.clock.advance(600_000);
    expect(it.store.outbox.waiting().count).toBe(1);
    it.ack(ids);
    expect(it.store.outbox.waiting().count).toBe(0);
    const sent = it.entries().length;
    await it.clock.advance(600_000);
    expect(it.entries()).toHaveLength(sent);
  });

  it('waits while 32 are on their way', async () => {
    const it = granted();
    const ids = it.commit(100);
    await it.clock.advance(5_000);
    expect(it.entries().map(({ id }) => id)).toEqual(ids.slice(0, 32));
    it.ack(ids.slice(0, 10));
    await it.clock.advance(1_000);
    expect(it.entries().map(({ id }) => id)).toEqual(ids.slice(0, 42));
  });

  it('that the desk never takes does not stop the others', async () => {
    const it = granted();
    const poison = it.commit(32);
    await it.clock.advance(300_000);
    const others = it.commit(10);
    await it.clock.advance(5_000);
    expect(new Set(it.entries().map(({ id }) => id))).toEqual(new Set([...poison, ...others]));
  });

  it('of a backlog takes its turn: at most 40 a second after a burst of 20', async () => {
    const it = granted();
    it.commit(2_000);
    let acknowledged = 0;
    for (let ms = 0; ms < 10_000; ms += 50) {
      await it.clock.advance(50);
      const fresh = it.entries().slice(acknowledged);
      acknowledged += fresh.length;
      it.ack(fresh.map(({ id }) => id));
    }
    expect(it.entries().length).toBeGreaterThan(390);
    expect(it.entries().length).toBeLessThanOrEqual(421);
  });
});

const ACKNOWLEDGE = { v: 1, k: 'alert.acknowledge', d: { key: 'internet-down', raisedAt: 1, by: 'Ben', at: 2 } };

const REMEMBER = { v: 1, k: 'alert.remember', d: supportEnding(idOf(3), 1, 90) };

describe('a message from below', () => {
  it.each([
    ['foreign', downTopic(idOf(9), 'ack'), { v: 1, ids: [], time: 1 }, false],
    ['foreign', downTopic(SITE, 'ack').replace('/ack', '/cfg'), { v: 1 }, false],
    ['malformed', downTopic(SITE, 'ack'), '{"v":1,"ids":[', false],
    ['malformed', downTopic(SITE, 'ack'), { v: 2, ids: [], time: 1 }, false],
    ['malformed', downTopic(SITE, 'grant'), { v: 1, start: START, ses: -1, time: 1 }, false],
    ['retained', downTopic(SITE, 'grant'), { v: 1, start: START, ses: 9, time: 1 }, true],
    ['oversize', downTopic(SITE, 'ack'), ' '.repeat(70_000), false],
    ['other-start', downTopic(SITE, 'grant'), { v: 1, start: idOf(9), ses: 9, time: 1 }, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...ACKNOWLEDGE, k: 'power.cycle' }, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...ACKNOWLEDGE, d: { ...ACKNOWLEDGE.d, by: '\u202e \u0007' } }, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...ACKNOWLEDGE, d: { ...ACKNOWLEDGE.d, note: 'x'.repeat(257) } }, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...ACKNOWLEDGE, d: { ...ACKNOWLEDGE.d, plannedFor: 'spring' } }, false],
    ['retained', downTopic(SITE, 'cmd'), ACKNOWLEDGE, true],
    ['over', downTopic(SITE, 'cmd'), ACKNOWLEDGE, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...REMEMBER, d: { ...REMEMBER.d, stage: undefined } }, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...REMEMBER, d: { ...REMEMBER.d, title: '\u0007' } }, false],
    ['malformed', downTopic(SITE, 'cmd'), { ...REMEMBER, d: { ...REMEMBER.d, key: `${REMEMBER.d.key}\u001b[2J` } }, false],
    ['over', downTopic(SITE, 'cmd'), REMEMBER, false],
  ] as const)('that is %s is counted and changes nothing (%s)', (why, topic, body, retained) => {
    const it = granted();
    it.commit(1);
    it.receive(topic, body, retained);
    expect(it.uplink.status()).toMatchObject({ session: 1, waiting: { count: 1 }, refused: { [why]: 1 } });
  });

  it('that somebody at the desk acknowledged an alert is handed on by the clock of the hub, its words clean', () => {
    const heard: unknown[] = [];
    const it = hub({ acknowledge: (...said) => heard.push(said) > 0 });
    it.connect();
    const { wallMs } = it.clock.now();
    it.receive(downTopic(SITE, 'grant'), { v: 1, start: START, ses: 1, time: wallMs + 3_600_000 });
    const d = {
      key: 'internet-down',
      raisedAt: 1,
      by: 'Ben\u202e',
      at: wallMs + 3_600_000,
      note: 'I\u0007 call them',
      plannedFor: '2027-03',
    };
    it.receive(downTopic(SITE, 'cmd'), { ...ACKNOWLEDGE, d });
    const acknowledged = { by: 'Ben', at: wallMs, note: 'I call them', where: 'desk', plannedFor: '2027-03' };
    expect(heard).toEqual([[{ key: 'internet-down', raisedAt: 1 }, acknowledged]]);
    expect(it.uplink.status().refused).toEqual({});
  });

  it('that something nears its end which this hub forgot is handed on by the clock of the hub, its words clean', () => {
    const heard: RememberedAlert[] = [];
    const it = hub({ remember: (alert) => heard.push(alert) > 0 });
    it.connect();
    const { wallMs } = it.clock.now();
    it.receive(downTopic(SITE, 'grant'), { v: 1, start: START, ses: 1, time: wallMs + 3_600_000 });
    const acknowledged = { by: 'Ben\u202e', at: wallMs + 3_600_000, where: 'desk', plannedFor: '2027-03' };
    it.receive(downTopic(SITE, 'cmd'), { ...REMEMBER, d: { ...REMEMBER.d, text: 'It ends\u0007.', held: true, acknowledged } });
    expect(heard).toEqual([{ ...REMEMBER.d, text: 'It ends.', acknowledged: { ...acknowledged, by: 'Ben', at: wallMs } }]);
    expect(it.uplink.status().refused).toEqual({});
  });
});

describe('commands without end', () => {
  it('are carried out so often in an hour as a home can need, and no more: each is a write to the card', async () => {
    let carriedOut = 0;
    const it = granted({ remember: () => ++carriedOut > 0 });
    for (let i = 0; i < 3_000; i++) it.receive(downTopic(SITE, 'cmd'), REMEMBER);
    expect(carriedOut).toBe(2_000);
    expect(it.uplink.status().refused).toEqual({ 'too-many': 1_000 });
    await it.clock.advance(3_600_000);
    it.receive(downTopic(SITE, 'cmd'), REMEMBER);
    expect(carriedOut).toBe(2_001);
  });
});

/** With as much as a verdict may say. */
function atItsLongest<D extends object>(device: D): D & { lifecycle: VerdictMessage } {
  const text = (letters: number): string => 'ü'.repeat(letters);
  const timeline = Array.from({ length: 12 }, (_, n) => ({ what: text(48), on: `20${n + 10}-12-31`, atTheLatest: true as const }));
  const told = { why: text(512), toDo: text(512), stops: text(400), stays: text(300), plannedFor: '2027-12-31' };
  const source = { title: text(200), url: `https://${'u'.repeat(392)}`, readOn: '2026-11-22' };
  const lifecycle = { ...verdictOf(1), ...told, source, timeline, facts: Array.from({ length: 8 }, () => 'f'.repeat(80)) };
  expect(verdictSchema.safeParse(lifecycle).success).toBe(true);
  return { ...device, lifecycle };
}

describe('a snapshot', () => {
  it('follows each new session in parts that belong together and fit a message', () => {
    const reason = 'ü'.repeat(250);
    const devices = Array.from({ length: 60 }, (_, n) => ({
      device: { id: idOf(n), ips: ['192.0.2.1'], macs: [], seenBy: [], isGateway: false, firstSeenAt: 1 },
      state: { device: idOf(n), state: 'up' as const, since: 1, reason, detectWithinMs: 15_000 },
    }));
    const silences = Array.from({ length: MOST_SILENCES }, (_, n) => ({
      ...{ n, device: idOf(n), by: 'ü'.repeat(64), because: 'ü'.repeat(160), setAt: at(0).wallMs, endsAt: at(0).wallMs },
    }));
    const it = hub({ snapshot: () => ({ site: { ...QUIET_SITE, silences }, devices, alerts: [] }) });
    it.connect();
    it.grant(1);
    const parts = it
      .entries()
      .map(({ d }) => d as { snapshot: string; part: number; parts: number; devices: { device: { id: string } }[] });
    expect(parts.map(({ part, parts: of }) => `${part}/${of}`)).toEqual(parts.map((_, i) => `${i}/${parts.length}`));
    expect(new Set(parts.map(({ snapshot }) => snapshot)).size).toBe(1);
    expect(parts.flatMap((part) => part.devices.map(({ device }) => device.id))).toEqual(devices.map(({ device }) => device.id));
    expect(Math.max(...parts.map((part) => part.devices.length))).toBeLessThanOrEqual(25);
    expect(Math.max(...it.sent.map(({ payload }) => Buffer.byteLength(payload)))).toBeLessThanOrEqual(16 * 1024);
  });
});

describe('a snapshot with verdicts', () => {
  it('brings each of them with its device, in parts that fit a message however long they are', () => {
    const devices = Array.from({ length: 12 }, (_, n) =>
      atItsLongest({
        device: { id: idOf(n), ips: ['192.0.2.1'], macs: [], seenBy: [], isGateway: false, firstSeenAt: 1 },
        state: { device: idOf(n), state: 'up' as const, since: 1, reason: 'ü'.repeat(512), detectWithinMs: 15_000 },
      }),
    );
    const it = hub({ snapshot: () => ({ site: QUIET_SITE, devices, alerts: [] }) });
    it.connect();
    it.grant(1);
    const parts = it.entries().map(({ d }) => entryBodySchemas.snapshot.parse(d));
    expect(parts.flatMap((part) => part.devices)).toEqual(devices);
    expect(Math.max(...it.sent.map(({ payload }) => Buffer.byteLength(payload)))).toBeLessThanOrEqual(16 * 1024);
  });
});

describe('after entries had to be dropped', () => {
  it('a snapshot settles the present state, though not more often than once a minute', async () => {
    const it = granted();
    it.store.meta.set('snapshot-due', '1');
    await it.clock.advance(30_000);
    expect(it.entries()).toEqual([]);
    await it.clock.advance(30_000);
    expect(it.entries().map(({ k }) => k)).toEqual(['snapshot']);
  });
});

describe('the status', () => {
  it('says in a sentence what is wrong, and nothing when all is well', async () => {
    const it = hub();
    expect(it.uplink.status().problem).toMatch(/Not connected/);
    it.connect();
    await it.clock.advance(40_000);
    expect(it.uplink.status().problem).toBe('Connected to the broker, but no desk has answered for 40 s.');
    it.grant();
    expect(it.uplink.status()).toMatchObject({ connected: true, granted: true, waiting: { count: 1 } });
    expect(it.uplink.status().problem).toBeUndefined();
    await it.clock.advance(31_000);
    expect(it.uplink.status().problem).toBe('The desk has not acknowledged anything for 31 s.');
    it.ack(it.entries().map(({ id }) => id));
    expect(it.uplink.status()).toMatchObject({ waiting: { count: 0 }, lastAckAt: it.clock.now().wallMs });
    expect(it.uplink.status().problem).toBeUndefined();
    it.disconnect('The broker is away.');
    expect(it.uplink.status()).toMatchObject({ connected: false, problem: 'The broker is away.', code: 'HB_BROKER_UNREACHABLE' });
  });

  it('of a quiet home does not blame the desk for an entry of this moment', async () => {
    const it = granted();
    await it.clock.advance(3_600_000);
    it.commit(1);
    expect(it.uplink.status().problem).toBeUndefined();
    await it.clock.advance(30_000);
    expect(it.uplink.status().problem).toMatch(/not acknowledged anything for 30 s/);
  });

  it('tells of a full disk and goes on when there is room again', () => {
    let isFull = false;
    const inner = hub();
    const outbox = {
      ...inner.store.outbox,
      acknowledge: (ids: readonly string[]) => {
        if (isFull) throw new HearthbeatError('HB_DATA_FOLDER', 'The disk is full.', 'Make room.', { retryable: true });
        return inner.store.outbox.acknowledge(ids);
      },
    };
    const it = hub({ outbox });
    it.connect();
    it.grant();
    const ids = it.entries().map(({ id }) => id);
    isFull = true;
    it.ack(ids);
    expect(it.uplink.status().problem).toBe('The disk is full.');
    isFull = false;
    it.ack(ids);
    expect(it.uplink.status().problem).toBeUndefined();
    expect(inner.store.outbox.waiting().count).toBe(0);
  });
});

describe('the clock', () => {
  it('counts as the desk`s once a grant told the time and it agrees', async () => {
    const it = hub({ systemClock: () => 'ntp' });
    expect(it.uplink.clockQuality()).toBe('ntp');
    it.connect();
    await it.clock.advance(100);
    it.grant(1, START, it.clock.now().wallMs - 50);
    expect(it.uplink.clockQuality()).toBe('desk');
    expect(it.uplink.deskOffset()).toEqual({ offsetMs: 0, errorMs: 50 });
    it.clock.stepWall(-86_400_000);
    expect(it.uplink.clockQuality()).toBe('ntp');
    expect(it.uplink.deskOffset()?.offsetMs).toBe(86_400_000);
  });

  it('is known less and less well as time passes, until an acknowledgement tells it again', async () => {
    const it = granted();
    await it.clock.advance(6 * 3_600_000);
    expect(it.uplink.deskOffset()?.errorMs).toBe(2_160);
    expect(it.uplink.clockQuality()).toBe('unsynced');
    const ids = it.commit(1);
    await it.clock.advance(200);
    it.ack(ids, it.clock.now().wallMs + 900);
    expect(it.uplink.deskOffset()).toEqual({ offsetMs: 1_000, errorMs: 100 });
    expect(it.uplink.clockQuality()).toBe('desk');
  });
});

describe('stopping', () => {
  it('says goodbye by the name of the connection, and sends no more', async () => {
    const it = granted();
    it.commit(1);
    await it.uplink.stop();
    const goodbye = it.births().at(-1);
    expect(goodbye).toMatchObject({ s: 'offline', why: 'shutdown' });
    expect(it.clock.waiting).toBe(0);
    const sent = it.sent.length;
    await it.clock.advance(60_000);
    expect(it.sent).toHaveLength(sent);
  });
});

describe('a desk that was started again', () => {
  it('is asked for what the one before acknowledged of this session, also where that named entries of an older one with it', async () => {
    const it = hub();
    it.commit(2);
    it.connect();
    const answer = (channel: 'grant' | 'ack', said: object, since: number): void =>
      it.receive(downTopic(SITE, channel), { v: 1, ...said, time: it.clock.now().wallMs, since });
    answer('grant', { start: START, ses: 4 }, 1_000);
    await it.clock.advance(1_000);
    const [snapshot, ...older] = it.entries().toSorted((one, other) => other.ses - one.ses);
    expect([snapshot?.ses, ...older.map(({ ses }) => ses)]).toEqual([4, 0, 0]);
    answer('ack', { ids: [snapshot?.id, ...older.map(({ id }) => id)] }, 1_000);
    answer('grant', { start: START, ses: 4 }, 2_000);
    await it.clock.advance(31_000);
    const beats = it.sent
      .filter(({ topic }) => topic === upTopic(SITE, 'hb'))
      .map(({ payload }) => heartbeatSchema.parse(JSON.parse(payload)));
    expect(beats.at(-1)?.outbox.acked).toEqual([snapshot?.pos]);
  });

  it('is asked also for what was acknowledged over another connection than it was sent over', async () => {
    const it = hub();
    const answer = (channel: 'grant' | 'ack', said: object, since: number): void =>
      it.receive(downTopic(SITE, channel), { v: 1, ...said, time: it.clock.now().wallMs, since });
    it.connect();
    answer('grant', { start: START, ses: 4 }, 1_000);
    await it.clock.advance(1_000);
    const [snapshot] = it.entries();
    it.disconnect('the line was cut');
    it.connect();
    answer('ack', { ids: [snapshot?.id] }, 1_000);
    answer('grant', { start: START, ses: 4 }, 2_000);
    await it.clock.advance(31_000);
    const beats = it.sent.filter(({ topic }) => topic === upTopic(SITE, 'hb'));
    expect(heartbeatSchema.parse(JSON.parse(beats.at(-1)?.payload ?? '')).outbox.acked).toEqual([snapshot?.pos]);
  });
});
