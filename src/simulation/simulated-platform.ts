/** A home in memory behind the agent's ports: one living home, seen by network, discovery, prober, internet and vitals, and moved by its control. */
import type { Askers, Discovery, InternetProbe, Network, Prober, VitalsProbe } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Home } from './home.ts';
import type { HomeControl } from './home-control.ts';
import { LivingHome } from './living-home.ts';
import { type ArpAnswer, NeighbourTable } from './neighbour-table.ts';
import { SimulatedAskers } from './simulated-askers.ts';
import { SimulatedControl } from './simulated-control.ts';
import { SimulatedDiscovery } from './simulated-discovery.ts';
import { SimulatedProber } from './simulated-prober.ts';

export type SimulatedHome = {
  readonly network: Network;
  readonly discovery: Discovery;
  readonly prober: Prober;
  /** The simulated hub runs as root: an `arp` probe makes the kernel ask. */
  readonly canRevalidate: true;
  readonly internet: InternetProbe;
  readonly askers: Askers;
  readonly vitals: VitalsProbe;
  readonly control: HomeControl;
};

/** Brings a home to life: everything is on. Throws when the home contradicts itself. */
export function createSimulatedHome(options: { readonly home: Home; readonly clock: Clock; readonly random: Random }): SimulatedHome {
  const living = new LivingHome(options.home, options.clock, options.random);
  const neighbours = new NeighbourTable(options.clock, options.random, (ip) => arpAnswer(living, ip));
  const discovery = new SimulatedDiscovery(living, neighbours);
  const prober = new SimulatedProber(living, neighbours);
  return {
    network: networkOf(living, neighbours),
    discovery,
    prober,
    canRevalidate: true,
    internet: prober,
    askers: new SimulatedAskers(living),
    vitals: vitalsOf(living),
    control: new SimulatedControl(living, neighbours, discovery),
  };
}

/** Whoever has the address answers ARP, whatever its firewall says. */
function arpAnswer(living: LivingHome, ip: string): ArpAnswer | undefined {
  const rttMs = living.roundTripMs(ip);
  const mac = living.at(ip)?.facts.mac;
  return rttMs === undefined || mac === undefined ? undefined : { mac, rttMs };
}

function networkOf(living: LivingHome, neighbours: NeighbourTable): Network {
  const { interface: lan } = living.home;
  return {
    view: async () => ({ interfaces: [lan], skipped: [] }),
    hasLink: async (name) => (name === lan.name ? living.hasCarrier() : undefined),
    neighbours: async () => neighbours.rows(lan.name, lan.gateway),
  };
}

/** A small agent on an idle hub, or one that cannot keep up. */
function vitalsOf(living: LivingHome): VitalsProbe {
  return {
    read: () => ({
      eventLoopLagMs: Math.max(living.lagMs, 1 + 4 * living.random.fraction()),
      rssBytes: 90e6 + 5e6 * living.random.fraction(),
      cpuFraction: living.lagMs === 0 ? 0.02 + 0.04 * living.random.fraction() : 0.99,
    }),
  };
}
