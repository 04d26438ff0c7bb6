/** The mirror against a real mosquitto, which forgets everything when it is killed: what somebody finds there who comes late. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { onTestFinished, test, vi } from 'vitest';
import { createMirror, type Mirror } from '../../src/agent/mirror/mirror.ts';
import type { House } from '../../src/agent/mirror/picture.ts';
import type { MirrorPlace } from '../../src/agent/mirror/place.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { deviceSummary } from '../builders/device-summary.ts';
import { idOf } from '../builders/entries.ts';
import { houseOf, PLACE, recordOf } from '../builders/mirrored-house.ts';
import { startChild } from '../fakes/child.ts';
import { until } from '../fakes/hub-on-broker.ts';
import { HAS_MOSQUITTO, type Mosquitto, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { quietHub } from '../fakes/quiet-hub.ts';

const LAMP = deviceSummary({ id: idOf(21), name: 'Hall', kind: 'light', macs: ['44:19:b6:00:00:21'] });
const NVR = deviceSummary({ id: idOf(22), name: 'Garage', kind: 'nvr', macs: ['44:19:b6:00:00:22'] });
const home = (...ids: (typeof LAMP)[]): House => houseOf({ devices: ids, records: ids.map(({ id }) => recordOf(id, 'up', 0)) });

const STATUS = `hearthbeat/${PLACE.site}/status`;
const stateOf = (id: string): string => `hearthbeat/${PLACE.site}/${id}/state`;
const configOf = (id: string): string => `homeassistant/device/hearthbeat_${PLACE.site}/${id}/config`;
const topicsOf = (...ids: string[]): string[] => [STATUS, ...ids.flatMap((id) => [stateOf(id), configOf(id)])].sort();

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
/** Nobody else comes back at the same time. */
const PROMPT = { ...systemRandom, fraction: () => 0 };

type Shown = { house: House; settled: number; readonly mirror: Mirror; stop(): Promise<void> };

function show(broker: Mosquitto, house: House, given: { isShown?: boolean; place?: MirrorPlace; former?: MirrorPlace } = {}): Shown {
  const { isShown = true, place = PLACE, former } = given;
  const tools = { clock: systemClock, random: PROMPT, log: QUIET };
  const link = createMqttLink({ ...tools, urls: [broker.url], clientId: `${place.site}-mirror` });
  let ending: Promise<void> | undefined;
  const shown: Shown = {
    house,
    settled: 0,
    mirror: createMirror({
      ...tools,
      link,
      frame: { place, version: '1' },
      isShown,
      ...(former ? { former } : {}),
      house: () => shown.house,
      onSettled: () => void shown.settled++,
    }),
    stop: () => (ending ??= shown.mirror.stop()),
  };
  onTestFinished(shown.stop);
  shown.mirror.start();
  return shown;
}

/** What a late subscriber is given: retained texts by topic. Of its two subscriptions the broker answers the second when it has answered the first. */
async function retainedOn(broker: Mosquitto): Promise<Map<string, string>> {
  await publish(broker, '-r', '-t', END, '-m', 'x');
  const args = ['-h', '127.0.0.1', '-p', new URL(broker.url).port, '-t', '#', '-t', END, '--retained-only', '-F', '%t %p'];
  const subscriber = startChild('mosquitto_sub', args);
  const lines = await vi.waitUntil(() => wholeAnswer(subscriber.lines()), { timeout: 20_000 });
  await subscriber.kill('SIGKILL');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

const END = 'test/end';

function wholeAnswer(lines: readonly string[]): string[] | undefined {
  const others = lines.filter((line) => line !== `${END} x`);
  return lines.length - others.length === 2 ? others : undefined;
}

const publish = ({ url }: Mosquitto, ...args: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile('mosquitto_pub', ['-h', '127.0.0.1', '-p', new URL(url).port, ...args], (error) => (error ? reject(error) : resolve()));
  });

/** Entries for a desk. */
function waitingIn(data: string): number {
  const db = new Database(join(data, 'agent.db'), { readonly: true });
  const count = db.prepare<[], number>('SELECT count(*) FROM outbox').pluck().get() ?? 0;
  db.close();
  return count;
}

/** All that is published from now on, as it comes. */
async function listenTo(broker: Mosquitto): Promise<string[]> {
  const heard: string[] = [];
  const listener = execFile('mosquitto_sub', ['-h', '127.0.0.1', '-p', new URL(broker.url).port, '-t', '#', '-R', '-v']);
  onTestFinished(() => void listener.kill());
  listener.stdout?.on('data', (text: string) => void heard.push(text));
  while (heard.length === 0) await publish(broker, '-t', 'hello', '-m', '1');
  return heard;
}

async function startedBroker(account?: { username: string; password: string }): Promise<Mosquitto> {
  const broker = await mosquittoOnLoopback(account ? { account } : {});
  onTestFinished(() => broker.kill());
  await broker.start();
  return broker;
}

const isKept = ({ mirror }: Shown): boolean => {
  const { connected, waiting, kept } = mirror.status();
  return connected && waiting === 0 && kept > 0;
};

const ON_MOSQUITTO = { timeout: 90_000, skip: !HAS_MOSQUITTO };

test('a late subscriber finds the hub and each device, and what changed', ON_MOSQUITTO, async ({ expect }) => {
  const broker = await startedBroker();
  const shown = show(broker, home(LAMP, NVR));
  await until('the broker keeps all', () => isKept(shown));
  const found = await retainedOn(broker);
  expect([...found.keys()].sort()).toEqual(topicsOf('hub', LAMP.id, NVR.id));
  expect(found.get(STATUS)).toBe('online');
  expect(JSON.parse(found.get(stateOf(NVR.id)) ?? '')).toMatchObject({ name: 'Garage', state: 'up' });
  shown.house = houseOf({ devices: [LAMP, NVR], records: [recordOf(LAMP.id, 'up', 0), recordOf(NVR.id, 'down', 5)] });
  await expect
    .poll(async () => JSON.parse((await retainedOn(broker)).get(stateOf(NVR.id)) ?? '') as unknown, { timeout: 20_000 })
    .toMatchObject({ state: 'down' });
});

