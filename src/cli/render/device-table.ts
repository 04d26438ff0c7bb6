/** The table of devices, as `scan` and `device list` show it. */
import type { DiscoveryMethod } from '../../agent/discovery/sighting.ts';
import type { DeviceSummary } from '../../agent/inventory/device.ts';
import { ipFamily, ipv4ToNumber } from '../../base/ip-address.ts';
import { isLocallyAdministered } from '../../base/mac-address.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { Output } from '../context.ts';
import { type Cell, type Column, tableLines } from './table.ts';
import { paint } from './words.ts';

export type ListedDevice = Pick<DeviceSummary, 'name' | 'vendor' | 'model' | 'kind' | 'ips' | 'macs' | 'seenBy' | 'isGateway'> & { readonly state: HealthState };

const COLUMNS: readonly Column[] = [
  { title: 'IP' },
  { title: 'NAME', atLeast: 16 },
  { title: 'VENDOR', atLeast: 10 },
  { title: 'MODEL', atLeast: 12 },
  { title: 'KIND' },
  { title: 'MAC', rank: 1 },
  { title: 'SEEN BY', atLeast: 12, rank: 2 },
];

/** What people call the ways of finding. */
const METHOD_WORDS: Readonly<Record<DiscoveryMethod, string>> = { neighbour: 'arp', icmp: 'ping', udp: 'udp', tcp: 'tcp', ssdp: 'ssdp', mdns: 'mdns', upnp: 'upnp' };

/** Lines of at most the output's width, sorted by address; unlimited where the output is no terminal. */
export function deviceTable(devices: readonly ListedDevice[], output: Output, env: NodeJS.ProcessEnv): string[] {
  const width = output.isTTY ? (output.columns ?? 80) : Number.POSITIVE_INFINITY;
  const faint = (text: string): string => paint('gray', text, output, env);
  const rows = devices.toSorted(byAddress).map((device) => cellsOf(device, faint, (text) => paint('bold', text, output, env)));
  return tableLines(COLUMNS, rows, width, faint);
}

function cellsOf(device: ListedDevice, faint: (text: string) => string, strong: (text: string) => string): Cell[] {
  const isSure = device.state !== 'unknown';
  return [
    { text: device.ips[0] ?? '', paint: isSure ? undefined : faint },
    nameCell(device, faint, strong),
    device.vendor === undefined && isPrivate(device) ? { text: '(private)', paint: faint } : { text: device.vendor ?? '' },
    { text: device.model ?? '' },
    { text: device.kind ?? '' },
    { text: device.macs[0] ?? '', paint: faint },
    { text: device.seenBy.map((method) => METHOD_WORDS[method]).join(' '), paint: faint },
  ];
}

function nameCell(device: ListedDevice, faint: (text: string) => string, strong: (text: string) => string): Cell {
  if (device.name !== undefined) return { text: device.name, paint: strong };
  return device.isGateway ? { text: '(gateway)', paint: faint } : { text: '' };
}

function isPrivate(device: ListedDevice): boolean {
  return device.macs.length > 0 && device.macs.every(isLocallyAdministered);
}

function byAddress(a: ListedDevice, b: ListedDevice): number {
  const [one, other] = [sortKey(a), sortKey(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** IPv4 by number, then IPv6 by text, then those without an address. */
function sortKey(device: ListedDevice): string {
  const ip = device.ips[0] ?? '';
  if (ipFamily(ip) === 4) return `4${String(ipv4ToNumber(ip)).padStart(10, '0')}`;
  return ip === '' ? `9${device.macs[0]}` : `6${ip}`;
}
