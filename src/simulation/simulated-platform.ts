/** A home in memory behind the agent's ports: `createSimulatedHome` composes network, discovery, prober, internet and vitals over one living home. */
import type { Discovery, InternetProbe, Network, Prober, VitalsProbe } from '../agent/ports.ts';
import type { HomeControl } from './home-control.ts';

export type SimulatedHome = {
  readonly network: Network;
  readonly discovery: Discovery;
  readonly prober: Prober;
  readonly internet: InternetProbe;
  readonly vitals: VitalsProbe;
  readonly control: HomeControl;
};
