/** A desk that cannot store what it hears has heard it all the same: when there is room again no home may be called silent that spoke all the while. */
import { beforeEach, expect, it } from 'vitest';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { onFullDisk } from '../fakes/full-disk.ts';
import type { FakeHub } from '../fakes/hub.ts';

const BEAT_MS = 30_000;
const LONG = 20;

describeOnEachEngine('a full disk', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let isFull = false;

  beforeEach(async () => {
    isFull = false;
    world = new DeskWorld(onFullDisk(await open(), () => isFull));
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth(), hub.heartbeat());
  });

  const later = async (ms: number): Promise<void> => {
    await world.clock.advance(ms);
    await world.desk.drain();
  };

  const phase = async () => (await world.desk.reader.site(hub.site))?.presence.phase;

  const speaksUnstored = async (): Promise<void> => {
    isFull = true;
    for (let beat = 0; beat < LONG; beat++) {
      await later(BEAT_MS);
      await world.send(hub, hub.heartbeat());
    }
    isFull = false;
  };

  it('makes no hub silent that speaks', async () => {
    await speaksUnstored();
    expect(world.desk.status().counts.failedBatches).toBeGreaterThan(LONG - 1);
    await later(BEAT_MS - 1_000);
    expect(await phase()).toBe('online');
    expect(await world.desk.reader.alerts({ site: hub.site, limit: 10 })).toEqual([]);
  });

  it('hides none that has fallen silent', async () => {
    await speaksUnstored();
    await later(3 * BEAT_MS + 15_000);
    expect(await phase()).toBe('silent');
  });
});
