import { afterEach, describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

/** Of a wired device, such as the NVR. */
const HOLD_S = 120;

let home: SimulatedAgent;
afterEach(() => home?.stop());

async function withDeadNvr(seed: string, forS = 40): Promise<number> {
  home = await SimulatedAgent.start(seed);
  await home.run(300);
  const before = home.lastPos;
  home.home.control.unplug('NVR');
  await home.run(forS);
  expect(alertsOf('NVR', before)[0]).toMatchObject({ held: true });
  return before;
}

function alertsOf(name: string, afterPos: number): AlertMessage[] {
  return home
    .told(afterPos)
    .flatMap(({ kind, body }) => (kind.startsWith('alert.') ? [body as AlertMessage] : []))
    .filter(({ device }) => device !== undefined && home.nameOf(device) === name);
}

const toBeActedOn = (name: string, afterPos: number): AlertMessage[] => alertsOf(name, afterPos).filter(({ held }) => !held);
const lastedS = ({ raisedAt, actionableAt }: AlertMessage): number => Math.round((actionableAt - raisedAt) / 1000);

/** The hub cannot look for so many seconds, and is itself again. */
const BLIND: Readonly<Record<string, (seconds: number) => Promise<unknown>>> = {
  'is too busy': async (seconds) => {
    home.home.control.eventLoopLag(4_000);
    await home.run(seconds);
    home.home.control.eventLoopLag(0);
  },
  'has no link': async (seconds) => {
    home.home.control.hubLinkDown();
    await home.run(seconds);
    home.home.control.hubLinkUp();
  },
  'stands still': async (seconds) => home.clock.standStill(seconds * 1000),
  'hears nobody': async (seconds) => {
    const others = home.home.control.truth().filter(({ name }) => name !== 'NVR');
    for (const { name } of others) home.home.control.unplug(name);
    await home.run(seconds);
    for (const { name } of others) home.home.control.replug(name);
  },
  'is without power': (seconds) => home.die('second', { offMs: seconds * 1000, bootMs: 25_000 }),
  'is restarted': async () => home.restart('second'),
};

describe.each(Object.entries(BLIND))('a hold, while the hub %s', (why, goBlind) => {
  it('does not go on, and nobody is asked about what is back by then', async () => {
    const before = await withDeadNvr(`back/${why}`);
    if (why === 'is restarted') home.home.control.replug('NVR');
    else home.clock.setTimer(5_000, () => home.home.control.replug('NVR'));
    await goBlind(300);
    await home.run(600);
    expect(toBeActedOn('NVR', before)).toEqual([]);
    expect(alertsOf('NVR', before).at(-1)).toMatchObject({ held: true, clearedAt: expect.any(Number) });
  });

  it('ends that much later for what stays away, which is told beforehand', async () => {
    const before = await withDeadNvr(`dead/${why}`);
    await goBlind(300);
    await home.run(700);
    const told = alertsOf('NVR', before);
    const [due, ...more] = toBeActedOn('NVR', before);
    expect(more).toEqual([]);
    expect(told.slice(0, -1).every(({ held }) => held)).toBe(true);
    // Less than a minute more is not worth a message.
    expect(Math.abs(lastedS(told.at(-2) as AlertMessage) - lastedS(due as AlertMessage))).toBeLessThan(60);
    expect(lastedS(due as AlertMessage)).toBeGreaterThanOrEqual(HOLD_S + (why === 'is restarted' ? 20 : 290));
    expect(lastedS(due as AlertMessage)).toBeLessThan(HOLD_S + 300 + 150);
  });
});

describe('a hold', () => {
  it('of what lasts is over at the time that was told, with how it is by then', async () => {
    const before = await withDeadNvr('lasts');
    await home.run(HOLD_S);
    const [raised, due] = alertsOf('NVR', before) as [AlertMessage, AlertMessage];
    expect([raised.held, due.held]).toEqual([true, undefined]);
    expect([lastedS(raised), lastedS(due)]).toEqual([HOLD_S, HOLD_S]);
    expect(due.evidence?.attempts.at(-1)?.at).toBeGreaterThan(due.actionableAt - 10_000);
  });

  it('that is over stays over, whatever becomes of the hub', async () => {
    const before = await withDeadNvr('over', HOLD_S + 40);
    expect(toBeActedOn('NVR', before)).toHaveLength(1);
    await BLIND['is too busy']?.(120);
    await home.run(60);
    await home.die('second', { offMs: 60_000 });
    await home.run(600);
    expect(toBeActedOn('NVR', before)).toHaveLength(1);
    expect(home.view().alerts.find(({ device }) => device !== undefined && home.nameOf(device) === 'NVR')?.held).toBeUndefined();
  });

  it('keeps no alarm from being told at once', async () => {
    home = await SimulatedAgent.start('alarm');
    await home.run(300);
    const device = home.view().devices.find(({ id }) => home.nameOf(id) === 'NVR')?.id ?? '';
    home.obey({ do: 'set', device, set: { kind: 'alarm-panel' } });
    const before = home.lastPos;
    home.home.control.unplug('NVR');
    await home.run(20);
    expect(alertsOf('NVR', before)).toMatchObject([{ severity: 'critical', held: true }]);
  });

  it('of the line does not go on while the hub is too busy', async () => {
    home = await SimulatedAgent.start('line');
    await home.run(300);
    const before = home.lastPos;
    home.home.control.internetDown();
    await home.run(20);
    home.clock.setTimer(60_000, () => home.home.control.internetUp());
    await BLIND['is too busy']?.(300);
    await home.run(300);
    const ofLine = home.told(before).flatMap(({ kind, body }) => (kind.startsWith('alert.') ? [body as AlertMessage] : []));
    expect(ofLine.filter(({ code }) => code === 'internet-down').map(({ held }) => held)).not.toContain(undefined);
    expect(ofLine.filter(({ code }) => code === 'internet-down').at(-1)?.clearedAt).toBeDefined();
  });
});
