/** A hub says its birth once for each connection. One that the desk could not store must be stored later, or a home that is not registered yet is refused for as long as the connection holds. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { onFullDisk } from '../fakes/full-disk.ts';
import { device, type FakeHub } from '../fakes/hub.ts';

const NAS = '0c4k2v6n3q8x5z1w7y9m2b4d6f';
const A_WHILE_MS = 16_000;

describeOnEachEngine('a birth', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let isFull = false;

  beforeEach(async () => {
    isFull = false;
    world = new DeskWorld(
      onFullDisk(await open(), () => isFull),
      { acceptNewSites: true, queueLimit: 40 },
    );
    await world.start();
    hub = world.hub({ site: newRandomId(world.random) });
  });

  const phase = async () => (await world.desk.reader.site(hub.site))?.presence.phase;

  const later = async (ms: number): Promise<void> => {
    await world.clock.advance(ms);
    await world.desk.drain();
  };

  it('that a full disk refused is stored when there is room again, and the hub is heard from then on', async () => {
    isFull = true;
    await world.send(hub, hub.birth());
    await later(A_WHILE_MS);
    isFull = false;
    const entry = hub.entry('device.added', device(NAS));
    await world.send(hub, hub.heartbeat(), entry);
    expect([await phase(), hub.outbox.size]).toEqual([undefined, 1]);
    await later(A_WHILE_MS);
    expect(await phase()).toBe('never');
    await world.send(hub, hub.heartbeat(), entry);
    expect([await phase(), hub.outbox.size]).toEqual(['online', 0]);
    expect(hub.ses).toBeGreaterThan(0);
  });

  it('for which there was no room to wait is stored too', async () => {
    const loud = world.hub();
    for (let beat = 0; beat < 50; beat++) world.link.deliver(...wired(loud.heartbeat()));
    await world.send(hub, hub.birth());
    expect(world.desk.status().counts.dropped).toBeGreaterThan(0);
    await later(A_WHILE_MS);
    expect(await phase()).toBe('never');
  });

  it('does not undo a later connection', async () => {
    await world.send(hub, hub.birth());
    isFull = true;
    await world.send(hub, hub.birth());
    isFull = false;
    const next = world.hub({ site: hub.site });
    await later(1_000);
    await world.send(next, next.heartbeat());
    await later(A_WHILE_MS);
    await world.send(next, next.offline('shutdown'));
    expect(await phase()).toBe('stopped');
  });
});

function wired({ topic, payload }: { topic: string; payload: string }): [string, string] {
  return [topic, payload];
}
