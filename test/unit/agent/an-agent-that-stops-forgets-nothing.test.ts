import { expect, onTestFinished, test } from 'vitest';
import { SimulatedAgent } from '../../builders/simulated-agent.ts';

test('what waited to be written with others is written when the agent stops, whenever that is', async () => {
  const agent = await SimulatedAgent.start('stopped');
  onTestFinished(() => agent.stop());
  const known = () =>
    agent
      .view()
      .devices.map(({ id, name, vendor, model, kind, ips, services }) => [id, { name, vendor, model, kind, ips, services }] as const);
  for (const seconds of [3, 9, 20, 40]) {
    await agent.run(seconds);
    const before = known();
    await agent.restart(`after ${seconds}`);
    expect(new Map(known())).toEqual(new Map(before));
  }
});
