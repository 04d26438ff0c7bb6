/**
 * Which sightings prove that a device lives: everything it said or answered from its own address but a goodbye, and fresh
 * confirmations by the kernel.
 */
import type { Sighting } from '../discovery/sighting.ts';
import { addressKey } from '../inventory/addresses.ts';
import { isBehind } from '../inventory/behind.ts';
import { isContested } from '../inventory/contested.ts';
import { deviceAt, type Inventory } from '../inventory/inventory.ts';
import type { Life } from './judge.ts';
import type { ProbeResult } from './probe.ts';

export function livesIn(sightings: readonly Sighting[], inventory: Inventory): Life[] {
  const lives: Life[] = [];
  for (const sighting of sightings) {
    if (sighting.method !== 'neighbour' && isContested(inventory, sighting)) continue;
    const deviceId = deviceAt(inventory, sighting);
    const ageMs = deviceId === undefined ? undefined : ageOfProof(sighting);
    if (deviceId === undefined || ageMs === undefined) continue;
    const at = { monoMs: sighting.at.monoMs - ageMs, wallMs: sighting.at.wallMs - ageMs };
    lives.push({ deviceId, at, by: sighting.method === 'neighbour' ? 'arp' : sighting.method });
  }
  return lives;
}

/** Without the answers that may be another device's: from an address that two claim, and by ARP through a MAC that is not its own. */
export function believed(results: readonly ProbeResult[], inventory: Inventory): readonly ProbeResult[] {
  return results.map((result) => {
    const { deviceId, method } = result.request;
    const isDoubtful = isContested(inventory, result.request) || (method === 'arp' && isThroughOther(inventory, deviceId, result));
    if (result.outcome !== 'answered' || !isDoubtful) return result;
    const { rttMs: _, ...rest } = result;
    return { ...rest, outcome: 'unable', detail: 'who answered is in doubt' };
  });
}

function isThroughOther({ devices }: Inventory, deviceId: string, { request }: ProbeResult): boolean {
  const device = devices.get(deviceId);
  const address = device?.addresses.find((each) => addressKey(each) === addressKey(request));
  return device !== undefined && address !== undefined && isBehind(device, address);
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
    // The home's resolver speaks of the device, or what manages it.
    case 'dns':
    case 'controller':
      return undefined;
    default:
      return 0;
  }
}
