/** The agent in a simulated home asks its devices for evidence: politely, once, and not again because it was restarted. */
import { afterEach, expect, it } from 'vitest';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const started: SimulatedAgent[] = [];
afterEach(async () => {
  for (const agent of started.splice(0)) await agent.stop();
});

/** An agent, and the questions it put: `Cinema switch ports`. */
async function listened(): Promise<{ agent: SimulatedAgent; asked: string[] }> {
  const agent = await SimulatedAgent.start('asked');
  started.push(agent);
  const asked: string[] = [];
  const { askers, control } = agent.home;
  const askerFor = askers.askerFor.bind(askers);
  Object.assign(askers, {
    askerFor(...[target, reader]: Parameters<typeof askerFor>) {
      asked.push(`${control.truth().find(({ ip }) => ip === target.ip)?.name} ${reader.name}`);
      return askerFor(target, reader);
    },
  });
  return { agent, asked };
}

it('what a device says on its page becomes its model', async () => {
  const { agent } = await listened();
  await agent.run(300);
  const device = agent.view().devices.find(({ id }) => agent.nameOf(id) === 'Cinema switch');
  expect(device).toMatchObject({ model: 'AN-110-SW-8', kind: 'switch' });
});

it('each device of the house is asked by each reader once, persons are not asked at all, and a restart asks nobody again', async () => {
  const { agent, asked } = await listened();
  await agent.run(270);
  expect(asked.length).toBeGreaterThan(60);
  expect(asked.filter((question, i) => asked.indexOf(question) !== i)).toEqual([]);
  expect(asked.filter((question) => /^(Phone|Tablet|Laptop)/.test(question))).toEqual([]);
  asked.length = 0;
  await agent.restart('second');
  // Less than ten minutes in all, after which those that did not answer are asked again.
  await agent.run(240);
  expect(asked).toEqual([]);
});
