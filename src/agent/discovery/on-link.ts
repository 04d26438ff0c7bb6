/** Which of the hub's interfaces a sender belongs to. A multicast socket hears every interface (IP_MULTICAST_ALL), so the address decides, not the socket. */
import { inSubnet, ipFamily, ipv4ToNumber, networkOf } from '../../base/ip-address.ts';
import type { LanInterface } from './sighting.ts';

/** `own`: the hub itself. `off-link`: in no subnet of the hub. */
export type Origin = { readonly from: 'lan'; readonly interface: LanInterface } | { readonly from: 'own' } | { readonly from: 'off-link' };

const OFF_LINK: Origin = { from: 'off-link' };

/** `arrivedOn` names the interface of the socket; only an IPv6 link-local sender needs it, its address names no subnet. */
export function originOf(ip: string, interfaces: readonly LanInterface[], arrivedOn?: string): Origin {
  if (interfaces.some((lan) => lan.address === ip || lan.ipv6.includes(ip))) return { from: 'own' };
  const lan = interfaces.find((candidate) =>
    ipFamily(ip) === 6 ? candidate.name === arrivedOn && /^fe[89ab]/.test(ip) : isHostOf(ip, candidate),
  );
  return lan ? { from: 'lan', interface: lan } : OFF_LINK;
}

/** In the subnet, and neither its network nor its broadcast address. */
function isHostOf(ip: string, lan: LanInterface): boolean {
  if (!inSubnet(ip, lan)) return false;
  const size = 2 ** (32 - lan.prefixLength);
  const host = ipv4ToNumber(ip) - networkOf(lan);
  return size <= 2 || (host > 0 && host < size - 1);
}
