/**
 * Which devices belong to a person, so that they are counted and nothing else about them leaves the house (docs/decisions/0005, 0007). The
 * answer errs to the side of the person: what has not said what it is, and could be somebody's phone, laptop or console, is theirs until it has.
 */

import { makesPersonalDevices } from '../../protocol/personal-makers.ts';
import { isOfSecondHost } from './account.ts';
import type { Device, DeviceSummary } from './device.ts';
import { hasUniversalMac } from './identifiers.ts';
import { type DeviceKind, isDeviceKind, kindTraits } from './kinds.ts';
import { kindOf } from './summary.ts';

export function isPersonal(device: Device): boolean {
  if (device.corrected?.personal) return device.corrected.personal.value === 'yes';
  if (device.isGateway) return false;
  const kind = kindThatTellsWhose(device);
  if (kind !== undefined) return kindTraits(kind).personal;
  return !hasUniversalMac(device) || (device.facts.vendor ?? []).some(({ value }) => makesPersonalDevices(value));
}

/**
 * The kind that decides whose a device is. Of a private MAC only its own word counts: the router may still know its address by the name of
 * an earlier tenant (`shellyplug-s-...`, then a guest's phone), and anybody may ask for a lease in its name.
 */
export function kindThatTellsWhose(device: Device): DeviceKind | undefined {
  if (hasUniversalMac(device)) return kindOf(device);
  const own = (device.facts.kind ?? []).find(({ source }) => source !== 'dhcp' && source !== 'dns-name')?.value;
  return own !== undefined && isDeviceKind(own) ? own : undefined;
}

/**
 * The device as it may be told outside the house. `annas-things` is the name of a person, until somebody knows of what it is one; and what a
 * sleep proxy says for the laptop that sleeps is the laptop's.
 */
export function asNamedOutside<D extends Pick<DeviceSummary, 'name' | 'kind' | 'because'>>(device: D): D {
  const borrowed = device.because.filter(({ fact, source }) => fact !== 'kind' && isOfSecondHost(source)).map(({ fact }) => fact);
  const kept = new Set<string>(device.kind === undefined ? [...borrowed, 'name'] : borrowed);
  if (kept.size === 0) return device;
  return Object.fromEntries(Object.entries(device).filter(([field]) => !kept.has(field))) as unknown as D;
}
