/**
 * Which sightings prove that a device lives: everything it said or answered from its own address but a goodbye, and fresh
 * confirmations by the kernel.
 */
import type { Sighting } from '../discovery/sighting.ts';
import { deviceAt, type Inventory } from '../inventory/inventory.ts';
import type { Life } from './judge.ts';

export function livesIn(sightings: readonly Sighting[], inventory: Inventory): Life[] {
  return sightings.flatMap((sighting) => {
    const deviceId = deviceAt(inventory, sighting);
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
      return sighting.services.length > 0 && sighting.services.every((service) => service.gone) ? undefined : (sighting.heardAgoMs ?? 0);
    // Anybody may write this MAC into a request.
    case 'dhcp':
      return undefined;
    // The home's resolver speaks of the device.
    case 'dns':
      return undefined;
    default:
      return 0;
  }
}
