/** What arrives together is committed together: each message finds what those before it have changed, on every engine. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { commitBatch } from '../../src/desk/ingest/batch.ts';
import { decode, type Inbound } from '../../src/desk/ingest/decode.ts';
import { largestSession } from '../../src/desk/store/sites.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub, snapshot } from '../fakes/hub.ts';

const random = seededRandom('batch');
const [NAS, TV] = [newRandomId(random), newRandomId(random)];
/** More than the desk's clock makes of it. */
const CLAIMED = 2 ** 30;

describeOnEachEngine('a batch', (open) => {
  let world: DeskWorld;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
  });

  /** All at once, so that they are one batch. */
  async function together(hubs: readonly FakeHub[], messages: readonly { topic: string; payload: string }[]): Promise<void> {
    world.link.onPublish = (topic, payload) => {
      for (const hub of hubs) hub.receive(topic, payload);
    };
    for (const { topic, payload } of messages) world.link.deliver(topic, payload);
    await world.desk.drain();
    expect(world.desk.status().counts.failedBatches).toBe(0);
  }

  it('gives two starts of one hub two numbers, and a third one that is above what an entry claims', async () => {
    const [first, second, third] = [world.hub(), world.hub(), world.hub({ ses: CLAIMED })];
    const foreign = third.wire(third.entry('device.added', device(NAS)));
    await together([first, second, third], [first.birth(), second.birth(), foreign, third.birth()]);
    expect(first.ses).toBeLessThan(CLAIMED);
    expect([second.ses, third.ses]).toEqual([CLAIMED + 1, CLAIMED + 2]);
    expect(await largestSession(world.database, world.site)).toBe(CLAIMED + 2);
  });

  it('times an entry by the clock that the birth before it has made known', async () => {
    const hub = world.hub({ wallErrorMs: -3_600_000 });
    await together([hub], [hub.birth(), hub.wire(hub.entry('device.added', device(NAS)))]);
    const [event] = await world.desk.reader.events({ after: 0, limit: 10 });
    expect(event).toMatchObject({ occurredBy: 'anchor', occurredAt: world.clock.now().wallMs });
  });

  it('brings nothing back that a snapshot among it has ended', async () => {
    const hub = world.hub();
    await world.send(hub, hub.birth());
    const now = world.clock.now().wallMs;
    const late = [hub.entry('device.added', device(TV)), hub.entry('alert.raised', deviceDown(TV, now))];
    const parts = [hub.entry('device.added', device(NAS)), hub.entry('device.state', deviceState(NAS, 'up', now))];
    const whole = hub.entry('snapshot', snapshot(newRandomId(random), { devices: [], alerts: [] }));
    await together(
      [hub],
      [...parts, whole, ...late].map((entry) => hub.wire(entry)),
    );
    expect(await world.states()).toEqual({});
    expect(await world.firing()).toEqual([]);
  });

  it('makes a ticket of an alert also where another home`s older message comes after it', async () => {
    const hub = world.hub();
    await world.send(hub, hub.birth());
    const { wallMs, monoMs } = world.clock.now();
    const at = (laterMs: number) => ({ wallMs: wallMs + laterMs, monoMs: monoMs + laterMs, listenedMs: laterMs });
    const alert = deviceDown(NAS, wallMs + 50, { actionableAt: wallMs + 50 });
    const [told, older] = [hub.wire(hub.entry('alert.raised', alert)), hub.heartbeat()].map(({ topic, payload }) =>
      decode({ topic, payload: Buffer.from(payload), retained: false }),
    ) as [Inbound, Inbound];
    const arrivals = [
      { at: at(60), inbound: told },
      { at: at(10), inbound: older },
    ];
    await commitBatch(world.database, arrivals, new Map(), { acceptNewSites: false, graceMs: 0, excusedFromMs: 0, seen: 0 });
    expect(await world.desk.reader.tickets({ limit: 9 })).toHaveLength(1);
  });
});
