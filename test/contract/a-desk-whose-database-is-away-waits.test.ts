/** The server of the database is stopped as by a power cut while hubs send; and two desks use one database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { Log } from '../../src/base/log.ts';
import { findAlert } from '../../src/desk/store/alerts.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { openDeskPostgres } from '../../src/platform/desk-postgres.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld, silentLog } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub, snapshot } from '../fakes/hub.ts';
import { makeCluster, SKIP_POSTGRES } from '../fakes/postgres-program.ts';
import { untilServing } from '../fakes/postgres-server.ts';

type Stoppable = { readonly database: DeskDatabase; readonly port: number; stop(): Promise<void>; start(): Promise<void> };

async function stoppableDatabase(): Promise<Stoppable> {
  const cluster = await makeCluster();
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    server = spawn(cluster.command, cluster.args, { cwd: cluster.folder, stdio: 'ignore' });
    await untilServing(cluster.place);
  };
  const stop = async (): Promise<void> => {
    server.kill('SIGQUIT');
    await once(server, 'exit');
  };
  await start();
  const database = await openDeskPostgres(cluster.place, { clock: systemClock, log: silentLog });
  onTestFinished(async () => {
    await database.destroy();
    await stop();
    rmSync(cluster.folder, { recursive: true, force: true });
  });
  return { database, port: cluster.place.port, start, stop };
}

describe.skipIf(SKIP_POSTGRES)('a desk whose database is away (sudo apt-get install postgresql)', () => {
  it('says so, acknowledges nothing, calls nobody silent, and goes on by itself when it is back', { timeout: 60_000 }, async () => {
    const { database, stop, start } = await stoppableDatabase();
    const told: string[] = [];
    const note = (message: string): void => void told.push(message);
    const world = new DeskWorld(database, {}, { ...silentLog, error: note, info: note } satisfies Log);
    await world.start();
    const hub = world.hub();
    await world.send(hub, hub.birth(), hub.entry('device.added', device(NAS)));
    expect(hub.outbox.size).toBe(0);

    await stop();
    const [first, second] = [hub.entry('device.state', deviceState(NAS, 'down', 1)), hub.entry('device.state', deviceState(NAS, 'up', 2))];
    deliver(world, hub.wire(first));
    await world.clock.advance(100);
    await expect
      .poll(() => world.desk.status().problem)
      .toMatch(/^The database postgres on 127\.0\.0\.1:\d+ cannot be (reached|used now): /);
    deliver(world, hub.wire(second));
    expect(hub.outbox.size).toBe(2);
    const get = async (path: string) => {
      const answer = await world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
      return { status: answer.status, text: await answer.text() };
    };
    expect(await get('/')).toMatchObject({ status: 503, text: expect.stringContaining('What you see may be old.') });
    expect(await get('/api/v1/sites')).toMatchObject({ status: 503, text: expect.stringContaining('database-away') });
    expect(await get('/api/v1/status')).toMatchObject({ status: 200, text: expect.stringContaining('The database postgres on') });
    expect(world.desk.status().settled).toBe(false);
    // An hour of it, in which nobody hears the hub: nor does the desk.
    for (let minute = 0; minute < 60; minute++) {
      await world.clock.advance(60_000);
      await sleep(1);
    }

    await start();
    await untilBack(world);
    await world.desk.drain();
    expect(hub.outbox.size).toBe(0);
    expect(await world.states()).toEqual({ [NAS]: 'up' });
    expect(world.desk.status().counts).toMatchObject({ entries: 3, duplicates: 0, failedBatches: 0, dropped: 0 });
    await world.clock.advance(30_000);
    await world.desk.drain();
    expect(await world.firing()).toEqual([]);
    expect(told.filter((line) => /database/.test(line))).toEqual([
      'the database is away: what hubs send waits, and is not acknowledged',
      'the database is back',
    ]);
  });

  it('starts all the same, and shows when it is back although no hub says a word', { timeout: 60_000 }, async () => {
    const { database, stop, start } = await stoppableDatabase();
    const world = new DeskWorld(database);
    await world.start();
    await world.desk.stop();
    await stop();
    await world.restart();
    expect(world.desk.status().problem).toMatch(/^The database postgres on /);
    await start();
    await untilBack(world);
    const hub = world.hub();
    await world.send(hub, hub.birth());
    expect(hub.ses).toBeGreaterThan(0);
  });

  it('ends soon when it is stopped meanwhile, also where the server says nothing', { timeout: 60_000 }, async () => {
    const { database, stop, start, port } = await stoppableDatabase();
    const world = new DeskWorld(database);
    await world.start();
    const hub = world.hub();
    await world.send(hub, hub.birth());
    await stop();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(port, '127.0.0.1');
    for (let i = 0; i < 500; i++) deliver(world, hub.wire(hub.entry('device.state', deviceState(NAS, 'up', i))));
    await world.clock.advance(100);
    await expect.poll(() => world.desk.status().problem, { timeout: 10_000 }).toBeDefined();
    const stoppedMs = performance.now();
    await world.desk.stop();
    expect(performance.now() - stoppedMs).toBeLessThan(8_000);
    expect(hub.outbox.size).toBe(500);
    for (const socket of sockets) socket.destroy();
    await once(silent.close(), 'close');
    await start();
  });
});

async function untilBack(world: DeskWorld): Promise<void> {
  await expect
    .poll(
      async () => {
        await world.clock.advance(1_000);
        return world.desk.status().problem;
      },
      { timeout: 10_000 },
    )
    .toBeUndefined();
}

const NAS = '0c4k2v6n3q8x5z1w7y9m2b4d6f';

function deliver(world: DeskWorld, { topic, payload }: ReturnType<FakeHub['wire']>): void {
  world.link.deliver(topic, payload);
}

describeOnEachEngine('two desks that use one database', (open) => {
  it('store once what both hear, each acknowledges it, and give one session to one start', async () => {
    const database = await open();
    const [one, other] = [new DeskWorld(database), new DeskWorld(database)];
    await one.start();
    await other.start();
    const hub = one.hub();
    const grants: unknown[] = [];
    for (const world of [one, other])
      world.link.onPublish = (topic, payload) => {
        if (topic.endsWith('/grant')) grants.push(JSON.parse(payload).ses);
        hub.receive(topic, payload);
      };
    const toBoth = async (...messages: { topic: string; payload: string }[]): Promise<void> => {
      for (const { topic, payload } of messages) for (const world of [one, other]) world.link.deliver(topic, payload);
      await Promise.all([one.desk.drain(), other.desk.drain()]);
    };
    await toBoth(hub.birth());
    expect(grants).toEqual([hub.ses, hub.ses]);
    hub.entry('device.added', device(NAS));
    for (let i = 0; i < 300; i++) hub.entry('device.state', deviceState(NAS, i % 2 ? 'up' : 'down', i));
    await toBoth(...hub.waiting());
    expect(hub.outbox.size).toBe(0);
    const [mine, theirs] = [one.desk.status().counts, other.desk.status().counts];
    expect([mine.entries + theirs.entries, mine.duplicates + theirs.duplicates, mine.failedBatches + theirs.failedBatches]).toEqual([
      301, 301, 0,
    ]);
    const events = await one.desk.reader.events({ after: 0, limit: 1000 });
    expect(events.map(({ pos }) => pos)).toEqual(Array.from({ length: 301 }, (_, i) => i + 1));
    expect(await other.states(one.site)).toEqual({ [NAS]: 'up' });
  });

  it('let nobody acknowledge between what the other reads of an alert and what it writes', async () => {
    const database = await open();
    const world = new DeskWorld(database);
    await world.start();
    const hub = world.hub();
    const alert = deviceDown(NAS, world.clock.now().wallMs);
    await world.send(hub, hub.birth(), hub.entry('alert.raised', alert));
    const body = JSON.stringify({ site: world.site, key: alert.key, raisedHubAt: alert.raisedAt, by: 'Ben' });
    const headers = { host: 'localhost', 'content-type': 'application/json' };
    const order: string[] = [];
    let posted: Promise<unknown> = Promise.resolve();
    await database.transaction().execute(async (db) => {
      const request = new Request('http://localhost/api/v1/alerts/acknowledge', { method: 'POST', headers, body });
      posted = Promise.resolve(world.desk.app.fetch(request)).then(({ status }) => order.push(`acknowledged ${status}`));
      await sleep(100);
      await findAlert(db, world.site, alert.key, alert.raisedAt);
      order.push('written');
    });
    await posted;
    expect(order).toEqual(['written', 'acknowledged 200']);
  });

  it('end what the other has said of a hub while they were not at the broker', async () => {
    const database = await open();
    const [one, other] = [new DeskWorld(database), new DeskWorld(database, { graceMs: 0 })];
    await one.start();
    await other.start();
    const hub = one.hub();
    await one.send(hub, hub.birth());
    one.link.connect(false);
    other.link.connect(false);
    other.link.connect(true);
    for (let minute = 0; minute < 15; minute++) {
      await one.clock.advance(60_000);
      await other.clock.advance(60_000);
      await other.desk.drain();
    }
    expect(await one.firing()).toEqual(['hub-silent']);
    one.link.connect(true);
    await one.send(hub, hub.heartbeat());
    expect(await one.firing()).toEqual([]);
  });
});

describeOnEachEngine('a desk whose database is slow', (open) => {
  it('asks once whether a hub is silent, and has room for what the hub says then', async () => {
    const database = await open();
    let letGo: () => void = () => {};
    let gate: Promise<void> = Promise.resolve();
    const slow = new Proxy(database, {
      get(target, name) {
        if (name === 'transaction') return () => ({ execute: (work: never) => gate.then(() => target.transaction().execute(work)) });
        const part = Reflect.get(target, name, target);
        return typeof part === 'function' ? part.bind(target) : part;
      },
    });
    const world = new DeskWorld(slow);
    await world.start();
    const hub = world.hub();
    await world.send(hub, hub.birth());
    gate = new Promise((resolve) => {
      letGo = resolve;
    });
    await world.clock.advance(3_600_000);
    letGo();
    const next = world.hub();
    await world.send(next, next.birth());
    expect(next.ses).toBeGreaterThan(hub.ses);
    expect(world.desk.status().counts.dropped).toBe(0);
  });
});

/** A part number that no column holds must not stop what comes after it. */
describeOnEachEngine('a snapshot with a part that cannot be', (open) => {
  it('is kept as it came, and acknowledged', async () => {
    const world = new DeskWorld(await open());
    await world.start();
    const hub = world.hub();
    const part = { ...snapshot(newRandomId(world.random), { devices: [], alerts: [] }, 0, 2), part: 3_000_000_000 };
    await world.send(hub, hub.birth(), hub.rawEntry('snapshot', part));
    expect(hub.outbox.size).toBe(0);
    expect(world.desk.status().counts).toMatchObject({ malformed: 1, failedBatches: 0 });
  });
});
