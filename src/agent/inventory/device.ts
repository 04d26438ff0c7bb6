/** A device: a set of identifiers with evidence, where it is now, and what it says of itself. */
import type { DiscoveryMethod } from '../discovery/sighting.ts';

/**
 * What tells one device from another. `strong` identifiers (a universally administered MAC, a serial number) alone make two sightings one
 * device; `weak` ones (a UDN, a host name, a randomised MAC) only support.
 */
export type IdentifierKind = 'mac' | 'private-mac' | 'udn' | 'serial' | 'mdns-host' | 'mdns-instance' | 'homekit-id' | 'cast-id';

export type Identifier = {
  readonly kind: IdentifierKind;
  readonly value: string;
  readonly strength: 'strong' | 'weak';
  readonly source: DiscoveryMethod;
  readonly firstAt: number;
  readonly lastAt: number;
};

/** Wall times in Unix milliseconds, as everywhere in stored values. */
export type Address = { readonly ip: string; readonly interface: string; readonly firstAt: number; readonly lastAt: number };

export type FactName = 'name' | 'vendor' | 'model' | 'modelNumber' | 'firmware' | 'serial' | 'kind';

/** One statement about a device with who said so; `confidence` in [0, 1] orders competing statements. */
export type Fact = { readonly value: string; readonly confidence: number; readonly source: string; readonly at: number };

/** The kinds of device this version can tell; issue by issue this grows into the full taxonomy. */
export type DeviceKind = string;

export type Device = {
  readonly id: string;
  readonly identifiers: readonly Identifier[];
  readonly addresses: readonly Address[];
  /** Competing statements, best first, at most 8 for each name. */
  readonly facts: Readonly<Partial<Record<FactName, readonly Fact[]>>>;
  /** When each method last heard of it. */
  readonly seenBy: Readonly<Partial<Record<DiscoveryMethod, number>>>;
  /** TCP ports its own announcements name (SRV, LOCATION), at most 8: cheap places to ask whether it lives. */
  readonly ports: readonly number[];
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly isGateway: boolean;
  /** Belongs to a person (phone, watch, console, private MAC): counted, never named to the desk. */
  readonly personal: boolean;
};

/** The best statement of each fact, as people and messages see it. */
export type DeviceSummary = {
  readonly id: string;
  readonly name?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly kind?: DeviceKind;
  readonly firmware?: string;
  readonly serial?: string;
  readonly ips: readonly string[];
  readonly macs: readonly string[];
  readonly seenBy: readonly DiscoveryMethod[];
  readonly personal: boolean;
  readonly isGateway: boolean;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
};
