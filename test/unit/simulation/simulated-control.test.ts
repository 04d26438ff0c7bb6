import { describe, expect, it } from 'vitest';
import { SAMPLE_HOME } from '../../../src/simulation/sample-home.ts';
import { SMALL_HOME, SPEAKER, visit, visitListening } from './small-home.ts';

const [ROUTER, SWITCH, ACCESS_POINT, SPEAKER_IP] = ['192.168.50.1', '192.168.50.10', '192.168.50.11', SPEAKER.ip];

type Visit = ReturnType<typeof visit>;
const answers = async (here: Visit, ip: string): Promise<boolean> =>
  (await here.probe(ip, 'arp', { timeoutMs: 3_500 })).outcome === 'answered';
const truth = (here: Visit, name: string) => here.control.truth().find((device) => device.name === name);

describe('the control of a simulated home', () => {
  it('unplugs a device, which is silent, and plugs it in again', async () => {
    const here = visit();
    here.control.unplug('Speaker');
    for (const method of ['udp', 'icmp', 'arp'] as const) expect(await here.probe(SPEAKER_IP, method)).toMatchObject({ outcome: 'silent' });
    expect(truth(here, 'Speaker')).toMatchObject({ condition: 'unplugged', reachable: false });
    expect(await answers(here, ROUTER)).toBe(true);
    here.control.replug('Speaker');
    expect(await answers(here, SPEAKER_IP)).toBe(true);
  });

  it('reboots a device for exactly the time that was said', async () => {
    const here = visit();
    here.control.reboot('Speaker', 90_000);
    await here.clock.advance(89_900);
    expect(truth(here, 'Speaker')).toMatchObject({ condition: 'rebooting', reachable: false });
    await here.clock.advance(200);
    expect(truth(here, 'Speaker')).toMatchObject({ condition: 'on', reachable: true });
  });

  it('leaves a device unplugged whose plug was pulled while it rebooted', async () => {
    const here = visit();
    here.control.reboot('Speaker', 10_000);
    here.control.unplug('Speaker');
    await here.clock.advance(60_000);
    expect(truth(here, 'Speaker')?.condition).toBe('unplugged');
  });

  it('takes all that hangs on an access point away with it, and only that', async () => {
    const here = visit();
    here.control.unplug('Access point');
    expect(await answers(here, ACCESS_POINT)).toBe(false);
    expect(await answers(here, SPEAKER_IP)).toBe(false);
    expect(truth(here, 'Speaker')).toMatchObject({ condition: 'on', reachable: false });
    expect(await answers(here, ROUTER)).toBe(true);
    here.control.replug('Access point');
    expect(await answers(here, SPEAKER_IP)).toBe(true);
  });

  it('keeps the LAN alive while the gateway is down', async () => {
    const here = visit();
    here.control.gatewayDown();
    expect(await answers(here, ROUTER)).toBe(false);
    expect(await answers(here, SPEAKER_IP)).toBe(true);
    here.control.gatewayUp();
    expect(await answers(here, ROUTER)).toBe(true);
  });

  it('makes everything silent when the hub loses its link, and says so', async () => {
    const here = visit();
    expect(await here.network.hasLink('eth0')).toBe(true);
    expect(await here.network.hasLink('wlan0')).toBeUndefined();
    here.control.hubLinkDown();
    expect(await here.network.hasLink('eth0')).toBe(false);
    for (const ip of [ROUTER, SWITCH, SPEAKER_IP]) expect(await answers(here, ip)).toBe(false);
    expect(here.discovery.coverage()).toContainEqual(
      expect.objectContaining({ method: 'ssdp', status: 'unavailable', problem: 'eth0 has no link' }),
    );
    here.control.hubLinkUp();
    expect(await answers(here, SPEAKER_IP)).toBe(true);
    expect(here.discovery.coverage().every((row) => row.status === 'ok')).toBe(true);
  });

  it('takes the carrier of the hub away with the power of its switch', async () => {
    const here = visit();
    expect(await answers(here, SPEAKER_IP)).toBe(true);
    here.control.unplug('Switch');
    expect(await here.network.hasLink('eth0')).toBe(false);
    expect(await here.network.neighbours()).toEqual([]);
    expect(await answers(here, SPEAKER_IP)).toBe(false);
  });

  it('loses the fraction of round trips that it is told to, until the profile is given back', async () => {
    const here = visit();
    const lost = async (): Promise<number> => {
      let silent = 0;
      for (let i = 0; i < 500; i++) silent += (await here.probe(SPEAKER_IP, 'icmp')).outcome === 'silent' ? 1 : 0;
      return silent / 500;
    };
    here.control.loss('Speaker', 0.3);
    expect(Math.abs((await lost()) - 0.3)).toBeLessThan(0.07);
    here.control.loss('Speaker', 1);
    expect(await lost()).toBe(1);
    here.control.loss('Speaker', undefined);
    expect(await lost()).toBe(0);
  });

  it('moves a device to an address that nobody had', async () => {
    const here = visit();
    const moved = here.control.changeAddress('Speaker');
    expect(moved).not.toBe(SPEAKER_IP);
    expect(await answers(here, moved)).toBe(true);
    expect(await answers(here, SPEAKER_IP)).toBe(false);
    const used = new Set([moved, ...SMALL_HOME.devices.map((device) => device.ip), SMALL_HOME.interface.address]);
    for (let i = 0; i < 200; i++) {
      const next = here.control.changeAddress('Speaker');
      expect(used.has(next)).toBe(false);
      used.add(next);
    }
  });

  it('lets a new device in, and a known one go and come back', async () => {
    const here = await visitListening();
    const guest = { ...SMALL_HOME.devices[1]!, name: 'Guest', ip: '192.168.50.77', mac: 'da:00:00:00:00:07' };
    expect(await answers(here, guest.ip)).toBe(false);
    here.control.join(guest);
    expect(await answers(here, guest.ip)).toBe(true);
    here.control.leave('Guest');
    expect(truth(here, 'Guest')?.condition).toBe('away');
    expect(await answers(here, guest.ip)).toBe(false);
    here.control.comeBack('Guest');
    expect(await answers(here, guest.ip)).toBe(true);
  });

  it('lets a new device repeat its announcements as the others do', async () => {
    const here = await visitListening();
    here.control.join({ ...SPEAKER, name: 'Second speaker', ip: '192.168.50.78', mac: '00:0e:58:00:00:78' });
    await here.clock.advance(10_000);
    here.hear();
    await here.clock.advance(3_600_000);
    expect(here.hear().filter((sighting) => sighting.ip === '192.168.50.78' && sighting.method === 'ssdp').length).toBeGreaterThanOrEqual(
      3,
    );
  });

  it('refuses what cannot be', () => {
    const here = visit();
    expect(() => here.control.unplug('Nobody')).toThrow('There is no Nobody in Small House.');
    expect(() => here.control.join(SMALL_HOME.devices[0]!)).toThrow('already lives');
    expect(() => here.control.join({ ...SMALL_HOME.devices[0]!, name: 'Thief' })).toThrow('belongs to Switch');
    const [first, ...others] = SMALL_HOME.devices;
    expect(() => visit({ ...SMALL_HOME, devices: [{ ...first!, behind: 'Router' }, ...others] })).toThrow('Switch is behind itself');
    expect(() => visit({ ...SMALL_HOME, hubBehind: 'Nothing' })).toThrow('there is no device called Nothing');
    expect(() => visit({ ...SMALL_HOME, devices: [first!, ...SMALL_HOME.devices] })).toThrow('two devices are called Switch');
  });
});

