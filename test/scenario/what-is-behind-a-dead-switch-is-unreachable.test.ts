/** A wiring that switches tell, or people: what hangs on a dead switch is unreachable, and raises nothing. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertMessage, DeviceMessage } from '../../src/protocol/messages.ts';
import type { Home } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { plainDevice } from '../builders/plain-device.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const SWITCH = 'Switch upstairs';
const ATTIC = 'Switch attic';
const CHILDREN = ['Child 1', 'Child 2', 'Child 3'];
const GRANDCHILDREN = ['Grandchild 1', 'Grandchild 2'];
const OTHERS = Array.from({ length: 10 }, (_, i) => `Other ${i + 1}`);

const HOME: Home = {
  ...SAMPLE_HOME,
  devices: [
    ...SAMPLE_HOME.devices.filter(({ name }) => [SAMPLE_HOME.gateway, SAMPLE_HOME.hubBehind].includes(name)),
    plainDevice(SWITCH, 0),
    ...CHILDREN.map((name, i) => plainDevice(name, i + 1, { behind: SWITCH })),
    plainDevice(ATTIC, 5, { behind: SWITCH }),
    ...GRANDCHILDREN.map((name, i) => plainDevice(name, i + 6, { behind: ATTIC })),
    ...OTHERS.map((name, i) => plainDevice(name, i + 20)),
  ],
};

let home: SimulatedAgent;
afterEach(() => home?.stop());

const viewOf = (name: string) => home.view().devices.find(({ id }) => home.nameOf(id) === name);
const idOf = (name: string): string => viewOf(name)?.id ?? '';
const statesOf = (names: readonly string[]): string[] => [...new Set(names.map((name) => viewOf(name)?.state ?? 'not found'))];

async function settled(seed: string, tellers: readonly string[] = []): Promise<number> {
  home = await SimulatedAgent.start(seed, HOME);
  await home.run(300);
  for (const name of tellers) home.home.control.tellPorts(name);
  await home.run(10);
  return home.lastPos;
}

describe('what is behind a dead switch', () => {
  it('is unreachable, with the name of the switch, which alone is told, with what it carries', async () => {
    const before = await settled('dead', [SAMPLE_HOME.hubBehind, SWITCH, ATTIC]);
    home.home.control.unplug(SWITCH);
    await home.run(60);
    expect(home.alertLines(before)).toEqual([`raised device-down ${SWITCH}`]);
    expect(statesOf([...CHILDREN, ATTIC, ...GRANDCHILDREN])).toEqual(['unreachable']);
    expect(viewOf('Grandchild 1')?.behind).toMatchObject({ id: idOf(ATTIC), by: 'bridge' });
    const switchIp = viewOf(SWITCH)?.ips[0];
    expect(viewOf('Child 1')?.reason).toMatch(new RegExp(`^It is behind .*${switchIp}.*, which does not answer`));
    const [alert] = home.told(before).flatMap(({ kind, body }) => (kind === 'alert.raised' ? [body as AlertMessage] : []));
    expect(alert?.text).toContain(`${viewOf('Child 1')?.ips[0]}`);
    expect(alert?.text).not.toContain('Other 1 ');
    home.home.control.replug(SWITCH);
    await home.run(300);
    expect(home.alertLines(before)).toEqual([`raised device-down ${SWITCH}`, `cleared device-down ${SWITCH}`]);
    expect(statesOf([...CHILDREN, ATTIC, ...GRANDCHILDREN])).toEqual(['up']);
  });

  it('is known to the desk beforehand, from switches and people, and is not told anew when the hub starts again', async () => {
    await settled('shown', [SAMPLE_HOME.hubBehind, SWITCH, ATTIC]);
    home.obey({ do: 'set', device: idOf('Other 1'), set: { behind: idOf(ATTIC) } });
    await home.run(60);
    const toldBehind = (after: number) =>
      home.told(after).flatMap(({ kind, body }) => {
        const { id, behind } = body as DeviceMessage;
        return kind === 'device.changed' && behind ? [`${home.nameOf(id)}: ${home.nameOf(behind.device)} by ${behind.by}`] : [];
      });
    expect(toldBehind(0)).toEqual(
      expect.arrayContaining([`Child 1: ${SWITCH} by bridge`, `Grandchild 2: ${ATTIC} by bridge`, `Other 1: ${ATTIC} by person`]),
    );
    const restarted = home.lastPos;
    await home.restart('second');
    await home.run(60);
    expect(toldBehind(restarted)).toEqual([]);
  });

  it('is told by itself where it does not come back with the switch, after it had time to', async () => {
    const before = await settled('left-behind', [SAMPLE_HOME.hubBehind, SWITCH, ATTIC]);
    home.home.control.unplug(SWITCH);
    await home.run(60);
    home.home.control.unplug('Child 2');
    home.home.control.replug(SWITCH);
    await home.run(100);
    expect(viewOf('Child 2')?.state).toBe('unreachable');
    expect(viewOf('Child 2')?.reason).toContain('is back; what is behind it is given time to return');
    await home.run(60);
    expect(home.alertLines(before).slice(2)).toEqual(['raised device-down Child 2']);
  });

  it('is known where people said so, until they take it back', async () => {
    const before = await settled('people');
    for (const name of CHILDREN) home.obey({ do: 'set', device: idOf(name), set: { behind: idOf(SWITCH) } });
    await home.restart('second');
    await home.run(60);
    home.home.control.unplug(SWITCH);
    await home.run(60);
    expect(statesOf(CHILDREN)).toEqual(['unreachable']);
    expect(home.alertLines(before)).toContain(`raised device-down ${SWITCH}`);
    for (const name of CHILDREN) home.obey({ do: 'set', device: idOf(name), set: { behind: null } });
    await home.run(30);
    expect(statesOf(CHILDREN)).toEqual(['down']);
  });

  it('is refused where it makes a circle, and where it names nobody', async () => {
    await settled('circle');
    const set = (device: string, behind: string) => home.obey({ do: 'set', device: idOf(device), set: { behind: idOf(behind) } });
    expect(set(ATTIC, SWITCH)).toHaveProperty('done');
    expect(set(SWITCH, ATTIC)).toMatchObject({ problem: 'A device cannot be behind itself.' });
    expect(set(SWITCH, SWITCH)).toMatchObject({ problem: 'A device cannot be behind itself.' });
    expect(home.obey({ do: 'set', device: idOf(ATTIC), set: { behind: 'nobody' } })).toHaveProperty('problem');
  });

  it('is told all the same where it guards the house: nobody may hide an alarm panel behind a forged table', async () => {
    const before = await settled('forged', [SAMPLE_HOME.hubBehind, SWITCH]);
    home.obey({ do: 'set', device: idOf('Child 1'), set: { kind: 'alarm-panel' } });
    home.home.control.unplug(SWITCH);
    await home.run(60);
    expect(viewOf('Child 1')?.state).toBe('down');
    expect(home.alertLines(before).sort()).toEqual(['raised device-down Child 1', `raised device-down ${SWITCH}`]);
  });

  it('is suggested where it fell with the switch three times, and nothing is concluded from it, also over a restart', async () => {
    await settled('suggested');
    for (let time = 0; time < 3; time++) {
      expect(viewOf('Child 2')?.fallsWith).toBeUndefined();
      home.home.control.unplug(SWITCH);
      await home.run(90);
      home.home.control.replug(SWITCH);
      await home.run(600);
    }
    const told = viewOf('Child 2')?.fallsWith;
    expect(told).toContainEqual(expect.objectContaining({ times: 3, of: 3 }));
    await home.restart('second');
    expect(viewOf('Child 2')?.fallsWith).toEqual(told);
    expect(viewOf('Child 2')?.behind).toBeUndefined();
    expect(viewOf('Other 1')?.fallsWith).toBeUndefined();
  });
});
