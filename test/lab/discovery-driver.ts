/** Runs the product's discovery for a test until its standard input ends: prints each sighting, and each second the coverage, as a line of JSON. */
import { createLanDiscovery } from '../../src/platform/lan-discovery.ts';
import { createNetwork } from '../../src/platform/network.ts';
import { createProber } from '../../src/platform/prober.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { systemRandom as random } from '../../src/platform/system-random.ts';
import { createSweep } from '../../src/platform/udp-sweep.ts';

const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const silent = () => {};
const network = createNetwork({ clock });
const sweep = createSweep({ network, clock, prober: createProber({ clock, network }) });
const log = { debug: silent, info: silent, warn: silent, error: silent };
const discovery = createLanDiscovery({ clock, random, network, sweep, log });

const startedAtMs = clock.now().monoMs;
const sinceStart = () => clock.now().monoMs - startedAtMs;
await discovery.start((sighting) => print({ afterMs: sinceStart(), sighting }));
void discovery.refresh().then(() => print({ refreshedAfterMs: sinceStart() }));
const ticker = setInterval(() => print({ coverage: discovery.coverage() }), 1000);
process.stdin.resume().on('end', async () => {
  clearInterval(ticker);
  await discovery.stop();
  network.close();
});
