/** The real agent in a small simulated home with a NAS that gives the state of its UPS to the house (Network UPS Tools). */
import { expect, it, onTestFinished } from 'vitest';
import { DAY_MS } from '../../src/base/partial-date.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';
import { SimulatedLooker } from '../builders/simulated-looker.ts';

const NAMES = ['Router', 'Rack switch', 'NAS'];
const LOOK_S = 11 * 60;

/** A home whose UPS says of its status, and of its self-test, what is in `ups` at the time. */
function homeWith(ups: { status: string; test: string }) {
  const says = (heard: string): string =>
    heard.startsWith('LIST UPS')
      ? 'BEGIN LIST UPS\nUPS rack ""\nEND LIST UPS\n'
      : `BEGIN LIST VAR rack\nVAR rack ups.model "Back-UPS RS 1200G"\nVAR rack ups.status "${ups.status}"\nVAR rack ups.test.result "${ups.test}"\nEND LIST VAR rack\n`;
  const devices = SAMPLE_HOME.devices
    .filter(({ name }) => NAMES.includes(name))
    .map((device) => (device.name === 'NAS' ? { ...device, says: { 3493: says } } : device));
  return { ...SAMPLE_HOME, devices };
}

const batteryAlerts = (agent: SimulatedAgent): string[] => agent.alertLines().filter((line) => line.includes('battery-due'));
const firing = (agent: SimulatedAgent): AlertMessage | undefined => agent.view().alerts.find(({ code }) => code === 'battery-due');

/** Two days pass in which the hub only looks once, at the end. */
async function later(agent: SimulatedAgent): Promise<void> {
  agent.clock.stepWall(2 * DAY_MS);
  await agent.restart(`on ${new Date(agent.clock.now().wallMs).toISOString()}`);
  await agent.run(LOOK_S);
}

it('a battery that fails its test is one message, which ends when it was replaced; a flag that is raised for a moment is none', async () => {
  const ups = { status: 'OL', test: 'Done and passed' };
  const agent = await SimulatedAgent.start('battery', homeWith(ups), { heard: true }, new SimulatedLooker([]));
  onTestFinished(() => agent.stop());
  await agent.run(LOOK_S);
  await later(agent);

  ups.status = 'OL RB';
  await later(agent);
  ups.status = 'OL';
  await later(agent);
  expect(batteryAlerts(agent)).toEqual([]);

  ups.test = 'Done and error';
  await later(agent);
  expect(firing(agent)).toMatchObject({ severity: 'warning', stage: 0, text: expect.stringContaining('failed its self-test') });
  await later(agent);
  expect(batteryAlerts(agent)).toEqual(['raised battery-due NAS']);

  ups.test = 'Done and passed';
  await later(agent);
  expect(firing(agent)).toBeUndefined();
  expect(batteryAlerts(agent)).toEqual(['raised battery-due NAS', 'cleared battery-due NAS']);
});
