/** How near their end devices are, as the desk stores and tells it: the newest word of the hub, bounded, and gone with its device. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceState, type FakeHub, snapshot, verdict } from '../fakes/hub.ts';

const random = seededRandom('ends');
const [NAS, TV] = [newRandomId(random), newRandomId(random)] as const;

describeOnEachEngine('the verdict on a device', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth(), hub.entry('device.added', device(NAS)), hub.entry('device.added', device(TV)));
  });

  const shown = async (id = NAS) => (await world.desk.reader.devices(world.site)).find((one) => one.id === id)?.lifecycle;
  const rows = async (): Promise<number> => {
    const count = world.database.selectFrom('device_verdict').select((eb) => eb.fn.countAll().as('n'));
    return Number((await count.executeTakeFirstOrThrow()).n);
  };
  const place = () => hub.entry('device.state', deviceState(NAS, 'up', 1));

  it('is the newest that the hub told, in whatever order it arrives, until it knows nothing any more', async () => {
    const [first, second] = [verdict(), verdict({ state: 'at-risk', critical: true })].map((told) =>
      hub.entry('device.lifecycle', { device: NAS, verdict: told }),
    );
    await world.send(hub, second!, first!);
    expect(await shown()).toMatchObject({ state: 'at-risk', critical: true });
    const [nothing, late] = [
      hub.entry('device.lifecycle', { device: NAS }),
      hub.entry('device.lifecycle', { device: NAS, verdict: verdict() }),
    ];
    await world.send(hub, { ...late, pos: nothing.pos, id: newRandomId(world.random) }, { ...nothing, pos: late.pos });
    expect(await shown()).toBeUndefined();
  });

  it('may come before its device', async () => {
    const later = newRandomId(world.random);
    await world.send(hub, hub.entry('device.lifecycle', { device: later, verdict: verdict() }), hub.entry('device.added', device(later)));
    expect(await shown(later)).toMatchObject({ state: 'overdue' });
  });

  it('goes with its device, and what was told before does not come back with it', async () => {
    const late = hub.entry('device.lifecycle', { device: NAS, verdict: verdict({ state: 'plan' }) });
    await world.send(hub, hub.entry('device.lifecycle', { device: NAS, verdict: verdict() }));
    expect((await world.desk.reader.site(world.site))?.ending).toEqual({ atRisk: 0, overdue: 1, due: 0 });
    await world.send(hub, hub.entry('device.removed', { device: NAS, why: 'gone' }), late);
    expect([await rows(), (await world.desk.reader.site(world.site))?.ending.overdue]).toEqual([0, 0]);
    await world.send(hub, hub.entry('device.added', device(NAS)));
    expect(await shown()).toBeUndefined();
  });

  it('is taken from a snapshot, which ends those that it does not name', async () => {
    const late = hub.entry('device.lifecycle', { device: TV, verdict: verdict({ state: 'due' }) });
    await world.send(hub, hub.entry('device.lifecycle', { device: TV, verdict: verdict() }));
    const devices = [
      { device: device(NAS), state: deviceState(NAS, 'up', 1), lifecycle: verdict({ state: 'due' }) },
      { device: device(TV), state: deviceState(TV, 'up', 1) },
    ];
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices, alerts: [] })));
    expect([(await shown())?.state, await shown(TV)]).toEqual(['due', undefined]);
    await world.send(hub, late);
    expect(await shown(TV)).toBeUndefined();
  });

  it('is counted for its home where a client may be told', async () => {
    const states = ['at-risk', 'overdue', 'overdue', 'due', 'plan', 'fine', 'check'] as const;
    const told = states.flatMap((state) => {
      const id = newRandomId(world.random);
      const tell = state === 'check' ? 'desk' : 'client';
      return [hub.entry('device.added', device(id)), hub.entry('device.lifecycle', { device: id, verdict: verdict({ state, tell }) })];
    });
    const unsure = hub.entry('device.lifecycle', { device: NAS, verdict: verdict({ tell: 'desk' }) });
    await world.send(hub, ...told, unsure);
    const answer = await world.desk.app.fetch(new Request('http://localhost/api/v1/sites', { headers: { host: 'localhost' } }));
    const { sites } = (await answer.json()) as { sites: { ending: unknown }[] };
    expect(sites.map(({ ending }) => ending)).toEqual([{ atRisk: 1, overdue: 2, due: 1 }]);
  });

  it('is cleaned, and refused where a date or a list is none', async () => {
    await world.send(hub, hub.entry('device.lifecycle', { device: NAS, verdict: verdict({ toDo: 'Repl\u202eace\u0007 it.' }) }));
    expect((await shown())?.toDo).toBe('Replace it.');
    const ends = { what: 'cloud', on: '2026-13' };
    const bad = [
      { ends },
      { timeline: Array(13).fill(verdict().ends) },
      { state: 'doomed' },
      { plannedFor: 'soon' },
      { why: 'x'.repeat(513) },
    ];
    for (const over of bad) {
      await world.send(hub, hub.rawEntry('device.lifecycle', { device: TV, verdict: { ...verdict(), ...over } }));
      expect(await shown(TV)).toBeUndefined();
    }
    expect(world.desk.status().counts.malformed).toBe(bad.length);
    expect(await shown()).toMatchObject({ state: 'overdue' });
  });

  it('is kept of so many devices only, and of none that are not known for ever', async () => {
    const devices = Array.from({ length: 2100 }, () => newRandomId(world.random));
    for (let from = 0; from < devices.length; from += 100)
      await world.send(
        hub,
        ...devices.slice(from, from + 100).map((id) => hub.entry('device.lifecycle', { device: id, verdict: verdict() })),
      );
    expect(await rows()).toBeLessThanOrEqual(2048);
    await world.send(hub, place(), hub.entry('device.lifecycle', { device: NAS, verdict: verdict() }));
    expect(await shown()).toMatchObject({ state: 'overdue' });
  });
});
