/** A hub to be killed at any moment: the real store, uplink and MQTT link, and a home in which something happens every few milliseconds. */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createUplink } from '../../src/agent/outbox/uplink.ts';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { newRandomId } from '../../src/base/ids.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { commitBusyHome, presentState } from './busy-home.ts';
import { logCommits } from './commit-log.ts';
import { type Hurry, hurriedClock } from './hurried-clock.ts';
import { endWhenEmpty, overheard, say } from './saying.ts';

export type HubArguments = {
  readonly folder: string;
  readonly site: string;
  readonly url: string;
  readonly hurry: Hurry;
  /** Names what happens in this life. */
  readonly seed: string;
  /** Nothing happens at home any more. */
  readonly isQuiet: boolean;
};

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

const { folder: path, site, url, hurry, seed, isQuiet } = JSON.parse(process.argv[2] ?? '{}') as HubArguments;
const clock = hurriedClock(hurry);
const random = systemRandom;

const folder = openDataFolder(path, 'agent');
const start = newRandomId(random);
const db = openDatabase(folder.databasePath, AGENT_MIGRATIONS);
const store = createAgentStore(db, { random, start });
const logged = logCommits(join(path, 'commits.log'), db, store, () => say('commit'));
const uplink = createUplink({
  link: overheard(createMqttLink({ urls: [url], clientId: site, clock, random, log: SILENT })),
  outbox: logged.outbox,
  clock,
  random,
  log: SILENT,
  identity: { site, start, version: '0', heartbeatS: 30 },
  counts: () => ({ up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 0 }),
  snapshot: () => presentState(store),
  acknowledge: () => false,
  remember: () => false,
});
// Kept by the first life, for all that follow: a life that is killed writes nothing on its way out.
flushCompileCache();
uplink.start();
if (isQuiet) endWhenEmpty(uplink, store.outbox);
else
  commitBusyHome(seed, clock, store, (change) => {
    logged.commitTick(change);
    uplink.notify();
  });
