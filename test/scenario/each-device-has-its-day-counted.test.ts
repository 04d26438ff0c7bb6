import { afterEach, describe, expect, it } from 'vitest';
import type { CountedDay } from '../../src/agent/decay/day.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let home: SimulatedAgent;
afterEach(() => home?.stop());

const days = (): CountedDay[] => [...home.store.days.all()];
const idOf = (name: string): string => home.view().devices.find(({ id }) => home.nameOf(id) === name)?.id ?? '';
const dayOf = (name: string): CountedDay['of'] | undefined => days().find(({ deviceId }) => deviceId === idOf(name))?.of;

async function silence(name: string, seconds: number): Promise<void> {
  home.home.control.unplug(name);
  await home.run(seconds);
  home.home.control.replug(name);
  await home.run(120);
}

describe('the day of a device in a simulated home', () => {
  it('tells how long it was seen, how fast it answered and how often it fell silent by itself, and adds up over a restart of the agent', async () => {
    home = await SimulatedAgent.start('days');
    await home.run(1200);
    await silence('NVR', 90);
    await silence('NVR', 90);
    expect(days()).toEqual([]);
    await home.restart('second');
    const first = dayOf('NVR');
    expect(first).toMatchObject({ drops: 2 });
    expect(first?.seenMinutes).toBeGreaterThan(15);
    expect(first?.seenMinutes).toBeLessThanOrEqual(28);
    expect(first?.questions).toBeGreaterThan(100);
    expect((first?.lost ?? 99) / (first?.questions ?? 1)).toBeLessThan(0.1);
    expect(first?.medianMs).toBeGreaterThan(0);
    expect(first?.p90Ms).toBeGreaterThanOrEqual(first?.medianMs ?? Number.POSITIVE_INFINITY);
    await home.run(600);
    await silence('NVR', 90);
    await home.restart('third');
    expect(days().filter(({ deviceId }) => deviceId === idOf('NVR'))).toHaveLength(1);
    expect(dayOf('NVR')?.drops).toBe(3);
    expect(dayOf('NVR')?.questions).toBeGreaterThan((first?.questions ?? 0) + 50);
  });

  it('counts nothing while the whole house is silent, and nothing of persons', async () => {
    home = await SimulatedAgent.start('house');
    await home.run(1200);
    const names = home.view().devices.map(({ id }) => home.nameOf(id));
    for (const name of names) if (name !== undefined) home.home.control.unplug(name);
    await home.run(180);
    for (const name of names) if (name !== undefined) home.home.control.replug(name);
    await home.run(600);
    const personal = home.view().devices.filter((device) => device.personal);
    expect(personal.length).toBeGreaterThan(5);
    await home.restart('second');
    expect(days().reduce((sum, { of }) => sum + of.drops, 0)).toBe(0);
    const counted = new Set(days().map(({ deviceId }) => deviceId));
    expect(counted.size).toBeGreaterThan(10);
    expect(personal.filter(({ id }) => counted.has(id))).toEqual([]);
    const printer = idOf('Printer');
    expect(counted.has(printer)).toBe(true);
    home.obey({ do: 'set', device: printer, set: { personal: 'yes' } });
    await home.run(1);
    expect(days().some(({ deviceId }) => deviceId === printer)).toBe(false);
  });

  it('tells how warm it was, and what the switch counted on the cable of who is plugged in, of whom it forgets the name once it is a person’s', async () => {
    home = await SimulatedAgent.start('ports');
    await home.run(1200);
    const { home: simulated } = home;
    const rack = SAMPLE_HOME.hubBehind;
    // As the simulated switch numbers them: 1 is the way up, then one for each thing that is plugged in.
    const plugged = SAMPLE_HOME.devices.filter(({ behind }) => behind === rack).map(({ name }) => name);
    const portOf = (name: string): number => 2 + plugged.indexOf(name);
    const tell = (upTimeS: number, temperatureC: string, damaged: number): void =>
      simulated.control.tellPorts(rack, {
        fields: { upTimeS: `${upTimeS}`, temperatureC },
        ports: ['NVR', 'Printer']
          .filter((name) => plugged.includes(name))
          .map((name) => ({
            port: `gi${portOf(name)}`,
            bridgePort: portOf(name),
            counts: { inFrames: upTimeS * 1_000, outFrames: 0, inErrors: 50, fcsErrors: name === 'NVR' ? damaged : 0 },
          })),
      });
    tell(10_000, '41.5', 7);
    await home.run(3600);
    tell(13_600, '43', 367);
    await home.run(60);
    await home.restart('second');
    expect(dayOf(rack)?.temperatureC).toBe(43);
    const ports = () => [...home.store.portDays.all()].map(({ cable: _, day: __, ...row }) => row);
    const damaged = { deviceId: idOf(rack), port: `gi${portOf('NVR')}`, on: idOf('NVR'), damaged: 100, discarded: undefined };
    expect(ports()).toContainEqual(damaged);
    // What the process before heard last is what this one goes on from.
    await home.run(1140);
    tell(14_800, '42', 1_567);
    await home.run(60);
    await home.restart('third');
    expect(ports()).toContainEqual({ ...damaged, damaged: 1_000 });
    home.obey({ do: 'set', device: idOf('NVR'), set: { personal: 'yes' } });
    await home.run(1);
    expect(ports()).toContainEqual({ ...damaged, damaged: 1_000, on: undefined });
  });
});
