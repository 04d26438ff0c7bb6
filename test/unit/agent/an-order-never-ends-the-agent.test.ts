import { expect, onTestFinished, test } from 'vitest';
import { SimulatedAgent } from '../../builders/simulated-agent.ts';

test('an order that needs a log that cannot be read is refused in words, and the agent watches on', async () => {
  const agent = await SimulatedAgent.start('broken log');
  onTestFinished(() => agent.stop());
  await agent.run(30);
  const device = agent.view().devices[0]!.id;
  expect(agent.obey({ do: 'set', device, set: { name: 'Vault' } })).toMatchObject({ done: expect.any(String) });
  agent.damage('DROP TABLE identity_log');
  expect(agent.obey({ do: 'undo', row: 1 })).toMatchObject({ problem: expect.stringContaining('identity_log'), fix: expect.any(String) });
  await agent.run(30);
  expect(agent.lastPos).toBeGreaterThan(0);
});
