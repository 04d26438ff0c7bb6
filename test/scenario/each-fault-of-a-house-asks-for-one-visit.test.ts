/** What people are asked to act on: alerts that are held no more. How often, for each of the faults that a house has. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertMessage, DeviceStateMessage } from '../../src/protocol/messages.ts';
import type { Home, SimulatedDevice } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { plainDevice } from '../builders/plain-device.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

const SWITCH = 'Switch';
const HUB_SIDE = 'Switch of the hub';
const CHILDREN = Array.from({ length: 12 }, (_, i) => `Child ${i + 1}`);
const OTHERS = Array.from({ length: 6 }, (_, i) => `Other ${i + 1}`);

/** Most of it hangs on one switch, which nobody knows to be one. */
const HOME: Home = {
  ...SAMPLE_HOME,
  gateway: 'Router',
  hubBehind: HUB_SIDE,
  devices: [
    {
      ...plainDevice('Router', 0, { behind: HUB_SIDE }),
      ip: SAMPLE_HOME.interface.gateway ?? '',
      behind: undefined,
    } as unknown as SimulatedDevice,
    plainDevice(HUB_SIDE, 1, { behind: 'Router' }),
    plainDevice(SWITCH, 2, { behind: HUB_SIDE }),
    ...CHILDREN.map((name, i) => plainDevice(name, 3 + i, { behind: SWITCH, link: i % 3 === 0 ? 'wifi' : 'wired' })),
    ...OTHERS.map((name, i) => plainDevice(name, 20 + i, { behind: HUB_SIDE })),
  ],
};

let home: SimulatedAgent;
afterEach(() => home?.stop());

async function settled(seed: string, of: Home = HOME): Promise<number> {
  home = await SimulatedAgent.start(seed, of);
  await home.run(400);
  return home.lastPos;
}

const alertsSince = (pos: number): { kind: string; alert: AlertMessage }[] => home.alertsTold(pos);

/** The codes of the alerts that outlived their hold, as `code` or `code name`. */
function visits(pos: number): string[] {
  const told = home.told(pos).flatMap(({ kind, body }) => (kind.startsWith('alert.') ? [body as AlertMessage] : []));
  const due = told.filter(({ code, held }) => code !== 'device-new' && !held);
  const visited = new Map(due.map((alert) => [`${alert.key} ${alert.raisedAt}`, alert]));
  return [...visited.values()].map(({ code, device }) => `${code}${device ? ` ${home.nameOf(device)}` : ''}`);
}

const statesTold = (pos: number): string[] =>
  home.told(pos).flatMap(({ kind, body }) => (kind === 'device.state' ? [(body as DeviceStateMessage).state] : []));

const idOf = (name: string): string => home.view().devices.find(({ id }) => home.nameOf(id) === name)?.id ?? '';

