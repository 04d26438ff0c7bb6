import { afterEach, expect, it } from 'vitest';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let home: SimulatedAgent;
afterEach(() => home?.stop());

it('keeps a history of the house and none of its people', async () => {
  home = await SimulatedAgent.start('history');
  await home.run(3_600);
  home.home.control.unplug('NVR');
  await home.run(300);
  const { devices } = home.view();
  const kept = (id: string): number => home.store.health.history(id, 100).length;
  const people = devices.filter(({ personal }) => personal);
  expect(people.length).toBeGreaterThan(2);
  expect(people.filter(({ id }) => kept(id) > 0).map(({ name }) => name)).toEqual([]);
  expect(home.store.health.history(devices.find(({ id }) => home.nameOf(id) === 'NVR')?.id ?? '', 2).map(({ state }) => state)).toEqual([
    'down',
    'up',
  ]);
});
