/**
 * Who is who: works sightings into devices. Pure and deterministic. A device exists only where the neighbour table shows a MAC at an
 * address, or behind one that stands in for it (stand-in.ts); everything else that was heard from an address belongs to the device that is
 * proved to be there at that time, never to the one that used to be.
 */
import type { Instant } from '../../base/clock.ts';
import { ipFamily } from '../../base/ip-address.ts';
import { parseMac } from '../../base/mac-address.ts';
import type { ControllerSighting, LanInterface, NeighbourSighting, Sighting } from '../discovery/sighting.ts';
import { MAC_SOURCE } from './account.ts';
import { addressKey, withAddress, withoutAddress } from './addresses.ts';
import { isBehind } from './behind.ts';
import { changesSince, type InventoryChange } from './changes.ts';
import { claimAddress, isDoubtful, ownerLives, renewClaim, settleContests } from './contests.ts';
import { areSameCards, dressed, NOBODY, type People } from './corrections.ts';
import type { Address, Device } from './device.ts';
import { holderOf, type Indexed, NOTHING_INDEXED, openDraft, put, residentOf } from './draft.ts';
import { withoutSource, withStatements } from './facts.ts';
import { conclude, evidenceIn, type Statement } from './fingerprints.ts';
import { claimsOf, hasUniversalMac, identifierKey, macClaim, restored, withClaims } from './identifiers.ts';
import type { LogRow } from './identity-log.ts';
import { admit, calmed, type Newcomers, newcomers, openNewcomers } from './newcomers.ts';
import { NO_OFFERS, withOffers } from './offers.ts';
import { isPassing } from './passing.ts';
import { isPersonal } from './personal.ts';
import { withReport } from './reports.ts';
import { speakerAt } from './stand-in.ts';
import { macsOf } from './summary.ts';
import { type Contest, forget, type InventoryContext, keep, mergeProved, newDevice, note, saw, type Work } from './work.ts';

export type { InventoryChange, InventoryContext };

export const MOST_DEVICES = 1024;
const MOST_WAITING = 1024;
const MOST_WAITING_PER_ADDRESS = 16;
/** A sighting waits this long for the neighbour table to tell whose address it came from. */
const WAIT_MS = 120_000;
/** An address counts as the device's for this long after the last proof; DHCP servers do not give a lease away sooner than that. */
const RESIDENT_MS = 300_000;
const STRANGER_MS = 3 * 86_400_000;
/** Who has been here for so long is no passing stranger, and is never given up for one. */
const SETTLED_MS = 86_400_000;
const GATEWAY_SOURCE = 'default gateway';
/** What a DHCP client says of itself weighs less than what a device answers from its own address. */
const LEASE_CONFIDENCE = 0.4;

export type Inventory = Indexed & {
  /** Sightings of addresses whose MAC is not known yet, oldest first. */
  readonly waiting: readonly Sighting[];
  /** Sightings that were dropped because the wait was full or over. */
  readonly dropped: number;
  /** What people said of devices. */
  readonly people: People;
  /** Addresses that changed hands lately, by interface and address. */
  readonly contests: ReadonlyMap<string, Contest>;
  readonly newcomers: Newcomers;
  /** Pairs of devices that people were told may be one. */
  readonly suggested: ReadonlySet<string>;
  /** The number of the next row of the identity log. */
  readonly nextRow: number;
};

export const EMPTY_INVENTORY: Inventory = {
  ...NOTHING_INDEXED,
  waiting: [],
  dropped: 0,
  people: NOBODY,
  contests: new Map(),
  newcomers: newcomers(true),
  suggested: new Set(),
  nextRow: 1,
};

export type Reduced = {
  readonly inventory: Inventory;
  readonly changes: readonly InventoryChange[];
  /** What was decided about identities, for the log. */
  readonly rows: readonly LogRow[];
};

