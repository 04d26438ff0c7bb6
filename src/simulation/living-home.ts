/**
 * The physics of a simulated home: which devices live, where they are, what lies between them and the hub, and the hub's own link and load.
 * It says what would happen to a packet; it sends none and keeps no timers.
 */
import type { Clock } from '../base/clock.ts';
import { hostAddresses, inSubnet } from '../base/ip-address.ts';
import type { Random } from '../base/random.ts';
import { type Home, homeProblems, type SimulatedDevice } from './home.ts';
import { LivingDevice } from './living-device.ts';
import { fork } from './seeded-random.ts';

export class LivingHome {
  readonly home: Home;
  readonly clock: Clock;
  readonly random: Random;
  hubCable = true;
  internet = true;
  /** The first router of the provider is reached. */
  isLineUp = true;
  /** Where it is, while it answers for the whole internet. */
  signInPage: string | undefined;
  /** The router passes questions for names on. */
  names = true;
  /** How late the hub reads what arrives, at most. */
  lagMs = 0;
  readonly #devices = new Map<string, LivingDevice>();
  readonly #byAddress = new Map<string, LivingDevice>();
  readonly #paths = new Map<LivingDevice, readonly LivingDevice[]>();
  readonly #usedAddresses: Set<string>;

  constructor(home: Home, clock: Clock, random: Random) {
    const problems = homeProblems(home);
    if (problems.length > 0) throw new Error(`The home ${home.name} cannot be: ${problems.join('; ')}.`);
    this.home = home;
    this.clock = clock;
    this.random = fork(random);
    this.#usedAddresses = new Set([home.interface.address]);
    for (const device of home.devices) this.add(device);
  }

  add(facts: SimulatedDevice): LivingDevice {
    if (this.#devices.has(facts.name)) throw new Error(`${facts.name} already lives in ${this.home.name}.`);
    const device = new LivingDevice(facts, this.clock.now().monoMs, this.random);
    this.#devices.set(facts.name, device);
    this.move(device, facts.ip);
    return device;
  }

  /** Gives a device another address; nobody answers at the old one from now on. */
  move(device: LivingDevice, ip: string): void {
    const holder = this.#byAddress.get(ip);
    if (holder !== undefined && holder !== device) throw new Error(`${ip} belongs to ${holder.facts.name}.`);
    this.#byAddress.delete(device.ip);
    device.ip = ip;
    this.#byAddress.set(ip, device);
    this.#usedAddresses.add(ip);
  }

  /** An address that nobody ever had here, as a DHCP server prefers. */
  freeAddress(): string {
    const free = hostAddresses(this.#subnet()).findLast((ip) => !this.#usedAddresses.has(ip));
    if (free === undefined) throw new Error(`${this.home.name} has no free address left.`);
    return free;
  }

  named(name: string): LivingDevice {
    const device = this.#devices.get(name);
    if (device === undefined) throw new Error(`There is no ${name} in ${this.home.name}.`);
    return device;
  }

  at(ip: string): LivingDevice | undefined {
    return this.#byAddress.get(ip);
  }

  devices(): Iterable<LivingDevice> {
    return this.#devices.values();
  }

  isOnLan(ip: string): boolean {
    return inSubnet(ip, this.#subnet());
  }

  /** The cable is in and the switch at its other end has power. */
  hasCarrier(): boolean {
    return this.hubCable && this.named(this.home.hubBehind).condition === 'on';
  }

  /** On, awake and with a living path to the hub. */
  isReachable(device: LivingDevice): boolean {
    return (
      this.hubCable && device.isAwake(this.clock.now().monoMs) && this.#pathToHub(device).every((carrier) => carrier.condition === 'on')
    );
  }

  /** One question to whoever has this address and its answer: the time it takes, undefined when none comes. */
  roundTripMs(ip: string): number | undefined {
    const device = this.at(ip);
    return device !== undefined && this.isReachable(device) ? device.roundTripMs(this.clock.now().monoMs) : undefined;
  }

  /** How much later than it arrived the hub reads one packet. */
  latenessMs(): number {
    return this.lagMs === 0 ? 0 : this.lagMs * this.random.fraction();
  }

  /** On which port a switch hears each MAC of this home, the hub's among them: 1 is the way up, then one for each thing that is plugged in. */
  portsOf(carrier: LivingDevice): { mac: string; port: number }[] {
    const plugged = [...this.#devices.values()].filter(({ facts }) => facts.behind === carrier.facts.name);
    const portTo = (chain: readonly LivingDevice[]): number => {
      const at = chain.indexOf(carrier);
      return at < 0 ? 1 : 2 + (at === 0 ? plugged.length : plugged.indexOf(chain[at - 1] as LivingDevice));
    };
    const hub = { mac: this.home.interface.mac, port: portTo(this.#withParents(this.named(this.home.hubBehind))) };
    const others = [...this.#devices.values()].filter((device) => device !== carrier && this.isReachable(device));
    return [hub, ...others.map((device) => ({ mac: device.facts.mac, port: portTo(this.#withParents(device)) }))];
  }

  #pathToHub(device: LivingDevice): readonly LivingDevice[] {
    const path = this.#paths.get(device) ?? this.#findPath(device);
    this.#paths.set(device, path);
    return path;
  }

  /** Up the tree from the device and from the hub to where both ways meet; what lies above that carries nothing between them. */
  #findPath(device: LivingDevice): readonly LivingDevice[] {
    const fromDevice = this.#withParents(device);
    const fromHub = this.#withParents(this.named(this.home.hubBehind));
    const meeting = fromDevice.find((carrier) => fromHub.includes(carrier));
    return [...upTo(fromDevice, meeting), ...upTo(fromHub, meeting)];
  }

  #withParents(device: LivingDevice): LivingDevice[] {
    const parent = device.facts.behind;
    return parent === undefined ? [device] : [device, ...this.#withParents(this.named(parent))];
  }

  #subnet(): { address: string; prefixLength: number } {
    return this.home.interface;
  }
}

function upTo(chain: readonly LivingDevice[], last: LivingDevice | undefined): LivingDevice[] {
  return last === undefined ? [...chain] : chain.slice(0, chain.indexOf(last) + 1);
}
