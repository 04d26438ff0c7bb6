/** A device that answers while what it is there for does not is one message, which ends when the service is back or the device itself is gone. */
import { afterEach, expect, it } from 'vitest';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let started: SimulatedAgent | undefined;
afterEach(() => started?.stop());

it('is told once, outlives a restart, and makes room for the fault of the device itself', async () => {
  const home = structuredClone(SAMPLE_HOME);
  const ports = home.devices.find(({ name }) => name === 'NAS')?.answers.openTcpPorts as number[];
  const open = [...ports];
  const agent = await SimulatedAgent.start('services', home);
  started = agent;
  await agent.run(75 * 60);
  const before = agent.lastPos;
  ports.length = 0;
  await agent.run(25 * 60);
  expect(agent.alertLines(before)).toEqual(['raised service-down NAS']);
  const raised = agent.told(before).find(({ kind }) => kind === 'alert.raised')?.body as AlertMessage;
  expect(raised.title).toMatch(/does not answer, though the device does$/);
  expect(raised.text).toMatch(/refused since/);
  await agent.restart('second');
  await agent.run(5 * 60);
  expect(agent.alertLines(before)).toEqual(['raised service-down NAS']);
  agent.home.control.unplug('NAS');
  await agent.run(120);
  expect(agent.alertLines(before).slice(1).sort()).toEqual(['cleared service-down NAS', 'raised device-down NAS']);
  agent.home.control.replug('NAS');
  ports.push(...open);
  await agent.run(25 * 60);
  expect(agent.alertLines(before).slice(3)).toEqual(['cleared device-down NAS']);
});
