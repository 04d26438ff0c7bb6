/** One look at a home against the catalogue in use: what the short-lived process of lifecycle-looker.ts does. */
import type { Look } from '../agent/lifecycle/look.ts';
import { lookAtAll } from '../agent/lifecycle/standing.ts';
import { readDecays } from './home-decay.ts';
import { readGrounds } from './lifecycle-files.ts';
import type { GivenToLook } from './lifecycle-looker.ts';
import { presentOf } from './lifecycle-present.ts';
import { readCatalogueInUse } from './lifecycle-store.ts';

export async function lookAtHome({ place, request }: GivenToLook): Promise<Look> {
  const { catalogue, name } = readCatalogueInUse(place);
  const now = await presentOf(request.at, request.deskAheadMs, catalogue);
  return lookAtAll(request.devices, { catalogue, ...readGrounds(), decays: readDecays(place.folder, now.at), now }, name);
}
