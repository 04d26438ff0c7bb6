/** A device that goes silent right after it was found is down as soon as is promised of any: the hub learns at once how to ask it, whatever it says by itself. */
import { expect, it } from 'vitest';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

it.each([0, 1_000, 3_000])('within 15 s when its cable is pulled %i ms after it was up', async (afterMs) => {
  const agent = await SimulatedAgent.start('found');
  const stateOfNas = () => agent.view().devices.find(({ id }) => agent.nameOf(id) === 'NAS')?.state;
  for (let tenths = 0; tenths < 100 && stateOfNas() !== 'up'; tenths++) await agent.run(0.1);
  await agent.run(afterMs / 1_000);
  agent.home.control.unplug('NAS');
  await agent.run(15);
  expect(stateOfNas()).toBe('down');
  await agent.stop();
});
