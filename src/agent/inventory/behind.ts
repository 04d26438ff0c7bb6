/** Which addresses answer with the MAC of another device, and which devices are known to lend theirs. */
import { ipFamily } from '../../base/ip-address.ts';
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
  return device.isGateway || (kind !== undefined && NETWORK_GEAR.includes(kind)) || lendsMac(inventory, device);
}

/** Another device is known to answer through its MAC. */
export function lendsMac(inventory: Indexed, device: Device): boolean {
  for (const other of inventory.devices.values())
    if (other.id !== device.id && other.addresses.some((address) => isBehind(other, address) && holdsMac(device, address.mac))) return true;
  return false;
}

/** Where the box itself is: at the address from which it tells its own MAC, else at the one it has had longest. */
export function ownIp(device: Device): string | undefined {
  const hex = device.identifiers
    .filter(({ kind }) => kind.endsWith('mac') && kind !== 'told-mac')
    .map(({ value }) => value.replaceAll(':', ''));
  const isHeld = (ip: string | undefined): boolean => device.addresses.some((address) => address.ip === ip);
  const telling = device.identifiers.find(({ ip, value }) => isHeld(ip) && hex.some((mac) => value.replaceAll(/[:-]/g, '').includes(mac)));
  const longest = device.addresses.filter(({ ip }) => ipFamily(ip) === 4).toSorted((a, b) => a.firstAt - b.firstAt)[0];
  return telling?.ip ?? longest?.ip;
}

/** One is known to answer through the MAC of the other. */
export function isGuestOf(one: Device, other: Device): boolean {
  if (one.addresses.some((address) => isBehind(one, address) && holdsMac(other, address.mac))) return true;
  return one.identifiers.some(({ kind, value }) => kind === 'behind' && holdsMac(other, value.slice(0, value.indexOf(' '))));
}
