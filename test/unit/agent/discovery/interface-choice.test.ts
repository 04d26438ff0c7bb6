import { describe, expect, test } from 'vitest';
import { chooseInterfaces, type InterfaceFacts, type SystemFacts } from '../../../../src/agent/discovery/interface-choice.ts';

const GATEWAY = { interface: 'eth0', gateway: '192.168.1.1', metric: 100 };

/** A cabled interface at 192.168.1.5/24 with link, except for what is given. */
function face(name: string, facts: Partial<InterfaceFacts> = {}): InterfaceFacts {
  const ipv4 = [{ address: '192.168.1.5', prefixLength: 24 }];
  return {
    name,
    mac: '02:00:00:00:00:05',
    ipv4,
    ipv6: [],
    isLoopback: false,
    isUp: true,
    hasLink: true,
    hardwareType: 1,
    isTunnel: false,
    ...facts,
  };
}

const at = (address: string, prefixLength = 24): Partial<InterfaceFacts> => ({ ipv4: [{ address, prefixLength }] });
const system = (interfaces: InterfaceFacts[], facts: Partial<SystemFacts> = {}): SystemFacts => ({
  interfaces,
  defaultRoutes: [GATEWAY],
  nameServers: [],
  ...facts,
});
const chosen = (...args: Parameters<typeof chooseInterfaces>): string[] => chooseInterfaces(...args).interfaces.map(({ name }) => name);

function reasonFor(one: InterfaceFacts): string | undefined {
  return chooseInterfaces(system([face('eth0', at('10.0.0.5')), one])).skipped[0]?.reason;
}

test('gives the LAN with its gateway and name servers', () => {
  const facts = system([face('eth0', { ipv6: ['fe80::5'] })], { nameServers: ['192.168.1.1', '9.9.9.9'] });
  expect(chooseInterfaces(facts).interfaces).toEqual([
    {
      name: 'eth0',
      mac: '02:00:00:00:00:05',
      address: '192.168.1.5',
      prefixLength: 24,
      ipv6: ['fe80::5'],
      gateway: '192.168.1.1',
      dnsServers: ['192.168.1.1', '9.9.9.9'],
    },
  ]);
});

describe('leaves out, with the reason in words,', () => {
  const cases: [InterfaceFacts, string][] = [
    [face('lo', { isLoopback: true }), 'is the loopback interface'],
    [face('docker0', { ports: [], hasLink: false }), 'belongs to containers or virtual machines on this hub'],
    [face('br-0123456789ab', { ports: [{ name: 'veth1', isHardware: false }] }), 'belongs to containers or virtual machines on this hub'],
    [face('veth12ab', at('172.20.0.1')), 'belongs to containers or virtual machines on this hub'],
    [
      face('mybridge', { ports: [{ name: 'veth1', isHardware: false }] }),
      'is a bridge without a network port of its own, as containers use them',
    ],
    [face('wg0', { hardwareType: 65534 }), 'is a VPN or tunnel'],
    [face('ztabcdef12', { isTunnel: true }), 'is a VPN or tunnel'],
    [face('ib0', { hardwareType: 32 }), 'is not Ethernet or Wi-Fi'],
    [face('eth1', { master: 'br0' }), 'is a port of br0'],
    [face('eth1', { isUp: false, hasLink: false }), 'is down'],
    [face('eth1', { hasLink: false }), 'has no link (cable or Wi-Fi)'],
    [face('eth1', { ipv4: [], ipv6: ['fe80::1'] }), 'has no IPv4 address'],
    [face('eth1', { ipv4: [], ipv6: ['fe80::1', '2001:db8::5'] }), 'has an IPv6 address, but no IPv4 address'],
    [face('eth1', at('169.254.3.4', 16)), 'gave itself an address (169.254), because no DHCP server answered'],
    [face('eth1', at('10.1.1.1', 31)), 'is a point-to-point link (/31)'],
    [face('eth1', at('10.0.0.9')), 'leads to the same network as eth0'],
  ];
  test.each(cases.map(([one, reason]) => [one.name, reason, one] as const))('%s: %s', (_name, reason, one) => {
    expect(reasonFor(one)).toBe(reason);
  });
});

describe('takes for a LAN', () => {
  test('a bridge that holds the default route, whatever hangs on it', () => {
    const bridge = face('br0', { ports: [{ name: 'veth1', isHardware: false }] });
    expect(chosen(system([bridge], { defaultRoutes: [{ ...GATEWAY, interface: 'br0' }] }))).toEqual(['br0']);
  });

  test('a bridge with a cable in it, but not the cable', () => {
    const bridge = face('virbr7', { ports: [{ name: 'eth1', isHardware: true }] });
    expect(chosen(system([bridge, face('eth1', { master: 'virbr7', ipv4: [] })]))).toEqual(['virbr7']);
  });

  test('two networks at once, the one with the default route first', () => {
    expect(chosen(system([face('wlan0', at('10.0.0.5')), face('eth0')]))).toEqual(['eth0', 'wlan0']);
  });

  test('an interface of which the system says little', () => {
    const { isUp: _up, hasLink: _link, hardwareType: _type, ...little } = face('eth0');
    expect(chosen(system([little]))).toEqual(['eth0']);
  });
});

describe('the configuration', () => {
  const docker = face('docker0', { ...at('172.17.0.1', 16), ports: [] });

  test('can include what is left out by kind, and exclude what is taken', () => {
    const view = chooseInterfaces(system([face('eth0'), docker]), { include: ['docker0'], exclude: ['eth0'] });
    expect(view.interfaces.map(({ name }) => name)).toEqual(['docker0']);
    expect(view.skipped).toEqual([{ name: 'eth0', reason: 'is excluded in the configuration', fault: 'excluded' }]);
  });

  test('cannot include what has no link', () => {
    expect(chosen(system([{ ...docker, hasLink: false }]), { include: ['docker0'] })).toEqual([]);
  });
});

test('the address is the one the gateway is reached from', () => {
  const ipv4 = [
    { address: '169.254.9.9', prefixLength: 16 },
    { address: '10.7.7.7', prefixLength: 24 },
    { address: '192.168.1.5', prefixLength: 24 },
  ];
  expect(chooseInterfaces(system([face('eth0', { ipv4 })])).interfaces[0]?.address).toBe('192.168.1.5');
  expect(chooseInterfaces(system([face('eth0', { ipv4 })], { defaultRoutes: [] })).interfaces[0]?.address).toBe('10.7.7.7');
});

test('a name server belongs to the interface on whose network it is', () => {
  const facts = system([face('eth0'), face('wlan0', at('10.0.0.5'))], { nameServers: ['10.0.0.1', '1.1.1.1'] });
  expect(chooseInterfaces(facts).interfaces.map(({ name, dnsServers }) => [name, dnsServers])).toEqual([
    ['eth0', ['1.1.1.1']],
    ['wlan0', ['10.0.0.1']],
  ]);
});
