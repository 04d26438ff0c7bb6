import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Policy, STANDARD_POLICY } from '../../src/agent/policy.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { asking } from '../../src/replay/compare.ts';
import { instantOf, type Past, readPast } from '../../src/replay/past.ts';
import { isReplayed, type Message, replay } from '../../src/replay/replay.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let home: SimulatedAgent;
let past: Past;
/** When the agent was started for the second time, Unix ms. */
let secondStartAt: number;

/** Eight hours in which nearly everything happens once; the agent is restarted, and killed while a device is dead. */
beforeAll(async () => {
  const house = structuredClone(SAMPLE_HOME);
  const nasPorts = house.devices.find(({ name }) => name === 'NAS')?.answers.openTcpPorts as number[];
  home = await SimulatedAgent.start('replayed', house);
  const { control } = home.home;
  const during = async (seconds: number, begin: () => void, end: () => void): Promise<void> => {
    begin();
    await home.run(seconds);
    end();
    await home.run(660);
  };
  const without = (name: string, seconds: number) =>
    during(
      seconds,
      () => control.unplug(name),
      () => control.replug(name),
    );
  await home.run(4200);
  await without('NVR', 300);
  await without('Doorbell', 200);
  await during(
    300,
    () => control.internetDown(),
    () => control.internetUp(),
  );
  await during(
    1500,
    () => control.signInPage('http://portal.example/'),
    () => control.signInPage(undefined),
  );
  await during(
    400,
    () => control.namesDown(),
    () => control.namesUp(),
  );
  await during(
    300,
    () => control.gatewayDown(),
    () => control.gatewayUp(),
  );
  await without('Rack switch', 300);
  await during(
    200,
    () => control.hubLinkDown(),
    () => control.hubLinkUp(),
  );
  await during(
    200,
    () => control.eventLoopLag(3_000),
    () => control.eventLoopLag(0),
  );
  await during(
    900,
    () => control.loss('Doorbell', 0.5),
    () => control.loss('Doorbell', undefined),
  );
  for (let time = 0; time < 4; time++) {
    control.unplug('NAS');
    await home.run(60);
    control.replug('NAS');
    await home.run(120);
  }
  await home.run(2400);
  const open = nasPorts.splice(0);
  await home.run(1500);
  nasPorts.push(...open);
  await home.run(900);
  home.obeyAboutAlerts({ do: 'silence', forMs: 1_800_000, by: 'Kim' });
  await without('Thermostat hall', 600);
  await home.run(600);
  await home.restart('second');
  secondStartAt = home.clock.now().wallMs;
  await home.run(600);
  control.unplug('Camera pool');
  await home.run(60);
  await home.die('third', { offMs: 600_000 });
  await home.run(600);
  control.replug('Camera pool');
  await home.run(900);
  await home.restart('fourth');
  past = readPast(home.store.journal.parts(0), 0) as Past;
}, 240_000);
afterAll(() => home?.stop());

function replayed(policy: Policy = STANDARD_POLICY, of = past): readonly Message[] {
  const playing = replay(of, home.store.load(), { policy, random: seededRandom('replay') });
  for (let step = playing.next(); ; step = playing.next()) if (step.done) return step.value;
}

function really(): Message[] {
  const alerts = new Map<string, AlertMessage>();
  for (const { kind, body } of home.told()) {
    const alert = body as AlertMessage;
    if (kind.startsWith('alert.') && isReplayed(alert.code)) alerts.set(`${alert.key} ${alert.raisedAt}`, alert);
  }
  return [...alerts.values()] as Message[];
}

const asked = (messages: readonly Message[]): Message[] => asking(messages, 0, instantOf(past, past.untilMs).wallMs);
const lines = (messages: readonly Message[]): string[] =>
  messages.map(({ code, device }) => `${code}${device ? ` ${home.nameOf(device)}` : ''}`);

/** Where half of all packets are lost, it is chance whether five connections in a row are: the journal keeps how many questions were lost, not which connections. */
const isCertain = ({ code, device }: Message): boolean => code !== 'service-down' || home.nameOf(device ?? '') !== 'Doorbell';

describe('a replay of a home\u2019s own journal', { timeout: 60_000 }, () => {
  it('under the unchanged policy says what was really told, of the same devices, within a minute', () => {
    const told = really().filter(isCertain);
    const again = replayed().filter(isCertain);
    expect(new Set(told.map(({ code }) => code)).size).toBeGreaterThanOrEqual(7);
    expect(lines(told)).toContain('service-down NAS');
    expect(lines(told).filter((line) => line === 'internet-down')).toHaveLength(2);
    expect(lines(told)).not.toContain('device-down Thermostat hall');
    expect(lines(again)).toEqual(lines(told));
    for (const [i, message] of told.entries()) {
      const other = again[i] as Message;
      expect(Math.abs(other.raisedAt - message.raisedAt), lines([message])[0]).toBeLessThan(60_000);
      expect(Math.abs((other.clearedAt ?? 0) - (message.clearedAt ?? 0)), lines([message])[0]).toBeLessThan(60_000);
      expect(other.held, lines([message])[0]).toBe(message.held);
      expect(Math.abs(other.actionableAt - message.actionableAt), lines([message])[0]).toBeLessThan(60_000);
    }
  });

  it('says the same of the end alone, from what the agent knew as it was started again', () => {
    const end = readPast(home.store.journal.parts(0), secondStartAt + 60_000) as Past;
    expect(instantOf(end, 0).wallMs - secondStartAt).toBeLessThan(1_000);
    const [first, ...more] = replayed(STANDARD_POLICY, end);
    expect([lines(first ? [first] : []), more]).toEqual([['device-down Camera pool'], []]);
    const told = really().find((message) => lines([message])[0] === 'device-down Camera pool');
    expect(Math.abs((first?.raisedAt ?? 0) - (told?.raisedAt ?? 0))).toBeLessThan(60_000);
  });

  it('says fewer with longer holds, and none of a kind that is not to be told', () => {
    const usual = asked(replayed());
    const { hold } = STANDARD_POLICY;
    const longer = asked(replayed({ ...STANDARD_POLICY, hold: { ...hold, wired: 600_000, wifi: 600_000 } }));
    expect(lines(usual)).toEqual(expect.arrayContaining(['device-down NVR', 'device-down Doorbell', 'device-down Camera pool']));
    expect(lines(longer).filter((line) => line.startsWith('device-down'))).toEqual(['device-down Camera pool']);
    const untold = asked(replayed({ ...STANDARD_POLICY, kinds: new Map([['camera', { told: false }]]) }));
    expect(lines(untold)).toEqual(lines(usual).filter((line) => !line.includes('Camera')));
  });

  it('notices later what more questions are to confirm, and tells as coming and going what comes and goes twice', () => {
    const raisedAt = (messages: readonly Message[], line: string): number =>
      messages.find((message) => lines([message])[0] === line)?.raisedAt ?? 0;
    const sure = replayed({ ...STANDARD_POLICY, confirmations: 25 });
    const laterMs = raisedAt(sure, 'device-down NVR') - raisedAt(replayed(), 'device-down NVR');
    expect(laterMs).toBeGreaterThan(15_000);
    expect(laterMs).toBeLessThan(25_000);
    const restless = replayed({ ...STANDARD_POLICY, unstable: { falls: 2, withinMs: 1_800_000 } });
    const ofNas = (messages: readonly Message[]): number => messages.filter((one) => lines([one])[0] === 'device-down NAS').length;
    expect([ofNas(replayed()), ofNas(restless)]).toEqual([3, 1]);
  });
});
