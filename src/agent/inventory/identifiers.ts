/** Which identifiers a sighting carries, what each is worth, and how a device keeps them. Decides nothing about addresses or facts. */
import { isLocallyAdministered, parseMac } from '../../base/mac-address.ts';
import type { DiscoveryMethod, MdnsService, Sighting, ToldIdentifier } from '../discovery/sighting.ts';
import type { Device, Identifier, IdentifierKind, Strength } from './device.ts';

const MOST_IDENTIFIERS = 24;
/** UDNs that are new at each boot must not push out what lasts. */
const MOST_OF_A_KIND = 4;
const MOST_MACS = 8;
const MOST_LENGTH = 160;
const RENEW_AFTER_MS = 60_000;

const STRENGTHS: Readonly<Record<IdentifierKind, Strength>> = {
  mac: 'strong',
  behind: 'strong',
  'private-mac': 'weak',
  udn: 'unique',
  serial: 'unique',
  'homekit-id': 'unique',
  'cast-id': 'unique',
  'vendor-id': 'unique',
  certificate: 'unique',
  'mdns-host': 'weak',
  'netbios-name': 'weak',
  'dhcp-name': 'weak',
  'told-mac': 'weak',
};

/** Datagrams that anybody on the LAN can send under another's address; everything else was asked for, and answered from that address. */
const SHOUTED: ReadonlySet<DiscoveryMethod> = new Set(['ssdp', 'mdns', 'wsd', 'sddp', 'netbios', 'llmnr', 'dhcp']);

export type IdentifierClaim = Pick<Identifier, 'kind' | 'value'>;

export function identifierKey(claim: IdentifierClaim): string {
  return `${claim.kind} ${claim.value}`;
}

export function strengthOf({ kind }: Pick<Identifier, 'kind'>): Strength {
  return STRENGTHS[kind];
}

export function macClaim(mac: string): IdentifierClaim {
  return { kind: isLocallyAdministered(mac) ? 'private-mac' : 'mac', value: mac };
}

/** Identifiers that one device at most may hold: by these the neighbour table finds it again. */
export function isExclusive({ kind }: Pick<Identifier, 'kind'>): boolean {
  return kind === 'mac' || kind === 'private-mac' || kind === 'behind';
}

export function wasAsked(identifier: Identifier): boolean {
  return !SHOUTED.has(identifier.source);
}

/** What the payload of a sighting claims about who sent it, without its MAC. */
export function claimsOf(sighting: Sighting): IdentifierClaim[] {
  switch (sighting.method) {
    case 'ssdp':
      return claim('udn', sighting.udn);
    case 'upnp':
      return [...claim('udn', sighting.udn), ...claim('serial', plausibleSerial(sighting.serialNumber))];
    case 'mdns':
      return [...claim('mdns-host', sighting.host), ...sighting.services.filter((service) => !service.gone).flatMap(claimsOfService)];
    case 'dhcp':
      return claim('dhcp-name', (sighting.fields.hostname ?? sighting.fields.fqdn)?.split('.')[0]);
    case 'neighbour':
    case 'icmp':
    case 'udp':
    case 'tcp':
    case 'controller':
      return [];
    default:
      return sighting.identifiers.flatMap(claimOf);
  }
}

function claimOf({ kind, value }: ToldIdentifier): IdentifierClaim[] {
  if (kind === 'mac') return claim('told-mac', parseMac(value));
  return claim(kind, kind === 'serial' ? plausibleSerial(value) : value);
}

function claimsOfService({ type, txt }: MdnsService): IdentifierClaim[] {
  const serial = claim('serial', plausibleSerial(txt.serialnumber ?? txt.serial_number ?? txt.serial));
  if (type === '_hap._tcp') return [...serial, ...claim('homekit-id', txt.id)];
  if (type === '_googlecast._tcp') return [...serial, ...claim('cast-id', txt.id)];
  return serial;
}

/** Devices spell their ids in either case; a serial number is kept as it is printed on the box. */
function claim(kind: IdentifierKind, text: string | undefined): IdentifierClaim[] {
  const value = (kind === 'serial' ? text : text?.toLowerCase())?.slice(0, MOST_LENGTH);
  return value ? [{ kind, value }] : [];
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

export type Telling = { readonly source: DiscoveryMethod; readonly at: number; readonly ip?: string };

/** The device's identifiers with the claims added or renewed; the same array when nothing changed. */
export function withClaims(held: readonly Identifier[], claims: readonly IdentifierClaim[], telling: Telling): readonly Identifier[] {
  return claims.reduce((identifiers, each) => withClaim(identifiers, each, telling), held);
}

function withClaim(held: readonly Identifier[], claimed: IdentifierClaim, telling: Telling): readonly Identifier[] {
  const { source, at, ip } = telling;
  const known = held.find(({ kind, value }) => kind === claimed.kind && value === claimed.value);
  const place = ip === undefined ? {} : { ip };
  if (!known) return capped([...held, { ...claimed, strength: strengthOf(claimed), source, ...place, firstAt: at, lastAt: at }]);
  const better = !wasAsked(known) && !SHOUTED.has(source);
  if (!better && known.ip === ip && Math.abs(at - known.lastAt) < RENEW_AFTER_MS) return held;
  return held.map((identifier) => (identifier === known ? { ...known, ...place, ...(better ? { source } : {}), lastAt: at } : identifier));
}

/** Drops the identifiers that were heard longest ago and are not strong, first within a kind, then over all. */
export function capped(identifiers: readonly Identifier[]): readonly Identifier[] {
  const keep = new Set(identifiers);
  const drop = (candidates: Identifier[], most: number): void => {
    const oldestFirst = candidates.toSorted((a, b) => Number(isExclusive(a)) - Number(isExclusive(b)) || a.lastAt - b.lastAt);
    for (const identifier of oldestFirst.slice(0, Math.max(0, candidates.length - most))) keep.delete(identifier);
  };
  for (const kind of new Set(identifiers.map((identifier) => identifier.kind))) {
    drop(
      [...keep].filter((identifier) => identifier.kind === kind),
      kind.endsWith('mac') ? MOST_MACS : MOST_OF_A_KIND,
    );
  }
  drop([...keep], MOST_IDENTIFIERS);
  return keep.size === identifiers.length ? identifiers : identifiers.filter((identifier) => keep.has(identifier));
}

/** A device as it was saved, by whatever version, with the strengths of this one. */
export function restored(identifiers: readonly Identifier[]): readonly Identifier[] {
  return identifiers.map((identifier) => ({ ...identifier, strength: strengthOf(identifier) }));
}

export function hasUniversalMac(device: Pick<Device, 'identifiers'>): boolean {
  return device.identifiers.some((identifier) => identifier.kind === 'mac');
}

export function holdsMac(device: Pick<Device, 'identifiers'>, mac: string): boolean {
  return device.identifiers.some(({ kind, value }) => (kind === 'mac' || kind === 'private-mac') && value === mac);
}

/** The keys under which a device is found again, and by which people's words stay with it. */
export function exclusiveKeys(device: Pick<Device, 'identifiers'>): string[] {
  return device.identifiers.filter(isExclusive).map(identifierKey);
}
