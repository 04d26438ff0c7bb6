/**
 * A process that commits one numbered alert after another, to be killed at any moment: `node committing-agent.ts {folder} [{broker url}]`.
 * With a broker it also sends what it committed. Each alert is saved together with its entry, so the alerts in its database are the truth.
 */

import { createUplink } from '../../src/agent/outbox/uplink.ts';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { newRandomId } from '../../src/base/ids.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { alertOf, idOf, NOTHING, QUIET_SITE, raisedEntry } from '../builders/entries.ts';

const [path = '', url] = process.argv.slice(2);
const SITE = idOf(7);
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const clock = systemClock;
const random = systemRandom;

const folder = openDataFolder(path, 'agent');
const start = newRandomId(random);
const store = createAgentStore(openDatabase(folder.databasePath, AGENT_MIGRATIONS), { random, start });
const uplink = url === undefined ? undefined : speakTo(url);
let next = store.alerts.history(1).length === 0 ? 1 : Number(store.alerts.history(1)[0]?.key) + 1;
console.log('ready');
uplink?.start();
commitForEver();

function commitForEver(): void {
  const now = clock.now();
  const alert = alertOf(String(next++), now);
  store.commitTick({ ...NOTHING, alerts: [alert], entries: [raisedEntry(alert, now)] });
  console.log(alert.key);
  uplink?.notify();
  clock.setTimer(random.fraction() * 80, commitForEver);
}

function speakTo(broker: string) {
  const link = createMqttLink({ urls: [broker], clientId: SITE, clock, random, log: SILENT });
  const identity = { site: SITE, start, version: '0', heartbeatS: 30 };
  const counts = () => ({ up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 });
  const snapshot = () => ({ site: QUIET_SITE, devices: [], alerts: store.load().alerts.slice(0, 50) });
  return createUplink({
    link,
    outbox: store.outbox,
    clock,
    random,
    log: SILENT,
    identity,
    counts,
    snapshot,
    acknowledge: () => false,
    remember: () => false,
  });
}