export function reduceInventory(inventory: Inventory, sightings: readonly Sighting[], now: Instant, context: InventoryContext): Reduced {
  // Most ticks hear nothing; the copies below would be most of their cost.
  if (sightings.length === 0 && inventory.waiting.length === 0 && !isUnsettled(inventory)) return { inventory, changes: [], rows: [] };
  const work = openWork(inventory, now, context);
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
  return closeWork(work, { ...inventory, waiting, dropped: inventory.dropped + unplaced.length - waiting.length });
}

function isUnsettled({ contests, newcomers: { storm } }: Inventory): boolean {
  return contests.size > 0 || storm !== undefined;
}

export function openWork(inventory: Inventory, now: Instant, context: InventoryContext): Work {
  return {
    ...openDraft(inventory),
    now,
    context,
    cards: new Map(inventory.people.cards),
    pins: inventory.people.pins,
    contests: new Map(inventory.contests),
    newcomers: openNewcomers(inventory.newcomers),
    suggested: new Set(inventory.suggested),
    nextRow: inventory.nextRow,
    rows: [],
    merged: [],
    removed: [],
  };
}

/** The inventory after the work, with what is different from the one before. */
export function closeWork(work: Work, before: Inventory): Reduced {
  markGateways(work);
  settleContests(work);
  noteStorm(work, before.newcomers);
  const { devices, holders, tellers, residents, contests, suggested, nextRow, rows, pins } = work;
  const isSpokenOf = !areSameCards(work.cards, before.people.cards);
  const people = isSpokenOf || pins !== before.people.pins ? { cards: work.cards, pins } : before.people;
  return {
    inventory: {
      ...before,
      devices,
      holders,
      tellers,
      residents,
      people,
      contests,
      newcomers: calmed(work.newcomers, work.now.monoMs),
      suggested,
      nextRow,
    },
    changes: changesSince(before.devices, devices, work.merged, work.removed),
    rows,
  };
}

function noteStorm(work: Work, before: Newcomers): void {
  const { storm } = work.newcomers;
  if (storm && !before.storm)
    note(work, {
      what: 'storm',
      by: 'agent',
      devices: [],
      why: 'More new addresses came at once than a house has: those that do not stay are left out.',
    });
  if (before.storm && storm && calmed(work.newcomers, work.now.monoMs).storm === undefined)
    note(work, {
      what: 'storm over',
      by: 'agent',
      devices: [],
      why: `Nothing new came for ten minutes; ${storm.refused} addresses were left out.`,
    });
}

export type Kept = { readonly devices: readonly Device[]; readonly people?: People; readonly nextRow?: number };

/** The inventory of devices that were saved. What was said at their addresses waits until the neighbour table proves them again. */
export function restoreInventory({ devices, people = NOBODY, nextRow = 1 }: Kept): Inventory {
  const draft = openDraft(NOTHING_INDEXED);
  for (const device of devices) {
    const current = { ...NO_OFFERS, ...device, identifiers: restored(device.identifiers) };
    const card = people.cards.get(device.id);
    put(draft, card ? dressed(current, card) : current);
  }
  const { opened: _, ...indexed } = draft;
  return { ...EMPTY_INVENTORY, ...indexed, people, nextRow, newcomers: newcomers(devices.length === 0) };
}

/** The id of the device that a sighting comes from; undefined while the neighbour table has not proved who lives at its address. */
export function deviceAt(inventory: Inventory, sighting: Sighting): string | undefined {
  if (sighting.method === 'controller') return managed(inventory, sighting)?.id;
  if (sighting.method !== 'neighbour' && sighting.method !== 'dhcp') return provedResident(inventory, sighting)?.id;
  return holderOfMac(inventory, sighting.mac)?.id;
}

function holderOfMac(inventory: Indexed, text: string): Device | undefined {
  const mac = parseMac(text);
  return mac === undefined ? undefined : holderOf(inventory, macClaim(mac));
}

function managed(inventory: Indexed, { macs }: ControllerSighting): Device | undefined {
  for (const mac of macs) {
    const holder = holderOfMac(inventory, mac);
    if (holder) return holder;
  }
  return undefined;
}

