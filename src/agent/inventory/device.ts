/** A device: a set of identifiers with evidence, where it is now, and what it says of itself. */

import type { DiscoveryMethod } from '../discovery/sighting.ts';
import type { DeviceKind } from './kinds.ts';
import type { Reports } from './reports.ts';

/**
 * What tells one device from another. `told-mac` is a MAC that a payload claims; `behind` names a device that answers through the MAC of
 * another one (a mesh extender, a proxy) by that MAC and an id of its own.
 */
export type IdentifierKind =
  | 'mac'
  | 'private-mac'
  | 'behind'
  | 'udn'
  | 'serial'
  | 'homekit-id'
  | 'cast-id'
  | 'vendor-id'
  | 'certificate'
  | 'mdns-host'
  | 'netbios-name'
  | 'dhcp-name'
  | 'told-mac';

/**
 * `strong`: alone it makes two sightings one device, and never two devices have it. `unique`: there should be one in the world, but only a
 * payload says so: UDNs are new at each boot of some boxes, whole model lines ship with one serial number. `weak`: supports others at most.
 */
export type Strength = 'strong' | 'unique' | 'weak';

export type Identifier = {
  readonly kind: IdentifierKind;
  readonly value: string;
  readonly strength: Strength;
  /** The method that told it; one that asked the device itself outweighs one that anybody can shout by. */
  readonly source: DiscoveryMethod;
  /** The address it was told from last; none for what the neighbour table showed. */
  readonly ip?: string;
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

export type FactName = 'name' | 'vendor' | 'model' | 'modelNumber' | 'firmware' | 'serial' | 'kind' | 'room';

/**
 * One statement about a device with who said so; `confidence` in [0, 1] orders competing statements. `at` is when it was said first, `lastAt`
 * when last, kept of kinds only and renewed at most twice a day.
 */
export type Fact = {
  readonly value: string;
  readonly confidence: number;
  readonly source: string;
  readonly at: number;
  readonly lastAt?: number;
};

/** Why one statement holds. `or` is what another source says instead and is nearly as sure of. */
export type Reason = { readonly fact: FactName; readonly source: string; readonly confidence: number; readonly or?: string };

export type Facts = Readonly<Partial<Record<FactName, readonly Fact[]>>>;

export type Device = {
  readonly id: string;
  /** At most 24, of which at most 4 of a kind (8 MACs). */
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
  /** What it tells of its own state and age. */
  readonly reports?: Reports;
  readonly firstSeenAt: number;
  /** It came to a house that had been known for an hour (passing.ts). */
  readonly cameLater?: true;
  /** Of such a one, since when it has been here without being missed for half a day (passing.ts). */
  readonly hereSince?: number;
  /** 0 when nothing ever proved that it is there (a stale neighbour entry alone). */
  readonly lastSeenAt: number;
  readonly isGateway: boolean;
  /** Belongs to a person (phone, watch, console, private MAC): counted, never named to the desk. */
  readonly personal: boolean;
  /** What people said of it. Kept apart from what was heard, and put over it here. */
  readonly corrected?: Corrections;
};

/**
 * What people may say of a device. `critical` and `personal` are `yes` or `no`, `behind` is a MAC of the device that it hangs on; `installed` and
 * `warranty-until` are dates as exact as people know them (`2019`, `2019-05`, `2019-05-31`).
 */
export const CORRECTABLE = [
  'name',
  'kind',
  'model',
  'vendor',
  'room',
  'critical',
  'personal',
  'behind',
  'installed',
  'warranty-until',
] as const;
export type Correctable = (typeof CORRECTABLE)[number];
export type Corrections = Readonly<Partial<Record<Correctable, PersonsWord>>>;
/** `of` are the identifier keys of the device that it was said of: when what was merged is taken apart, it goes with them. */
export type PersonsWord = { readonly value: string; readonly at: number; readonly of?: readonly string[] };

/** The best statement of each fact, as people and messages see it. Primary address and MAC come first. */
export type DeviceSummary = {
  readonly id: string;
  readonly name?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly modelNumber?: string;
  readonly kind?: DeviceKind;
  readonly firmware?: string;
  readonly serial?: string;
  readonly room?: string;
  /** As people said; undefined where nobody did. */
  readonly critical?: boolean;
  readonly ips: readonly string[];
  readonly macs: readonly string[];
  readonly seenBy: readonly DiscoveryMethod[];
  /** How each of the statements above is known. */
  readonly because: readonly Reason[];
  /** DNS-SD types and SSDP targets it announces. */
  readonly services: readonly string[];
  readonly reports?: Reports;
  /** What would tell what is not known. */
  readonly hint?: string;
  readonly personal: boolean;
  readonly isGateway: boolean;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** What it hangs on, as seen from the router (wiring.ts). */
  readonly hangsOn?: { readonly id: string; readonly by: 'person' | 'bridge' | 'lldp' };
};