describe('people are asked to act', () => {
  it.each(['a', 'b', 'c'])('once when a switch with 12 children dies, though the hub doubts itself first (%s)', async (seed) => {
    const before = await settled(`switch-${seed}`);
    home.home.control.unplug(SWITCH);
    await home.run(60);
    expect(alertsSince(before).map(({ alert }) => alert.code)).toEqual(['devices-down']);
    const reasons = home.view().devices.flatMap(({ state, reason }) => (state === 'down' ? [reason] : []));
    // Asked in more than one way all the while.
    for (const reason of reasons) expect(reason).toMatch(/ s \(\w+, \w+/);
    expect(reasons.length).toBeGreaterThan(CHILDREN.length);
    await home.run(600);
    expect(visits(before)).toEqual(['devices-down']);
    home.home.control.replug(SWITCH);
    await home.run(600);
    expect(alertsSince(before).map(({ kind, alert }) => `${kind} ${alert.code}`)).toEqual([
      'alert.raised devices-down',
      'alert.cleared devices-down',
    ]);
  });

  it('never when an access point restarts for 90 s', async () => {
    const before = await settled('access-point', SAMPLE_HOME);
    home.home.control.reboot('Access point ground floor', 90_000);
    await home.run(900);
    expect(visits(before)).toEqual([]);
  });

  it.each([
    ['line', /The next router on the way \(203\.0\.113\.1\), which answered before, does not either/],
    ['provider', /The next router of the provider \(203\.0\.113\.1\) answers, so the fault lies beyond that\./],
  ] as const)('once when the internet is cut at the %s, which is told before the alert is due', async (where, words) => {
    const before = await settled(`isp-${where}`);
    home.home.control.internetDown(where);
    await home.run(600);
    home.home.control.internetUp();
    await home.run(600);
    expect(visits(before)).toEqual(['internet-down']);
    const told = alertsSince(before);
    expect(told.map(({ kind }) => kind)).toEqual(['alert.raised', 'alert.updated', 'alert.cleared']);
    expect(told[1]?.alert.text).toMatch(words);
    expect(told[1]?.alert.evidence?.attempts.length).toBeGreaterThan(0);
  });

  it('once when a sign-in page answers for the internet, with its address, though connections open', async () => {
    const before = await settled('sign-in');
    home.home.control.signInPage('http://pay.provider.example/login');
    await home.run(1_200);
    home.home.control.signInPage(undefined);
    await home.run(120);
    expect(visits(before)).toEqual(['internet-down']);
    const [raised, cleared] = alertsSince(before);
    expect(raised?.alert.title).toBe('No internet: something else answers in its place');
    expect(raised?.alert.text).toMatch(/not the internet: http:\/\/pay\.provider\.example\/login\. A sign-in or pay page/);
    expect(raised?.alert.evidence?.attempts).toContainEqual(expect.objectContaining({ method: 'tls', outcome: 'silent' }));
    expect(cleared).toMatchObject({ kind: 'alert.cleared', alert: { clearedBecause: 'The internet answers.' } });
    expect(alertsSince(before)).toHaveLength(2);
  });

  it('once when the name server of the router is stuck, which is told apart from a dead line', async () => {
    const before = await settled('names');
    home.home.control.namesDown();
    await home.run(600);
    home.home.control.namesUp();
    await home.run(120);
    expect(visits(before)).toEqual(['dns-down']);
    expect(alertsSince(before)).toHaveLength(2);
    expect(home.view().names.state).toBe('up');
  });

  it('at most once when the power is cut for ten minutes, also where the hub dies with it', async () => {
    for (const seed of ['on-battery', 'without']) {
      const before = await settled(`power-${seed}`);
      for (const { name } of HOME.devices) home.home.control.unplug(name);
      await home.run(600);
      HOME.devices.forEach(({ name }, i) => {
        home.home.control.reboot(name, 20_000 + ((i * 7) % 80) * 1_000);
      });
      if (seed === 'without') await home.restart('second');
      await home.run(900);
      expect(visits(before).length, seed).toBeLessThanOrEqual(1);
      await home.stop();
    }
    await settled('over');
  });

  it.each(['a', 'b'])(
    'not at all after a power cut by a hub that boots long before its router and most of its house (%s)',
    async (seed) => {
      const before = await settled(`power-first-${seed}`);
      HOME.devices.forEach(({ name }, i) => {
        home.home.control.reboot(name, 900_000 + (name === 'Router' ? 150_000 : 30_000 + ((i * 37) % 200) * 1_000));
      });
      await home.die('second', { offMs: 925_000, bootMs: 25_000 });
      await home.run(1200);
      expect(visits(before)).toEqual([]);
      expect(home.view().site.absence).toMatchObject({ why: 'hub-lost-power', house: 'lost-power' });
    },
  );

  it('once for the hub and for no device when the hub is overloaded', async () => {
    const before = await settled('overloaded');
    home.home.control.eventLoopLag(4_000);
    await home.run(60);
    home.home.control.unplug('Other 1');
    await home.run(800);
    expect(statesTold(before)).not.toContain('down');
    expect(home.view().devices.find(({ id }) => home.nameOf(id) === 'Other 1')?.state).toBe('unknown');
    home.home.control.replug('Other 1');
    home.home.control.eventLoopLag(0);
    await home.run(900);
    expect(visits(before)).toEqual(['hub-impaired']);
    expect(alertsSince(before).map(({ kind }) => kind)).toEqual(['alert.raised', 'alert.cleared']);
    expect(alertsSince(before)[0]?.alert.text).toContain('it read answers up to 4 s late');
    expect(home.view().devices.filter(({ state }) => state !== 'up')).toEqual([]);
  });

  it('never when half of the house falls asleep', async () => {
    await settled('asleep');
    for (const name of CHILDREN) home.obey({ do: 'set', device: idOf(name), set: { kind: 'tv' } });
    await home.run(120);
    const before = home.lastPos;
    for (const name of CHILDREN) home.home.control.leave(name);
    await home.run(1200);
    expect(alertsSince(before)).toEqual([]);
    expect(home.view().devices.filter(({ state }) => state === 'asleep').length).toBe(CHILDREN.length);
  });
});

describe('a hub that doubts itself', () => {
  it('says nothing where most of the house is back before it is sure', async () => {
    const before = await settled('blink');
    home.home.control.reboot(SWITCH, 25_000);
    await home.run(300);
    expect(alertsSince(before)).toEqual([]);
    expect(statesTold(before)).not.toContain('down');
  });

  it('tells of itself where most of the house is silent now here and now there', async () => {
    const before = await settled('lossy');
    for (const { name } of HOME.devices) home.home.control.loss(name, name === 'Router' ? 0.2 : 0.65);
    await home.run(900);
    expect(visits(before)).toEqual(['hub-impaired']);
    expect(statesTold(before)).not.toContain('down');
  });

  it('takes nothing for silence that it slept through, nor a clock that was set for anything', async () => {
    const before = await settled('stopped');
    for (const seconds of [7, 45, 600]) {
      home.clock.standStill(seconds * 1000);
      await home.run(60);
    }
    home.clock.stepWall(-3_600_000);
    await home.run(300);
    expect(statesTold(before)).toEqual([]);
    expect(visits(before)).toEqual([]);
    expect(alertsSince(before)[0]?.alert).toMatchObject({ code: 'hub-impaired', text: expect.stringContaining('it stood still for 7 s') });
  });

  it('does not take its own standing still for a dark house, which would be given time to come back', async () => {
    const before = await settled('stopped-then');
    home.clock.standStill(30_000);
    await home.run(15);
    home.home.control.unplug(SWITCH);
    await home.run(70);
    expect(home.alertLines(before)).toEqual(['raised hub-impaired', 'raised devices-down']);
  });

  it('tells at once of the dead that it could not see while it was unfit', async () => {
    const before = await settled('both');
    home.home.control.eventLoopLag(4_000);
    await home.run(400);
    home.home.control.unplug('Other 1');
    home.home.control.eventLoopLag(0);
    await home.run(300);
    expect(visits(before)).toEqual(['hub-impaired', 'device-down Other 1']);
  });
});
