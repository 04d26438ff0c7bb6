import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceState, snapshot } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
const SITE = { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 } as const;

// Found by `npm run simulate:path`, seed 1416.
describeOnEachEngine('a device that is gone', (open) => {
  it('a device that the newest snapshot does not name stays gone when an older snapshot with it arrives at last', async () => {
    const world = new DeskWorld(await open());
    await world.start();
    const at = world.clock.now().wallMs;
    const first = world.hub({ ses: 1 });
    await world.send(first, first.entry('device.added', device(NAS)));
    const second = world.hub({ ses: 2, pos: 10 });
    const nas = { device: device(NAS), state: deviceState(NAS, 'up', at) };
    const late = second.entry('snapshot', { ...snapshot(newRandomId(world.random), { devices: [nas], alerts: [] }), site: SITE });
    const third = world.hub({ ses: 3, pos: 20 });
    await world.send(third, third.entry('snapshot', { ...snapshot(newRandomId(world.random), { devices: [], alerts: [] }), site: SITE }));
    await world.send(second, late);
    expect(await world.states()).toEqual({});
  });
});
