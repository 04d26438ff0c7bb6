import { afterEach, describe, expect, it } from 'vitest';
import type { AlertMessage, DeviceMessage } from '../../src/protocol/messages.ts';
import { SimulatedAgent } from '../builders/simulated-agent.ts';

let home: SimulatedAgent;
afterEach(() => home?.stop());

/** Long enough for the first inventory, its digest and the learning of each device. */
async function settled(seed: string): Promise<number> {
  home = await SimulatedAgent.start(seed);
  await home.run(300);
  return home.lastPos;
}

describe('the agent in a simulated home', () => {
  it('finds every device that is there, once', async () => {
    await settled('inventory');
    const truth = home.home.control.truth().filter((device) => device.reachable);
    const macs = home.view().devices.flatMap((device) => device.macs);
    for (const device of truth) expect(macs, device.name).toContain(device.mac);
    expect(new Set(macs).size).toBe(macs.length);
  });

  it('tells the whole first inventory in one message and is quiet for the next half hour', async () => {
    await settled('quiet');
    const after = await home.run(1800);
    const alerts = after.told().filter(({ kind }) => kind.startsWith('alert.'));
    expect(alerts.map(({ body }) => (body as AlertMessage).code)).toEqual(['device-new']);
    expect(after.alertLines()).toEqual([]);
  });

  it('raises one alert for an unplugged device within 15 s and clears it within 15 s of its return', async () => {
    const before = await settled('unplug');
    home.home.control.unplug('NVR');
    await home.run(15);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR']);
    await home.run(600);
    home.home.control.replug('NVR');
    await home.run(15);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR', 'cleared device-down NVR']);
  });

  it('says once that a device comes and goes, also over a restart, and no more of it until it is calm', async () => {
    const before = await settled('flapping');
    const comeAndGo = async (): Promise<void> => {
      home.home.control.unplug('NVR');
      await home.run(60);
      home.home.control.replug('NVR');
      await home.run(120);
    };
    for (let time = 0; time < 4; time++) await comeAndGo();
    const told = [...Array(3).fill(['raised device-down NVR', 'cleared device-down NVR']).flat(), 'raised device-unstable NVR'];
    expect(home.alertLines(before)).toEqual(told);
    await home.restart('second');
    for (let time = 0; time < 3; time++) await comeAndGo();
    expect(home.alertLines(before)).toEqual(told);
    await home.run(1800);
    expect(home.alertLines(before)).toEqual([...told, 'cleared device-unstable NVR']);
  });

  it('says that a device which came and went stays down in the end', async () => {
    const before = await settled('flapping-dead');
    for (let time = 0; time < 4; time++) {
      home.home.control.unplug('NVR');
      await home.run(60);
      if (time < 3) home.home.control.replug('NVR');
      await home.run(120);
    }
    await home.run(1800);
    expect(home.alertLines(before).slice(-3)).toEqual([
      'raised device-unstable NVR',
      'cleared device-unstable NVR',
      'raised device-down NVR',
    ]);
  });

  it('does not call a dead device one that comes and goes, however often the hub itself cannot look', async () => {
    const before = await settled('dead-and-blind');
    home.home.control.unplug('NVR');
    await home.run(60);
    for (let time = 0; time < 5; time++) {
      home.home.control.hubLinkDown();
      await home.run(20);
      home.home.control.hubLinkUp();
      await home.run(240);
    }
    expect(home.alertLines(before)).toEqual(['raised device-down NVR']);
  });

  it('tells of a router that comes and goes once', async () => {
    const before = await settled('router-flaps');
    for (let time = 0; time < 7; time++) {
      home.home.control.gatewayDown();
      await home.run(40);
      home.home.control.gatewayUp();
      await home.run(120);
    }
    const told = home.alertLines(before);
    expect(told.filter((line) => line.startsWith('raised'))).toEqual([
      ...Array(3).fill('raised gateway-unreachable Router'),
      'raised device-unstable Router',
    ]);
  });

  it('tells of a printer that is off as soon as people say that the house needs it', async () => {
    const before = await settled('needed');
    home.home.control.unplug('Printer');
    await home.run(600);
    expect(home.alertLines(before)).toEqual([]);
    const printer = home.view().devices.find(({ id }) => home.nameOf(id) === 'Printer')!;
    expect(printer.state).toBe('asleep');
    home.obey({ do: 'set', device: printer.id, set: { critical: 'yes' } });
    await home.run(120);
    expect(home.alertLines(before)).toEqual(['raised device-down Printer']);
  });

  it('raises one alert for a cut line, none for any device, and clears it soon after', async () => {
    const before = await settled('isp');
    home.home.control.internetDown();
    await home.run(15);
    expect(home.alertLines(before)).toEqual(['raised internet-down', 'updated internet-down']);
    await home.run(900);
    home.home.control.internetUp();
    await home.run(15);
    expect(home.alertLines(before)).toEqual(['raised internet-down', 'updated internet-down', 'cleared internet-down']);
  });

  it('blames a dead router, not the internet behind it', async () => {
    const before = await settled('router');
    home.home.control.gatewayDown();
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised gateway-unreachable Router']);
    home.home.control.gatewayUp();
    await home.run(30);
    expect(home.alertLines(before)).toEqual(['raised gateway-unreachable Router', 'cleared gateway-unreachable Router']);
  });

  it('calls devices unknown, and raises nothing, while its own cable is out', async () => {
    const before = await settled('cable');
    home.home.control.hubLinkDown();
    await home.run(120);
    expect(new Set(home.view().devices.map((device) => device.state))).toEqual(new Set(['unknown']));
    home.home.control.hubLinkUp();
    await home.run(300);
    expect(home.alertLines(before)).toEqual([]);
    expect(home.view().devices.filter((device) => device.state === 'up').length).toBeGreaterThan(30);
  });

  it('tells the first inventory once, also when it is killed before the digest', async () => {
    home = await SimulatedAgent.start('digest');
    await home.run(8);
    await home.restart('second');
    await home.run(22);
    await home.restart('third');
    await home.run(900);
    const digests = home.told().filter(({ kind, body }) => kind === 'alert.raised' && (body as AlertMessage).code === 'device-new');
    expect(digests).toHaveLength(1);
    const added = home.told().filter(({ kind }) => kind === 'device.added');
    const known = home.view().devices.filter((device) => !device.personal);
    expect(new Set(added.map(({ body }) => (body as DeviceMessage).id))).toEqual(new Set(known.map((device) => device.id)));
    expect(added).toHaveLength(known.length);
  });

  it('keeps calling the router the router while its own cable is out, and its alert as it is', async () => {
    const before = await settled('router-role');
    home.home.control.gatewayDown();
    await home.run(60);
    home.home.control.hubLinkDown();
    await home.run(60);
    home.home.control.hubLinkUp();
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised gateway-unreachable Router']);
    expect(home.told(before).filter(({ kind }) => kind === 'device.removed')).toEqual([]);
    home.home.control.gatewayUp();
    await home.run(30);
    expect(home.alertLines(before).at(-1)).toBe('cleared gateway-unreachable Router');
  });

  it('keeps a device that changes its address, without an alert', async () => {
    const before = await settled('renumber');
    const count = home.view().devices.length;
    const address = home.home.control.changeAddress('Sonos Kitchen');
    await home.run(300);
    expect(home.alertLines(before)).toEqual([]);
    expect(home.view().devices).toHaveLength(count);
    expect(home.view().devices.find((device) => home.nameOf(device.id) === 'Sonos Kitchen')?.ips[0]).toBe(address);
  });

  it('goes on after a restart without repeating or forgetting an alert', async () => {
    const before = await settled('restart');
    home.home.control.unplug('NVR');
    await home.run(30);
    await home.restart('second');
    await home.run(300);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR']);
    home.home.control.replug('NVR');
    await home.run(20);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR', 'cleared device-down NVR']);
  });

  it('tells of a device that went away and came back while the process was dead half of the time', async () => {
    const before = await settled('killed');
    home.home.control.unplug('NVR');
    await home.run(3);
    await home.restart('second');
    await home.run(40);
    home.home.control.replug('NVR');
    await home.run(20);
    expect(home.alertLines(before)).toEqual(['raised device-down NVR', 'cleared device-down NVR']);
  });

  it("lets nothing of a person's device out of the house", async () => {
    await settled('privacy');
    await home.run(2 * 3600);
    const people = home.home.control.truth().filter((device) => ['phone', 'tablet', 'laptop'].includes(device.kind));
    const told = JSON.stringify(home.told());
    for (const person of people) {
      expect(told).not.toContain(person.mac);
      expect(told).not.toContain(`"${person.ip}"`);
      expect(told).not.toContain(person.name);
    }
    const personal = home.view().devices.filter((device) => device.personal);
    expect(personal.flatMap((device) => device.macs)).toEqual(expect.arrayContaining(people.map((person) => person.mac)));
    for (const { id } of personal) expect(told).not.toContain(id);
  });

  it('tells every device once before anything else about it', async () => {
    await settled('order');
    const added = new Set<string>();
    for (const { kind, body } of home.told()) {
      if (kind === 'device.added') added.add((body as DeviceMessage).id);
      if (kind === 'device.state') expect(added).toContain((body as { device: string }).device);
    }
    expect(added.size).toBeGreaterThan(30);
  });
});
