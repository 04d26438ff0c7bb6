/** A device whose link loses packets is asked more often before it is called down, and what is promised of it is told as it changes. */
import { afterEach, expect, it } from 'vitest';
import type { DeviceStateMessage } from '../../src/protocol/messages.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let started: SimulatedAgent | undefined;
afterEach(() => started?.stop());

const viewOf = (agent: SimulatedAgent, name: string) => {
  const found = agent.view().devices.find((device) => agent.nameOf(device.id) === name);
  if (!found) throw new Error(`not found: ${name}`);
  return found;
};
const promisesTold = (agent: SimulatedAgent, id: string, afterPos: number): number[] =>
  agent
    .told(afterPos)
    .filter(({ kind, body }) => kind === 'device.state' && (body as DeviceStateMessage).device === id)
    .map(({ body }) => (body as DeviceStateMessage).detectWithinMs);

it('promises less of a lossy link, says why, tells the desk, and remembers it over a restart', async () => {
  const agent = await SimulatedAgent.start('lossy');
  started = agent;
  await agent.run(120);
  const { id, detectWithinMs } = viewOf(agent, 'NAS');
  const before = agent.lastPos;
  agent.home.control.loss('NAS', 0.4);
  await agent.run(1_200);
  const lossy = viewOf(agent, 'NAS');
  expect(lossy.detectWithinMs).toBeGreaterThan(detectWithinMs);
  expect(lossy.detectBecause).toMatch(/link/);
  expect(promisesTold(agent, id, before).at(-1)).toBe(lossy.detectWithinMs);
  expect(agent.alertLines(before)).toEqual([]);
  await agent.restart('second');
  await agent.run(1);
  const restored = viewOf(agent, 'NAS');
  expect(restored.detectBecause).toBe(lossy.detectBecause);
  expect(restored.detectWithinMs).toBeGreaterThan(detectWithinMs + 5_000);
});
