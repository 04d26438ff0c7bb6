import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, snapshot } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
const SITE = { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 } as const;

// Found by `npm run simulate:path`, seed 1377.
describeOnEachEngine('an alert that fires', (open) => {
  it('a hub put back to an older card raises an alert, names it in a snapshot, and the raising that arrives after that ends nothing', async () => {
    const world = new DeskWorld(await open());
    await world.start();
    const at = world.clock.now().wallMs;
    const before = world.hub({ ses: 1, pos: 20 });
    await world.send(before, before.entry('alert.raised', deviceDown(NAS, at)));
    const putBack = world.hub({ ses: 1, pos: 10 });
    const anew = deviceDown(NAS, at + 60_000);
    const late = putBack.entry('alert.raised', anew);
    const granted = world.hub({ ses: 2, pos: 11 });
    const named = snapshot(newRandomId(world.random), { devices: [], alerts: [anew] });
    await world.send(granted, granted.entry('snapshot', { ...named, site: SITE }));
    await world.send(putBack, late);
    expect((await world.desk.reader.firing(world.site)).map(({ key }) => key)).toEqual([anew.key]);
  });
});
