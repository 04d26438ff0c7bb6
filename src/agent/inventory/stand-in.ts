/**
 * Devices that answer through the MAC of another one. Mesh extenders and proxies put their own MAC before everything behind them (MAC
 * translation, proxy ARP): one MAC, many addresses, and payloads that speak of different boxes. What speaks there is a device of its own,
 * known by that MAC and by an id that it tells itself; it is never mixed into the one that stands in for it.
 */
import { ipFamily } from '../../base/ip-address.ts';
import type { Sighting } from '../discovery/sighting.ts';
import { MAC_SOURCE } from './account.ts';
import { addressKey, withAddress, withoutAddress } from './addresses.ts';
import { isBehind, isGuestOf, ownIp, standsIn } from './behind.ts';
import { hasJustJoined, isDoubtful, ownerSpoke } from './contests.ts';
import type { Address, Device, Identifier, IdentifierKind } from './device.ts';
import { holderOf, tellersOf } from './draft.ts';
import { type IdentifierClaim, identifierKey, strengthOf } from './identifiers.ts';
import { admit } from './newcomers.ts';
import { keep, newDevice, note, type Work } from './work.ts';

/** What a box goes by, most telling first. A UDN alone is not enough: one box may run several UPnP programs. */
const TELLING: readonly IdentifierKind[] = ['homekit-id', 'cast-id', 'vendor-id', 'serial', 'mdns-host'];
/** An address counts as in use for this long after its last proof. */
const IN_USE_MS = 300_000;
/** What was told at another address longer ago than this may be from before the device was renamed or reset. */
const RECENT_MS = 2 * 3_600_000;

type Place = Pick<Sighting, 'interface' | 'ip' | 'at'>;

/**
 * The device that speaks from an address whose resident is known by its MAC: the resident, or one behind it; undefined for one that is new
 * where more new ones came than are believed.
 */
export function speakerAt(work: Work, resident: Device, claims: readonly IdentifierClaim[], place: Place): Device | undefined {
  const address = resident.addresses.find((each) => addressKey(each) === addressKey(place));
  if (!address || ipFamily(place.ip) !== 4 || !claims.some(({ kind }) => TELLING.includes(kind) || kind === 'udn')) return resident;
  if (isBehind(resident, address)) {
    const isOther = differ(resident.identifiers, claims);
    return isOther ? behind(work, resident, address, claims, place) : resident;
  }
  const former = formerResident(work, resident, claims, place);
  if (former) return takenOver(work, former, resident, address, place);
  if (isDoubtful(work, place)) return resident;
  const lost = resident.identifiers.filter(({ ip }) => ip !== undefined && !resident.addresses.some((each) => each.ip === ip));
  // Told from an address that it has lost, and never from this one: those were another's words.
  if (differ(lost, claims)) return { ...resident, identifiers: resident.identifiers.filter((held) => !lost.includes(held)) };
  const elsewhere = resident.identifiers.filter((held) => isToldElsewhere(held, resident, place));
  if (!differ(elsewhere, claims)) return resident;
  if (ownIp(resident) !== place.ip) return behind(work, resident, address, claims, place);
  return withoutGuests(work, resident, place);
}

/** Every kind that both tell is told differently, and at least one that tells boxes apart is. */
function differ(held: readonly Identifier[], claims: readonly IdentifierClaim[]): boolean {
  const same = claims.some((claim) => held.some(({ kind, value }) => kind === claim.kind && value === claim.value));
  return !same && claims.some((claim) => TELLING.includes(claim.kind) && held.some(({ kind }) => kind === claim.kind));
}

function isToldElsewhere(held: Identifier, device: Device, place: Place): boolean {
  if (held.ip === undefined || held.ip === place.ip || ipFamily(held.ip) !== 4) return false;
  const address = device.addresses.find(({ ip, interface: name }) => ip === held.ip && name === place.interface);
  const isInUse = address !== undefined && Math.abs(place.at.wallMs - address.lastAt) < IN_USE_MS;
  return isInUse && Math.abs(place.at.wallMs - held.lastAt) < RECENT_MS;
}

