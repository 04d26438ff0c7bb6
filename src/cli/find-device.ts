/** Finds the device that a person means by a name, an IP or MAC address, or an id (or its beginning). */
import type { DeviceView } from '../agent/diagnostics/view.ts';
import { HearthbeatError } from '../base/errors.ts';
import { parseMac } from '../base/mac-address.ts';
import { closest } from '../config/suggest.ts';

/** Throws HB_NOT_FOUND with the nearest name, or with the candidates when several match. */
export function findDevice(devices: readonly DeviceView[], words: string): DeviceView {
  const wanted = words.trim().toLowerCase();
  const found = matches(devices, wanted);
  if (found.length === 1) return found[0] as DeviceView;
  if (found.length > 1) throw ambiguous(words, found);
  throw unknown(words, devices);
}

/** The strictest reading that matches anything wins. */
function matches(devices: readonly DeviceView[], wanted: string): DeviceView[] {
  const mac = parseMac(wanted);
  const readings: ((device: DeviceView) => boolean)[] = [
    (device) => device.id === wanted || device.ips.includes(wanted) || (mac !== undefined && device.macs.includes(mac)),
    (device) => device.name?.toLowerCase() === wanted,
    (device) => wanted.length >= 4 && device.id.startsWith(wanted),
    (device) =>
      wanted.length >= 2 && [device.name, device.model, device.vendor, device.kind].some((part) => part?.toLowerCase().includes(wanted)),
  ];
  for (const reading of readings) {
    const found = devices.filter(reading);
    if (found.length > 0) return found;
  }
  return [];
}

function ambiguous(words: string, found: readonly DeviceView[]): HearthbeatError {
  const lines = found
    .slice(0, 8)
    .map((device) => `  ${device.ips[0] ?? device.id}  ${device.name ?? device.model ?? device.vendor ?? device.id}`);
  const more = found.length > 8 ? `\n  and ${found.length - 8} more` : '';
  return new HearthbeatError(
    'HB_NOT_FOUND',
    `"${words}" fits ${found.length} devices:\n${lines.join('\n')}${more}`,
    'Name the one you mean by its address.',
  );
}

function unknown(words: string, devices: readonly DeviceView[]): HearthbeatError {
  const names = devices.flatMap((device) => [device.name, device.model, ...device.ips]).filter((name) => name !== undefined);
  const near = closest(words, names);
  return new HearthbeatError(
    'HB_NOT_FOUND',
    `No device is called "${words}".`,
    near ? `Did you mean "${near}"?` : 'List them with: hearthbeat device list',
  );
}
