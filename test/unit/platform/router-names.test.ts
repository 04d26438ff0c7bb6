import { expect, test } from 'vitest';
import type { LanInterface } from '../../../src/agent/discovery/sighting.ts';
import { resolversOf } from '../../../src/platform/router-names.ts';

const lan = (facts: Partial<LanInterface>): LanInterface => ({
  name: 'eth0',
  mac: 'd8:3a:dd:00:00:02',
  address: '192.168.1.2',
  prefixLength: 24,
  ipv6: [],
  dnsServers: [],
  ...facts,
});

test.each([
  ['the router, where the hub asks the internet itself', { gateway: '192.168.1.1', dnsServers: ['9.9.9.9', '8.8.8.8'] }, ['192.168.1.1']],
  ['a filter and the router behind it', { gateway: '192.168.1.1', dnsServers: ['192.168.1.53'] }, ['192.168.1.53', '192.168.1.1']],
  ['each once', { gateway: '192.168.1.1', dnsServers: ['192.168.1.1'] }, ['192.168.1.1']],
  ['two at most', { gateway: '192.168.1.1', dnsServers: ['192.168.1.53', '192.168.1.54'] }, ['192.168.1.53', '192.168.1.54']],
  ['nobody, where the resolver is this machine', { dnsServers: ['127.0.0.1', '192.168.1.2', '::1'] }, []],
  ['nobody on another link', { gateway: '10.0.0.1', dnsServers: ['192.168.2.1', '192.168.1.255'] }, []],
] as const)('asks %s', (_, facts, resolvers) => expect(resolversOf(lan(facts))).toEqual(resolvers));
