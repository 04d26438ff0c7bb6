/**
 * Where a device is: its addresses as the neighbour table proved them. The first is the primary one and stays first while it is being
 * confirmed, so that names and probes do not flip between two live addresses.
 */
import { ipFamily } from '../../base/ip-address.ts';
import type { Address } from './device.ts';

const MOST_ADDRESSES = 16;
/** A primary address unconfirmed for this long, while another one was confirmed, is not primary any more. */
const PRIMARY_STALE_MS = 60_000;
/** Old DHCP leases go after an hour, IPv6 privacy addresses (RFC 8981: valid for up to two days) after a day without proof. */
const FORGET_AFTER_MS = { 4: 3_600_000, 6: 86_400_000 } as const;

export function addressKey(address: { readonly interface: string; readonly ip: string }): string {
  return `${address.interface} ${address.ip}`;
}

/** The addresses with one added or confirmed. A proof from the future is of a wall clock that was set back: it is not worth keeping. */
export function withAddress(
  held: readonly Address[],
  found: Omit<Address, 'firstAt'> & { readonly firstAt?: number },
  now: number,
): readonly Address[] {
  const current = held.some(({ lastAt }) => lastAt > now)
    ? held.map((address) => (address.lastAt > now ? { ...address, lastAt: 0 } : address))
    : held;
  const known = current.find((address) => address.ip === found.ip && address.interface === found.interface);
  const updated = known
    ? current.map((address) => (address === known ? { ...known, mac: found.mac, lastAt: Math.max(known.lastAt, found.lastAt) } : address))
    : [...current, { firstAt: found.lastAt, ...found }];
  return updated.length === 1 ? updated : primaryFirst(forgetOld(updated));
}

export function withoutAddress(held: readonly Address[], key: string): readonly Address[] {
  return primaryFirst(held.filter((address) => addressKey(address) !== key));
}

function forgetOld(addresses: readonly Address[]): readonly Address[] {
  const newestAt = Math.max(...addresses.map((address) => address.lastAt));
  const kept = addresses.filter((address) => newestAt - address.lastAt < FORGET_AFTER_MS[ipFamily(address.ip) ?? 4]);
  if (kept.length <= MOST_ADDRESSES) return kept;
  const [primary, ...others] = kept;
  return [primary as Address, ...others.toSorted((a, b) => b.lastAt - a.lastAt).slice(0, MOST_ADDRESSES - 1)];
}

/** IPv4 before IPv6; among those, the first one stays unless it is stale and another is not. */
function primaryFirst(addresses: readonly Address[]): readonly Address[] {
  const first = addresses[0];
  if (!first) return addresses;
  const candidates = addresses.some(isIpv4) ? addresses.filter(isIpv4) : addresses;
  const newest = candidates.reduce((best, address) => (address.lastAt > best.lastAt ? address : best));
  const incumbent = candidates.includes(first) ? first : (candidates[0] as Address);
  const primary = newest.lastAt - incumbent.lastAt > PRIMARY_STALE_MS ? newest : incumbent;
  return primary === first ? addresses : [primary, ...addresses.filter((address) => address !== primary)];
}

function isIpv4(address: Address): boolean {
  return ipFamily(address.ip) === 4;
}
