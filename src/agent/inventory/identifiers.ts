/** Which identifiers a sighting carries, how a device keeps them, and when two devices are one. Decides nothing about addresses or facts. */
import { isLocallyAdministered, parseMac } from '../../base/mac-address.ts';
import type { MdnsService, Sighting, ToldIdentifier } from '../discovery/sighting.ts';
import type { Device, Identifier, IdentifierKind } from './device.ts';

const MOST_IDENTIFIERS = 16;
/** UDNs that are new at each boot must not push out what lasts. */
const MOST_OF_A_KIND = 4;
const RENEW_AFTER_MS = 60_000;

export type IdentifierClaim = Pick<Identifier, 'kind' | 'value' | 'strength'>;

export function identifierKey(claim: { readonly kind: IdentifierKind; readonly value: string }): string {
  return `${claim.kind} ${claim.value}`;
}

export function macClaim(mac: string): IdentifierClaim {
  return isLocallyAdministered(mac)
    ? { kind: 'private-mac', value: mac, strength: 'weak' }
    : { kind: 'mac', value: mac, strength: 'strong' };
}

/** What the payload of a sighting claims about who sent it, without its MAC. */
export function claimsOf(sighting: Sighting): IdentifierClaim[] {
  switch (sighting.method) {
    case 'ssdp':
      return weak('udn', sighting.udn);
    case 'upnp':
      return [...weak('udn', sighting.udn?.toLowerCase()), ...weak('serial', plausibleSerial(sighting.serialNumber))];
    case 'mdns':
      return [
        ...weak('mdns-host', sighting.host?.toLowerCase()),
        ...sighting.services.filter((service) => !service.gone).flatMap(claimsOfService),
      ];
    case 'dhcp':
      return weak('dhcp-name', (sighting.fields.hostname ?? sighting.fields.fqdn)?.toLowerCase().split('.')[0]);
    case 'neighbour':
    case 'icmp':
    case 'udp':
    case 'tcp':
      return [];
    default:
      return sighting.identifiers.flatMap(claimOf);
  }
}

/** A MAC that a payload tells is only its word: `told-mac`. */
function claimOf({ kind, value }: ToldIdentifier): IdentifierClaim[] {
  if (kind === 'mac') return weak('told-mac', parseMac(value));
  if (kind === 'serial') return weak('serial', plausibleSerial(value));
  return weak(kind, value.toLowerCase().slice(0, 160));
}

function claimsOfService({ type, txt }: MdnsService): IdentifierClaim[] {
  const serial = weak('serial', plausibleSerial(txt.serialnumber ?? txt.serial_number ?? txt.serial));
  if (type === '_hap._tcp') return [...serial, ...weak('homekit-id', txt.id?.toLowerCase())];
  if (type === '_googlecast._tcp') return [...serial, ...weak('cast-id', txt.id?.toLowerCase())];
  return serial;
}

function weak(kind: IdentifierKind, value: string | undefined): IdentifierClaim[] {
  return value ? [{ kind, value, strength: 'weak' }] : [];
}

/** Refuses what firmware ships as a placeholder: too short, one repeated character, counting digits, words for nothing. */
export function plausibleSerial(text: string | undefined): string | undefined {
  const serial = text?.trim();
  if (!serial || serial.length < 5 || serial.length > 64) return undefined;
  const plain = serial.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (new Set(plain).size < 3 || '01234567890'.includes(plain) || /^(unknown|serial|none|null|default|notset|tobefilled)/.test(plain))
    return undefined;
  return serial;
}

/** The device's identifiers with the claims added or renewed; the same array when nothing changed. */
export function withClaims(
  held: readonly Identifier[],
  claims: readonly IdentifierClaim[],
  source: Identifier['source'],
  at: number,
): readonly Identifier[] {
  return claims.reduce((identifiers, claim) => withClaim(identifiers, claim, source, at), held);
}

function withClaim(held: readonly Identifier[], claim: IdentifierClaim, source: Identifier['source'], at: number): readonly Identifier[] {
  const known = held.find((identifier) => identifier.kind === claim.kind && identifier.value === claim.value);
  if (!known) return capped([...held, { ...claim, source, firstAt: at, lastAt: at }]);
  if (Math.abs(at - known.lastAt) < RENEW_AFTER_MS) return held;
  return held.map((identifier) => (identifier === known ? { ...known, lastAt: at } : identifier));
}

/** Drops the weak identifiers that were heard longest ago, first within a kind, then over all. */
export function capped(identifiers: readonly Identifier[]): readonly Identifier[] {
  const keep = new Set(identifiers);
  const drop = (candidates: Identifier[], most: number): void => {
    const oldestFirst = candidates.toSorted((a, b) => strengthOf(a) - strengthOf(b) || a.lastAt - b.lastAt);
    for (const identifier of oldestFirst.slice(0, Math.max(0, candidates.length - most))) keep.delete(identifier);
  };
  for (const kind of new Set(identifiers.map((identifier) => identifier.kind))) {
    drop(
      [...keep].filter((identifier) => identifier.kind === kind),
      MOST_OF_A_KIND,
    );
  }
  drop([...keep], MOST_IDENTIFIERS);
  return keep.size === identifiers.length ? identifiers : identifiers.filter((identifier) => keep.has(identifier));
}

function strengthOf(identifier: Identifier): number {
  return identifier.strength === 'strong' ? 1 : 0;
}

/**
 * Why a sighting at one device proves that another device, which holds some of the same identifiers, is the same box; undefined when it
 * does not. Two network cards of one box need an equal serial number and one more identifier: the serial alone is worth little, Samsung
 * TVs all say 20090804RCR. A private MAC that changed is recognised by two identifiers that devices do not share.
 */
export function proofOfSameBox(here: Device, other: Device, claims: readonly IdentifierClaim[]): string | undefined {
  const shared = claims.filter((claim) => other.identifiers.some((held) => held.kind === claim.kind && held.value === claim.value));
  const kinds = [...new Set(shared.map((claim) => claim.kind))];
  if (kinds.length < 2) return undefined;
  const oneIsPrivate = !hasUniversalMac(here) || !hasUniversalMac(other);
  if (!oneIsPrivate && !kinds.includes('serial')) return undefined;
  return `the same ${kinds.join(' and ')}`;
}

export function hasUniversalMac(device: Pick<Device, 'identifiers'>): boolean {
  return device.identifiers.some((identifier) => identifier.kind === 'mac');
}
