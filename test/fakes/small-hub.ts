/** The real store, uplink and MQTT link on one folder, with alerts raised by hand; whoever opens it closes it. */
import { createUplink, type Uplink } from '../../src/agent/outbox/uplink.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import type { Clock } from '../../src/base/clock.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { Log } from '../../src/base/log.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { alertOf, idOf, NOTHING, QUIET_SITE, raisedEntry } from '../builders/entries.ts';

export type HubOptions = {
  readonly folder: string;
  readonly urls: readonly string[];
  readonly site?: string;
  readonly password?: string;
  /** PEM text of the authority of the broker. */
  readonly ca?: string;
  readonly clock?: Clock;
};

export type SmallHub = { readonly store: AgentStore; readonly uplink: Uplink; raise(key: string): void; close(): Promise<void> };

/** It begins to speak at once. */
export function openSmallHub({ folder: path, urls, site = idOf(7), password, ca, clock = systemClock }: HubOptions, log: Log): SmallHub {
  const random = systemRandom;
  const start = newRandomId(random);
  const folder = openDataFolder(path, 'agent');
  const store = createAgentStore(openDatabase(folder.databasePath, AGENT_MIGRATIONS), { random, start });
  const account = password === undefined ? {} : { username: site, password };
  const uplink = createUplink({
    link: createMqttLink({ urls, clientId: site, ...account, ...(ca === undefined ? {} : { ca }), clock, random, log }),
    outbox: store.outbox,
    clock,
    random,
    log,
    identity: { site, start, version: '0', heartbeatS: 1 },
    acknowledge: () => false,
    remember: () => false,
    counts: () => ({ up: 1, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
    snapshot: () => ({ site: QUIET_SITE, devices: [], alerts: store.load().alerts }),
  });
  uplink.start();
  return {
    store,
    uplink,
    raise(key) {
      const now = clock.now();
      const alert = alertOf(key, now);
      store.commitTick({ ...NOTHING, alerts: [alert], entries: [raisedEntry(alert, now)] });
      uplink.notify();
    },
    async close() {
      await uplink.stop();
      store.close();
      folder.release();
    },
  };
}
