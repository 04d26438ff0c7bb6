import { describe, expect, it, onTestFinished } from 'vitest';
import { createBroker } from '../../src/platform/mqtt-broker.ts';
import { idOf } from '../builders/entries.ts';
import { startDeskOn } from '../fakes/desk-on-broker.ts';
import { startHubOn, until } from '../fakes/hub-on-broker.ts';
import { HAS_MOSQUITTO, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const SITE = idOf(7);
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

async function embeddedBroker() {
  const broker = await createBroker({
    port: 0,
    authenticate: async (site, password) => site === SITE && password === 'right',
    log: SILENT,
  });
  onTestFinished(() => broker.stop());
  return broker;
}

describe('a broker that speaks only MQTT 3.1.1', () => {
  it('is used as it is', { timeout: 20_000 }, async () => {
    const broker = await embeddedBroker();
    const { desk } = startDeskOn({ url: broker.url, ...broker.deskCredential });
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url], site: SITE, password: 'right' });
    hub.raise('alert');
    await until('the hub is told', () => hub.uplink.status().granted && hub.store.outbox.waiting().count === 0);
    expect(desk.history.map(({ k }) => k).sort()).toEqual(['alert.raised', 'snapshot']);
  });

  it('refuses a wrong password: the status says so and nothing is lost', { timeout: 20_000 }, async () => {
    const broker = await embeddedBroker();
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url], site: SITE, password: 'wrong' });
    hub.raise('alert');
    await until('it is refused', () => hub.uplink.status().code === 'HB_BROKER_REFUSED');
    expect(hub.uplink.status()).toMatchObject({ connected: false, problem: expect.stringMatching(/refused.*user name and password/) });
    expect(hub.store.outbox.waiting().count).toBe(1);
  });
});

describe.skipIf(!HAS_MOSQUITTO)('mosquitto', () => {
  it('with a wrong password is told apart from one that is not there', { timeout: 20_000 }, async () => {
    const broker = await mosquittoOnLoopback({ account: { username: SITE, password: 'right' } });
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url], site: SITE, password: 'wrong' });
    await until('it is not there', () => hub.uplink.status().code === 'HB_BROKER_UNREACHABLE');
    await broker.start();
    await until('it refuses', () => hub.uplink.status().code === 'HB_BROKER_REFUSED');
    expect(hub.log.join('\n')).not.toContain('wrong');
  });

  it('that answers second takes over from one that is not there', { timeout: 20_000 }, async () => {
    const absent = await mosquittoOnLoopback();
    const broker = await mosquittoOnLoopback();
    await broker.start();
    startDeskOn(broker);
    const hub = startHubOn({ folder: temporaryFolder(), urls: [absent.url, broker.url] });
    await until('the desk answered', () => hub.uplink.status().granted);
    expect(hub.uplink.deskOffset()?.errorMs).toBeLessThan(5_000);
    expect(hub.uplink.clockQuality()).toBe('desk');
  });
});

describe.skipIf(!HAS_MOSQUITTO)('a hub that is stopped on purpose', () => {
  it('says goodbye, and no last will follows', { timeout: 20_000 }, async () => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const { desk } = startDeskOn(broker);
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url] });
    await until('the desk answered', () => hub.uplink.status().granted);
    await hub.uplink.stop();
    await until('the goodbye came', () => desk.statuses.at(-1)?.s === 'offline');
    expect(desk.statuses.map(({ s }) => s)).toEqual(['online', 'offline']);
  });
});
