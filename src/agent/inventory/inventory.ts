/**
 * Who is who: works sightings into devices. Pure and deterministic. A device exists only where the neighbour table shows a MAC at an
 * address; everything else that was heard from an address belongs to the device that is proved to be there at that time, never to the
 * one that used to be.
 */
import type { Instant } from '../../base/clock.ts';
import { ipFamily } from '../../base/ip-address.ts';
import { isLocallyAdministered, parseMac } from '../../base/mac-address.ts';
import type { LanInterface, NeighbourSighting, Sighting } from '../discovery/sighting.ts';
import { addressKey, withAddress, withoutAddress } from './addresses.ts';
import { changesSince, type InventoryChange, type Merger, type Removal } from './changes.ts';
import type { Device } from './device.ts';
import { type Draft, holderOf, type Indexed, openDraft, put, remove, residentOf } from './draft.ts';
import { mergedFacts, withoutSource, withStatements } from './facts.ts';
import { conclude, evidenceIn, type Fingerprints, type Statement } from './fingerprints.ts';
import {
  capped,
  claimsOf,
  hasUniversalMac,
  type IdentifierClaim,
  identifierKey,
  macClaim,
  proofOfSameBox,
  withClaims,
} from './identifiers.ts';
import { NO_OFFERS, unitedOffers, withOffers } from './offers.ts';
import { isPersonal } from './personal.ts';
import { macsOf } from './summary.ts';
import { isComponentMaker } from './vendor-name.ts';

export type { InventoryChange };

export const MOST_DEVICES = 1024;
const MOST_WAITING = 1024;
const MOST_WAITING_PER_ADDRESS = 16;
/** A sighting waits this long for the neighbour table to tell whose address it came from. */
const WAIT_MS = 120_000;
/** An address counts as the device's for this long after the last proof; DHCP servers do not give a lease away sooner than that. */
const RESIDENT_MS = 300_000;
const STRANGER_MS = 3 * 86_400_000;
const GATEWAY_SOURCE = 'default gateway';
const MAC_SOURCE = 'mac registry';
/** What a DHCP client says of itself weighs less than what a device answers from its own address. */
const LEASE_CONFIDENCE = 0.4;

export type Inventory = Indexed & {
  /** Sightings of addresses whose MAC is not known yet, oldest first. */
  readonly waiting: readonly Sighting[];
  /** Sightings that were dropped because the wait was full or over. */
  readonly dropped: number;
};

export const EMPTY_INVENTORY: Inventory = { devices: new Map(), holders: new Map(), residents: new Map(), waiting: [], dropped: 0 };

export type InventoryContext = {
  /** The hub's own places, which are never devices, with their gateways. */
  readonly interfaces: readonly LanInterface[];
  readonly fingerprints: Fingerprints;
  /** The maker a MAC is registered to, undefined for private and unknown ones. */
  readonly vendorOf: (mac: string) => string | undefined;
  /** The id of a device that is first known by this MAC. */
  readonly newDeviceId: (mac: string) => string;
};

type Work = Draft & { readonly now: Instant; readonly context: InventoryContext; readonly merged: Merger[]; readonly removed: Removal[] };

export function reduceInventory(
  inventory: Inventory,
  sightings: readonly Sighting[],
  now: Instant,
  context: InventoryContext,
): { readonly inventory: Inventory; readonly changes: readonly InventoryChange[] } {
  // Most ticks hear nothing; the copies below would be most of their cost.
  if (sightings.length === 0 && inventory.waiting.length === 0) return { inventory, changes: [] };
  const work: Work = { ...openDraft(inventory), now, context, merged: [], removed: [] };
  const heard = sightings.filter(
    (sighting) => sighting.method === 'dhcp' || (isHostAddress(sighting.ip) && !isHub(sighting.ip, context.interfaces)),
  );
  for (const sighting of heard) if (sighting.method === 'neighbour') settle(work, sighting);
  const unplaced = [...inventory.waiting, ...heard.filter((sighting) => sighting.method !== 'neighbour')].filter(
    (sighting) => !attribute(work, sighting),
  );
  const waiting = stillWaiting(unplaced, now);
  forgetStrangers(work);
  evictSurplus(work);
  markGateways(work);
  const { devices, holders, residents } = work;
  return {
    inventory: { devices, holders, residents, waiting, dropped: inventory.dropped + unplaced.length - waiting.length },
    changes: changesSince(inventory.devices, devices, work.merged, work.removed),
  };
}

