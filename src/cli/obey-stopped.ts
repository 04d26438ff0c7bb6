/** Carries out an order in the database of an agent that does not run, as the agent would: the folder is locked meanwhile. */

import type { AlertAnswer, AlertOrder } from '../agent/alerts/alert-order.ts';
import { carryOut, carryOutAlertOrder } from '../agent/carry-out.ts';
import type { Answer, Order } from '../agent/inventory/order.ts';
import type { Policy } from '../agent/policy.ts';
import { restoreState } from '../agent/state.ts';
import { type AgentStore, createAgentStore, type TickChange } from '../agent/store/agent-store.ts';
import { pastOf } from '../agent/store/identity-log-store.ts';
import { AGENT_MIGRATIONS } from '../agent/store/migrations.ts';
import { newId, newRandomId } from '../base/ids.ts';
import { openDataFolder } from '../platform/data-folder.ts';
import { readFingerprints } from '../platform/fingerprint-files.ts';
import { openDatabase } from '../platform/sqlite.ts';
import { exchange } from '../platform/storage/exchange.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openVendorRegistry } from '../platform/vendor-registry.ts';

export function obeyStopped(dataFolder: string, order: Order, policy: Policy): Answer {
  return obeyAllStopped(dataFolder, [order], policy)[0] as Answer;
}

/** One after another, each as if it were given alone; the folder is opened once. */
export function obeyAllStopped(dataFolder: string, orders: readonly Order[], policy: Policy): Answer[] {
  return inDatabase(dataFolder, (store) => {
    const now = systemClock.now();
    const context = {
      policy,
      interfaces: [],
      fingerprints: readFingerprints(),
      vendorOf: openVendorRegistry(),
      newDeviceId: () => newId(systemRandom, now.wallMs),
    };
    const answers = orders.map((order) => {
      const done = carryOut(restoreState(store.load(), [], now, policy), { order, past: pastOf(store.identity, order) }, now, context);
      if (done.change) store.commitTick(done.change);
      return done.answer;
    });
    return { answer: answers };
  });
}

export function obeyStoppedAboutAlerts(dataFolder: string, order: AlertOrder, policy: Policy): AlertAnswer {
  return inDatabase(dataFolder, (store) => {
    const now = systemClock.now();
    return carryOutAlertOrder(restoreState(store.load(), [], now, policy), order, now, policy);
  });
}

function inDatabase<A>(dataFolder: string, work: (store: AgentStore) => { readonly change?: TickChange; readonly answer: A }): A {
  const folder = openDataFolder(dataFolder, 'agent');
  try {
    exchange(folder.databasePath);
    const store = createAgentStore(openDatabase(folder.databasePath, AGENT_MIGRATIONS), {
      random: systemRandom,
      start: newRandomId(systemRandom),
    });
    try {
      const { change, answer } = work(store);
      if (change) store.commitTick(change);
      return answer;
    } finally {
      store.close();
    }
  } finally {
    folder.release();
  }
}
