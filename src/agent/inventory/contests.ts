/**
 * Two MACs of different devices that claim one address. Most takeovers are honest: a lease that ran out, a new network card, a virtual router.
 * A contest is declared only where an address goes back and forth, or where its owner goes on living after it was taken in full use. Then
 * the address stays with its owner, and answers from it prove nothing of anybody, until only one claims it for ten minutes.
 */
import type { Instant } from '../../base/clock.ts';
import { ipFamily } from '../../base/ip-address.ts';
import { addressKey } from './addresses.ts';
import { standsIn } from './behind.ts';
import type { Address, Device } from './device.ts';
import { holderOf } from './draft.ts';
import { macClaim } from './identifiers.ts';
import { type Claimant, type Contest, type InventoryContext, note, type Work } from './work.ts';

const WINDOW_MS = 10 * 60_000;
const SUSPECT_MS = 2 * 3_600_000;
const IN_USE_MS = 5 * 60_000;
/** A to B is a takeover, and B to A its end (a failover and its return); the third change within ten minutes is a quarrel. */
const QUARREL_SWITCHES = 3;
/** An owner whose lease changed is found under its new address within this time. */
const RENUMBER_MS = 3 * 60_000;
/** What it sent before it lost the address may arrive late. */
const LATE_MS = 60_000;
const MOST_CONTESTS = 64;
const MOST_CLAIMANTS = 4;

/** VRRP and CARP (RFC 9568 7.3), HSRP 1 and 2, HSRP for IPv6, GLBP (Cisco): a MAC that belongs to whichever router is the master. */
const VIRTUAL_MAC = /^(00:00:5e:00:0[12]|00:00:0c:07:ac|00:00:0c:9f:f[0-9a-f]|00:05:73:a0:0[0-9a-f]|00:07:b4:00)(:|$)/;

/** Notes that a MAC was proved at an address, and answers whose the address is from now on. */
export function claimAddress(work: Work, owner: Device, taker: Device, proof: Address): 'moves' | 'stays' {
  const key = addressKey(proof);
  const held = owner.addresses.find((address) => addressKey(address) === key);
  const before = work.contests.get(key);
  const known: Contest = before ?? {
    ip: proof.ip,
    interface: proof.interface,
    claimants: [{ deviceId: owner.id, mac: held?.mac ?? '', firstAt: held?.firstAt ?? 0, lastAt: held?.lastAt ?? 0 }],
    switches: [],
    takenInUse: held !== undefined && proof.lastAt - held.lastAt < IN_USE_MS,
  };
  const switches = [...known.switches.filter((at) => work.now.monoMs - at < WINDOW_MS), work.now.monoMs].slice(-16);
  const claimants = withClaimant(known.claimants, { deviceId: taker.id, mac: proof.mac, firstAt: proof.lastAt, lastAt: proof.lastAt });
  const noted: Contest = { ...known, claimants, switches };
  put(work, key, noted);
  if (noted.declaredAt === undefined && switches.length >= QUARREL_SWITCHES) declare(work, key, noted, 'they claim it in turns');
  const { declaredAt } = work.contests.get(key) as Contest;
  return declaredAt === undefined ? 'moves' : 'stays';
}

/** Notes that a claimant was proved at the address again. */
export function renewClaim(work: Work, deviceId: string, proof: Pick<Address, 'ip' | 'interface' | 'mac' | 'lastAt'>): void {
  const contest = work.contests.get(addressKey(proof));
  if (!contest?.claimants.some((claimant) => claimant.deviceId === deviceId)) return;
  put(work, addressKey(proof), {
    ...contest,
    claimants: withClaimant(contest.claimants, { deviceId, mac: proof.mac, firstAt: proof.lastAt, lastAt: proof.lastAt }),
  });
}

/** The owner speaks from the address that another MAC has taken. */
export function ownerSpoke(work: Work, owner: Device, at: { readonly ip: string; readonly interface: string; readonly at: Instant }): void {
  const contest = work.contests.get(addressKey(at));
  const first = contest?.claimants[0];
  if (!contest || first?.deviceId !== owner.id) return;
  renewClaim(work, owner.id, { ...contest, mac: first.mac, lastAt: at.at.wallMs });
  if (contest.takenInUse && takenFor(contest, at.at.wallMs) >= LATE_MS)
    declare(work, addressKey(at), contest, 'its owner is still heard from there');
}

/** The owner is proved elsewhere (by its IPv6 address) and has no other IPv4 address: it did not give this one up. */
export function ownerLives(work: Work, owner: Device, proof: Address): void {
  if (work.contests.size === 0 || ipFamily(proof.ip) !== 6 || owner.addresses.some(({ ip }) => ipFamily(ip) === 4)) return;
  for (const [key, contest] of work.contests) {
    if (contest.claimants[0]?.deviceId !== owner.id || contest.interface !== proof.interface || !contest.takenInUse) continue;
    if (takenFor(contest, proof.lastAt) >= RENUMBER_MS) declare(work, key, contest, 'its owner is still there, and has no other address');
  }
}

