import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../src/agent/discovery/sighting.ts';
import { SMALL_HOME, SPEAKER, visit, visitListening } from './small-home.ts';

const kinds = (sightings: readonly Sighting[], ip: string): string[] => [
  ...new Set(
    sightings
      .filter((sighting) => sighting.ip === ip)
      .map((sighting) => (sighting.method === 'ssdp' ? `ssdp ${sighting.kind}` : sighting.method)),
  ),
];

describe('discovery in a simulated home', () => {
  it('hears every device that is awake within five seconds of the start, by each method the device has', async () => {
    const here = await visitListening();
    for (const { ip } of SMALL_HOME.devices) expect(kinds(here.heard, ip)).toContain('neighbour');
    expect(kinds(here.heard, '192.168.50.13')).toEqual(['neighbour']);
    expect(kinds(here.heard, SPEAKER.ip).sort()).toEqual(['mdns', 'neighbour', 'ssdp response', 'udp', 'upnp']);
  });

  it('tells a sighting the way the parsers do', async () => {
    const here = await visitListening();
    const of = (method: string): Sighting | undefined =>
      here.heard.find((sighting) => sighting.method === method && sighting.ip === SPEAKER.ip);
    expect(of('neighbour')).toMatchObject({ interface: 'eth0', mac: SPEAKER.mac, isRouter: false });
    expect(of('ssdp')).toMatchObject({
      usn: 'uuid:speaker::upnp:rootdevice',
      location: `http://${SPEAKER.ip}:1400/desc.xml`,
      maxAgeS: 1800,
    });
    expect(of('upnp')).toMatchObject({ friendlyName: 'The speaker', location: `http://${SPEAKER.ip}:1400/desc.xml` });
    expect(of('mdns')).toMatchObject({ host: 'speaker', services: [{ type: '_sonos._tcp', gone: false }] });
    expect(here.heard.find((sighting) => sighting.ip === '192.168.50.1' && sighting.method === 'neighbour')).toMatchObject({
      isRouter: true,
    });
  });

  it('hears nothing of a device that is unplugged, and nothing at all without a link', async () => {
    const here = visit();
    here.control.unplug('Speaker');
    await here.discovery.start((sighting) => here.heard.push(sighting));
    await here.clock.advance(30_000);
    expect(kinds(here.heard, SPEAKER.ip)).toEqual([]);
    expect(here.hear().length).toBeGreaterThan(5);
    here.control.hubLinkDown();
    await here.clock.advance(3_600_000);
    expect(here.hear()).toEqual([]);
  });

  it('hears periodic announcements, and proof of neighbours while the hub sweeps', async () => {
    const here = await visitListening();
    here.hear();
    await here.clock.advance(3_600_000);
    const alive = here.heard.filter((sighting) => sighting.method === 'ssdp' && sighting.kind === 'alive');
    expect(alive.length).toBeGreaterThanOrEqual(3);
    expect(alive.length).toBeLessThanOrEqual(6);
    const proofs = here.heard.filter((sighting) => sighting.method === 'neighbour' && sighting.ip === '192.168.50.13');
    expect(proofs.length).toBeGreaterThan(50);
    expect(proofs.every((proof) => proof.method === 'neighbour' && proof.confirmedAgoMs < 10_000)).toBe(true);
  });

  it('hears a device that starts, that is told to announce, and that moved, at its own address', async () => {
    const here = await visitListening();
    here.control.reboot('Speaker', 5_000);
    await here.clock.advance(4_000);
    here.hear();
    await here.clock.advance(1_100);
    expect(kinds(here.hear(), SPEAKER.ip)).toEqual(expect.arrayContaining(['ssdp alive', 'mdns', 'upnp']));
    here.control.announce('Speaker');
    expect(kinds(here.hear(), SPEAKER.ip)).toEqual(['ssdp alive', 'mdns']);
    const moved = here.control.changeAddress('Speaker');
    await here.clock.advance(60_000);
    const heard = here.hear();
    expect(kinds(heard, moved)).toEqual(expect.arrayContaining(['ssdp alive', 'mdns', 'upnp', 'udp', 'neighbour']));
    expect(heard.find((sighting) => sighting.method === 'upnp')).toMatchObject({ ip: moved, location: `http://${moved}:1400/desc.xml` });
    expect(heard.filter((sighting) => sighting.ip === SPEAKER.ip)).toEqual([]);
  });

  it('hears goodbye from a device that leaves, and none from one that is unplugged', async () => {
    const here = await visitListening();
    here.hear();
    here.control.leave('Speaker');
    const goodbye = here.hear();
    expect(kinds(goodbye, SPEAKER.ip)).toEqual(['ssdp byebye', 'mdns']);
    expect(goodbye.find((sighting) => sighting.method === 'mdns')).toMatchObject({ services: [{ gone: true }] });
    here.control.comeBack('Speaker');
    here.hear();
    here.control.unplug('Speaker');
    expect(here.hear()).toEqual([]);
  });

  it('learns the MAC of a newcomer that speaks without waiting for a sweep', async () => {
    const here = await visitListening();
    here.control.join({ ...SPEAKER, name: 'Second speaker', ip: '192.168.50.78', mac: '00:0e:58:00:00:78' });
    await here.clock.advance(10_000);
    expect(here.hear()).toContainEqual(expect.objectContaining({ method: 'neighbour', ip: '192.168.50.78', mac: '00:0e:58:00:00:78' }));
  });

  it('finds a silent newcomer at the next sweep, and at once when asked to refresh', async () => {
    const here = await visitListening();
    const newcomer = { ...SMALL_HOME.devices[3]!, name: 'Newcomer', ip: '192.168.50.77', mac: '00:0e:58:00:00:77' };
    here.control.join(newcomer);
    expect(here.hear().filter((sighting) => sighting.ip === newcomer.ip)).toEqual([]);
    await here.clock.advance(60_000);
    expect(kinds(here.hear(), newcomer.ip)).toEqual(['neighbour']);
    const other = { ...newcomer, name: 'Other', ip: '192.168.50.78', mac: '00:0e:58:00:00:78' };
    here.control.join(other);
    const refreshed = here.discovery.refresh();
    await here.clock.advance(3_000);
    await refreshed;
    expect(kinds(here.hear(), other.ip)).toEqual(['neighbour']);
  });

  it('counts what was asked and who answered', async () => {
    const here = await visitListening();
    const row = (method: string) => here.discovery.coverage().find((coverage) => coverage.method === method);
    expect(row('udp')).toMatchObject({ interface: 'eth0', status: 'ok', asked: 253, answered: 5, refused: 0 });
    expect(row('neighbour')).toMatchObject({ asked: 253, answered: 6 });
    expect(row('ssdp')).toMatchObject({ asked: 1, answered: 1 });
    expect(row('upnp')).toMatchObject({ asked: 1, answered: 1 });
  });

  it('is quiet after stop, and goes on at one pace after another start', async () => {
    const here = await visitListening();
    await here.discovery.stop();
    here.hear();
    here.control.announce('Speaker');
    await here.clock.advance(3_600_000);
    expect(here.hear()).toEqual([]);
    await here.discovery.start((sighting) => here.heard.push(sighting));
    await here.clock.advance(5_000);
    here.hear();
    await here.clock.advance(3_600_000);
    expect(here.heard.filter((sighting) => sighting.method === 'udp' && sighting.ip === '192.168.50.1')).toHaveLength(60);
  });
});
