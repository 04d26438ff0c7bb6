/** The real agent in a small simulated home whose devices near their end, through days, restarts and decisions. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { DAY_MS, dayOf } from '../../src/base/partial-date.ts';
import { type AlertMessage, entryBodySchemas } from '../../src/protocol/messages.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { SIMULATED_MORNING_MS } from '../../src/simulation/virtual-clock.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';
import { factOf, SimulatedLooker } from '../builders/simulated-looker.ts';

const NAMES = ['Router', 'Rack switch', 'Access point ground floor', 'NVR', 'NAS', 'Sonos Kitchen', 'Phone of Anna'];
const SMALL = { ...SAMPLE_HOME, devices: SAMPLE_HOME.devices.filter(({ name }) => NAMES.includes(name)) };
const LOOK_S = 11 * 60;
const inDays = (days: number): string => dayOf(SIMULATED_MORNING_MS + days * DAY_MS);

/** The NVR's support ends soon, the NAS has passed its end, nothing is known of the others. */
const facts = () => [factOf('nvr', 'Hikvision', 'DS-7616NI-M2', inDays(100)), factOf('nas', 'Synology', 'DS923+', inDays(-100))];

async function watched(seed: string, looker: SimulatedLooker): Promise<SimulatedAgent> {
  const agent = await SimulatedAgent.start(seed, SMALL, { heard: true }, looker);
  onTestFinished(() => agent.stop());
  return agent.run(LOOK_S);
}

const idOf = (agent: SimulatedAgent, name: string): string => agent.view().devices.find(({ id }) => agent.nameOf(id) === name)?.id ?? '';
const firing = (agent: SimulatedAgent): string[] => agent.view().alerts.map(({ code, stage }) => `${code} ${stage}`);
const alertOf = (agent: SimulatedAgent, code: string): AlertMessage =>
  agent.view().alerts.find((alert) => alert.code === code) as AlertMessage;
const verdictsTold = (agent: SimulatedAgent, after = 0) =>
  agent
    .told(after)
    .filter(({ kind }) => kind === 'device.lifecycle')
    .map(({ body }) => entryBodySchemas['device.lifecycle'].parse(body));

/** Days pass in which nobody is at home and the hub only looks once: its clock is put forward while it is restarted. */
async function later(agent: SimulatedAgent, days: number): Promise<void> {
  agent.clock.stepWall(days * DAY_MS);
  await agent.restart(`after ${days} days`);
  await agent.run(LOOK_S);
}

async function pastTheFirstDay(seed: string, looker: SimulatedLooker): Promise<SimulatedAgent> {
  const agent = await watched(seed, looker);
  await later(agent, 1);
  return agent;
}

