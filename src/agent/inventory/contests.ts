/**
 * Two MACs of different devices that claim one address. Most takeovers are honest: a lease that ran out, a new network card, a virtual router.
 * A contest is declared only where an address goes back and forth, or where it was taken in full use and its owner goes on living, or is
 * gone since something that just joined took it. Then answers from it prove nothing of anybody, until only one claims it for ten minutes.
 */
import type { Instant } from '../../base/clock.ts';
import { ipFamily } from '../../base/ip-address.ts';
import { addressKey } from './addresses.ts';
import { standsIn } from './behind.ts';
import type { Address, Device } from './device.ts';
import { holderOf } from './draft.ts';
import { hasUniversalMac, macClaim } from './identifiers.ts';
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
/** Who has been here for so long, or was found along with the owner, may have good reasons to answer for it; a newcomer only claims them. */
const SETTLED_MS = 86_400_000;
const FOUND_TOGETHER_MS = 10 * 60_000;
/** What was proved in a tick may be this much older. */
const SETTLING_MS = 2_000;
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
  const contest = work.contests.size === 0 ? undefined : work.contests.get(addressKey(proof));
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
  // A minute longer than it may go without being declared: in between no word of the taker may count.
  return contest.declaredAt === undefined
    ? contest.takenInUse && takenFor(contest, place.at.wallMs) < WINDOW_MS + LATE_MS
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

/** Whose addresses go back and forth by design: all that took it have a reason, and have not just joined. */
function changesHandsHonestly(work: Work, { ip, claimants }: Contest, [owner, ...takers]: readonly Device[]): boolean {
  const macOf = (device: Device | undefined): string => claimants.find(({ deviceId }) => deviceId === device?.id)?.mac ?? '';
  const isRoutersPlace = work.context.interfaces.some(({ gateway }) => gateway === ip);
  return takers.every((taker) => {
    if (isRoutersPlace && VIRTUAL_MAC.test(macOf(taker))) return true;
    if (owner && hasJustJoined(taker, owner, work.now.wallMs)) return false;
    // Bonjour Sleep Proxy: an Apple TV or HomePod answers for a Mac while it sleeps, and the Mac takes its address back when it wakes.
    const isProxy = taker.services.includes('_sleep-proxy._udp') || standsIn(work, taker);
    return isProxy || [owner, taker].some((device) => VIRTUAL_MAC.test(macOf(device)));
  });
}

/** Whether one came after the other and less than a day ago: then what it says of itself is no reason to answer at the other's address. */
export function hasJustJoined(taker: Device, owner: Device, now: number): boolean {
  return taker.firstSeenAt > owner.firstSeenAt + FOUND_TOGETHER_MS && now - taker.firstSeenAt < SETTLED_MS;
}

/**
 * It was taken in use by something that just joined, and for ten minutes its owner was found at no other address. A private MAC that is
 * gone may be another one by now.
 */
function isRobbed(work: Work, contest: Contest): boolean {
  const [owner, ...takers] = contest.claimants.map(({ deviceId }) => work.devices.get(deviceId));
  if (!owner || !hasUniversalMac(owner) || isAtOther(owner, contest)) return false;
  if (!contest.takenInUse || takenFor(contest, work.now.wallMs) < WINDOW_MS) return false;
  return takers.some((taker) => taker && hasJustJoined(taker, owner, work.now.wallMs));
}

function isAtOther(owner: Device, { ip }: Contest): boolean {
  return owner.addresses.some((address) => ipFamily(address.ip) === 4 && address.ip !== ip);
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

/** Declares what is a conflict by now, and ends what is none any more. */
export function settleContests(work: Work): void {
  for (const [key, contest] of work.contests) {
    const isGone = contest.declaredAt === undefined && isRobbed(work, contest);
    if (isGone) declare(work, key, contest, 'what took it had just joined, and its owner was heard nowhere for ten minutes');
    const current = work.contests.get(key) ?? contest;
    const why = whyOver(work, current);
    if (why === undefined) continue;
    work.contests.delete(key);
    if (current.declaredAt === undefined || current.excuse !== undefined) continue;
    note(work, { what: 'conflict over', by: 'agent', devices: current.claimants.map(({ deviceId }) => deviceId), why });
  }
}

/** When time alone may make or end one: while one is declared at every tick, and around the times by which a takeover is settled. Monotonic milliseconds. */
export function contestsDueAtMs(contests: ReadonlyMap<string, Contest>, nowMs: number): number {
  let dueAtMs = Number.POSITIVE_INFINITY;
  for (const { declaredAt, switches } of contests.values()) {
    if (declaredAt !== undefined) return nowMs;
    for (const at of switches)
      for (const settledMs of [at + WINDOW_MS, at + SUSPECT_MS])
        if (settledMs + SETTLING_MS > nowMs) dueAtMs = Math.min(dueAtMs, Math.max(nowMs, settledMs - SETTLING_MS));
  }
  return dueAtMs;
}

/**
 * Those that nobody else claimed for ten minutes are over, and takeovers after which the owner was not heard for hours. Where the owner is
 * gone, the taker's claim alone ends nothing for a day: it is what was complained of.
 */
function whyOver(work: Work, contest: Contest): string | undefined {
  const { declaredAt, ip, claimants } = contest;
  const { wallMs, monoMs } = work.now;
  const isOne = claimants.length > 1 && new Set(claimants.flatMap(({ mac }) => holderId(work, mac))).size === 1;
  if (isOne) return `Those that claimed ${ip} are one device.`;
  if (declaredAt === undefined) return monoMs - (contest.switches.at(-1) ?? 0) >= SUSPECT_MS ? 'Its owner did not come back.' : undefined;
  const claiming = claimants.filter(({ lastAt }) => Math.abs(wallMs - lastAt) < WINDOW_MS);
  if (claiming.length > 1 || Math.abs(wallMs - declaredAt) < WINDOW_MS) return undefined;
  const owner = work.devices.get(claimants[0]?.deviceId ?? '');
  const isTakers = claiming.length === 1 && claiming[0] !== claimants[0];
  if (isTakers && owner && isRobbed(work, contest)) return undefined;
  return `Only ${claiming[0]?.mac ?? claimants[0]?.mac} has claimed ${ip} for ten minutes.`;
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
