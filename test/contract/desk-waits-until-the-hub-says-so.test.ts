/** When people are to act on an alert: the hub counts its hold, and the desk asks nobody before the hub says that it is over. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { AlertView } from '../../src/desk/views.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, type FakeHub, snapshot } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
const MINUTE = 60_000;

describeOnEachEngine('an alert within its hold', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let held: AlertMessage;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth());
    held = deviceDown(NAS, now(), { held: true });
    await world.send(hub, hub.entry('alert.raised', held));
  });

  const now = (): number => world.clock.now().wallMs;
  const due = (): AlertMessage => ({ ...deviceDown(NAS, held.raisedAt), actionableAt: now() });
  async function shown(): Promise<AlertView | undefined> {
    return (await world.desk.reader.firing(world.site)).find(({ code }) => code === 'device-down');
  }
  async function page(): Promise<string> {
    const answer = await world.desk.app.fetch(new Request(`http://localhost/sites/${world.site}`, { headers: { host: 'localhost' } }));
    return (await answer.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  }
  async function quietFor(ms: number): Promise<void> {
    await world.clock.advance(ms);
    await world.desk.drain();
  }

  it('is to be acted on when the hub says so, from then on', async () => {
    expect(await shown()).toMatchObject({ held: true, actionableAt: held.raisedAt + 2 * MINUTE });
    expect(await page()).toContain('just noticed: act if it lasts 2 min more');
    await world.clock.advance(2 * MINUTE + 250);
    await world.send(hub, hub.entry('alert.updated', due()));
    expect(await shown()).toMatchObject({ held: false, raisedAt: held.raisedAt, actionableAt: now() });
    expect(await page()).not.toMatch(/just noticed|not to be acted on/);
  });

  it('waits on after its time while the hub does not see the device, and takes the later time that the hub names', async () => {
    await world.clock.advance(3 * MINUTE);
    await world.send(hub, hub.heartbeat());
    expect(await shown()).toMatchObject({ held: true, stale: false });
    expect(await page()).toContain('not to be acted on yet: the hub has to look longer');
    const later = { ...held, actionableAt: now() + MINUTE };
    await world.send(hub, hub.entry('alert.updated', later));
    expect(await shown()).toMatchObject({ held: true, actionableAt: later.actionableAt });
    expect(await page()).toContain('act if it lasts 1 min more');
  });

  it('is never to be acted on while its hub is silent, and is when that is back and still says so', async () => {
    await quietFor(60 * MINUTE);
    expect(await shown()).toMatchObject({ held: true, stale: true });
    expect(await page()).toContain('not to be acted on before the hub is back and still says so');
    await world.send(hub, hub.birth(), hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [held] })));
    expect(await shown()).toMatchObject({ held: true, stale: false });
    await world.send(hub, hub.entry('alert.updated', due()));
    expect(await shown()).toMatchObject({ held: false, stale: false, actionableAt: now() });
  });

  it('is over without anybody being asked where the device is back', async () => {
    await quietFor(60 * MINUTE);
    await world.send(hub, hub.birth(), hub.entry('alert.cleared', { ...held, clearedAt: now(), clearedBecause: 'It answers again.' }));
    expect(await shown()).toBeUndefined();
  });

  it('was one once and is none again, though a hub with an old memory takes it for one', async () => {
    await world.clock.advance(2 * MINUTE);
    const asked = due();
    await world.send(hub, hub.entry('alert.updated', asked));
    await world.clock.advance(MINUTE);
    await world.send(hub, hub.entry('alert.updated', { ...held, actionableAt: now() + 2 * MINUTE }));
    expect(await shown()).toMatchObject({ held: false, actionableAt: asked.actionableAt });
  });
});
