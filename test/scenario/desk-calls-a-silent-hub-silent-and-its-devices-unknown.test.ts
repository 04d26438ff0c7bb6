import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
const GRACE_MS = 150_000;
const LIMIT_MS = 100_000;

describeOnEachEngine('a hub at the desk', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    const entries = [hub.entry('device.added', device(NAS)), hub.entry('device.state', deviceState(NAS, 'up', world.clock.now().wallMs))];
    await world.send(hub, hub.birth(), ...entries);
  });

  const site = async () => (await world.desk.reader.site(world.site))!;
  const phase = async () => (await site()).presence.phase;

  /** Lets time pass with a heartbeat every 30 s. */
  async function beatFor(ms: number): Promise<void> {
    for (let spent = 0; spent < ms; spent += 30_000) {
      await world.clock.advance(30_000);
      await world.send(hub, hub.heartbeat());
    }
  }

  async function quietFor(ms: number): Promise<void> {
    await world.clock.advance(ms);
    await world.desk.drain();
  }

  it('is silent when nothing came for three heartbeats and 10 s, and heard again with the next message', async () => {
    await beatFor(GRACE_MS);
    const lastWordAt = world.clock.now().wallMs;
    await quietFor(LIMIT_MS - 1000);
    expect(await phase()).toBe('online');
    await quietFor(3000);
    expect(await phase()).toBe('silent');
    expect(await world.firing()).toEqual(['hub-silent']);
    expect((await world.desk.reader.devices(world.site))[0]).toMatchObject({
      state: 'unknown',
      since: lastWordAt,
      lastKnown: { state: 'up' },
    });
    expect((await site()).counts).toMatchObject({ unknown: 1, up: 0, down: 0 });

    await world.send(hub, hub.heartbeat());
    expect(await world.firing()).toEqual([]);
    expect(await world.states()).toEqual({ [NAS]: 'up' });
    expect((await world.desk.reader.alerts({ limit: 5 }))[0]).toMatchObject({
      code: 'hub-silent',
      clearedBecause: 'the hub was heard again. It had run all along',
    });
  });

  it('is not judged in the first 150 s of the desk, nor of its connection to the broker', async () => {
    await quietFor(GRACE_MS - 1000);
    expect(await phase()).toBe('online');
    world.link.connect(false);
    await quietFor(3_600_000);
    expect(await phase()).toBe('online');
    world.link.connect(true);
    await quietFor(GRACE_MS - 1000);
    expect(await phase()).toBe('online');
    await quietFor(2000);
    expect(await phase()).toBe('silent');
  });

  it('is called silent however often the desk loses its broker', async () => {
    await beatFor(GRACE_MS);
    for (let outage = 0; outage < 2; outage++) {
      await quietFor(60_000);
      world.link.connect(false);
      await quietFor(1000);
      world.link.connect(true);
    }
    expect(await phase()).toBe('silent');
  });

  it('is called silent even when each loss of the broker is long', async () => {
    await beatFor(GRACE_MS);
    const loseForTenMinutes = async (): Promise<void> => {
      world.link.connect(false);
      await quietFor(600_000);
      world.link.connect(true);
      await quietFor(GRACE_MS - 10_000);
    };
    await loseForTenMinutes();
    await loseForTenMinutes();
    expect(await phase()).toBe('online');
    await loseForTenMinutes();
    expect(await phase()).toBe('silent');
  });

  it('is called silent even by a desk that restarts again and again', async () => {
    for (let restart = 0; restart < 6; restart++) {
      await quietFor(140_000);
      await world.restart();
    }
    expect(await world.firing()).toEqual(['hub-silent']);
  });

  it('is only in doubt after its will, and not at all after the will of an earlier connection', async () => {
    await world.send(hub, hub.offline('will', newRandomId(world.random)));
    expect(await phase()).toBe('online');
    await world.send(hub, hub.offline('will'));
    expect(await phase()).toBe('suspect');
    expect(await world.states()).toEqual({ [NAS]: 'up' });
    expect(await world.firing()).toEqual([]);
    await world.send(hub, hub.heartbeat());
    expect(await phase()).toBe('online');
  });

  it('is not in doubt by the late heartbeat and will of an earlier connection', async () => {
    const next = world.hub();
    await world.send(next, next.birth());
    await world.send(hub, hub.heartbeat(), hub.offline('will'));
    expect(await phase()).toBe('online');
  });

  it('makes its devices unknown at once when it says goodbye, and is missed when it does not come back', async () => {
    await beatFor(GRACE_MS);
    await world.send(hub, hub.offline('shutdown'));
    expect(await phase()).toBe('stopped');
    expect(await world.states()).toEqual({ [NAS]: 'unknown' });
    expect(await world.firing()).toEqual([]);
    await quietFor(LIMIT_MS + 2000);
    expect(await world.firing()).toEqual(['hub-silent']);
    expect((await world.desk.reader.firing())[0]?.text).toContain('goodbye (shutdown)');
  });

  it('proves nothing by a birth that the broker had kept', async () => {
    await beatFor(GRACE_MS);
    await quietFor(LIMIT_MS + 2000);
    const { topic, payload } = hub.birth();
    world.link.deliver(topic, payload, true);
    await world.desk.drain();
    expect(await phase()).toBe('silent');
  });

  it('stays silent over a restart of the desk, and its older alerts are marked as possibly over', async () => {
    await world.send(hub, hub.entry('alert.raised', deviceDown(NAS, world.clock.now().wallMs)));
    await beatFor(GRACE_MS);
    await quietFor(LIMIT_MS + 2000);
    await world.restart();
    expect(await phase()).toBe('silent');
    expect((await world.desk.reader.firing()).map(({ code, stale }) => [code, stale])).toEqual([
      ['hub-silent', false],
      ['device-down', true],
    ]);
    await world.send(hub, hub.heartbeat());
    expect(await world.firing()).toEqual([`device-down:${NAS}`]);
  });
});
