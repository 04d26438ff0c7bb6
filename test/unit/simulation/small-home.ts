/** A home of six devices on lossless links, and the means to look at it: for tests that want to know exactly what happens. */
import type { Sighting } from '../../../src/agent/discovery/sighting.ts';
import type { ProbeMethod, ProbeResult } from '../../../src/agent/health/probe.ts';
import type { Neighbour } from '../../../src/agent/ports.ts';
import type { Home, SimulatedDevice } from '../../../src/simulation/home.ts';
import { seededRandom } from '../../../src/simulation/seeded-random.ts';
import { createSimulatedHome, type SimulatedHome } from '../../../src/simulation/simulated-platform.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';

const PLAIN = { kind: 'thing', vendor: 'Acme', model: 'One', link: 'wired', loss: { fraction: 0 } } as const;
const ANSWERS = { ping: true, closedPorts: 'refused', openTcpPorts: [80] } as const;

export const SPEAKER: SimulatedDevice = {
  ...PLAIN,
  name: 'Speaker',
  mac: '00:0e:58:00:00:05',
  ip: '192.168.50.14',
  link: 'wifi',
  behind: 'Access point',
  answers: ANSWERS,
  ssdp: {
    udn: 'uuid:speaker',
    targets: ['upnp:rootdevice'],
    server: 'Linux UPnP/1.0',
    port: 1400,
    path: '/desc.xml',
    maxAgeS: 1800,
    description: { friendlyName: 'The speaker', extra: {} },
  },
  mdns: { host: 'speaker', services: [{ type: '_sonos._tcp', instance: 'Speaker', port: 1443, txt: {} }] },
};

export const SMALL_HOME: Home = {
  name: 'Small House',
  interface: {
    name: 'eth0',
    mac: '2c:cf:67:00:00:01',
    address: '192.168.50.2',
    prefixLength: 24,
    ipv6: [],
    gateway: '192.168.50.1',
    dnsServers: ['192.168.50.1'],
  },
  gateway: 'Router',
  hubBehind: 'Switch',
  internetRttMs: [8, 25],
  devices: [
    { ...PLAIN, name: 'Switch', mac: '00:0e:58:00:00:01', ip: '192.168.50.10', answers: ANSWERS },
    { ...PLAIN, name: 'Router', mac: '00:0e:58:00:00:02', ip: '192.168.50.1', behind: 'Switch', answers: ANSWERS },
    { ...PLAIN, name: 'Access point', mac: '00:0e:58:00:00:03', ip: '192.168.50.11', behind: 'Switch', answers: ANSWERS },
    {
      ...PLAIN,
      name: 'Fortress',
      mac: '00:0e:58:00:00:04',
      ip: '192.168.50.13',
      behind: 'Switch',
      answers: { ping: false, closedPorts: 'silent', openTcpPorts: [443] },
    },
    SPEAKER,
    {
      ...PLAIN,
      name: 'Sleeper',
      mac: '5a:0e:58:00:00:06',
      ip: '192.168.50.15',
      behind: 'Access point',
      answers: ANSWERS,
      sleep: { awakeMs: 60_000, asleepMs: 60_000 },
    },
  ],
};

export type Visit = SimulatedHome & {
  readonly clock: VirtualClock;
  readonly heard: Sighting[];
  /** Probes whoever is at the address and lets the time pass that it takes. */
  probe(ip: string, method: ProbeMethod, options?: { port?: number; timeoutMs?: number; interface?: string }): Promise<ProbeResult>;
  neighbour(ip: string): Promise<Neighbour | undefined>;
  /** Sightings since the last call. */
  hear(): Sighting[];
};

export function visit(home: Home = SMALL_HOME, seed: string | number = 1): Visit {
  const clock = new VirtualClock();
  const simulated = createSimulatedHome({ home, clock, random: seededRandom(seed) });
  const heard: Sighting[] = [];
  return {
    ...simulated,
    clock,
    heard,
    async probe(ip, method, options = {}) {
      const { timeoutMs = 1_000, port } = options;
      const result = simulated.prober.probe({
        deviceId: 'any',
        ip,
        interface: options.interface ?? 'eth0',
        method,
        timeoutMs,
        ...(port !== undefined && { port }),
      });
      await clock.advance(timeoutMs);
      return result;
    },
    neighbour: async (ip) => (await simulated.network.neighbours()).find((row) => row.ip === ip),
    hear: () => heard.splice(0),
  };
}

/** A visit with discovery running and the first answers in. */
export async function visitListening(home: Home = SMALL_HOME, seed: string | number = 1): Promise<Visit> {
  const here = visit(home, seed);
  await here.discovery.start((sighting) => here.heard.push(sighting));
  await here.clock.advance(5_000);
  return here;
}
