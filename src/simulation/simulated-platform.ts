/** A home in memory behind the agent's ports: one living home, seen by network, discovery, prober, internet and vitals, and moved by its control. */
import type { Discovery, InternetProbe, Network, Prober, VitalsProbe } from '../agent/ports.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Home } from './home.ts';
import type { HomeControl } from './home-control.ts';
import type { LivingDevice } from './living-device.ts';
import { LivingHome } from './living-home.ts';
import { NeighbourTable } from './neighbour-table.ts';
import { SimulatedDiscovery } from './simulated-discovery.ts';
import { SimulatedProber } from './simulated-prober.ts';

export type SimulatedHome = {
  readonly network: Network;
  readonly discovery: Discovery;
  readonly prober: Prober;
  readonly internet: InternetProbe;
  readonly vitals: VitalsProbe;
  readonly control: HomeControl;
};

/** Brings a home to life: everything is on. Throws when the home contradicts itself. */
export function createSimulatedHome(options: { readonly home: Home; readonly clock: Clock; readonly random: Random }): SimulatedHome {
  const living = new LivingHome(options.home, options.clock, options.random);
  const neighbours = new NeighbourTable(options.clock, options.random, (ip) =>
    living.roundTripMs(ip) === undefined ? undefined : living.at(ip)?.facts.mac,
  );
  const discovery = new SimulatedDiscovery(living, neighbours);
  const prober = new SimulatedProber(living, neighbours);
  return {
    network: networkOf(living, neighbours),
    discovery,
    prober,
    internet: prober,
    vitals: vitalsOf(living),
    control: controlOf(living, neighbours, discovery),
  };
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

function controlOf(living: LivingHome, neighbours: NeighbourTable, discovery: SimulatedDiscovery): HomeControl {
  const booting = new Map<LivingDevice, Timer>();
  const { gateway } = living.home;

  const put = (name: string, condition: LivingDevice['condition']): LivingDevice => {
    const device = living.named(name);
    booting.get(device)?.cancel();
    booting.delete(device);
    device.condition = condition;
    if (!living.hasCarrier()) neighbours.clear();
    return device;
  };
  const start = (name: string): void => discovery.announce(put(name, 'on'));

  return {
    unplug: (name) => void put(name, 'unplugged'),
    replug: start,
    reboot(name, ms) {
      const device = put(name, 'rebooting');
      booting.set(
        device,
        living.clock.setTimer(ms, () => start(name)),
      );
    },
    gatewayDown: () => void put(gateway, 'unplugged'),
    gatewayUp: () => start(gateway),
    internetDown: () => void (living.internet = false),
    internetUp: () => void (living.internet = true),
    hubLinkDown() {
      living.hubCable = false;
      neighbours.clear();
    },
    hubLinkUp: () => void (living.hubCable = true),
    loss: (name, fraction) => void (living.named(name).forcedLoss = fraction),
    changeAddress(name) {
      const device = living.named(name);
      living.move(device, living.freeAddress());
      discovery.announce(device);
      return device.ip;
    },
    join(facts) {
      const device = living.add(facts);
      discovery.expect(device);
      discovery.announce(device);
    },
    leave(name) {
      discovery.sayGoodbye(living.named(name));
      put(name, 'away');
    },
    comeBack: start,
    announce: (name) => discovery.announce(living.named(name)),
    eventLoopLag: (ms) => void (living.lagMs = ms),
    truth: () =>
      [...living.devices()].map((device) => ({
        name: device.facts.name,
        ip: device.ip,
        mac: device.facts.mac,
        kind: device.facts.kind,
        condition: device.condition,
        reachable: living.isReachable(device),
      })),
  };
}
