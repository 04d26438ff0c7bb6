/** Carries out an order in the database of an agent that does not run, as the agent would: the folder is locked meanwhile. */

import type { Answer, Order } from '../agent/inventory/order.ts';
import { carryOut } from '../agent/pipeline.ts';
import { restoreState } from '../agent/state.ts';
import { createAgentStore } from '../agent/store/agent-store.ts';
import { pastOf } from '../agent/store/identity-log-store.ts';
import { AGENT_MIGRATIONS } from '../agent/store/migrations.ts';
import { newId, newRandomId } from '../base/ids.ts';
import { openDataFolder } from '../platform/data-folder.ts';
import { readFingerprints } from '../platform/fingerprint-files.ts';
import { openDatabase } from '../platform/sqlite.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openVendorRegistry } from '../platform/vendor-registry.ts';

export function obeyStopped(dataFolder: string, order: Order): Answer {
  const folder = openDataFolder(dataFolder, 'agent');
  try {
    const store = createAgentStore(openDatabase(folder.databasePath, AGENT_MIGRATIONS), {
      random: systemRandom,
      start: newRandomId(systemRandom),
    });
    try {
      const now = systemClock.now();
      const inventory = {
        interfaces: [],
        fingerprints: readFingerprints(),
        vendorOf: openVendorRegistry(),
        newDeviceId: () => newId(systemRandom, now.wallMs),
      };
      const done = carryOut(restoreState(store.load(), [], now), { order, past: pastOf(store.identity, order) }, now, inventory);
      if (done.change) store.commitTick(done.change);
      return done.answer;
    } finally {
      store.close();
    }
  } finally {
    folder.release();
  }
}
