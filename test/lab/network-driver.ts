/** Runs the product's network adapters inside a namespace for a test: takes one task as JSON on the command line, prints one JSON answer. */

import type { Sighting } from '../../src/agent/discovery/sighting.ts';
import type { ProbeRequest } from '../../src/agent/health/probe.ts';
import { createInternetProbe } from '../../src/platform/internet-probe.ts';
import { createNetwork } from '../../src/platform/network.ts';
import { createProber } from '../../src/platform/prober.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { systemRandom as random } from '../../src/platform/system-random.ts';
import { createSweep, type SweepOptions } from '../../src/platform/udp-sweep.ts';

export type Task =
  | { do: 'view' }
  | { do: 'neighbours'; ipCommand?: string }
  | { do: 'sweep'; options?: SweepOptions; ipCommand?: string }
  | { do: 'probe'; requests: Omit<ProbeRequest, 'deviceId' | 'interface'>[] }
  | { do: 'anchors'; anchors: string[]; timeoutMs: number }
  | { do: 'prove'; place: string; timeoutMs: number }
  | { do: 'look'; ip: string; timeoutMs: number };

const task = JSON.parse(process.argv[2] as string) as Task;
const network = createNetwork({ clock, ...('ipCommand' in task ? { ipCommand: task.ipCommand } : {}) });
const prober = createProber({ clock, network });

console.log(JSON.stringify(await perform(task)));
network.close();

function perform(what: Task): Promise<unknown> {
  switch (what.do) {
    case 'view':
      return network.view();
    case 'neighbours':
      return network.neighbours();
    case 'sweep':
      return sweep(what.options);
    case 'probe':
      return Promise.all(what.requests.map((request) => prober.probe({ ...request, deviceId: 'x', interface: 'eth0' })));
    case 'anchors':
      return Promise.all(what.anchors.map((anchor) => createInternetProbe({ clock, random }).ask(anchor, what.timeoutMs)));
    case 'prove':
      return createInternetProbe({ clock, random }).prove(what.place, what.timeoutMs);
    case 'look':
      return createInternetProbe({ clock, random }).look(what.ip, what.timeoutMs);
  }
}

async function sweep(options: SweepOptions = {}): Promise<unknown> {
  const lan = (await network.view()).interfaces[0];
  if (lan === undefined) return { problem: 'no LAN interface' };
  const startedAtMs = clock.now().monoMs;
  const sightings: Sighting[] = [];
  let lastAliveMs = 0;
  const onSighting = (sighting: Sighting): void => {
    sightings.push(sighting);
    lastAliveMs = sighting.at.monoMs - startedAtMs;
  };
  const report = await createSweep({ network, clock, prober })(lan, { onSighting }, options);
  return { ...report, sightings, lastAliveMs, tookMs: clock.now().monoMs - startedAtMs };
}
