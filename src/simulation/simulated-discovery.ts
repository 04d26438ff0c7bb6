/**
 * What a hub hears in a simulated home: a sweep and a search at the start, at each refresh and every minute (sweep only), what the kernel
 * knows of neighbours every ten seconds, and what devices announce by themselves. Sightings arrive as the parsers would have made them.
 */

import type {
  Coverage,
  DiscoveryMethod,
  EvidenceSighting,
  LanInterface,
  MdnsSighting,
  Sighting,
  SsdpSighting,
} from '../agent/discovery/sighting.ts';
import type { Discovery } from '../agent/ports.ts';
import { every, sleep, type Timer } from '../base/clock.ts';
import { hostAddresses } from '../base/ip-address.ts';
import type { Random } from '../base/random.ts';
import type { LivingDevice } from './living-device.ts';
import type { LivingHome } from './living-home.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import { between, fork } from './seeded-random.ts';

const SWEEP_EVERY_MS = 60_000;
const NEIGHBOURS_EVERY_MS = 10_000;
/** Devices answer an SSDP search within MX seconds (UPnP Device Architecture 2.0, 1.3.3), a DNS-SD question within 120 ms (RFC 6762, 6). */
const SSDP_ANSWERS_WITHIN_MS = 3_000;
const MDNS_ANSWERS_AFTER_MS = [20, 120] as const;
/** Speakers and televisions repeat themselves at half their max-age of 30 minutes, each at its own pace. */
const ANNOUNCES_EVERY_MS = [600_000, 1_200_000] as const;
const METHODS: readonly DiscoveryMethod[] = ['neighbour', 'udp', 'ssdp', 'mdns', 'upnp'];

export class SimulatedDiscovery implements Discovery {
  readonly #home: LivingHome;
  readonly #neighbours: NeighbourTable;
  readonly #random: Random;
  readonly #asked = new Map<DiscoveryMethod, number>();
  readonly #answered = new Map<DiscoveryMethod, Set<string>>();
  #onSighting: ((sighting: Sighting) => void) | undefined;
  #rounds: Timer[] = [];

  constructor(home: LivingHome, neighbours: NeighbourTable) {
    this.#home = home;
    this.#neighbours = neighbours;
    this.#random = fork(home.random);
  }

