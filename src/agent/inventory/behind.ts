/** Which addresses answer with the MAC of another device, and which devices are known to lend theirs. */
import type { Address, Device } from './device.ts';
import type { Indexed } from './draft.ts';
import { holdsMac } from './identifiers.ts';
import { kindOf } from './summary.ts';

const NETWORK_GEAR: readonly string[] = ['router', 'access-point', 'switch', 'modem', 'firewall'];

/** The device is at this address, but the MAC there is not its own. */
export function isBehind(device: Pick<Device, 'identifiers'>, address: Pick<Address, 'mac'>): boolean {
  return !holdsMac(device, address.mac);
}

/** Network gear, and whatever another device is already known to answer through. */
export function standsIn(inventory: Indexed, device: Device): boolean {
  const kind = kindOf(device);
  if (device.isGateway || (kind !== undefined && NETWORK_GEAR.includes(kind))) return true;
  for (const other of inventory.devices.values())
    if (other.id !== device.id && other.addresses.some((address) => isBehind(other, address) && holdsMac(device, address.mac))) return true;
  return false;
}
