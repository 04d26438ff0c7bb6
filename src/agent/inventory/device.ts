/** A device: a set of identifiers with evidence, where it is now, and what it says of itself. */
import type { DiscoveryMethod } from '../discovery/sighting.ts';
import type { DeviceKind } from './kinds.ts';

/**
 * What tells one device from another. Only a universally administered MAC is `strong`: alone it makes two sightings one device.
 * All others are `weak`, they only support: randomised MACs change, UDNs are new at each boot of some boxes, and whole model lines
 * ship with one serial number in their UPnP description.
 */
export type IdentifierKind =
  | 'mac'
  | 'private-mac'
  | 'udn'
  | 'serial'
  | 'mdns-host'
  | 'homekit-id'
  | 'cast-id'
  | 'vendor-id'
  | 'certificate'
  | 'netbios-name'
  | 'dhcp-name'
  | 'told-mac';

export type Identifier = {
  readonly kind: IdentifierKind;
  readonly value: string;
  readonly strength: 'strong' | 'weak';
  readonly source: DiscoveryMethod;
  readonly firstAt: number;
  /** Renewed at most once a minute, so that quiet devices do not churn. */
  readonly lastAt: number;
};

/**
 * Where the neighbour table found one of the device's MACs; `lastAt` is the last proof. Instants are wall times in Unix milliseconds,
 * as everywhere in stored values; 0 where there never was proof.
 */
export type Address = {
  readonly ip: string;
  readonly interface: string;
  readonly mac: string;
  readonly firstAt: number;
  readonly lastAt: number;
};

export type FactName = 'name' | 'vendor' | 'model' | 'modelNumber' | 'firmware' | 'serial' | 'kind';

/** One statement about a device with who said so; `confidence` in [0, 1] orders competing statements. */
export type Fact = { readonly value: string; readonly confidence: number; readonly source: string; readonly at: number };

export type Facts = Readonly<Partial<Record<FactName, readonly Fact[]>>>;

export type Device = {
  readonly id: string;
  /** At most 16, of which at most 4 of a kind. */
  readonly identifiers: readonly Identifier[];
  /** The primary address first, at most 16. */
  readonly addresses: readonly Address[];
  /** Competing statements, best first, at most 8 for each name. */
  readonly facts: Facts;
  /** When each method last heard of it. */
  readonly seenBy: Readonly<Partial<Record<DiscoveryMethod, number>>>;
  /** TCP ports that its announcements name (SRV, LOCATION) or that were found open, at most 16: cheap places to ask whether it lives. */
  readonly ports: readonly number[];
  /** Which method told of each port, and when first. */
  readonly portsBy: Readonly<Record<string, { readonly by: DiscoveryMethod; readonly at: number }>>;
  /** DNS-SD types (`_airplay._tcp`) and SSDP targets (`ssdp roku:ecp`) it announced, lower case, at most 24. */
  readonly services: readonly string[];
  /** When each of them was last announced, to the hour. */
  readonly servicesAt: Readonly<Record<string, number>>;
  readonly firstSeenAt: number;
  /** 0 when nothing ever proved that it is there (a stale neighbour entry alone). */
  readonly lastSeenAt: number;
  readonly isGateway: boolean;
  /** Belongs to a person (phone, watch, console, private MAC): counted, never named to the desk. */
  readonly personal: boolean;
};

/** The best statement of each fact, as people and messages see it. Primary address and MAC come first. */
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