/** The inventory of devices that were saved. What was said at their addresses waits until the neighbour table proves them again. */
export function restoreInventory(devices: readonly Device[]): Inventory {
  const draft = openDraft(EMPTY_INVENTORY);
  for (const device of devices) put(draft, { ...NO_OFFERS, ...device });
  return { ...EMPTY_INVENTORY, ...draft };
}

/** The id of the device that a sighting comes from; undefined while the neighbour table has not proved who lives at its address. */
export function deviceAt(inventory: Inventory, sighting: Sighting): string | undefined {
  if (sighting.method !== 'neighbour' && sighting.method !== 'dhcp') return provedResident(inventory, sighting)?.id;
  return holderOfMac(inventory, sighting.mac)?.id;
}

function holderOfMac(inventory: Indexed, text: string): Device | undefined {
  const mac = parseMac(text);
  return mac === undefined ? undefined : holderOf(inventory, macClaim(mac));
}

/** An address that one machine can have: not unspecified, loopback, multicast or reserved (RFC 6890). */
function isHostAddress(ip: string): boolean {
  const family = ipFamily(ip);
  if (family === 6) return !/^(ff|::1?$)/i.test(ip);
  const first = Number(ip.split('.')[0]);
  return family === 4 && first > 0 && first < 224 && first !== 127;
}

function isHub(ip: string, interfaces: readonly LanInterface[]): boolean {
  return interfaces.some((own) => own.address === ip || own.ipv6.includes(ip));
}

/** The neighbour table says who lives at an address. An older proof does not move an address that a newer one settled. */
function settle(work: Work, sighting: NeighbourSighting): void {
  const mac = parseMac(sighting.mac);
  if (mac === undefined || work.context.interfaces.some((own) => own.mac === mac)) return;
  const provedAt = Number.isFinite(sighting.confirmedAgoMs) ? Math.max(0, sighting.at.wallMs - sighting.confirmedAgoMs) : 0;
  const resident = residentOf(work, sighting);
  const holder = holderOf(work, macClaim(mac));
  if (resident && resident.id !== holder?.id) {
    const settledAt = lastProof(resident, sighting);
    if (settledAt > provedAt && settledAt <= work.now.wallMs) return;
    put(work, { ...resident, addresses: withoutAddress(resident.addresses, addressKey(sighting)) });
  }
  const device = holder ?? newDevice(work, mac, sighting);
  const address = { ip: sighting.ip, interface: sighting.interface, mac, lastAt: provedAt };
  const identifiers = withClaims(device.identifiers, [macClaim(mac)], 'neighbour', sighting.at.wallMs);
  put(
    work,
    seen({ ...device, identifiers, addresses: withAddress(device.addresses, address, work.now.wallMs) }, 'neighbour', provedAt, work.now),
  );
}

function newDevice(work: Work, mac: string, { at }: Sighting): Device {
  const vendor = work.context.vendorOf(mac);
  const fields = vendor === undefined ? {} : { [isComponentMaker(vendor) ? 'component' : 'vendor']: vendor };
  const statements = conclude(work.context.fingerprints, { on: 'mac', source: MAC_SOURCE, fields });
  return {
    id: work.context.newDeviceId(mac),
    identifiers: [],
    addresses: [],
    facts: withStatements({}, statements, at.wallMs, [mac]),
    seenBy: {},
    ...NO_OFFERS,
    firstSeenAt: at.wallMs,
    lastSeenAt: 0,
    isGateway: false,
    personal: isLocallyAdministered(mac),
  };
}

function lastProof(device: Device, at: { interface: string; ip: string }): number {
  const key = addressKey(at);
  return device.addresses.find((address) => addressKey(address) === key)?.lastAt ?? 0;
}

/** Gives a sighting to the device that is proved to be at its address; false when there is none (yet). */
function attribute(work: Work, sighting: Sighting): boolean {
  if (sighting.method === 'dhcp') return noteLease(work, sighting);
  const resident = provedResident(work, sighting);
  if (resident && !isExpiry(sighting)) put(work, observe(work, sighting, mergeProved(work, resident, sighting)));
  return resident !== undefined;
}