  async start(onSighting: (sighting: Sighting) => void): Promise<void> {
    this.#onSighting = onSighting;
    this.#rounds = [
      every(this.#home.clock, SWEEP_EVERY_MS, () => this.#sweep()),
      every(this.#home.clock, NEIGHBOURS_EVERY_MS, () => this.#readNeighbours()),
    ];
    for (const device of this.#home.devices()) this.expect(device);
    this.#sweep();
    this.#search();
  }

  async stop(): Promise<void> {
    for (const round of this.#rounds.splice(0)) round.cancel();
    this.#onSighting = undefined;
  }

  async refresh(): Promise<void> {
    this.#sweep();
    this.#search();
    await sleep(this.#home.clock, SSDP_ANSWERS_WITHIN_MS);
  }

  async look(): Promise<void> {
    this.#sweep();
  }

  interfaces(): readonly LanInterface[] {
    return [this.#home.home.interface];
  }

  coverage(): readonly Coverage[] {
    const name = this.#home.home.interface.name;
    const trouble = {
      status: 'unavailable',
      problem: `${name} has no link`,
      fix: 'Plug in the cable of the hub and look at its switch.',
    } as const;
    return METHODS.map((method) => ({
      interface: name,
      method,
      ...(this.#home.hasCarrier() ? { status: 'ok' as const } : trouble),
      asked: this.#asked.get(method) ?? 0,
      answered: this.#answered.get(method)?.size ?? 0,
      refused: 0,
    }));
  }

  /** From now on this device repeats its announcement at its own pace. */
  expect(device: LivingDevice): void {
    if (this.#onSighting === undefined) return;
    this.#rounds.push(every(this.#home.clock, between(this.#random, ANNOUNCES_EVERY_MS), () => this.announce(device)));
  }

  /** What it says unasked at start-up and now and then. */
  announce(device: LivingDevice): void {
    this.#sayInSsdp(device, 'alive');
    this.#sayInMdns(device, false);
  }

  /** What it says when it is shut down in an orderly way. */
  sayGoodbye(device: LivingDevice): void {
    this.#sayInSsdp(device, 'byebye');
    this.#sayInMdns(device, true);
  }

  /** What its SNMP agent answers about its ports; `more`: what it counted on them, and how it does. */
  tellPorts(device: LivingDevice, more: Partial<Pick<EvidenceSighting, 'fields' | 'ports'>> = {}): void {
    if (!this.#isHeard(device)) return;
    const topology = { ports: this.#home.portsOf(device), neighbours: [] };
    this.#hear({ ...this.#from(device), method: 'snmp', reader: 'snmp', fields: {}, identifiers: [], topology, ...more });
  }

  #sweep(): void {
    const addresses = hostAddresses(this.#home.home.interface).length - 1;
    this.#count('udp', addresses);
    this.#count('neighbour', addresses);
    for (const device of this.#home.devices()) {
      this.#neighbours.sent(device.ip);
      const rttMs = this.#home.roundTripMs(device.ip);
      if (rttMs === undefined || !device.refusesUdp(this.#home.clock.now().monoMs)) continue;
      this.#later(rttMs, () => this.#hear({ ...this.#from(device), method: 'udp', rttMs }));
    }
    this.#later(100, () => this.#readNeighbours());
  }

  #search(): void {
    this.#count('ssdp', 1);
    this.#count('mdns', 1);
    for (const device of this.#home.devices()) {
      this.#later(between(this.#random, [10, SSDP_ANSWERS_WITHIN_MS - 200]), () => this.#sayInSsdp(device, 'response'));
      this.#later(between(this.#random, MDNS_ANSWERS_AFTER_MS), () => this.#sayInMdns(device, false));
    }
  }

  /** Only proof since the last reading: an older one was told before. */
  #readNeighbours(): void {
    const { name, gateway } = this.#home.home.interface;
    for (const { ip, mac, confirmedAgoMs = Number.POSITIVE_INFINITY, isRouter } of this.#neighbours.rows(name, gateway)) {
      if (mac === undefined || confirmedAgoMs >= NEIGHBOURS_EVERY_MS) continue;
      this.#hear({ method: 'neighbour', at: this.#home.clock.now(), interface: name, ip, mac, confirmedAgoMs, isRouter });
    }
  }

  #sayInSsdp(device: LivingDevice, kind: SsdpSighting['kind']): void {
    const { ssdp } = device.facts;
    if (ssdp === undefined || !this.#isHeard(device)) return;
    const { udn, server, maxAgeS } = ssdp;
    const location = `http://${device.ip}:${ssdp.port}${ssdp.path}`;
    for (const target of ssdp.targets) {
      this.#hear({
        ...this.#from(device),
        method: 'ssdp',
        kind,
        usn: `${udn}::${target}`,
        udn,
        target,
        location,
        server,
        maxAgeS,
        headers: {},
      });
    }
    if (kind !== 'byebye') this.#later(30, () => this.#describe(device, location));
  }

  #describe(device: LivingDevice, location: string): void {
    const { ssdp } = device.facts;
    this.#count('upnp', 1);
    const hasMoved = !location.startsWith(`http://${device.ip}:`);
    if (ssdp === undefined || hasMoved || !this.#isHeard(device)) return;
    this.#hear({ ...this.#from(device), method: 'upnp', location, udn: ssdp.udn, ...ssdp.description });
  }

  #sayInMdns(device: LivingDevice, gone: boolean): void {
    const { mdns } = device.facts;
    if (mdns === undefined || !this.#isHeard(device)) return;
    const services: MdnsSighting['services'] = mdns.services.map((service) => ({ ...service, gone }));
    this.#hear({ ...this.#from(device), method: 'mdns', host: mdns.host, services });
  }

  #isHeard(device: LivingDevice): boolean {
    return this.#home.roundTripMs(device.ip) !== undefined;
  }

  #from(device: LivingDevice): Pick<Sighting, 'at' | 'interface' | 'ip'> {
    return { at: this.#home.clock.now(), interface: this.#home.home.interface.name, ip: device.ip };
  }

  #hear(sighting: Sighting): void {
    if (this.#onSighting === undefined) return;
    const senders = this.#answered.get(sighting.method) ?? new Set();
    this.#answered.set(sighting.method, senders.add(sighting.ip));
    // Who speaks unasked is looked up at once: the MAC tells who it is.
    if (sighting.method === 'ssdp' || sighting.method === 'mdns') this.#neighbours.sent(sighting.ip);
    this.#onSighting(sighting);
  }

  #later(delayMs: number, task: () => void): void {
    this.#home.clock.setTimer(delayMs, task);
  }

  #count(method: DiscoveryMethod, questions: number): void {
    this.#asked.set(method, (this.#asked.get(method) ?? 0) + questions);
  }
}