/** An address that one machine can have: not unspecified, loopback, multicast or reserved (RFC 6890). */
function isHostAddress(ip: string): boolean {
  const family = ipFamily(ip);
  if (family === 6) return !/^(ff|::1?$)/i.test(ip);
  const first = Number.parseInt(ip, 10);
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
  const proof: Address = { ip: sighting.ip, interface: sighting.interface, mac, firstAt: provedAt, lastAt: provedAt };
  const resident = residentOf(work, sighting);
  const known = holderOf(work, macClaim(mac));
  if (resident && known && resident.id !== known.id && isReachedBy(resident, proof)) {
    confirmBehind(work, resident, known, proof);
    return;
  }
  if (resident && resident.id !== known?.id) {
    const settledAt = lastProof(resident, sighting);
    if (settledAt > provedAt && settledAt <= work.now.wallMs) return;
  }
  if (!known && !admit(work.newcomers, mac, work.now)) return;
  const holder = known ?? newDevice(work, macClaim(mac), mac, sighting.at.wallMs);
  const identifiers = withClaims(holder.identifiers, [macClaim(mac)], { source: 'neighbour', at: sighting.at.wallMs });
  const device = saw({ ...holder, identifiers }, 'neighbour', provedAt, work.now);
  // One that is new may have been put together with others.
  const owner = known ? resident : residentOf(work, sighting);
  if (owner && owner.id !== device.id) {
    if (claimAddress(work, owner, device, proof) === 'stays') {
      keep(work, device);
      return;
    }
    put(work, { ...owner, addresses: withoutAddress(owner.addresses, addressKey(proof)) });
  } else renewClaim(work, device.id, proof);
  keep(work, { ...device, addresses: withAddress(device.addresses, proof, work.now.wallMs) });
  ownerLives(work, work.devices.get(device.id)!, proof);
}

/** Whether the address is known to answer with this MAC although the MAC is another's. */
function isReachedBy(resident: Device, proof: Address): boolean {
  const address = resident.addresses.find((each) => addressKey(each) === addressKey(proof));
  return address?.mac === proof.mac && isBehind(resident, address);
}

/** The MAC proves the one that stands in; of the one behind it only where to ask. */
function confirmBehind(work: Work, resident: Device, holder: Device, proof: Address): void {
  put(work, { ...resident, addresses: withAddress(resident.addresses, proof, work.now.wallMs) });
  keep(work, saw(holder, 'neighbour', proof.lastAt, work.now));
}

function lastProof(device: Device, at: { interface: string; ip: string }): number {
  const key = addressKey(at);
  return device.addresses.find((address) => addressKey(address) === key)?.lastAt ?? 0;
}

/** Gives a sighting to the device that is proved to be at its address; false when there is none (yet). */
function attribute(work: Work, sighting: Sighting): boolean {
  if (sighting.method === 'dhcp') return noteLease(work, sighting);
  if (sighting.method === 'controller') return noteManaged(work, sighting);
  const resident = provedResident(work, sighting);
  if (!resident || isExpiry(sighting)) return resident !== undefined;
  const told = claimsOf(sighting);
  const heard = speakerAt(work, resident, told, sighting);
  if (!heard) return false;
  // What may be another's words still tells what is there, but not who.
  const claims = heard === resident && isDoubtful(work, sighting) ? [] : told;
  const speaker = observe(work, sighting, heard, claims);
  keep(work, speaker);
  mergeProved(work, work.devices.get(speaker.id)!, claims.map(identifierKey));
  return true;
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
  const identifiers = withClaims(device.identifiers, claimsOf(sighting), { source: 'dhcp', at });
  keep(work, { ...saw({ ...device, identifiers, facts }, 'dhcp', at, work.now), lastSeenAt: device.lastSeenAt });
  return true;
}

