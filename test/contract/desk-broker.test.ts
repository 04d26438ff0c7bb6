/** What the embedded broker lets a hub do: its own topics and nothing else. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { type Broker, createBroker } from '../../src/platform/mqtt-broker.ts';
import { createPacketMeter } from '../../src/platform/packet-limit.ts';
import { downTopic, upTopic } from '../../src/protocol/topics.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { silentLog } from '../fakes/desk-world.ts';

const random = seededRandom('sites');
const [ONE, TWO] = [newRandomId(random), newRandomId(random)] as const;

describe('the embedded broker', () => {
  let broker: Broker;
  let seenByDesk: { topic: string; payload: string; retained: boolean }[];
  let desk: MqttClient;

  beforeEach(async () => {
    broker = await createBroker({
      port: 0,
      log: silentLog,
      authenticate: async (site, password) => password === `password of ${site}`,
      toolPassword: 'look',
      maxPacketBytes: 10_000,
    });
    desk = await join('desk-g1-s0', { ...broker.deskCredential });
    seenByDesk = [];
    desk.on('message', (topic, payload, packet) => seenByDesk.push({ topic, payload: payload.toString(), retained: packet.retain }));
    await desk.subscribeAsync('#', { qos: 1 });
  });

  afterEach(() => broker.stop());

  async function join(clientId: string, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await mqtt.connectAsync(broker.url, {
      protocolVersion: 4,
      clientId,
      username: clientId,
      password: `password of ${clientId}`,
      reconnectPeriod: 0,
      ...options,
    });
    client.on('error', () => {});
    onTestFinished(() => void client.end(true));
    return client;
  }

  /** What the desk has seen once everything sent so far has passed the broker. */
  async function settled(): Promise<typeof seenByDesk> {
    await desk.publishAsync('mark', '', { qos: 1 });
    await wait(30);
    return seenByDesk.filter(({ topic }) => topic !== 'mark');
  }

  const ended = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once('close', () => resolve()));

  const refusal = (options: IClientOptions, clientId: string = ONE) =>
    join(clientId, options).then(
      () => undefined,
      (error: { code?: number }) => error.code,
    );

  it('answers a wrong password, an unknown user and a foreign client id with the proper code', async () => {
    expect(await refusal({ password: 'wrong' })).toBe(4);
    expect(await refusal({ username: 'admin' })).toBe(4);
    expect(await refusal({ username: undefined, password: undefined })).toBe(4);
    expect(await refusal({ username: 'desk', password: 'guess' })).toBe(4);
    expect(await refusal({ clientId: TWO })).toBe(2);
    expect(await refusal({ clientId: 'desk-g1-s0' })).toBe(2);
    expect(await refusal({})).toBeUndefined();
  });

  it('lets a site write under its own up and nowhere else', async () => {
    const forbidden = [
      upTopic(TWO, 'ev'),
      downTopic(ONE, 'ack'),
      downTopic(TWO, 'grant'),
      upTopic(ONE, 'ev').replace(/\/..\//, '/x1/'),
      `${upTopic(ONE, 'ev')}/more`,
      `hb1/00/${ONE}`,
      `hb1/00/${ONE}/up`,
      `hb2/00/${ONE}/up/ev`,
      'other',
      '$SYS/x',
    ];
    for (const topic of forbidden) {
      const client = await join(ONE);
      const closed = ended(client);
      client.publish(topic, 'no', { qos: 1 });
      await closed;
    }
    await (await join(ONE)).publishAsync(upTopic(ONE, 'ev'), 'yes', { qos: 1 });
    expect(await settled()).toMatchObject([{ topic: upTopic(ONE, 'ev'), payload: 'yes' }]);
  });

  it('lets a site read under its own dn and nowhere else', async () => {
    const client = await join(ONE);
    const heard: string[] = [];
    client.on('message', (topic) => heard.push(topic));
    const granted = async (filter: string) => (await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]?.qos;
    for (const filter of [
      '#',
      '+/#',
      'hb1/#',
      `hb1/+/${TWO}/dn/#`,
      `hb1/x1/${ONE}/dn/#`,
      `hb1/+/+/dn/#`,
      `hb1/+/${ONE}/#`,
      `hb1/+/${ONE}/up/#`,
      `hb1/+/${ONE}/+/ack`,
      `$share/g/hb1/+/${ONE}/dn/#`,
      '$SYS/#',
    ]) {
      expect([filter, await granted(filter)]).toEqual([filter, 128]);
    }
    expect(await granted(`hb1/+/${ONE}/dn/#`)).toBe(1);
    for (const topic of [downTopic(ONE, 'ack'), downTopic(TWO, 'ack'), upTopic(TWO, 'ev')])
      await desk.publishAsync(topic, '{}', { qos: 1 });
    await settled();
    expect(heard).toEqual([downTopic(ONE, 'ack')]);
  });

  it('publishes the will of a lost site, but not one on a foreign topic', async () => {
    for (const topic of [upTopic(TWO, 'status'), upTopic(ONE, 'status')]) {
      const client = await join(ONE, { will: { topic, payload: Buffer.from('gone'), qos: 1, retain: true } });
      client.stream.destroy();
      await wait(50);
    }
    expect((await settled()).map(({ topic }) => topic)).toEqual([upTopic(ONE, 'status')]);
  });

  it('keeps nothing for later but presence', async () => {
    const client = await join(ONE);
    await client.publishAsync(upTopic(ONE, 'status'), 'birth', { qos: 1, retain: true });
    await client.publishAsync(upTopic(ONE, 'ev'), 'entry', { qos: 1, retain: true });
    const late = await join('desk-late', { ...broker.deskCredential });
    const kept: string[] = [];
    late.on('message', (topic) => kept.push(topic));
    await late.subscribeAsync('hb1/#', { qos: 1 });
    await wait(50);
    expect(kept).toEqual([upTopic(ONE, 'status')]);
  });

  it('lets the tool look and not touch', async () => {
    const tool = await join('mosq-whatever', { username: 'tool', password: 'look' });
    expect((await tool.subscribeAsync('#', { qos: 1 }))[0]?.qos).toBe(1);
    const closed = ended(tool);
    tool.publish(downTopic(ONE, 'grant'), '{}', { qos: 1 });
    await closed;
    expect(await settled()).toEqual([]);
  });

  it('ends a connection that begins a packet over the limit, before it is sent', async () => {
    const client = await join(ONE);
    const closed = ended(client);
    client.publish(upTopic(ONE, 'ev'), 'x'.repeat(11_000), { qos: 1 });
    await closed;
    const stranger = connect(broker.port, '127.0.0.1');
    stranger.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 0]));
    await once(stranger, 'close');
    expect(await settled()).toEqual([]);
  });

  it('names a taken port and how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const attempt = createBroker({ port, log: silentLog, authenticate: async () => true });
    await expect(attempt).rejects.toMatchObject({
      code: 'HB_PORT_IN_USE',
      message: expect.stringContaining(String(port)),
      fix: expect.stringContaining('desk.broker.port'),
    });
  });
});

describe('the packet meter', () => {
  it('finds the largest packet however the stream is cut', () => {
    const packet = (length: number) => [
      0x30,
      ...(length < 128 ? [length] : [(length % 128) | 128, length >> 7]),
      ...new Array<number>(length).fill(0xff),
    ];
    const stream = Uint8Array.from([...packet(5), ...packet(0), ...packet(300), ...packet(127)]);
    for (let size = 1; size <= stream.length; size++) {
      const meter = createPacketMeter();
      let largest = 0;
      for (let at = 0; at < stream.length; at += size) largest = Math.max(largest, meter(stream.subarray(at, at + size)));
      expect(largest).toBe(300);
    }
  });
});
