/** The table of devices, as `scan` and `device list` show it. */
import type { DiscoveryMethod } from '../../agent/discovery/sighting.ts';
import type { DeviceSummary } from '../../agent/inventory/device.ts';
import { ipFamily, ipv4ToNumber } from '../../base/ip-address.ts';
import { isLocallyAdministered } from '../../base/mac-address.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { Output } from '../context.ts';
import { type Cell, type Column, tableLines } from './table.ts';
import { paint, stateColour } from './words.ts';

export type ListedDevice = Pick<DeviceSummary, 'name' | 'vendor' | 'model' | 'kind' | 'ips' | 'macs' | 'seenBy' | 'isGateway'> & {
  readonly state: HealthState;
};

const ADDRESS_COLUMN: Column = { title: 'IP' };
const STATE_COLUMNS: readonly Column[] = [{ title: 'STATE' }, { title: 'SINCE' }];
const FACT_COLUMNS: readonly Column[] = [
  { title: 'NAME', atLeast: 16 },
  { title: 'VENDOR', atLeast: 10 },
  { title: 'MODEL', atLeast: 12 },
  { title: 'KIND' },
  { title: 'MAC', rank: 1 },
  { title: 'SEEN BY', atLeast: 12, rank: 2 },
];

/** What people call the ways of finding whose own name they do not use. */
const METHOD_WORDS: Readonly<Partial<Record<DiscoveryMethod, string>>> = { neighbour: 'arp', icmp: 'ping' };

export function methodWord(method: DiscoveryMethod): string {
  return METHOD_WORDS[method] ?? method;
}

/**
 * Lines of at most the output's width, sorted by address; unlimited where the output is no terminal. With `since`, the state and how long
 * it has lasted are shown too.
 */
export function deviceTable<D extends ListedDevice>(
  devices: readonly D[],
  output: Output,
  env: NodeJS.ProcessEnv,
  since?: (device: D) => string,
): string[] {
  const width = output.isTTY ? output.columns || 80 : Number.POSITIVE_INFINITY;
  const colours: Colours = { faint: (text) => paint('gray', text, output, env), strong: (text) => paint('bold', text, output, env) };
  const stateCells = (device: D): Cell[] =>
    since ? [{ text: device.state, paint: (text) => paint(stateColour(device.state), text, output, env) }, { text: since(device) }] : [];
  const columns = [ADDRESS_COLUMN, ...(since ? STATE_COLUMNS : []), ...FACT_COLUMNS];
  const rows = devices
    .toSorted(byAddress)
    .map((device) => [addressCell(device, colours), ...stateCells(device), ...factCells(device, colours)]);
  return tableLines(columns, rows, width, colours.faint);
}

type Colours = { readonly faint: (text: string) => string; readonly strong: (text: string) => string };

/** Faint where nothing proves that the device is there now. */
function addressCell(device: ListedDevice, { faint }: Colours): Cell {
  return { text: device.ips[0] ?? '', paint: device.state === 'unknown' ? faint : undefined };
}

function factCells(device: ListedDevice, colours: Colours): Cell[] {
  const { faint } = colours;
  return [
    nameCell(device, colours),
    device.vendor === undefined && isPrivate(device) ? { text: '(private)', paint: faint } : { text: device.vendor ?? '' },
    { text: device.model ?? '' },
    { text: device.kind ?? '' },
    { text: device.macs[0] ?? '', paint: faint },
    { text: device.seenBy.map(methodWord).join(' '), paint: faint },
  ];
}

function nameCell(device: ListedDevice, { faint, strong }: Colours): Cell {
  if (device.name !== undefined) return { text: device.name, paint: strong };
  return device.isGateway ? { text: '(gateway)', paint: faint } : { text: '' };
}

function isPrivate(device: ListedDevice): boolean {
  return device.macs.length > 0 && device.macs.every(isLocallyAdministered);
}

export function byAddress(a: ListedDevice, b: ListedDevice): number {
  const [one, other] = [sortKey(a), sortKey(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** IPv4 by number, then IPv6 by text, then those without an address. */
function sortKey(device: ListedDevice): string {
  const ip = device.ips[0] ?? '';
  if (ipFamily(ip) === 4) return `4${String(ipv4ToNumber(ip)).padStart(10, '0')}`;
  return ip === '' ? `9${device.macs[0]}` : `6${ip}`;
}
