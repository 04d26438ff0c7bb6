/** Two devices become one. What each was before is kept by the log, so that it can be taken apart again. */
import type { Instant } from '../../base/clock.ts';
import type { DiscoveryMethod } from '../discovery/sighting.ts';
import { addressKey, withAddress } from './addresses.ts';
import type { Address, Device } from './device.ts';
import { mergedFacts } from './facts.ts';
import { capped, identifierKey } from './identifiers.ts';
import { unitedOffers } from './offers.ts';
import { unitedReports } from './reports.ts';

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
    ...unitedReports(kept.reports, absorbed.reports),
    seenBy,
    firstSeenAt: Math.min(kept.firstSeenAt, absorbed.firstSeenAt),
    lastSeenAt: Math.max(kept.lastSeenAt, absorbed.lastSeenAt),
    isGateway: kept.isGateway || absorbed.isGateway,
  };
}

/**
 * A device as it was, at the addresses where it is now: `present` are those of the devices that it is taken out of, `isFree` tells where
 * nobody lives. An address goes back to whoever had it, unless another MAC has it now; then to the owner of that MAC.
 */
export function asBefore(
  device: Device,
  others: readonly Device[],
  present: readonly Address[],
  isFree: (address: Address) => boolean,
  now: Instant,
): Device {
  const isMine = (address: Address): boolean => {
    const before = [device, ...others].find((each) => each.addresses.some((had) => isSame(had, address)));
    const all = [device, ...others].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const owner = all.find(({ identifiers }) => identifiers.some(({ value }) => value.split(' ')[0] === address.mac));
    return (before ?? owner ?? all[0]) === device;
  };
  const mine = present.filter(isMine);
  const hasIn = (list: readonly Address[], address: Address): boolean => list.some((each) => addressKey(each) === addressKey(address));
  const kept = device.addresses.filter((address) => (hasIn(present, address) ? hasIn(mine, address) : isFree(address)));
  const isUnchanged = kept.length === device.addresses.length && mine.every((address) => kept.some((had) => isSame(had, address, 'proof')));
  return {
    ...device,
    addresses: isUnchanged
      ? device.addresses
      : mine.reduce<readonly Address[]>((all, address) => withAddress(all, address, now.wallMs), kept),
    lastSeenAt: isUnchanged ? device.lastSeenAt : Math.max(device.lastSeenAt, ...mine.map((address) => address.lastAt)),
  };
}

function isSame(one: Address, other: Address, proof?: 'proof'): boolean {
  return addressKey(one) === addressKey(other) && one.mac === other.mac && (proof === undefined || one.lastAt === other.lastAt);
}
