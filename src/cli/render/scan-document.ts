/** The JSON that `scan --json` prints, as config/schemas/devices.schema.json documents it. */

import type { DeviceSummary, Fact } from '../../agent/inventory/device.ts';
import { formatSubnet } from '../../base/ip-address.ts';
import { isLocallyAdministered } from '../../base/mac-address.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { Look, ScannedDevice } from '../look.ts';

export function scanDocument(look: Look) {
  return {
    devices: look.devices.map(deviceEntry),
    coverage: look.coverage,
    interfaces: look.interfaces.map((lan) => ({
      name: lan.name,
      subnet: formatSubnet(lan),
      address: lan.address,
      mac: lan.mac,
      gateway: lan.gateway,
    })),
    elapsedMs: Math.round(look.elapsedMs),
    complete: look.complete,
  };
}

/** Facts that nothing told are null. `ip` and `mac` are the primary ones. */
function deviceEntry({ firstSeenAt: _first, lastSeenAt, facts, ...device }: ScannedDevice) {
  const privateMac = device.macs.length > 0 && device.macs.every(isLocallyAdministered);
  const modelNumber = facts.modelNumber?.[0]?.value;
  return {
    ...namedEntry(device),
    ...(modelNumber === undefined ? {} : { modelNumber }),
    privateMac,
    ...(lastSeenAt > 0 ? { lastSeenAt: Math.round(lastSeenAt) } : {}),
    said: Object.fromEntries(Object.entries(facts).map(([name, statements]) => [name, statements.map(statement)])),
  };
}

function statement({ value, confidence, source }: Fact) {
  return { value, confidence: Math.round(confidence * 100) / 100, source };
}

type Listed = Pick<DeviceSummary, 'id' | 'name' | 'vendor' | 'model' | 'kind' | 'ips' | 'macs'> & { readonly state: HealthState };

/** The part that every listing of devices has in common: what a program may rely on is always there, and stands first. */
export function namedEntry<T extends Listed>({ id, state, name, vendor, model, kind, ips, macs, ...rest }: T) {
  const told = { name: name ?? null, vendor: vendor ?? null, model: model ?? null, kind: kind ?? null };
  return { id, state, ...told, ip: ips[0] ?? null, mac: macs[0] ?? null, ips, macs, ...rest };
}
