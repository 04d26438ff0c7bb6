/** Devices with their indexes, and the copy of them that one batch of sightings is worked into: `put` and `remove` keep it in step. */
import { addressKey } from './addresses.ts';
import type { Device } from './device.ts';
import { type IdentifierClaim, identifierKey, isExclusive } from './identifiers.ts';

export type Indexed = {
  readonly devices: ReadonlyMap<string, Device>;
  /** MAC (or `behind` key) to the one device that holds it. */
  readonly holders: ReadonlyMap<string, string>;
  /** What payloads tell, to all devices that tell it. */
  readonly tellers: ReadonlyMap<string, readonly string[]>;
  /** Address on an interface to the one device that lives there. */
  readonly residents: ReadonlyMap<string, string>;
};

export type Draft = {
  readonly devices: Map<string, Device>;
  readonly holders: Map<string, string>;
  readonly tellers: Map<string, readonly string[]>;
  readonly residents: Map<string, string>;
};

export const NOTHING_INDEXED: Indexed = { devices: new Map(), holders: new Map(), tellers: new Map(), residents: new Map() };

export function openDraft({ devices, holders, tellers, residents }: Indexed): Draft {
  return { devices: new Map(devices), holders: new Map(holders), tellers: new Map(tellers), residents: new Map(residents) };
}

/** Adds a device or replaces it by its new state, at its old place in the order. */
export function put(draft: Draft, device: Device): void {
  const before = draft.devices.get(device.id);
  draft.devices.set(device.id, device);
  if (before?.identifiers !== device.identifiers) {
    unindexIdentifiers(draft, before);
    indexIdentifiers(draft, device);
  }
  if (before?.addresses !== device.addresses) {
    for (const address of before?.addresses ?? []) draft.residents.delete(addressKey(address));
    for (const address of device.addresses) draft.residents.set(addressKey(address), device.id);
  }
}

export function remove(draft: Draft, id: string): void {
  const device = draft.devices.get(id);
  unindexIdentifiers(draft, device);
  for (const address of device?.addresses ?? []) draft.residents.delete(addressKey(address));
  draft.devices.delete(id);
}

function indexIdentifiers(draft: Draft, { id, identifiers }: Device): void {
  for (const identifier of identifiers) {
    const key = identifierKey(identifier);
    if (isExclusive(identifier)) draft.holders.set(key, id);
    else draft.tellers.set(key, [...(draft.tellers.get(key) ?? []), id]);
  }
}

function unindexIdentifiers(draft: Draft, device: Device | undefined): void {
  for (const identifier of device?.identifiers ?? []) {
    const key = identifierKey(identifier);
    if (isExclusive(identifier)) draft.holders.delete(key);
    const others = draft.tellers.get(key)?.filter((id) => id !== device?.id) ?? [];
    if (others.length > 0) draft.tellers.set(key, others);
    else draft.tellers.delete(key);
  }
}

export function holderOf(inventory: Indexed, claim: IdentifierClaim): Device | undefined {
  return inventory.devices.get(inventory.holders.get(identifierKey(claim)) ?? '');
}

/** All devices that tell this of themselves. */
export function tellersOf(inventory: Indexed, claim: IdentifierClaim): readonly Device[] {
  return (inventory.tellers.get(identifierKey(claim)) ?? []).flatMap((id) => inventory.devices.get(id) ?? []);
}

export function residentOf(inventory: Indexed, address: { readonly interface: string; readonly ip: string }): Device | undefined {
  return inventory.devices.get(inventory.residents.get(addressKey(address)) ?? '');
}