/** Whoever asks for a lease may write any MAC: it says what a device known by that MAC might be, and proves neither place nor life. */
function noteLease(work: Work, sighting: Extract<Sighting, { method: 'dhcp' }>): boolean {
  const device = holderOfMac(work, sighting.mac);
  if (!device) return false;
  const at = sighting.at.wallMs;
  const statements = statementsOf(work, sighting, device).map((said) => ({
    ...said,
    confidence: Math.min(said.confidence, LEASE_CONFIDENCE),
  }));
  const facts = withStatements(device.facts, statements, at, macsOf(device));
  const identifiers = withClaims(device.identifiers, freeClaims(work, sighting, device), sighting.method, at);
  put(work, { ...seen({ ...device, identifiers, facts }, sighting.method, at, work.now), lastSeenAt: device.lastSeenAt });
  return true;
}

function freeClaims(work: Work, sighting: Sighting, device: Device): IdentifierClaim[] {
  return claimsOf(sighting).filter((claim) => (holderOf(work, claim)?.id ?? device.id) === device.id);
}

/** The device at the sighting's address, if the proof is fresh, or if no source of proof exists (then it is 0). */
function provedResident(inventory: Indexed, sighting: Sighting): Device | undefined {
  const resident = residentOf(inventory, sighting);
  if (!resident) return undefined;
  const provedAt = lastProof(resident, sighting);
  return provedAt === 0 || Math.abs(sighting.at.wallMs - provedAt) <= RESIDENT_MS ? resident : undefined;
}

/** Records that ran out in the cache were not heard now. */
function isExpiry(sighting: Sighting): boolean {
  return sighting.method === 'mdns' && sighting.services.length > 0 && sighting.services.every((service) => service.gone);
}

function observe(work: Work, sighting: Sighting, device: Device): Device {
  const at = sighting.at.wallMs;
  const identifiers = withClaims(device.identifiers, freeClaims(work, sighting, device), sighting.method, at);
  const facts = withStatements(device.facts, statementsOf(work, sighting, device), at, macsOf(device));
  return seen(withOffers({ ...device, identifiers, facts }, sighting), sighting.method, at, work.now);
}

/**
 * What the rules conclude. A responder that answers for a second host (a sleep proxy, RFC 6762 appendix; a container) speaks of
 * something else at the same address: its statements lose against those of the first host.
 */
function statementsOf(work: Work, sighting: Sighting, device: Device): Statement[] {
  const macVendor = device.facts.vendor?.find((fact) => fact.source === MAC_SOURCE)?.value;
  const statements = evidenceIn(sighting, macVendor).flatMap((evidence) => conclude(work.context.fingerprints, evidence));
  if (sighting.method !== 'mdns' || !sighting.host) return statements;
  const firstHost = device.identifiers.find((identifier) => identifier.kind === 'mdns-host')?.value;
  if (firstHost === undefined || firstHost === sighting.host.toLowerCase()) return statements;
  return statements.map((said) => ({ ...said, confidence: said.confidence * 0.9, source: `${said.source} as ${sighting.host}` }));
}

function seen(device: Device, method: Sighting['method'], at: number, now: Instant): Device {
  const latest = (before: number | undefined): number => Math.min(now.wallMs, Math.max(before ?? 0, at));
  return {
    ...device,
    seenBy: { ...device.seenBy, [method]: latest(device.seenBy[method]) },
    lastSeenAt: latest(device.lastSeenAt),
    personal: isPersonal(device),
  };
}

/** Merges the devices that this sighting proves to be the same box; answers with the one that remains. */
function mergeProved(work: Work, here: Device, sighting: Sighting): Device {
  const claims = claimsOf(sighting);
  const others = new Set(claims.flatMap((claim) => holderOf(work, claim)?.id ?? []).filter((id) => id !== here.id));
  return [...others].reduce<Device>((device, id) => {
    const other = work.devices.get(id);
    const proof = other && proofOfSameBox(device, other, claims);
    return proof ? merge(work, device, other, `Both showed ${proof}.`) : device;
  }, here);
}