describe('links and sleepers', () => {
  it('loses packets in bursts where the link is bursty', async () => {
    const [first, ...others] = SMALL_HOME.devices;
    const bursty = { ...first!, loss: { fraction: 0, bursts: { everyMs: 95_000, lastMs: 5_000, badFraction: 0.8 } } };
    const here = visit({ ...SMALL_HOME, devices: [bursty, ...others] });
    const silent: boolean[] = [];
    for (let i = 0; i < 20_000; i++) silent.push((await here.probe(SWITCH, 'icmp', { timeoutMs: 500 })).outcome === 'silent');
    const lost = silent.filter(Boolean).length / silent.length;
    const lostAfterLoss = silent.filter((now, i) => now && silent[i - 1]).length / silent.filter(Boolean).length;
    expect(Math.abs(lost - 0.04)).toBeLessThan(0.015); // 5 s of each 100 s, 80 % lost
    expect(lostAfterLoss).toBeGreaterThan(0.5);
  });

  it('lets sleepers come and go, independently of how often they are asked', async () => {
    const watch = async (everyMs: number): Promise<boolean[]> => {
      const here = visit(SMALL_HOME, 'sleep');
      const awake: boolean[] = [];
      for (let ms = 0; ms < 3_600_000; ms += everyMs) {
        await here.clock.advance(everyMs);
        if (here.clock.now().monoMs % 60_000 === 0) awake.push(truth(here, 'Sleeper')?.reachable ?? false);
        else truth(here, 'Sleeper');
      }
      return awake;
    };
    const seldom = await watch(60_000);
    expect(seldom).toEqual(await watch(2_500));
    expect(new Set(seldom)).toEqual(new Set([true, false]));
  });

  it('has sleepers and bad links in the sample home as one would expect', () => {
    const sleepers = SAMPLE_HOME.devices.filter((device) => device.sleep).map((device) => device.kind);
    expect(sleepers).toEqual(['laptop', 'phone', 'phone', 'phone', 'tablet']);
    expect(SAMPLE_HOME.devices.filter((device) => device.link === 'wifi').every((device) => device.loss.bursts)).toBe(true);
  });
});