/** Whether what is told from an address may be told by another one than the table shows: it was taken while it was in use. */
export function isDoubtful(work: Work, place: { readonly interface: string; readonly ip: string; readonly at: Instant }): boolean {
  const contest = work.contests.get(addressKey(place));
  if (!contest) return false;
  return contest.declaredAt === undefined
    ? contest.takenInUse && takenFor(contest, place.at.wallMs) < WINDOW_MS
    : contest.excuse === undefined;
}

/** When the others came, as the age of that at an instant. */
function takenFor({ claimants }: Contest, wallMs: number): number {
  return wallMs - Math.min(...claimants.slice(1).map(({ firstAt }) => firstAt));
}

function declare(work: Work, key: string, contest: Contest, because: string): void {
  const devices = contest.claimants.flatMap(({ deviceId }) => work.devices.get(deviceId) ?? []);
  if (contest.declaredAt !== undefined || devices.length < 2 || changesHandsHonestly(work, contest, devices)) return;
  const declared = { ...(work.contests.get(key) ?? contest), declaredAt: Math.round(work.now.wallMs) };
  if (answersOnBothCards(work, devices)) {
    put(work, key, { ...declared, excuse: 'two network cards of one machine answer for each other' });
    return;
  }
  put(work, key, declared);
  note(work, {
    what: 'conflict',
    by: 'agent',
    devices: devices.map(({ id }) => id),
    why: `${contestWords(work.context, contest)}: ${because}.`,
  });
}

/** Whose addresses go back and forth by design. */
function changesHandsHonestly(work: Work, { claimants }: Contest, [, ...takers]: readonly Device[]): boolean {
  if (claimants.some(({ mac }) => VIRTUAL_MAC.test(mac))) return true;
  // Bonjour Sleep Proxy: an Apple TV or HomePod answers for a Mac while it sleeps, and the Mac takes its address back when it wakes.
  return takers.some((taker) => taker.services.includes('_sleep-proxy._udp') || standsIn(work, taker));
}

/** Linux answers ARP on any card for any of its addresses ("ARP flux"): then each of two MACs claims the address of the other. */
function answersOnBothCards(work: Work, [one, other]: readonly Device[]): boolean {
  const shared = [...work.contests.values()].filter(({ claimants }) =>
    [one, other].every((device) => claimants.some(({ deviceId }) => deviceId === device?.id)),
  );
  return new Set(shared.map(({ claimants }) => claimants[0]?.deviceId)).size > 1;
}

/** `192.168.1.30 is claimed by 00:11:... (Acme) and 00:22:... (an unknown maker)`. */
function contestWords({ vendorOf }: Pick<InventoryContext, 'vendorOf'>, { ip, claimants }: Contest): string {
  const words = claimants.map(({ mac }) => `${mac} (${vendorOf(mac) ?? 'an unknown maker'})`);
  return `${ip} is claimed by ${words.join(' and ')}`;
}

/** Those that nobody else claimed for ten minutes are over, and so are takeovers after which the owner was not heard for hours. */
export function settleContests(work: Work): void {
  for (const [key, contest] of work.contests) {
    const claiming = contest.claimants.filter(({ lastAt }) => Math.abs(work.now.wallMs - lastAt) < WINDOW_MS);
    const isOver =
      contest.declaredAt === undefined
        ? work.now.monoMs - (contest.switches.at(-1) ?? 0) >= SUSPECT_MS
        : claiming.length <= 1 && work.now.wallMs - contest.declaredAt >= WINDOW_MS;
    const isOne = contest.claimants.length > 1 && new Set(contest.claimants.flatMap(({ mac }) => holderId(work, mac))).size === 1;
    if (!isOver && !isOne) continue;
    work.contests.delete(key);
    if (contest.declaredAt === undefined || contest.excuse !== undefined) continue;
    const devices = contest.claimants.map(({ deviceId }) => deviceId);
    const winner = claiming[0]?.mac ?? contest.claimants[0]?.mac;
    note(work, { what: 'conflict over', by: 'agent', devices, why: `Only ${winner} has claimed ${contest.ip} for ten minutes.` });
  }
}

function holderId(work: Work, mac: string): string[] {
  const found = holderOf(work, macClaim(mac));
  return found ? [found.id] : [];
}

function withClaimant(claimants: readonly Claimant[], claim: Claimant): readonly Claimant[] {
  const known = claimants.find(({ deviceId }) => deviceId === claim.deviceId);
  if (!known) return claimants.length < MOST_CLAIMANTS ? [...claimants, claim] : claimants;
  return claimants.map((each) => (each === known ? { ...each, mac: claim.mac, lastAt: Math.max(each.lastAt, claim.lastAt) } : each));
}

function put(work: Work, key: string, contest: Contest): void {
  work.contests.set(key, contest);
  if (work.contests.size <= MOST_CONTESTS) return;
  const oldest = [...work.contests].find(([, each]) => each.declaredAt === undefined && each !== contest) ?? [...work.contests][0];
  if (oldest) work.contests.delete(oldest[0]);
}
