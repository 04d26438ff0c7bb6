/** IPv4 and IPv6 addresses and subnets as plain text plus arithmetic. Nothing here resolves names. */
import { isIPv4, isIPv6 } from 'node:net';

/** A subnet in CIDR form; `address` is any address in it, usually the hub's own. */
export type Subnet = { readonly address: string; readonly prefixLength: number };

export type IpFamily = 4 | 6;

export function ipFamily(ip: string): IpFamily | undefined {
  if (isIPv4(ip)) return 4;
  return isIPv6(ip) ? 6 : undefined;
}

/** The 32-bit number of a dotted quad. */
export function ipv4ToNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function networkOf(subnet: Subnet): number {
  const size = 2 ** (32 - subnet.prefixLength);
  return Math.floor(ipv4ToNumber(subnet.address) / size) * size;
}

/** `192.168.1.0/24` for any address in it. */
export function formatSubnet(subnet: Subnet): string {
  return `${numberToIpv4(networkOf(subnet))}/${subnet.prefixLength}`;
}

export function inSubnet(ip: string, subnet: Subnet): boolean {
  return isIPv4(ip) && networkOf({ address: ip, prefixLength: subnet.prefixLength }) === networkOf(subnet);
}

/** Every address a host may have in an IPv4 subnet: without network and broadcast address (RFC 3021 point-to-point links keep both). */
export function hostAddresses(subnet: Subnet): string[] {
  const first = networkOf(subnet);
  const size = 2 ** (32 - subnet.prefixLength);
  if (size <= 2) return Array.from({ length: size }, (_, i) => numberToIpv4(first + i));
  return Array.from({ length: size - 2 }, (_, i) => numberToIpv4(first + 1 + i));
}

/** Link-local (RFC 3927, RFC 4291 2.5.6), the zone index removed first. */
export function isLinkLocal(ip: string): boolean {
  return ip.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/i.test(ip);
}

/** An address that no other machine reaches. */
export function isLoopback(ip: string): boolean {
  return /^127\./.test(ip) || ip === '::1';
}
