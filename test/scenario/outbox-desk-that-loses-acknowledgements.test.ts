import { describe, expect, it } from 'vitest';
import { startDeskOn } from '../fakes/desk-on-broker.ts';
import { startHubOn, until } from '../fakes/hub-on-broker.ts';
import { HAS_MOSQUITTO, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

describe.skipIf(!HAS_MOSQUITTO)('a desk that commits but whose acknowledgements are lost', () => {
  it('has each entry once, and the hub keeps them all until it is told', { timeout: 60_000 }, async () => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const behind = startDeskOn(broker);
    behind.lets = ({ topic }) => !topic.endsWith('/ack');
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url] });
    for (let i = 1; i <= 20; i++) hub.raise(`alert ${i}`);
    // 20 alerts and the snapshot that follows the grant.
    await until('the desk has them all', () => behind.desk.history.length === 21);
    expect(hub.store.outbox.waiting().count).toBe(21);

    behind.lets = undefined;
    // The broker's restart is quicker than the 10 s after which an entry is sent again anyway.
    await broker.kill();
    await broker.start();
    await until('the hub is told', () => hub.store.outbox.waiting().count === 0, 30_000);
    expect(behind.desk.history).toHaveLength(21);
    expect(hub.uplink.status()).toMatchObject({ connected: true, granted: true, session: 1 });
    expect(hub.uplink.status().problem).toBeUndefined();
  });

  it('gets them again on the same connection', { timeout: 60_000 }, async () => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const behind = startDeskOn(broker);
    let lost = 0;
    behind.lets = ({ topic }) => !topic.endsWith('/ack') || ++lost > 1;
    const hub = startHubOn({ folder: temporaryFolder(), urls: [broker.url] });
    hub.raise('alert');
    await until('the hub is told', () => hub.store.outbox.waiting().count === 0, 20_000);
    expect(behind.desk.history).toHaveLength(2);
    expect(lost).toBeGreaterThan(1);
    await until('a heartbeat came', () => behind.desk.heartbeats > 0);
  });
});
