/** The JSON that `scan --json` prints, as config/schemas/devices.schema.json documents it. */

import { formatSubnet } from '../../base/ip-address.ts';
import { isLocallyAdministered } from '../../base/mac-address.ts';
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

/** Facts that nothing told are left out. `ip` and `mac` are the primary ones. */
function deviceEntry({ firstSeenAt: _first, lastSeenAt, ...device }: ScannedDevice) {
  const privateMac = device.macs.length > 0 && device.macs.every(isLocallyAdministered);
  return {
    ...device,
    ip: device.ips[0],
    mac: device.macs[0],
    privateMac,
    ...(lastSeenAt > 0 ? { lastSeenAt: Math.round(lastSeenAt) } : {}),
  };
}
