/** The real store, uplink and MQTT link in this process, on a folder and a broker of the test. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createUplink, type Uplink } from '../../src/agent/outbox/uplink.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { newRandomId } from '../../src/base/ids.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { alertOf, idOf, NOTHING, QUIET_SITE, raisedEntry } from '../builders/entries.ts';

export type HubOptions = { readonly folder: string; readonly urls: readonly string[]; readonly site?: string; readonly password?: string };

export type HubOnBroker = {
  readonly store: AgentStore;
  readonly uplink: Uplink;
  readonly log: string[];
  raise(key: string): void;
  stop(): Promise<void>;
};

export function startHubOn({ folder: path, urls, site = idOf(7), password }: HubOptions): HubOnBroker {
  const clock = systemClock;
  const random = systemRandom;
  const start = newRandomId(random);
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const log = { debug: note, info: note, warn: note, error: note };
  const folder = openDataFolder(path, 'agent');
  const store = createAgentStore(openDatabase(folder.databasePath, AGENT_MIGRATIONS), { random, start });
  const account = password === undefined ? {} : { username: site, password };
  const uplink = createUplink({
    link: createMqttLink({ urls, clientId: site, ...account, clock, random, log }),
    outbox: store.outbox,
    clock,
    random,
    log,
    identity: { site, start, version: '0', heartbeatS: 1 },
    acknowledge: () => false,
    counts: () => ({ up: 1, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
    snapshot: () => ({ site: QUIET_SITE, devices: [], alerts: store.load().alerts }),
  });
  uplink.start();
  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await uplink.stop();
    store.close();
    folder.release();
  };
  const stop = (): Promise<void> => (ending ??= end());
  onTestFinished(stop);
  return {
    store,
    uplink,
    log: lines,
    stop,
    raise(key) {
      const now = clock.now();
      const alert = alertOf(key, now);
      store.commitTick({ ...NOTHING, alerts: [alert], entries: [raisedEntry(alert, now)] });
      uplink.notify();
    },
  };
}

/** Waits until `condition` holds; fails with `what` after `timeoutMs`. */
export async function until(what: string, condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await sleep(20);
  }
}