/** A device of its own at this address; the one that is known there by the same words, when it was here before. Words are cheaper than MACs. */
function behind(work: Work, resident: Device, address: Address, claims: readonly IdentifierClaim[], place: Place): Device | undefined {
  const telling = TELLING.flatMap((kind) => claims.filter((claim) => claim.kind === kind))[0] ?? claims[0]!;
  const identifier = { kind: 'behind' as const, value: `${address.mac} ${identifierKey(telling)}` };
  const known = holderOf(work, identifier);
  if (!known && !admit(work.newcomers, identifier.value, work.now)) return undefined;
  const guest = known ?? newDevice(work, identifier, address.mac, place.at.wallMs);
  keep(work, { ...resident, addresses: withoutAddress(resident.addresses, addressKey(address)) });
  const moved = { ...guest, addresses: withAddress(guest.addresses, address, work.now.wallMs) };
  keep(work, moved);
  return moved;
}

/** The box at its own address is heard for the first time: what was told at the others was told by guests. */
function withoutGuests(work: Work, resident: Device, place: Place): Device {
  const guests = resident.addresses.filter(({ ip }) => ip !== place.ip && ipFamily(ip) === 4);
  let host: Device = resident;
  for (const address of guests) {
    const told = host.identifiers.filter(({ ip }) => ip === address.ip);
    if (!told.some(({ kind }) => TELLING.includes(kind))) continue;
    const guest = behind(work, host, address, told, { ...address, at: place.at });
    if (!guest) continue;
    keep(work, { ...guest, identifiers: [...guest.identifiers, ...told] });
    const current = work.devices.get(resident.id)!;
    host = { ...current, identifiers: current.identifiers.filter((identifier) => !told.includes(identifier)) };
  }
  // What it said of itself cannot be told any more from what they said; it will say it again.
  const own = Object.entries(host.facts).map(([name, facts]) => [name, facts?.filter(({ source }) => source === MAC_SOURCE)]);
  host = { ...host, facts: Object.fromEntries(own.filter(([, facts]) => facts && facts.length > 0)) };
  keep(work, host);
  return work.devices.get(resident.id)!;
}

/**
 * The one device that told all this from this same address, while the one whose MAC is there now was known as another. A MAC that is new
 * with the address is a new card, or a new private MAC, of the same box.
 */
function formerResident(work: Work, resident: Device, claims: readonly IdentifierClaim[], place: Place): Device | undefined {
  const telling = claims.filter((claim) => TELLING.includes(claim.kind) || strengthOf(claim) === 'unique');
  const keys = new Set(resident.identifiers.map(identifierKey));
  if (telling.length === 0 || telling.some((claim) => keys.has(identifierKey(claim)))) return undefined;
  const toldHere = (device: Device, { kind, value }: IdentifierClaim): boolean =>
    device.identifiers.some(
      (held) => held.kind === kind && held.value === value && held.ip === place.ip && held.lastAt >= resident.firstSeenAt,
    );
  const candidates = new Set(telling.flatMap((claim) => tellersOf(work, claim)));
  const found = [...candidates].filter(
    (device) =>
      device.id !== resident.id &&
      (telling.some((claim) => toldHere(device, claim)) || (isGuestOf(device, resident) && !differ(device.identifiers, telling))),
  );
  return found.length === 1 ? found[0] : undefined;
}

/** Through network gear, or through what stands in for others already, it has only moved; through anything else somebody took its address. */
function takenOver(work: Work, former: Device, resident: Device, address: Address, place: Place): Device {
  if (!standsIn(work, resident) || hasJustJoined(resident, former, place.at.wallMs)) {
    ownerSpoke(work, former, place);
    return work.devices.get(former.id)!;
  }
  keep(work, { ...resident, addresses: withoutAddress(resident.addresses, addressKey(address)) });
  const moved = { ...former, addresses: withAddress(former.addresses, address, work.now.wallMs) };
  keep(work, moved);
  note(work, {
    what: 'behind',
    by: 'agent',
    devices: [former.id, resident.id],
    why: `It speaks from ${address.ip} as before, but that address now answers with the MAC of another device (${address.mac}).`,
  });
  return moved;
}