describe('a home whose devices near their end', () => {
  it('is looked at after ten minutes: the desk hears the verdicts, and no alert on the first day', async () => {
    const looker = new SimulatedLooker(facts());
    const agent = await watched('first day', looker);
    expect(looker.asked).toHaveLength(1);
    expect(verdictsTold(agent).map(({ device, verdict }) => [agent.nameOf(device), verdict?.state])).toEqual([
      ['NVR', 'plan'],
      ['NAS', 'overdue'],
    ]);
    expect(agent.alertLines()).toEqual([]);
  });

  it('never hands a device of a person to anybody', async () => {
    const looker = new SimulatedLooker(facts());
    const agent = await watched('persons', looker);
    const persons = agent.view().devices.filter(({ personal }) => personal);
    expect(persons.length).toBeGreaterThan(0);
    expect(looker.asked.flatMap(({ devices }) => devices).filter(({ personal }) => personal)).toEqual([]);
  });

  it('is told in one message after a day, then stage by stage, each once through restarts', async () => {
    const looker = new SimulatedLooker(facts());
    const agent = await watched('stages', looker);
    const digests = () => agent.told().filter(({ body }) => (body as AlertMessage).code === 'lifecycle-digest');
    await later(agent, 1);
    expect(digests()).toHaveLength(1);
    expect(digests()[0]?.body).toMatchObject({
      text: expect.stringMatching(/1 past it or due now, 1 within a year.*Synology DS923\+.*Hikvision/),
    });
    expect(firing(agent)).toEqual([]);
    await later(agent, 20);
    expect(firing(agent)).toEqual(['support-ending 90']);
    await agent.die('the power');
    await agent.run(LOOK_S);
    await later(agent, 60);
    expect(firing(agent)).toEqual(['support-ending 30']);
    await later(agent, 30);
    const lines = ['raised support-ending NVR', 'updated support-ending NVR', 'cleared support-ending NVR', 'raised support-ended NVR'];
    expect(agent.alertLines().filter((line) => line.includes('support'))).toEqual(lines);
    expect(alertOf(agent, 'support-ended')).toMatchObject({ ends: inDays(100), title: expect.stringContaining('(192.168.50.20)') });
    expect(digests()).toHaveLength(1);
  });

  it('where somebody plans until when is told no more until then, and the desk knows the plan', async () => {
    const agent = await pastTheFirstDay('plans', new SimulatedLooker(facts()));
    await later(agent, 20);
    const { key, raisedAt } = alertOf(agent, 'support-ending');
    const before = agent.lastPos;
    const acknowledged = { by: 'Eva', at: raisedAt, where: 'desk' as const, plannedFor: inDays(200) };
    expect(agent.obeyAboutAlerts({ do: 'acknowledge', key, raisedAt, acknowledged })).toMatchObject({ done: expect.any(String) });
    expect(verdictsTold(agent, before)).toMatchObject([{ device: idOf(agent, 'NVR'), verdict: { plannedFor: inDays(200) } }]);
    await later(agent, 100);
    expect(firing(agent)).toEqual(['support-ending 90']);
    await later(agent, 80);
    expect(firing(agent)).toEqual(['support-ended 0']);
    expect(alertOf(agent, 'support-ended').text).toMatch(/^Planned for .*, and still in use\./);
    expect(verdictsTold(agent).at(-1)?.verdict?.plannedFor).toBeUndefined();
  });

  it('is told after a silence what it held back', async () => {
    const agent = await pastTheFirstDay('silence', new SimulatedLooker(facts()));
    agent.clock.stepWall(20 * DAY_MS);
    await agent.restart('later');
    agent.obeyAboutAlerts({ do: 'silence', forMs: 3_600_000, by: 'anna' });
    await agent.run(LOOK_S);
    expect(firing(agent)).toEqual([]);
    await agent.run(3_600);
    expect(firing(agent)).toEqual(['support-ending 90']);
  });

  it('is looked at again soon after a person or another catalogue says something new, and not at each word', async () => {
    const looker = new SimulatedLooker(facts());
    const agent = await pastTheFirstDay('news', looker);
    const before = looker.asked.length;
    const device = idOf(agent, 'Sonos Kitchen');
    agent.obey({ do: 'set', device, set: { model: 'DS-7616NI-M2', vendor: 'Hikvision' } });
    agent.obey({ do: 'set', device, set: { room: 'Attic', 'warranty-until': inDays(21) } });
    await agent.run(LOOK_S);
    expect(looker.asked.length - before).toBe(1);
    expect(agent.alertLines()).toContain('raised warranty-ending Sonos Kitchen');
    looker.facts = [...facts(), factOf('udm', 'Ubiquiti', 'UDM Pro', inDays(-1))];
    await agent.run(LOOK_S + 60);
    expect(looker.asked.length - before).toBe(2);
    expect(agent.alertLines().at(-1)).toBe('raised lifecycle-digest');
  });

  it('is judged as before where nobody can look, and looked at again within the hour', async () => {
    const looker = new SimulatedLooker(facts());
    const agent = await watched('broken', looker);
    looker.isBroken = true;
    const told = verdictsTold(agent).length;
    await agent.restart('broken');
    await agent.run(LOOK_S);
    expect(agent.view().lifecycle).toMatchObject({ failures: 1 });
    expect(verdictsTold(agent)).toHaveLength(told);
    looker.isBroken = false;
    await agent.run(3_600);
    expect(agent.view().lifecycle).toMatchObject({ failures: 0 });
  });

  it('says nothing more of a device that turns out to be a person’s, not even its name', async () => {
    const agent = await pastTheFirstDay('of a person', new SimulatedLooker(facts()));
    await later(agent, 20);
    const before = agent.lastPos;
    agent.obey({ do: 'set', device: idOf(agent, 'NVR'), set: { personal: 'yes' } });
    await agent.run(1);
    const cleared = agent.told(before).find(({ kind }) => kind === 'alert.cleared')?.body as AlertMessage;
    expect(cleared).toMatchObject({ code: 'support-ending', text: 'It turned out to belong to a person.' });
    expect(JSON.stringify(agent.told(before))).not.toContain('DS-7616NI');
    expect(firing(agent)).toEqual([]);
  });
});