/** Tells what a device is and how long it is looked after, not that it is there. Of a device that nobody knows nothing is kept: it is told again. */
function noteManaged(work: Work, sighting: ControllerSighting): boolean {
  const device = managed(work, sighting);
  if (!device) return true;
  const at = sighting.at.wallMs;
  const facts = withStatements(device.facts, statementsOf(work, sighting, device), at, macsOf(device));
  const told = withReport({ ...device, facts }, sighting);
  keep(work, { ...saw(told, 'controller', at, work.now), lastSeenAt: device.lastSeenAt });
  return true;
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

function observe(work: Work, sighting: Sighting, device: Device, claims: ReturnType<typeof claimsOf>): Device {
  const at = sighting.at.wallMs;
  const identifiers = withClaims(device.identifiers, claims, { source: sighting.method, at, ip: sighting.ip });
  const facts = withStatements(device.facts, statementsOf(work, sighting, device), at, macsOf(device));
  const speaker = withReport(withOffers({ ...device, identifiers, facts }, sighting), sighting);
  return saw(speaker, sighting.method, at, work.now);
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

/** A private MAC that was not seen for days was a guest, or is another one by now: phones change theirs. So is what nobody knows and that never stayed. */
function forgetStrangers(work: Work): void {
  for (const device of work.devices.values()) {
    if (work.now.wallMs - device.lastSeenAt < STRANGER_MS) continue;
    const mayPass = !hasUniversalMac(device) || isPassing(device);
    const isStranger = mayPass && !device.isGateway && !device.corrected && device.lastSeenAt > 0;
    if (!isStranger) continue;
    forget(
      work,
      device,
      `${hasUniversalMac(device) ? 'An unknown thing that never stayed and' : 'A private address that'} was not seen for three days.`,
    );
  }
}

/**
 * Over the cap go first those never proved to be there, then private MACs, among them the newest; never one that people spoke of or that
 * has been here for a day.
 */
function evictSurplus(work: Work): void {
  const surplus = work.devices.size - MOST_DEVICES;
  if (surplus <= 0) return;
  const mayGo = [...work.devices.values()].filter(
    (device) => !device.isGateway && !device.corrected && device.lastSeenAt - device.firstSeenAt < SETTLED_MS,
  );
  const rank = (device: Device): number => (device.lastSeenAt === 0 ? 0 : hasUniversalMac(device) ? 2 : 1);
  const worstFirst = mayGo.sort((a, b) => rank(a) - rank(b) || b.firstSeenAt - a.firstSeenAt || (a.id < b.id ? 1 : -1));
  for (const device of worstFirst.slice(0, surplus))
    forget(work, device, `More than ${MOST_DEVICES} devices on this LAN, and this was the least certain one.`);
}

/** A device at the address that the system routes through is a router, whatever else it says. */
function markGateways(work: Work): void {
  const routed = work.context.interfaces.filter(({ gateway }) => gateway !== undefined);
  const isAt = (own: LanInterface, { addresses }: Device): boolean => addresses.some((address) => address.interface === own.name);
  for (const device of work.devices.values()) {
    // While no interface names a router (the hub's cable is out), the router that was is still the router.
    if (device.isGateway && device.addresses.length > 0 && !routed.some((own) => isAt(own, device))) continue;
    const isGateway = isRoutedThrough(device, routed);
    if (isGateway !== device.isGateway) keep(work, asGateway(device, isGateway, work.now.wallMs));
  }
}

/** Asked of each device at each batch: without a closure for any of them. */
function isRoutedThrough({ addresses }: Device, routed: readonly LanInterface[]): boolean {
  for (const { interface: place, ip } of addresses)
    for (const { name, gateway } of routed) if (name === place && gateway === ip) return true;
  return false;
}

function asGateway(device: Device, isGateway: boolean, at: number): Device {
  const statement: Statement = { fact: 'kind', value: 'router', confidence: 0.6, source: GATEWAY_SOURCE };
  const facts = isGateway ? withStatements(device.facts, [statement], at, []) : withoutSource(device.facts, 'kind', GATEWAY_SOURCE);
  const marked = { ...device, isGateway, facts };
  return { ...marked, personal: isPersonal(marked) };
}
