/** Which sightings prove that a device lives: everything it said by itself but a goodbye, and fresh confirmations by the kernel. */
import type { Sighting } from '../discovery/sighting.ts';
import { addressKey } from '../inventory/addresses.ts';
import type { Device } from '../inventory/device.ts';
import type { Life } from './judge.ts';

export function livesIn(sightings: readonly Sighting[], devices: ReadonlyMap<string, Device>): Life[] {
  if (sightings.length === 0) return [];
  const residents = residentsOf(devices);
  return sightings.flatMap((sighting) => {
    const deviceId = residents.get(addressKey(sighting));
    const ageMs = deviceId === undefined ? undefined : ageOfProof(sighting);
    if (deviceId === undefined || ageMs === undefined) return [];
    const at = { monoMs: sighting.at.monoMs - ageMs, wallMs: sighting.at.wallMs - ageMs };
    return [{ deviceId, at, by: sighting.method === 'neighbour' ? ('arp' as const) : sighting.method }];
  });
}

/** How long ago the sighting's proof was given; undefined when it proves nothing. */
function ageOfProof(sighting: Sighting): number | undefined {
  switch (sighting.method) {
    case 'neighbour':
      return Number.isFinite(sighting.confirmedAgoMs) ? sighting.confirmedAgoMs : undefined;
    case 'ssdp':
      return sighting.kind === 'byebye' ? undefined : 0;
    case 'mdns':
      return sighting.services.length > 0 && sighting.services.every((service) => service.gone) ? undefined : 0;
    default:
      return 0;
  }
}

/** Who lives at each address; where two claim one, the one proved last. */
function residentsOf(devices: ReadonlyMap<string, Device>): Map<string, string> {
  const proved = new Map<string, number>();
  const residents = new Map<string, string>();
  for (const device of devices.values()) {
    for (const address of device.addresses) {
      const key = addressKey(address);
      if ((proved.get(key) ?? -1) > address.lastAt) continue;
      proved.set(key, address.lastAt);
      residents.set(key, device.id);
    }
  }
  return residents;
}
