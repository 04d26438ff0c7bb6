/**
 * The desk is killed with SIGKILL again and again while a hub sends without a pause. What it acknowledged must be in its store, once,
 * and in the end it holds all that the hub has ever committed; once over the embedded broker, which dies with it, once over mosquitto.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { device, deviceState, FakeHub } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

/** In each of the two scenarios; HB_KILLS=100 for a long night. */
const KILLS = Number(process.env.HB_KILLS ?? 10);
/** An outbox that grows while the desk is down would make the test measure its own backlog. */
const MAX_WAITING = 300;
const MOSQUITTO = '/usr/sbin/mosquitto';
const STATES = ['up', 'suspect', 'down', 'unknown'] as const;

describe('a desk that is killed mid-stream', () => {
  it('loses and repeats nothing over its own broker', { timeout: 120_000 }, async () => {
    const port = await freePort();
    await killAgainAndAgain({ port }, `mqtt://127.0.0.1:${port}`);
  });

  it.skipIf(!existsSync(MOSQUITTO))('loses and repeats nothing over mosquitto', { timeout: 120_000 }, async () => {
    const url = await startMosquitto();
    await killAgainAndAgain({ urls: [url] }, url);
  });
});

async function killAgainAndAgain(broker: object, url: string): Promise<void> {
  const folder = temporaryFolder();
  const random = seededRandom('killed');
  const [site, nas] = [newRandomId(random), newRandomId(random)];
  const hub = new FakeHub({ site, random, clock: { wallMs: () => Date.now(), monoMs: () => performance.now() } });
  const stream = streamForEver(hub, nas, url);
  for (let kill = 0; kill <= KILLS; kill++) {
    const desk = await startDesk({ folder, broker, site });
    const acked = hub.acked.size;
    await until(() => hub.acked.size >= acked + 20);
    await wait(random.fraction() * 100);
    if (kill < KILLS) desk.kill('SIGKILL');
    else {
      stream.finish();
      await until(() => hub.outbox.size === 0);
      desk.kill('SIGTERM');
    }
    await once(desk, 'exit');
    await expectAllAckedStored(folder, hub);
  }
  const stored = await storedIds(folder);
  expect(new Set(stored).size).toBe(stored.length);
  expect(stored.length).toBe(hub.acked.size);
  expect(await finalState(folder)).toBe(stream.lastState());
  await stream.stop();
}

/** Commits and sends a little every few milliseconds, and sends again what is not acknowledged. */
function streamForEver(hub: FakeHub, nas: string, url: string) {
  const login = { protocolVersion: 4 as const, clientId: hub.site, username: hub.site, password: 'secret' };
  const client = mqtt.connect(url, {
    ...login,
    reconnectPeriod: 50,
    queueQoSZero: false,
    resubscribe: false,
    reconnectOnConnackError: true,
  });
  client.on('error', () => {});
  client.on('connect', () => {
    client.subscribe([...hub.subscriptions], { qos: 1 }, () => send(hub.birth()));
  });
  client.on('message', (topic, payload) => hub.receive(topic, payload.toString()));
  const send = ({ topic, payload, qos, retain }: ReturnType<FakeHub['birth']>): void => {
    if (client.connected) client.publish(topic, payload, { qos, retain });
  };
  hub.entry('device.added', device(nas));
  let made = 0;
  let finished = false;
  const produce = setInterval(() => {
    if (finished || hub.ses === 0 || hub.outbox.size >= MAX_WAITING) return;
    made++;
    send(hub.wire(hub.entry('device.state', deviceState(nas, STATES[made % STATES.length] ?? 'up', Date.now()))));
  }, 4);
  const repeat = setInterval(() => {
    // As every hub does until it is granted a session.
    if (hub.ses === 0) send(hub.birth());
    for (const message of hub.waiting().slice(0, 100)) send(message);
  }, 250);
  return {
    finish: () => {
      finished = true;
    },
    lastState: () => STATES[made % STATES.length],
    async stop() {
      clearInterval(produce);
      clearInterval(repeat);
      await client.endAsync(true);
    },
  };
}

async function startDesk(options: object): Promise<ChildProcess> {
  const program = new URL('../fakes/desk-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function expectAllAckedStored(folder: string, hub: FakeHub): Promise<void> {
  const stored = new Set(await storedIds(folder));
  expect([...hub.acked].filter((id) => !stored.has(id))).toEqual([]);
}

async function storedIds(folder: string): Promise<string[]> {
  const database = await openDeskDatabase(join(folder, 'desk.db'));
  const rows = await database.selectFrom('event').select('id').execute();
  await database.destroy();
  return rows.map((row) => row.id);
}

async function finalState(folder: string): Promise<string | undefined> {
  const database = await openDeskDatabase(join(folder, 'desk.db'));
  const row = await database.selectFrom('device_state').select('state').executeTakeFirst();
  await database.destroy();
  return row?.state;
}

async function startMosquitto(): Promise<string> {
  const port = await freePort();
  const config = join(temporaryFolder(), 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const broker = spawn(MOSQUITTO, ['-c', config], { stdio: 'ignore' });
  onTestFinished(() => void broker.kill());
  await until(() => canConnect(port));
  return `mqtt://127.0.0.1:${port}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await condition()); waitedMs += 10) {
    if (waitedMs > 20_000) throw new Error(`not within 20 s: ${condition}`);
    await wait(10);
  }
}
