import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDefaultRoutes, parseNameServers } from '../../../../src/agent/discovery/route-parse.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

test('reads default routes in the order in which the kernel prefers them', () => {
  const text = `${HEAD}wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\tFE4DA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t004DA8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`;
  expect(parseDefaultRoutes(text)).toEqual([
    { interface: 'eth0', gateway: '192.168.77.254', metric: 100 },
    { interface: 'wlan0', gateway: '192.168.1.1', metric: 600 },
  ]);
});

test('leaves out routes that are down, half a default, or without a gateway', () => {
  const text = `${HEAD}a\t00000000\t0101A8C0\t0002\t0\t0\t0\t00000000
b\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080
c\t00000000\t00000000\t0001\t0\t0\t0\t00000000
d\t00000000\tnonsense\t0003\t0\t0\t0\t00000000
`;
  expect(parseDefaultRoutes(text)).toEqual([]);
});

test('reads name servers and nothing else', () => {
  const text =
    'search home\n# nameserver 9.9.9.9\nnameserver 192.168.1.1 # router\n nameserver fe80::1%eth0\nnameserver nonsense\noptions edns0\n';
  expect(parseNameServers(text)).toEqual(['192.168.1.1', 'fe80::1']);
});

test('no text makes a parser throw', () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseDefaultRoutes(HEAD + text)) && Array.isArray(parseNameServers(text))));
});
