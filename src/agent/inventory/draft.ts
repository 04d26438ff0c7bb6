/** Devices with their indexes, and the copy of them that one batch of sightings is worked into: `put` and `remove` keep it in step. */
import { addressKey } from './addresses.ts';
import type { Address, Device, Identifier } from './device.ts';
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
  holders: Indexed['holders'];
  tellers: Indexed['tellers'];
  residents: Indexed['residents'];
  /** What it was opened from: an index is copied when it is first written, which few batches do. */
  readonly opened: Indexed;
};

export const NOTHING_INDEXED: Indexed = { devices: new Map(), holders: new Map(), tellers: new Map(), residents: new Map() };

export function openDraft(opened: Indexed): Draft {
  const { devices, holders, tellers, residents } = opened;
  return { devices: new Map(devices), holders, tellers, residents, opened };
}

/** Adds a device or replaces it by its new state, at its old place in the order. */
export function put(draft: Draft, device: Device): void {
  const before = draft.devices.get(device.id);
  draft.devices.set(device.id, device);
  if (before?.identifiers !== device.identifiers && !hasSameIdentifiers(draft, before, device)) {
    unindexIdentifiers(draft, before);
    indexIdentifiers(draft, device);
  }
  if (before?.addresses !== device.addresses && !hasSameAddresses(draft, before, device)) {
    const residents = residentsOf(draft);
    for (const address of before?.addresses ?? []) residents.delete(addressKey(address));
    for (const address of device.addresses) residents.set(addressKey(address), device.id);
  }
}

export function remove(draft: Draft, id: string): void {
  const device = draft.devices.get(id);
  unindexIdentifiers(draft, device);
  for (const address of device?.addresses ?? []) residentsOf(draft).delete(addressKey(address));
  draft.devices.delete(id);
}

/** Most devices of a batch were only heard again. */
function hasSameIdentifiers({ holders }: Draft, before: Device | undefined, { id, identifiers }: Device): boolean {
  const isSame = (each: Identifier, was: Identifier | undefined): boolean =>
    each.kind === was?.kind && each.value === was.value && (!isExclusive(each) || holders.get(identifierKey(each)) === id);
  return before?.identifiers.length === identifiers.length && identifiers.every((each, i) => isSame(each, before.identifiers[i]));
}

function hasSameAddresses({ residents }: Draft, before: Device | undefined, { id, addresses }: Device): boolean {
  const isSame = (each: Address, was: Address | undefined): boolean =>
    each.ip === was?.ip && each.interface === was.interface && residents.get(addressKey(each)) === id;
  return before?.addresses.length === addresses.length && addresses.every((each, i) => isSame(each, before.addresses[i]));
}

function indexIdentifiers(draft: Draft, { id, identifiers }: Device): void {
  for (const identifier of identifiers) {
    const key = identifierKey(identifier);
    if (isExclusive(identifier)) holdersOf(draft).set(key, id);
    else tellersIn(draft).set(key, [...(draft.tellers.get(key) ?? []), id]);
  }
}

function unindexIdentifiers(draft: Draft, device: Device | undefined): void {
  for (const identifier of device?.identifiers ?? []) {
    const key = identifierKey(identifier);
    if (isExclusive(identifier)) {
      holdersOf(draft).delete(key);
      continue;
    }
    const others = draft.tellers.get(key)?.filter((id) => id !== device?.id) ?? [];
    if (others.length > 0) tellersIn(draft).set(key, others);
    else tellersIn(draft).delete(key);
  }
}

function holdersOf(draft: Draft): Map<string, string> {
  if (draft.holders === draft.opened.holders) draft.holders = new Map(draft.holders);
  return draft.holders as Map<string, string>;
}

function tellersIn(draft: Draft): Map<string, readonly string[]> {
  if (draft.tellers === draft.opened.tellers) draft.tellers = new Map(draft.tellers);
  return draft.tellers as Map<string, readonly string[]>;
}

function residentsOf(draft: Draft): Map<string, string> {
  if (draft.residents === draft.opened.residents) draft.residents = new Map(draft.residents);
  return draft.residents as Map<string, string>;
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