test('a hub that stops says so, and one that is cut off is said to be offline by its will', ON_MOSQUITTO, async ({ expect }) => {
  const broker = await startedBroker();
  const stopping = show(broker, home(LAMP));
  await until('the broker keeps all', () => isKept(stopping));
  await stopping.stop();
  expect((await retainedOn(broker)).get(STATUS)).toBe('offline');
  const cutOff = show(broker, home(LAMP));
  await until('the hub is back', () => isKept(cutOff));
  expect((await retainedOn(broker)).get(STATUS)).toBe('online');
  // Another client with its id: the broker closes the connection, as it does for one that is silent too long.
  await publish(broker, '-i', `${PLACE.site}-mirror`, '-t', 'elsewhere', '-m', '1');
  expect((await retainedOn(broker)).get(STATUS)).toBe('offline');
});

test(
  'what goes away while the broker, or the hub, is off is taken away, and what is right is not sent again',
  ON_MOSQUITTO,
  async ({ expect }) => {
    const broker = await startedBroker();
    const first = show(broker, home(LAMP, NVR));
    await until('the broker keeps all', () => isKept(first));
    await first.stop();
    await publish(broker, '-r', '-t', `hearthbeat/${idOf(8)}/hub/state`, '-m', 'of another hub');
    const heard = await listenTo(broker);
    const second = show(broker, home(LAMP));
    await until('the broker keeps what there is now', () => isKept(second));
    // What a busy broker hands out late is taken away when it comes.
    const now = [...topicsOf('hub', LAMP.id), `hearthbeat/${idOf(8)}/hub/state`].sort();
    await expect.poll(async () => [...(await retainedOn(broker)).keys()].sort(), { timeout: 30_000 }).toEqual(now);
    expect(heard.join('')).toContain(stateOf('hub'));
    expect(heard.join('')).not.toContain(configOf(LAMP.id));
    await broker.kill();
    await until('the connection is lost', () => !second.mirror.status().connected);
    second.house = home(NVR);
    await broker.start();
    await until('a broker that forgot everything keeps all again', () => isKept(second), 30_000);
    expect([...(await retainedOn(broker)).keys()].sort()).toEqual(topicsOf('hub', NVR.id));
  },
);

test('when Home Assistant has started, everything is sent again', ON_MOSQUITTO, async ({ expect }) => {
  const broker = await startedBroker();
  const shown = show(broker, home(LAMP));
  await until('the broker keeps all', () => isKept(shown));
  const heard = await listenTo(broker);
  await publish(broker, '-t', 'homeassistant/status', '-m', 'online');
  await until('it is sent again', () => heard.join('').includes(configOf(LAMP.id)));
  expect(heard.join('')).toContain(configOf('hub'));
});

test('what was shown under other topics, and all of it where the settings say so, is taken away', ON_MOSQUITTO, async ({ expect }) => {
  const broker = await startedBroker();
  const first = show(broker, home(LAMP));
  await until('the broker keeps all', () => isKept(first));
  await first.stop();
  const place = { ...PLACE, topic: 'house/hearthbeat' };
  const moved = show(broker, home(LAMP), { place, former: PLACE });
  await until('the broker keeps all elsewhere', () => isKept(moved) && moved.settled === 1);
  const kept = [...(await retainedOn(broker)).keys()];
  expect(kept.filter((topic) => topic.startsWith('hearthbeat/'))).toEqual([]);
  expect(kept).toContain(`house/hearthbeat/${PLACE.site}/hub/state`);
  await moved.stop();
  const hidden = show(broker, home(LAMP), { place, isShown: false });
  await until('all is taken away', () => hidden.settled === 1);
  expect([...(await retainedOn(broker))]).toEqual([]);
  expect(hidden.mirror.status()).toMatchObject({ isShown: false, isDone: true, connected: false, waiting: 0 });
});

test(
  'a broker that refuses the password is told by status, and without a desk the word of the broker counts',
  ON_MOSQUITTO,
  async ({ expect }) => {
    const broker = await startedBroker({ username: 'hub', password: 'right' });
    const mirrorOf = (password: string): string => `mirror:\n  urls: ["${broker.url}"]\n  username: hub\n  password: ${password}\n`;
    const status = async (password: string, wanted: string): Promise<{ said: string; waiting: number }> => {
      const hub = quietHub(onTestFinished, mirrorOf(password));
      const running = await hub.watch();
      let said = '';
      for (let i = 0; i < 60 && !said.includes(wanted); i++) {
        await sleep(250);
        said = (await hub.run(hub.args('status'))).stdout;
      }
      // Something that a desk would be told.
      await hub.run(hub.args('maintenance'));
      running.kill('SIGTERM');
      await running.ended;
      return { said, waiting: waitingIn(hub.data) };
    };
    const { said: refused } = await status('wrong', 'refused');
    expect(refused).toContain('Mirror    not connected');
    expect(refused).toMatch(/! Mirror: The broker .* refused this client: .*Check the user name and password/);
    const { said: taken, waiting } = await status('right', 'nothing waits');
    expect(taken).toMatch(/Desk {6}none: .*nothing is kept for a desk/);
    expect(taken).toMatch(/Mirror {4}connected; the broker keeps 2 texts as they are now, nothing waits/);
    expect(waiting).toBe(0);
  },
);
