import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DESK_SUBSCRIPTION, downTopic, upTopic } from '../../src/protocol/topics.ts';
import { HAS_MOSQUITTO } from '../fakes/mosquitto.ts';

const CONFIG = join(import.meta.dirname, '../../config');
const [ELM, OAK] = ['01hzzzzzzzzzzzzzzzzzzzzzzz', '01hyyyyyyyyyyyyyyyyyyyyyyy'];
const clean: (() => unknown)[] = [];
const clients: MqttClient[] = [];
const doors = { hubs: 0, desk: 0 };

/** The files as they are delivered, but for ports and places. */
beforeAll(async () => {
  if (!HAS_MOSQUITTO) return;
  const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-test-'));
  chmodSync(folder, 0o755);
  clean.push(() => rmSync(folder, { recursive: true }));
  Object.assign(doors, { hubs: await freePort(), desk: await freePort() });
  for (const side of ['hubs', 'desk']) copyFileSync(join(CONFIG, `mosquitto.${side}.example.acl`), join(folder, `hearthbeat-${side}.acl`));
  for (const [side, users] of Object.entries({ hubs: [ELM, OAK, 'desk'], desk: ['desk', ELM] })) {
    const file = join(folder, `hearthbeat-${side}.passwords`);
    writeFileSync(file, '');
    for (const user of users) execFileSync('mosquitto_passwd', ['-b', file, user as string, `${user} at ${side}`], { stdio: 'ignore' });
  }
  const config = readFileSync(join(CONFIG, 'mosquitto.example.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/hearthbeat-', `${folder}/hearthbeat-`)
    .replace('/var/lib/mosquitto/', `${folder}/`)
    .replace('listener 8883 0.0.0.0', `listener ${doors.hubs} 127.0.0.1`)
    .replace('listener 8884 127.0.0.1', `listener ${doors.desk} 127.0.0.1`);
  writeFileSync(join(folder, 'mosquitto.conf'), `user root\n${config}`);
  const broker = spawn('/usr/sbin/mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  clean.push(() => broker.kill('SIGKILL'));
  let said = '';
  broker.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await vi.waitFor(() => expect(said).toContain('running'), { timeout: 5_000 });
  expect(said).toContain('running');
  expect(said).not.toMatch(/error|deprecated|unknown/i);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

afterAll(async () => {
  for (const step of clean.splice(0).reverse()) await step();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Visitor = { readonly client: MqttClient; readonly heard: string[] };

async function enter(
  door: 'hubs' | 'desk',
  user: string,
  { clientId = user, password = `${user} at ${door}`, protocolVersion = 4 as 4 | 5 } = {},
): Promise<Visitor> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${doors[door]}`, {
    username: user,
    password,
    clientId,
    reconnectPeriod: 0,
    protocolVersion,
  });
  clients.push(client);
  const heard: string[] = [];
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
  client.on('error', () => {});
  await new Promise<void>((resolve, reject) =>
    client.once('connect', () => resolve()).once('close', () => reject(new Error('not let in'))),
  );
  return { client, heard };
}

/** A hub that asks for everything. Mosquitto says yes to all of it, and filters what it delivers. */
async function listening(protocolVersion: 4 | 5): Promise<Visitor> {
  const thief = await enter('hubs', ELM, { protocolVersion });
  for (const filter of ['#', 'hb1/#', `hb1/+/${OAK}/#`, downTopic(OAK, 'ack'), upTopic(OAK, 'ev'), `$share/x/${DESK_SUBSCRIPTION}`]) {
    await thief.client.subscribeAsync(filter, { qos: 1 }).catch(() => {});
  }
  return thief;
}

/** Resolves when the broker has handed on all that it was given before. */
const settled = (): Promise<void> => sleep(150);

describe.skipIf(!HAS_MOSQUITTO)('mosquitto with the example configuration', () => {
  it('carries what a hub says to the desk, and the answer back', async () => {
    const [hub, desk] = [await enter('hubs', ELM), await enter('desk', 'desk', { clientId: 'desk-g1-s0' })];
    await desk.client.subscribeAsync(DESK_SUBSCRIPTION, { qos: 1 });
    await hub.client.subscribeAsync([downTopic(ELM, 'grant'), downTopic(ELM, 'ack')], { qos: 1 });
    await hub.client.publishAsync(upTopic(ELM, 'ev'), 'entry', { qos: 1 });
    await desk.client.publishAsync(downTopic(ELM, 'ack'), 'got it', { qos: 1 });
    await expect.poll(() => desk.heard).toEqual([`${upTopic(ELM, 'ev')} entry`]);
    await expect.poll(() => hub.heard).toEqual([`${downTopic(ELM, 'ack')} got it`]);
  });

  it.each([4, 5] as const)('lets one site neither write nor read what is another site’s (MQTT version %s)', async (protocolVersion) => {
    const [desk, victim] = [await enter('desk', 'desk'), await enter('hubs', OAK)];
    await desk.client.subscribeAsync('#', { qos: 1 });
    await victim.client.subscribeAsync(downTopic(OAK, 'ack'), { qos: 1 });
    // The broker throws out who publishes what it may not, so each attempt is a visit of its own.
    for (const topic of [upTopic(OAK, 'ev'), upTopic(OAK, 'status'), downTopic(OAK, 'ack'), downTopic(ELM, 'ack'), 'other']) {
      const { client } = await enter('hubs', ELM, { protocolVersion });
      client.publish(topic, 'forged', { qos: 1, retain: true });
      await settled();
    }
    const listener = await listening(protocolVersion);
    await victim.client.publishAsync(upTopic(OAK, 'ev'), 'private', { qos: 1 });
    await desk.client.publishAsync(downTopic(OAK, 'ack'), 'private', { qos: 1 });
    await settled();
    expect(listener.heard).toEqual([]);
    expect(desk.heard).toEqual([`${upTopic(OAK, 'ev')} private`]);
    expect(victim.heard).toEqual([`${downTopic(OAK, 'ack')} private`]);
  });

  it('lets nobody take over a session by its client id', async () => {
    const [desk, hub] = [await enter('desk', 'desk', { clientId: 'desk-g1-s0' }), await enter('hubs', OAK)];
    await enter('hubs', ELM, { clientId: 'desk-g1-s0' });
    await enter('hubs', ELM, { clientId: OAK });
    await settled();
    expect([desk.client.connected, hub.client.connected]).toEqual([true, true]);
  });

  it('lets in neither a wrong password, nor a hub at the door of the desk, nor somebody without a name', async () => {
    await expect(enter('hubs', ELM, { password: 'guess' })).rejects.toThrow();
    await expect(enter('desk', OAK, { password: `${OAK} at hubs` })).rejects.toThrow();
    await expect(enter('hubs', '', { clientId: 'x', password: '' })).rejects.toThrow();
  });

  it('gives an account named desk no more at the door of the hubs than any other', async () => {
    const [impostor, hub] = [await enter('hubs', 'desk'), await enter('hubs', ELM)];
    await impostor.client.subscribeAsync(DESK_SUBSCRIPTION, { qos: 1 }).catch(() => {});
    await hub.client.publishAsync(upTopic(ELM, 'ev'), 'entry', { qos: 1 });
    await settled();
    expect(impostor.heard).toEqual([]);
  });
});
