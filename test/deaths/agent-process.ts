/** The whole agent to be killed at any moment, in a simulated home where devices go and come; it starts, ticks and tells as on a real hub. */
import { flushCompileCache } from 'node:module';
import { createAgent } from '../../src/agent/agent.ts';
import { IDENTIFY_DEFAULTS } from '../../src/agent/evidence/identify-settings.ts';
import { readersFor } from '../../src/agent/evidence/readers.ts';
import { createUplink } from '../../src/agent/outbox/uplink.ts';
import { readFingerprints } from '../../src/platform/fingerprint-files.ts';
import { createMqttLink } from '../../src/platform/mqtt-link.ts';
import { openVendorRegistry } from '../../src/platform/vendor-registry.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';
import { between, seededRandom } from '../../src/simulation/seeded-random.ts';
import { createSimulatedHome } from '../../src/simulation/simulated-platform.ts';
import { hubMemory } from './hub-memory.ts';
import { endWhenEmpty, overheard } from './saying.ts';

const ANCHORS = ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443'];
/** Real milliseconds between two devices that go or come back. */
const PAUSE_MS = [20, 200] as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };

const { site, url, seed, isQuiet, clock, random, start, store, logged } = hubMemory();
const home = createSimulatedHome({ home: SAMPLE_HOME, clock, random: seededRandom(seed) });
const { control, ...ports } = home;
const agent = createAgent({
  platform: { clock, random, log, ...ports },
  store: { ...store, ...logged },
  vendorOf: openVendorRegistry(),
  fingerprints: readFingerprints(),
  identify: { readers: readersFor(IDENTIFY_DEFAULTS, random), leaveAlone: [] },
  anchors: ANCHORS,
  version: '0',
  onFatal: (error) => {
    throw error;
  },
  uplink(source) {
    const link = overheard(createMqttLink({ urls: [url], clientId: site, clock, random, log }));
    const identity = { site, start, version: '0', heartbeatS: 30 };
    const uplink = createUplink({ ...source, link, outbox: logged.outbox, clock, random, log, identity });
    if (isQuiet) endWhenEmpty(uplink, store.outbox);
    return uplink;
  },
});
flushCompileCache();
await agent.start();
if (!isQuiet) goAndCome();

function goAndCome(): void {
  const draw = seededRandom(`${seed}/comings`);
  const next = (): void => {
    const devices = control.truth();
    const { name, condition } = devices[Math.floor(draw.fraction() * devices.length)] as (typeof devices)[number];
    if (condition === 'unplugged') control.replug(name);
    else if (condition === 'on') control.unplug(name);
    setTimeout(next, between(draw, PAUSE_MS));
  };
  next();
}