/** The longer known one keeps its id. */
function merge(work: Work, one: Device, other: Device, because: string): Device {
  const [kept, absorbed] =
    one.firstSeenAt < other.firstSeenAt || (one.firstSeenAt === other.firstSeenAt && one.id < other.id) ? [one, other] : [other, one];
  const known = new Set(kept.identifiers.map(identifierKey));
  const methods = Object.entries(absorbed.seenBy) as [Sighting['method'], number][];
  const united: Device = {
    ...kept,
    identifiers: capped([...kept.identifiers, ...absorbed.identifiers.filter((identifier) => !known.has(identifierKey(identifier)))]),
    addresses: absorbed.addresses.reduce((all, address) => withAddress(all, address, work.now.wallMs), kept.addresses),
    facts: mergedFacts(kept.facts, absorbed.facts),
    ...unitedOffers(kept, absorbed),
  };
  const device = methods.reduce((all, [method, at]) => seen(all, method, at, work.now), united);
  remove(work, absorbed.id);
  put(work, device);
  work.merged.push({ keptId: kept.id, absorbed, because });
  return device;
}

function stillWaiting(sightings: readonly Sighting[], now: Instant): readonly Sighting[] {
  const perAddress = new Map<string, number>();
  const kept = sightings.filter((sighting) => {
    // Who asks for a lease has no address yet: 0.0.0.0 is not one sender.
    const sender = sighting.method === 'dhcp' ? sighting.mac : addressKey(sighting);
    const count = (perAddress.get(sender) ?? 0) + 1;
    perAddress.set(sender, count);
    return count <= MOST_WAITING_PER_ADDRESS && now.monoMs - sighting.at.monoMs < WAIT_MS;
  });
  return kept.length > MOST_WAITING ? kept.slice(0, MOST_WAITING) : kept;
}

/** A private MAC that was not seen for days was a guest, or is another one by now: phones change theirs. */
function forgetStrangers(work: Work): void {
  for (const device of work.devices.values()) {
    const isStranger = !device.isGateway && !hasUniversalMac(device) && device.lastSeenAt > 0;
    if (!isStranger || work.now.wallMs - device.lastSeenAt < STRANGER_MS) continue;
    remove(work, device.id);
    work.removed.push({ device, because: 'A private address that was not seen for three days.' });
  }
}

/** Over the cap go first those never proved to be there, then private MACs, then those that were heard longest ago; the gateway never. */
function evictSurplus(work: Work): void {
  const surplus = work.devices.size - MOST_DEVICES;
  if (surplus <= 0) return;
  const rank = (device: Device): number => (device.isGateway ? 3 : device.lastSeenAt === 0 ? 0 : hasUniversalMac(device) ? 2 : 1);
  const worstFirst = [...work.devices.values()].sort((a, b) => rank(a) - rank(b) || a.lastSeenAt - b.lastSeenAt || (a.id < b.id ? -1 : 1));
  for (const device of worstFirst.slice(0, surplus)) {
    remove(work, device.id);
    work.removed.push({ device, because: `More than ${MOST_DEVICES} devices on this LAN, and this was the least certain one.` });
  }
}

/** A device at the address that the system routes through is a router, whatever else it says. */
function markGateways(work: Work): void {
  const { interfaces } = work.context;
  for (const device of work.devices.values()) {
    const routed = interfaces.filter(
      (own) => own.gateway !== undefined && device.addresses.some((address) => address.interface === own.name),
    );
    // While no interface names a router (the hub's cable is out), the router that was is still the router.
    if (device.isGateway && device.addresses.length > 0 && routed.length === 0) continue;
    const isGateway = device.addresses.some((address) =>
      routed.some((own) => own.name === address.interface && own.gateway === address.ip),
    );
    if (isGateway !== device.isGateway) put(work, asGateway(device, isGateway, work.now.wallMs));
  }
}

function asGateway(device: Device, isGateway: boolean, at: number): Device {
  const statement: Statement = { fact: 'kind', value: 'router', confidence: 0.6, source: GATEWAY_SOURCE };
  const facts = isGateway ? withStatements(device.facts, [statement], at, []) : withoutSource(device.facts, 'kind', GATEWAY_SOURCE);
  const marked = { ...device, isGateway, facts };
  return { ...marked, personal: isPersonal(marked) };
}
