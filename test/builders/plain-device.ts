/** A simulated device on a wire, of no known kind and open to questions: what tests of a house's wiring fill it with. */

import type { SimulatedDevice } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';

/** The `i`th of them, behind what the hub is plugged into where `more` says nothing else. */
export function plainDevice(name: string, i: number, more: Partial<SimulatedDevice> = {}): SimulatedDevice {
  return {
    name,
    kind: 'thing',
    vendor: 'Acme',
    model: 'Thing',
    mac: `00:11:32:77:00:${(16 + i).toString(16)}`,
    ip: `192.168.50.${200 + i}`,
    link: 'wired',
    behind: SAMPLE_HOME.hubBehind,
    answers: { ping: true, closedPorts: 'refused', openTcpPorts: [] },
    loss: { fraction: 0.0005 },
    ...more,
  };
}
