/** Two devices become one. What each was before is kept by the log, so that it can be taken apart again. */
import type { Instant } from '../../base/clock.ts';
import type { DiscoveryMethod } from '../discovery/sighting.ts';
import { addressKey, withAddress } from './addresses.ts';
import type { Address, Device } from './device.ts';
import { mergedFacts } from './facts.ts';
import { capped, identifierKey } from './identifiers.ts';
import { unitedOffers } from './offers.ts';

/** The longer known one keeps its id. */
export function inOrder(one: Device, other: Device): readonly [kept: Device, absorbed: Device] {
  return one.firstSeenAt < other.firstSeenAt || (one.firstSeenAt === other.firstSeenAt && one.id < other.id) ? [one, other] : [other, one];
}

export function united(kept: Device, absorbed: Device, now: Instant): Device {
  const known = new Set(kept.identifiers.map(identifierKey));
  const seenBy: Partial<Record<DiscoveryMethod, number>> = { ...kept.seenBy };
  for (const [method, at] of Object.entries(absorbed.seenBy) as [DiscoveryMethod, number][])
    seenBy[method] = Math.max(at, seenBy[method] ?? 0);
  return {
    ...kept,
    identifiers: capped([...kept.identifiers, ...absorbed.identifiers.filter((identifier) => !known.has(identifierKey(identifier)))]),
    addresses: absorbed.addresses.reduce((all, address) => withAddress(all, address, now.wallMs), kept.addresses),
    facts: mergedFacts(kept.facts, absorbed.facts),
    ...unitedOffers(kept, absorbed),
    seenBy,
    firstSeenAt: Math.min(kept.firstSeenAt, absorbed.firstSeenAt),
    lastSeenAt: Math.max(kept.lastSeenAt, absorbed.lastSeenAt),
    isGateway: kept.isGateway || absorbed.isGateway,
  };
}

/**
 * A device as it was, at the addresses where it is now: `present` are those of the devices that it is taken out of. An address goes to
 * whoever has its MAC, else to whoever had it before.
 */
export function asBefore(device: Device, others: readonly Device[], present: readonly Address[], now: Instant): Device {
  const current = new Map(present.map((address) => [addressKey(address), address]));
  const had = new Set(device.addresses.map(addressKey));
  const isMine = (address: Address): boolean => {
    const owners = [device, ...others].filter(({ identifiers }) => identifiers.some(({ value }) => value === address.mac));
    return owners.length > 0 ? owners[0] === device : had.has(addressKey(address));
  };
  const kept = device.addresses.filter((address) => current.has(addressKey(address)));
  const mine = [...current.values()].filter(isMine);
  const addresses = mine.reduce<readonly Address[]>((all, address) => withAddress(all, address, now.wallMs), kept);
  const unchanged =
    addresses.length === device.addresses.length && addresses.every((address, i) => sameProof(address, device.addresses[i]));
  return {
    ...device,
    addresses: unchanged ? device.addresses : addresses,
    lastSeenAt: Math.max(device.lastSeenAt, ...mine.map((address) => address.lastAt)),
  };
}

function sameProof(one: Address, other: Address | undefined): boolean {
  return other !== undefined && addressKey(one) === addressKey(other) && one.lastAt === other.lastAt && one.mac === other.mac;
}
