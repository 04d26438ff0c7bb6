/** A device in short: the best statement of each fact, as tables, messages and the page show it. */
import type { DiscoveryMethod } from '../discovery/sighting.ts';
import { reasonsOf } from './account.ts';
import type { Device, DeviceSummary } from './device.ts';
import { bestFact } from './facts.ts';
import { hintFor } from './hint.ts';
import { type DeviceKind, isDeviceKind } from './kinds.ts';

const METHOD_ORDER: readonly DiscoveryMethod[] = [
  'neighbour',
  'icmp',
  'udp',
  'tcp',
  'ssdp',
  'upnp',
  'mdns',
  'http',
  'tls',
  'snmp',
  'wsd',
  'sddp',
  'netbios',
  'llmnr',
  'ipp',
  'pjl',
  'rtsp',
  'ssh',
  'ftp',
  'telnet',
  'sip',
  'api',
  'dns',
  'dhcp',
  'controller',
];

export function summarise(device: Device): DeviceSummary {
  const { id, firstSeenAt, lastSeenAt } = device;
  return {
    id,
    ...toldFacts(device),
    ...placed(device),
    because: reasonsOf(device),
    services: device.services,
    ...hintOf(device),
    firstSeenAt,
    lastSeenAt,
  };
}

/** All of the summary that its facts do not say. */
export function placed(device: Device): Pick<DeviceSummary, 'critical' | 'ips' | 'macs' | 'seenBy' | 'personal' | 'isGateway' | 'reports'> {
  return {
    ...(device.corrected?.critical ? { critical: device.corrected.critical.value === 'yes' } : {}),
    ips: [...new Set(device.addresses.map((address) => address.ip))],
    macs: macsOf(device),
    seenBy: METHOD_ORDER.filter((method) => device.seenBy[method] !== undefined),
    personal: device.personal,
    isGateway: device.isGateway,
    ...(device.reports ? { reports: device.reports } : {}),
  };
}

function hintOf(device: Device): { hint?: string } {
  const hint = hintFor(device);
  return hint === undefined ? {} : { hint };
}

/** All MACs, the one at the primary address first. */
export function macsOf(device: Pick<Device, 'identifiers' | 'addresses'>): string[] {
  const held = device.identifiers.filter(({ kind }) => kind === 'mac' || kind === 'private-mac').map(({ value }) => value);
  const primary = device.addresses[0]?.mac;
  return primary && held.includes(primary) ? [primary, ...held.filter((mac) => mac !== primary)] : held;
}

/** The kind of a device, where anything says it. */
export function kindOf(device: Pick<Device, 'facts'>): DeviceKind | undefined {
  const kind = bestFact(device.facts, 'kind');
  return kind !== undefined && isDeviceKind(kind) ? kind : undefined;
}

const SAID = [
  'name',
  'vendor',
  'model',
  'modelNumber',
  'kind',
  'firmware',
  'serial',
  'room',
] as const satisfies readonly (keyof DeviceSummary)[];

export function toldFacts(device: Device): Pick<DeviceSummary, (typeof SAID)[number]> {
  const told: Record<string, string> = {};
  for (const fact of SAID) {
    const value = bestFact(device.facts, fact);
    if (value !== undefined) told[fact] = value;
  }
  return told;
}
