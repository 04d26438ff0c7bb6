import { afterEach, describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import type { Home } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { plainDevice } from '../builders/plain-device.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const SWITCH = 'Switch that nobody knows';
const CHILDREN = Array.from({ length: 12 }, (_, i) => `Child ${i + 1}`);
const OTHER_SWITCH = 'Another switch';
const OTHERS = Array.from({ length: 6 }, (_, i) => `Other ${i + 1}`);
const OF_THE_ROUTER = Array.from({ length: 6 }, (_, i) => `On the router ${i + 1}`);

const HOME: Home = {
  ...SAMPLE_HOME,
  devices: [
    ...SAMPLE_HOME.devices,
    plainDevice(SWITCH, 0),
    ...CHILDREN.map((name, i) => plainDevice(name, i + 1, { behind: SWITCH })),
    plainDevice(OTHER_SWITCH, 13),
    ...OTHERS.map((name, i) => plainDevice(name, i + 14, { behind: OTHER_SWITCH })),
    ...OF_THE_ROUTER.map((name, i) => plainDevice(name, i + 20, { behind: SAMPLE_HOME.gateway })),
  ],
};

let home: SimulatedAgent;
afterEach(() => home?.stop());

async function settled(seed: string): Promise<number> {
  home = await SimulatedAgent.start(seed, HOME);
  await home.run(400);
  return home.lastPos;
}

describe('devices that fall silent together', () => {
  it('are one message where nobody knows what they hang on, and no other follows when they are back', async () => {
    const before = await settled('switch');
    home.home.control.unplug(SWITCH);
    await home.run(600);
    expect(home.alertLines(before)).toEqual(['raised devices-down']);
    home.home.control.replug(SWITCH);
    await home.run(600);
    expect(home.alertLines(before)).toEqual(['raised devices-down', 'cleared devices-down']);
  });

  it('are explained by the access point that fell with them', async () => {
    const before = await settled('access-point');
    home.home.control.unplug('Access point ground floor');
    await home.run(600);
    expect(home.alertLines(before)).toEqual(['raised device-down Access point ground floor']);
    home.home.control.replug('Access point ground floor');
    await home.run(600);
    expect(home.alertLines(before)).toEqual([
      'raised device-down Access point ground floor',
      'cleared device-down Access point ground floor',
    ]);
  });

  it('are told one by one where they do not come back with the others', async () => {
    const before = await settled('left-behind');
    home.home.control.unplug(SWITCH);
    await home.run(60);
    home.home.control.unplug('Child 7');
    home.home.control.replug(SWITCH);
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised devices-down', 'cleared devices-down', 'raised device-down Child 7']);
  });

  it('stay one message over a restart of the agent', async () => {
    const before = await settled('restart');
    home.home.control.unplug(SWITCH);
    await home.run(60);
    await home.restart('second');
    await home.run(300);
    home.home.control.replug(SWITCH);
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised devices-down', 'cleared devices-down']);
  });

  it.each(['a', 'b', 'c', 'd'])('are explained by the router that fell with them, in whatever order they are judged (%s)', async (seed) => {
    const before = await settled(`router-${seed}`);
    home.home.control.gatewayDown();
    await home.run(600);
    expect(home.alertLines(before)).toEqual(['raised gateway-unreachable Router']);
  });

  it('are told again where others fall while they are still out', async () => {
    const before = await settled('two');
    home.home.control.unplug(SWITCH);
    await home.run(600);
    home.home.control.unplug(OTHER_SWITCH);
    await home.run(600);
    expect(home.alertLines(before)).toEqual(['raised devices-down', 'raised devices-down']);
    home.home.control.replug(SWITCH);
    await home.run(300);
    expect(home.alertLines(before).slice(2)).toEqual(['cleared devices-down']);
  });

  it('are not told one by one where what carries them comes and goes', async () => {
    const before = await settled('flapping');
    for (let time = 0; time < 5; time++) {
      home.home.control.unplug('Access point ground floor');
      await home.run(90);
      home.home.control.replug('Access point ground floor');
      await home.run(200);
    }
    const told = home.alertLines(before);
    expect(new Set(told.map((line) => line.replace(/^\w+ [\w-]+ /, '')))).toEqual(new Set(['Access point ground floor']));
    expect(told.at(-1)).toBe('raised device-unstable Access point ground floor');
  });

  it('are told twice at most where an unknown switch comes and goes, until it is calm', async () => {
    const before = await settled('unknown-flapping');
    for (let time = 0; time < 5; time++) {
      home.home.control.unplug(SWITCH);
      await home.run(90);
      home.home.control.replug(SWITCH);
      await home.run(200);
    }
    const told = ['raised devices-down', 'cleared devices-down', 'raised devices-down'];
    expect(home.alertLines(before)).toEqual(told);
    await home.restart('second');
    await home.run(1900);
    expect(home.alertLines(before)).toEqual([...told, 'cleared devices-down']);
  });

  it("are not named when it is over: one of them may have become a person's", async () => {
    const before = await settled('person');
    home.home.control.unplug(SWITCH);
    await home.run(120);
    const child = home.view().devices.find(({ id }) => home.nameOf(id) === 'Child 3');
    home.obey({ do: 'set', device: child?.id ?? '', set: { name: 'Things of Anna', personal: 'yes' } });
    home.home.control.replug(SWITCH);
    await home.run(300);
    const [raised, cleared] = home.told(before).flatMap(({ kind, body }) => (kind.startsWith('alert.') ? [body as AlertMessage] : []));
    expect(raised?.text).toContain(`${child?.ips[0]}`);
    expect(cleared?.text).toBe('They hang on something that is not known here: a switch, an access point, their power.');
  });

  it('have their time to return also where the agent starts anew meanwhile', async () => {
    const before = await settled('mid-return');
    home.home.control.unplug(SWITCH);
    await home.run(60);
    for (const name of CHILDREN.slice(0, 3)) home.home.control.unplug(name);
    home.home.control.replug(SWITCH);
    await home.run(20);
    await home.restart('second');
    await home.run(40);
    for (const name of CHILDREN.slice(0, 3)) home.home.control.replug(name);
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised devices-down', 'cleared devices-down']);
  });

  it('are told one by one where they fell one after the other', async () => {
    const before = await settled('one-by-one');
    for (const name of CHILDREN.slice(0, 6)) {
      home.home.control.unplug(name);
      await home.run(180);
    }
    expect(home.alertLines(before)).toEqual(CHILDREN.slice(0, 6).map((name) => `raised device-down ${name}`));
  });
});
