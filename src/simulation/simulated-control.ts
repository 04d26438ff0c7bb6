/** Moves a living home as its owner, its power company or its ISP would, and lets its devices speak when they start and leave. */
import type { Timer } from '../base/clock.ts';
import type { SimulatedDevice } from './home.ts';
import type { HomeControl, Truth } from './home-control.ts';
import type { LivingDevice } from './living-device.ts';
import type { LivingHome } from './living-home.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import type { SimulatedDiscovery } from './simulated-discovery.ts';

export class SimulatedControl implements HomeControl {
  readonly #home: LivingHome;
  readonly #neighbours: NeighbourTable;
  readonly #discovery: SimulatedDiscovery;
  readonly #booting = new Map<LivingDevice, Timer>();

  constructor(home: LivingHome, neighbours: NeighbourTable, discovery: SimulatedDiscovery) {
    this.#home = home;
    this.#neighbours = neighbours;
    this.#discovery = discovery;
  }

  unplug(name: string): void {
    this.#put(name, 'unplugged');
  }

  replug(name: string): void {
    this.#start(name);
  }

  reboot(name: string, ms: number): void {
    const device = this.#put(name, 'rebooting');
    const backUp = this.#home.clock.setTimer(ms, () => this.#start(name));
    this.#booting.set(device, backUp);
  }

  gatewayDown(): void {
    this.unplug(this.#home.home.gateway);
  }

  gatewayUp(): void {
    this.replug(this.#home.home.gateway);
  }

  internetDown(where: 'line' | 'provider' = 'line'): void {
    this.#home.internet = false;
    this.#home.isLineUp = where === 'provider';
  }

  internetUp(): void {
    this.#home.internet = true;
    this.#home.isLineUp = true;
  }

  signInPage(url: string | undefined): void {
    this.#home.signInPage = url;
  }

  namesDown(): void {
    this.#home.names = false;
  }

  namesUp(): void {
    this.#home.names = true;
  }

  hubLinkDown(): void {
    this.#home.hubCable = false;
    this.#neighbours.clear();
  }

  hubLinkUp(): void {
    this.#home.hubCable = true;
  }

  loss(name: string, fraction: number | undefined): void {
    this.#home.named(name).forcedLoss = fraction;
  }

  changeAddress(name: string): string {
    const device = this.#home.named(name);
    this.#home.move(device, this.#home.freeAddress());
    this.#discovery.announce(device);
    return device.ip;
  }

  join(facts: SimulatedDevice): void {
    const device = this.#home.add(facts);
    this.#discovery.expect(device);
    this.#discovery.announce(device);
  }

  leave(name: string): void {
    this.#discovery.sayGoodbye(this.#home.named(name));
    this.#put(name, 'away');
  }

  comeBack(name: string): void {
    this.#start(name);
  }

  announce(name: string): void {
    this.#discovery.announce(this.#home.named(name));
  }

  tellPorts(name: string, more?: Parameters<HomeControl['tellPorts']>[1]): void {
    this.#discovery.tellPorts(this.#home.named(name), more);
  }

  eventLoopLag(ms: number): void {
    this.#home.lagMs = ms;
  }

  truth(): readonly Truth[] {
    return [...this.#home.devices()].map((device) => {
      const { name, mac, kind } = device.facts;
      return { name, ip: device.ip, mac, kind, condition: device.condition, reachable: this.#home.isReachable(device) };
    });
  }

  #start(name: string): void {
    this.#discovery.announce(this.#put(name, 'on'));
  }

  /** Whatever it was about to become, it is this now. */
  #put(name: string, condition: Truth['condition']): LivingDevice {
    const device = this.#home.named(name);
    this.#booting.get(device)?.cancel();
    this.#booting.delete(device);
    device.condition = condition;
    if (!this.#home.hasCarrier()) this.#neighbours.clear();
    return device;
  }
}
