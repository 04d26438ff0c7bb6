/** A hub to be killed at any moment: the real store, uplink and MQTT link, and a home in which something happens every few milliseconds. */
import { flushCompileCache } from 'node:module';
import { createUplink } from '../../src/agent/outbox/uplink.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { commitBusyHome, presentState } from './busy-home.ts';
import { hubMemory } from './hub-memory.ts';
import { endWhenEmpty, overheard } from './saying.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

const { site, url, seed, isQuiet, clock, random, start, store, logged } = hubMemory();
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
