/** A device that was silent at these hours for weeks is asleep when it falls silent again, over restarts too, and down when they are over. */
import { afterEach, expect, it } from 'vitest';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const HOUR_MS = 3_600_000;
const WEEK = 168;
let started: SimulatedAgent | undefined;
afterEach(() => started?.stop());

const stateOf = (agent: SimulatedAgent, name: string) => agent.view().devices.find(({ id }) => agent.nameOf(id) === name)?.state;

it('wakes nobody while it usually sleeps, and tells when it is not back', async () => {
  const agent = await SimulatedAgent.start('nights');
  started = agent;
  await agent.run(600);
  const ids = ['Sonos Kitchen', 'NAS'].map((name) => agent.view().devices.find(({ id }) => agent.nameOf(id) === name)?.id);
  const hour = Math.floor(agent.clock.now().wallMs / HOUR_MS) % WEEK;
  const slept = Array.from({ length: WEEK }, (_, each) => (each === hour ? 'f' : '0')).join('');
  const saved = JSON.stringify([[ids[0], slept]]);
  await agent.restart('second', `INSERT OR REPLACE INTO meta VALUES ('sleep', '${saved}')`);
  await agent.restart('third');
  await agent.run(60);
  const before = agent.lastPos;
  agent.home.control.unplug('Sonos Kitchen');
  await agent.run(20 * 60);
  expect(stateOf(agent, 'Sonos Kitchen')).toBe('asleep');
  expect(agent.alertLines(before)).toEqual([]);
  await agent.run(2.5 * 3_600);
  expect(stateOf(agent, 'Sonos Kitchen')).toBe('down');
  expect(agent.alertLines(before)).toEqual(['raised device-down Sonos Kitchen']);
});
