import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NetworkView, Sighting } from '../../src/agent/discovery/sighting.ts';
import type { Neighbour } from '../../src/agent/ports.ts';
import type { SweepReport } from '../../src/platform/udp-sweep.ts';
import { canMakeNamespaces, makeSmallLan, type SmallLan } from './namespaces.ts';

const HOSTS = ['plain', 'silent', 'pulled'];

type Swept = SweepReport & { sightings: Sighting[]; lastAliveMs: number; tookMs: number };

let lan: SmallLan;
const sweep = (options?: { asNobody?: boolean; ipCommand?: string }): Swept =>
  lan.drive<Swept>({ do: 'sweep', ipCommand: options?.ipCommand ?? 'ip' }, options);
const alive = ({ sightings }: Swept): string[] => [...new Set(sightings.map(({ ip }) => ip))].sort();
const unconfirmed = (swept: Swept): string[] => swept.unconfirmed.map(({ ip }) => ip).sort();
const addresses = (...hosts: string[]): string[] => hosts.map((host) => lan.address(host));

describe.skipIf(!canMakeNamespaces())('a sweep', () => {
  beforeAll(() => {
    lan = makeSmallLan('hbp', ['hub', ...HOSTS]);
    lan.silence('silent');
    lan.silence('pulled');
  });
  afterAll(() => lan?.down());
  beforeEach(() => {
    lan.plug('pulled');
    lan.run('hub', 'ip', 'neigh', 'flush', 'all');
  });

  describe.each([
    ['as root', { asNobody: false }],
    ['as an ordinary user', { asNobody: true }],
    ['as an ordinary user without iproute2', { asNobody: true, ipCommand: '/nonexistent/ip' }],
  ])('%s', (_who, who) => {
    test('finds hosts that drop everything but ARP, with their hardware addresses, within a second', () => {
      const swept = sweep(who);
      expect(alive(swept)).toEqual(addresses(...HOSTS));
      expect(swept).toMatchObject({ asked: 253, alive: 3, unconfirmed: [], unsent: 0 });
      expect(swept.sightings.every((sighting) => sighting.method === 'neighbour' && /^([0-9a-f]{2}:){5}/.test(sighting.mac))).toBe(true);
      expect(swept.lastAliveMs).toBeLessThan(1000);
    });

    test('never takes a host for alive whose cable was pulled while the kernel calls it REACHABLE', () => {
      lan.know(...HOSTS);
      lan.unplug('pulled');
      expect(stateOf('pulled')).toBe('REACHABLE');
      expect(alive(sweep(who))).not.toContain(lan.address('pulled'));
    });
  });

  test('as root asks known neighbours by unicast ARP: the silent one is alive, the pulled one is gone', () => {
    lan.know(...HOSTS);
    lan.unplug('pulled');
    const swept = sweep();
    expect([alive(swept), unconfirmed(swept)]).toEqual([addresses('plain', 'silent'), []]);
    expect(stateOf('pulled')).toBe('FAILED');
  });

  test('as an ordinary user calls those unconfirmed that answer nothing it may ask', () => {
    lan.know(...HOSTS);
    lan.unplug('pulled');
    const swept = sweep({ asNobody: true });
    expect([alive(swept), unconfirmed(swept)]).toEqual([addresses('plain'), addresses('silent', 'pulled')]);
  });

  test('as an ordinary user decides a STALE neighbour by waiting for the kernel to ask', () => {
    lan.know(...HOSTS);
    lan.unplug('pulled');
    for (const host of HOSTS) lan.run('hub', 'ip', 'neigh', 'change', lan.address(host), 'dev', 'eth0', 'nud', 'stale');
    const swept = sweep({ asNobody: true });
    expect([alive(swept), unconfirmed(swept)]).toEqual([addresses('plain', 'silent'), []]);
  });

  test('leaves a static entry as a person made it', () => {
    lan.run('hub', 'ip', 'neigh', 'replace', lan.address('silent'), 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0', 'nud', 'permanent');
    expect(unconfirmed(sweep())).toEqual(addresses('silent'));
    expect(stateOf('silent')).toBe('PERMANENT');
    lan.run('hub', 'ip', 'neigh', 'del', lan.address('silent'), 'dev', 'eth0');
  });

  test('shows IPv6 neighbours beside it, with the hardware address that joins them to the device', () => {
    lan.run('hub', 'ping', '-6', '-c', '1', '-W', '2', 'ff02::1%eth0');
    lan.run('hub', 'ip', '-6', 'neigh', 'replace', 'fe80::99', 'lladdr', '02:00:00:00:00:99', 'router', 'dev', 'eth0', 'nud', 'stale');
    const neighbours = lan.drive<Neighbour[]>({ do: 'neighbours' }, { asNobody: true });
    expect(neighbours).toContainEqual(
      expect.objectContaining({ ip: 'fe80::99', mac: '02:00:00:00:00:99', isRouter: true, state: 'STALE' }),
    );
  });
});

describe.skipIf(!canMakeNamespaces())('the view of a namespace', () => {
  test('has the cabled interface, and in words why the others are left out', () => {
    const small = makeSmallLan('hbpv', ['hub', 'peer']);
    try {
      small.run('hub', 'ip', 'link', 'add', 'docker0', 'type', 'bridge');
      small.run('hub', 'ip', 'link', 'add', 'eth9', 'type', 'veth', 'peer', 'name', 'tun7');
      small.run('hub', 'ip', 'route', 'add', 'default', 'via', '10.9.0.2');
      const view = small.drive<NetworkView>({ do: 'view' }, { asNobody: true });
      expect(view.interfaces).toMatchObject([{ name: 'eth0', address: '10.9.0.1', prefixLength: 24, gateway: '10.9.0.2' }]);
      expect(Object.fromEntries(view.skipped.map(({ name, reason }) => [name, reason]))).toEqual({
        lo: 'is the loopback interface',
        docker0: 'belongs to containers or virtual machines on this hub',
        tun7: 'is a VPN or tunnel',
        eth9: 'is down',
      });
    } finally {
      small.down();
    }
  });
});

function stateOf(host: string): string {
  const [entry] = JSON.parse(lan.run('hub', 'ip', '-j', 'neigh', 'show', lan.address(host))) as { state: string[] }[];
  return entry?.state[0] ?? 'absent';
}
