/** Devices with their two indexes, and the copy of them that one batch of sightings is worked into: `put` and `remove` keep it in step. */
import { addressKey } from './addresses.ts';
import type { Device } from './device.ts';
import { type IdentifierClaim, identifierKey } from './identifiers.ts';

export type Indexed = {
  readonly devices: ReadonlyMap<string, Device>;
  /** Identifier to the one device that holds it. */
  readonly holders: ReadonlyMap<string, string>;
  /** Address on an interface to the one device that lives there. */
  readonly residents: ReadonlyMap<string, string>;
};

export type Draft = {
  readonly devices: Map<string, Device>;
  readonly holders: Map<string, string>;
  readonly residents: Map<string, string>;
};

export function openDraft({ devices, holders, residents }: Indexed): Draft {
  return { devices: new Map(devices), holders: new Map(holders), residents: new Map(residents) };
}

/** Adds a device or replaces it by its new state, at its old place in the order. */
export function put(draft: Draft, device: Device): void {
  unindex(draft, device.id);
  draft.devices.set(device.id, device);
  for (const identifier of device.identifiers) draft.holders.set(identifierKey(identifier), device.id);
  for (const address of device.addresses) draft.residents.set(addressKey(address), device.id);
}

export function remove(draft: Draft, id: string): void {
  unindex(draft, id);
  draft.devices.delete(id);
}

function unindex(draft: Draft, id: string): void {
  const device = draft.devices.get(id);
  for (const identifier of device?.identifiers ?? []) draft.holders.delete(identifierKey(identifier));
  for (const address of device?.addresses ?? []) draft.residents.delete(addressKey(address));
}

export function holderOf(inventory: Indexed, claim: Pick<IdentifierClaim, 'kind' | 'value'>): Device | undefined {
  return inventory.devices.get(inventory.holders.get(identifierKey(claim)) ?? '');
}

export function residentOf(inventory: Indexed, address: { readonly interface: string; readonly ip: string }): Device | undefined {
  return inventory.devices.get(inventory.residents.get(addressKey(address)) ?? '');
}
