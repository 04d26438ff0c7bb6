/**
 * What a test, a scripted day or a person at the demo can do to a simulated home, and how they learn the truth to compare verdicts with.
 * A name that no device has is a mistake of the caller and throws.
 */
import type { EvidenceSighting } from '../agent/discovery/sighting.ts';
import type { SimulatedDevice } from './home.ts';

/** What is really so now, which the agent has to find out. */
export type Truth = {
  readonly name: string;
  readonly ip: string;
  readonly mac: string;
  readonly kind: string;
  readonly condition: 'on' | 'unplugged' | 'rebooting' | 'away';
  /** On, awake and with a living path to the hub. */
  readonly reachable: boolean;
};

export interface HomeControl {
  /** Power off without a word. */
  unplug(name: string): void;
  /** Power back: it starts, announces itself and answers at once. */
  replug(name: string): void;
  /** Dead for `ms`, then back with an announcement. */
  reboot(name: string, ms: number): void;
  gatewayDown(): void;
  gatewayUp(): void;
  /** Cut before the provider's first router, or behind it. */
  internetDown(where?: 'line' | 'provider'): void;
  internetUp(): void;
  /** A sign-in page answers for the whole internet; undefined: somebody has signed in. */
  signInPage(url: string | undefined): void;
  /** The router's name server is stuck, while the line works. */
  namesDown(): void;
  namesUp(): void;
  /** The hub's own cable. */
  hubLinkDown(): void;
  hubLinkUp(): void;
  /** Loses this fraction of round trips in place of the device's own profile; undefined gives the profile back. */
  loss(name: string, fraction: number | undefined): void;
  /** Moves to a free address and announces itself there; returns the address. */
  changeAddress(name: string): string;
  /** Something that was never here comes in. */
  join(device: SimulatedDevice): void;
  /** Says goodbye where it can, and is out of reach. */
  leave(name: string): void;
  /** Comes back after `leave`, announced. */
  comeBack(name: string): void;
  /** Says now what it says at start-up. */
  announce(name: string): void;
  /** As if the hub had just asked the SNMP agent of this switch or access point what it hears on its ports, and `more`. */
  tellPorts(name: string, more?: Partial<Pick<EvidenceSighting, 'fields' | 'ports'>>): void;
  /** The hub is busy: it reads answers this late, and answers that come later than their time-out are lost. 0 ends it. */
  eventLoopLag(ms: number): void;
  truth(): readonly Truth[];
}
