/** One look at a home against the catalogue in use, and at the storage of this hub: what the short-lived process of lifecycle-looker.ts does. */

import { hubStanding } from '../agent/lifecycle/hub-wear.ts';
import type { Look } from '../agent/lifecycle/look.ts';
import { lookAtAll } from '../agent/lifecycle/standing.ts';
import { readDecays } from './home-decay.ts';
import { readGrounds } from './lifecycle-files.ts';
import type { GivenToLook } from './lifecycle-looker.ts';
import { presentOf } from './lifecycle-present.ts';
import { readCatalogueInUse } from './lifecycle-store.ts';
import { wearUnder } from './storage-wear.ts';

export async function lookAtHome({ place, request }: GivenToLook): Promise<Look> {
  const { catalogue, name } = readCatalogueInUse(place);
  const now = await presentOf(request.at, request.deskAheadMs, catalogue);
  const look = lookAtAll(
    request.devices,
    { catalogue, ...readGrounds(), decays: readDecays(place.folder, now.at, request.devices), now },
    name,
  );
  return { ...look, standings: [...look.standings, ...hubStanding(await wearUnder(place.folder))] };
}
