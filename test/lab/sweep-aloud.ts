/** Sweeps the first LAN interface and prints each live address with the time since the sweep began, as soon as it is known. */
import { createNetwork } from '../../src/platform/network.ts';
import { createProber } from '../../src/platform/prober.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { createSweep } from '../../src/platform/udp-sweep.ts';

const network = createNetwork({ clock });
const lan = (await network.view()).interfaces[0];
if (lan === undefined) throw new Error('this machine has no LAN interface');

const startedAtMs = clock.now().monoMs;
const sweep = createSweep({ network, clock, prober: createProber({ clock, network }) });
await sweep(lan, { onSighting: ({ ip, at }) => console.log(`${ip} after ${(at.monoMs - startedAtMs).toFixed(1)} ms`) });
network.close();
