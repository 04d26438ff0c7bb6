/** After each way in which a hub can be away: what it says of it when it is back. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AbsenceMessage } from '../../src/protocol/messages.ts';
import type { Home, SimulatedDevice } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { plainDevice } from '../builders/plain-device.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const BOOT_MS = 25_000;
const NAMES = Array.from({ length: 12 }, (_, i) => `Device ${i + 1}`);
const HOME: Home = {
  ...SAMPLE_HOME,
  gateway: 'Router',
  hubBehind: 'Switch',
  devices: [
    {
      ...plainDevice('Router', 0, { behind: 'Switch' }),
      ip: SAMPLE_HOME.interface.gateway ?? '',
      behind: undefined,
    } as unknown as SimulatedDevice,
    plainDevice('Switch', 1, { behind: 'Router' }),
    ...NAMES.map((name, i) => plainDevice(name, 3 + i, { behind: 'Switch', link: i % 3 === 0 ? 'wifi' : 'wired' })),
  ],
};
const EVERYTHING = HOME.devices.map(({ name }) => name);

let hub: SimulatedAgent;
afterEach(() => hub.stop());

async function settled(seed: string): Promise<number> {
  hub = await SimulatedAgent.start(seed, HOME, { heard: true });
  await hub.run(600);
  return hub.lastPos;
}

const told = (): AbsenceMessage | undefined => hub.view().site.absence;

/** Off at once, and back one after the other: the first after 20 s, the last after four minutes. */
function losePower(names: readonly string[], offMs: number): void {
  names.forEach((name, i) => {
    hub.home.control.reboot(name, offMs + 20_000 + (i * 220_000) / names.length);
  });
}

describe('a hub that is back says', () => {
  it('nothing at its very first start', async () => {
    await settled('first');
    expect(told()).toBeUndefined();
  });

  it('that its program was stopped in order, or ended without a word', async () => {
    await settled('program');
    await hub.restart('second');
    await hub.run(10);
    expect(told()).toMatchObject({ why: 'program-stopped' });
    await hub.run(120);
    const diedAt = hub.clock.now().wallMs;
    await hub.die('third', { offMs: 40_000 });
    await hub.run(10);
    expect(told()).toMatchObject({ why: 'program-crashed', to: diedAt + 40_000 });
    expect(diedAt - (told()?.from ?? 0)).toBeLessThanOrEqual(300_000);
  });

  it('that it was shut down in order', async () => {
    await settled('order');
    await hub.restart('second', '', BOOT_MS);
    await hub.run(10);
    expect(told()).toMatchObject({ why: 'hub-restarted' });
    expect(told()).not.toHaveProperty('house');
  });

  it('that the power of the house was cut, from then to then at most, however wrong its clock was when it started', async () => {
    const before = await settled('house');
    const cutAt = hub.clock.now().wallMs;
    losePower(EVERYTHING, 600_000);
    const dead = hub.die('second', { offMs: 600_000 + BOOT_MS, bootMs: BOOT_MS });
    await dead;
    const backAt = hub.clock.now().wallMs;
    hub.clock.stepWall(-7_200_000);
    await hub.run(5);
    expect(told()).toMatchObject({
      why: 'hub-lost-power',
      house: 'unknown',
      text: expect.stringContaining('shows when its devices are back'),
    });
    await hub.run(100);
    hub.clock.stepWall(7_200_000);
    await hub.run(600);
    expect(told()).toMatchObject({
      why: 'hub-lost-power',
      house: 'lost-power',
      text: expect.stringMatching(/1\d of 14 devices restarted/),
    });
    expect(told()?.to).toBeCloseTo(backAt, -2);
    expect(told()?.from).toBeLessThanOrEqual(cutAt);
    expect(cutAt - (told()?.from ?? 0)).toBeLessThanOrEqual(300_000);
    const states = hub.told(before).filter(({ kind }) => kind === 'site.state');
    expect(states.at(-1)?.body).toMatchObject({ absence: { house: 'lost-power' } });
  });

  it('that its own supply failed, where the house ran on', async () => {
    await settled('own');
    await hub.die('second', { offMs: 900_000, bootMs: BOOT_MS });
    await hub.run(600);
    expect(told()).toMatchObject({ why: 'hub-lost-power', house: 'ran-on', text: expect.stringContaining('the supply of the hub alone') });
  });

  it('that a part of the house lost its power, where some ran on', async () => {
    await settled('part');
    losePower(NAMES.slice(0, 6), 300_000);
    await hub.die('second', { offMs: 300_000 + BOOT_MS, bootMs: BOOT_MS });
    await hub.run(600);
    expect(told()).toMatchObject({
      house: 'in-part',
      text: expect.stringMatching(/[56] of 14 devices restarted with it .* such as one fuse/),
    });
  });

  it('that it ran all along, and what was wrong on the way to the desk', async () => {
    await settled('line');
    const cutAt = hub.clock.now().wallMs;
    hub.home.control.internetDown();
    if (hub.desk) hub.desk.heard = false;
    await hub.run(1800);
    hub.home.control.internetUp();
    await hub.run(5);
    if (hub.desk) hub.desk.heard = true;
    await hub.run(5);
    expect(told()).toMatchObject({ why: 'line-cut', text: expect.stringContaining('the home had no internet') });
    expect(told()?.from).toBeCloseTo(cutAt, -3);
    if (hub.desk) hub.desk.heard = false;
    await hub.run(300);
    if (hub.desk) hub.desk.heard = true;
    await hub.run(5);
    expect(told()).toMatchObject({ why: 'line-cut', text: expect.stringContaining('the broker or the way to it') });
  });

  it('that a sign-in page was in the way to the desk', async () => {
    await settled('sign-in');
    hub.home.control.signInPage('http://login.example/terms');
    if (hub.desk) hub.desk.heard = false;
    await hub.run(600);
    hub.home.control.signInPage(undefined);
    if (hub.desk) hub.desk.heard = true;
    await hub.run(5);
    expect(told()).toMatchObject({ why: 'line-cut', text: expect.stringContaining('a sign-in page answered for the internet') });
  });

  it('nothing of a broker that restarts', async () => {
    await settled('blink');
    if (hub.desk) hub.desk.heard = false;
    await hub.run(30);
    if (hub.desk) hub.desk.heard = true;
    await hub.run(5);
    expect(told()).toBeUndefined();
  });

  it('that the line was cut first, where the program died and was stopped while it was', async () => {
    await settled('both');
    const cutAt = hub.clock.now().wallMs;
    if (hub.desk) hub.desk.heard = false;
    await hub.run(600);
    await hub.die('second');
    await hub.run(300);
    await hub.restart('third');
    await hub.run(300);
    if (hub.desk) hub.desk.heard = true;
    await hub.run(5);
    expect(told()).toMatchObject({ why: 'line-cut', text: expect.stringContaining('was cut') });
    expect(told()?.from).toBeCloseTo(cutAt, -3);
    expect(told()?.to).toBeCloseTo(hub.clock.now().wallMs - 5_000, -3);
  });
});
