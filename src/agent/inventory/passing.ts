/**
 * Things that may only be passing through: nobody knows what they are, they came to a house that had long been known, and have not been seen to stay. A
 * visitor's laptop or console has its maker's MAC and leaves again; its silence is nobody's fault. What the house was found with may be the switch that everything
 * hangs on, and is expected to stay (`npm run simulate`: the console of a friend who stayed for a weekend made 21 false alerts).
 */
import type { Device } from './device.ts';
import { kindOf } from './summary.ts';

/** What a house has is found within so long; what comes after that is new to it. */
const FOUND_MS = 3_600_000;
/** What was here for so long, and never missed for longer than `AWAY_MS` on the way, lives here. */
const STAYS_MS = 7 * 86_400_000;
/** Longer than any night, shorter than from one evening to the next: a friend who comes every other evening does not live here. */
const AWAY_MS = 12 * 3_600_000;

/** Whether a device that is first seen at this instant comes to a house that is known. */
export function comesLater(devices: Iterable<Device>, at: number): boolean {
  for (const { firstSeenAt } of devices) if (at - firstSeenAt >= FOUND_MS) return true;
  return false;
}

/** What a sighting at this instant says of how long it has been here; nothing of what the house was found with. */
export function stayOf({ cameLater, lastSeenAt }: Device, at: number): Pick<Device, 'hereSince'> {
  return cameLater && at - lastSeenAt > AWAY_MS ? { hereSince: at } : {};
}

export function isPassing(device: Device): boolean {
  const { cameLater, isGateway, corrected, firstSeenAt, hereSince = firstSeenAt, lastSeenAt } = device;
  if (cameLater !== true || isGateway || corrected !== undefined || lastSeenAt - hereSince >= STAYS_MS) return false;
  return kindOf(device) === undefined;
}
