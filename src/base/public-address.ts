/** Whether an address is one of the internet: not of this machine, of a network around it, or kept for anything special (IANA's registries of special-purpose addresses). */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const NOT_PUBLIC_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of 2000::/3, which is all that is given out (RFC 4291); 2001::/23 and 2002::/16 hold ways to IPv4 addresses. */
const NOT_PUBLIC_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const list = new BlockList();
for (const network of NOT_PUBLIC_4) add(network, 'ipv4');
for (const network of NOT_PUBLIC_6) add(network, 'ipv6');
const given = new BlockList();
given.addSubnet('2000::', 3, 'ipv6');

function add(network: string, family: 'ipv4' | 'ipv6'): void {
  const [address = '', prefix] = network.split('/');
  list.addSubnet(address, Number(prefix), family);
}

/** False also for what is no address. An IPv4 address in the clothes of an IPv6 one is not one that names lead to. */
export function isPublicAddress(ip: string): boolean {
  if (isIPv4(ip)) return !list.check(ip, 'ipv4');
  return isIPv6(ip) && given.check(ip, 'ipv6') && !list.check(ip, 'ipv6');
}
