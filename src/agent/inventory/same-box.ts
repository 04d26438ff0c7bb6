/**
 * When two devices are one box: only by evidence that the other one cannot borrow; what it could have copied is a suggestion to people. A name,
 * a serial number or a UDN alone is not even that, and what contradicts outweighs what agrees: two boxes taken for one is worse than one box
 * shown twice.
 */
import { isGuestOf, ownIp } from './behind.ts';
import type { Device, Identifier, IdentifierKind } from './device.ts';
import { hasUniversalMac, holdsMac, identifierKey, isExclusive, strengthOf, wasAsked } from './identifiers.ts';

/** Model lines ship with one serial number, one certificate: what so many devices show names none of them. */
const COMMON_FROM = 3;
/** What still lives is heard within this time: it is asked every few seconds where it was. */
const SILENT_MS = 10 * 60_000;
/** A device that moved may be heard under both addresses for a moment. */
const HANDOVER_MS = 60_000;
/** A device that joins announces itself at once, and is asked within minutes. */
const SOON_MS = 3_600_000;
/** Cards of one box are heard within minutes of each other. */
const TOLD_AT_ONCE_MS = 5 * 60_000;
/** Long enough for both to have told all they tell, and for a passing copier to be gone. */
const KNOWN_MS = 3_600_000;
/** Cards that the hub found so soon after each other were both there before it, or came in one box. */
const FOUND_TOGETHER_MS = 10 * 60_000;
/** What was heard last within this time before the other began was shown at the same time: instants are kept to the minute. */
const AT_ONCE_MS = 60_000;

/** Kinds that model lines share (Samsung TVs all said 20090804RCR; firmware ships with its test certificate), so that two of them prove nothing. */
const SHARED_BY_MODELS: ReadonlySet<IdentifierKind> = new Set(['serial', 'certificate']);
/** Names from one setting of the device count as one. A DHCP name is left out: anybody may write it into a request. */
const NAMES: readonly IdentifierKind[] = ['mdns-host', 'netbios-name'];
/** What one box has one of at a time. */
const ONE_AT_A_TIME: readonly IdentifierKind[] = ['udn', 'mdns-host'];
/** What a box keeps for as long as nobody resets it. */
const LASTING: readonly IdentifierKind[] = ['serial', 'homekit-id', 'cast-id', 'vendor-id'];

/** `isSure` where only the box itself can have told this; else a copier can, and a person has to decide. */
export type Likeness = { readonly why: string; readonly isSure: boolean };

export type Surroundings = {
  /** Unix milliseconds. */
  readonly now: number;
  /** How many devices tell an identifier. */
  readonly tellers: (key: string) => number;
  /** The maker a MAC is registered to; undefined for private and unknown ones, and for makers of parts. */
  readonly makerOf: (mac: string) => string | undefined;
};

/** Why two devices look like the same box, in words; undefined when nothing says so. */
export function likenessOf(one: Device, other: Device, surroundings: Surroundings): Likeness | undefined {
  const { now, tellers } = surroundings;
  if (contradict(one, other) || isGuestOf(one, other) || isGuestOf(other, one)) return undefined;
  if (tellsMacOf(one, other) && tellsMacOf(other, one)) return { why: 'Each tells the MAC of the other as its own.', isSure: true };
  // Two cards have two addresses: at one address either may have answered for the other.
  const areCards = hasUniversalMac(one) && hasUniversalMac(other);
  const telling = one.identifiers.filter((mine) => isGrounded(one, mine) && tellers(identifierKey(mine)) < COMMON_FROM);
  const pairs = telling.flatMap((mine): Pair[] => {
    const theirs = other.identifiers.find(({ kind, value }) => kind === mine.kind && value === mine.value);
    return theirs && isGrounded(other, theirs) && !(areCards && mine.ip === theirs.ip) ? [[mine, theirs]] : [];
  });
  const unique = pairs.filter(([mine]) => strengthOf(mine) === 'unique');
  const kinds = [...new Set(unique.map(([{ kind }]) => kind))];
  if (!kinds.some((kind) => !SHARED_BY_MODELS.has(kind))) return undefined;
  const name = pairs.find(([mine]) => NAMES.includes(mine.kind))?.[0].kind;
  const isLike = areCards
    ? kinds.length >= 2 &&
      unique.some((pair) => pair.every(wasAsked)) &&
      (followsOn(one, other, unique, now) || areSideBySide(one, other, unique))
    : kinds.length + (name ? 1 : 0) >= 2 && !areOfTwoSorts(one, other) && followsOn(one, other, unique, now);
  if (!isLike) return undefined;
  const why = `Both showed the same ${[...kinds, ...(name ? [name] : [])].join(' and ')}.`;
  return { why, isSure: !areCards || (cameTogether(one, other, surroundings) && unique.some(wasToldForLong)) };
}

/**
 * UDN, serial number and ids stand in descriptions that everybody on the LAN may read, and a registered MAC is made up in a second. What a
 * copier who came later cannot have is the place beside the original when both were found, with a MAC of the same maker.
 */
function cameTogether(one: Device, other: Device, { now, makerOf }: Surroundings): boolean {
  const makers = (device: Device): (string | undefined)[] => of(device, 'mac').map(({ value }) => makerOf(value));
  const isOneMaker = makers(one).some((maker) => maker !== undefined && makers(other).includes(maker));
  const foundAt = [one, other].flatMap((device) => of(device, 'mac').map(({ firstAt }) => firstAt));
  const [first, last] = [Math.min(...foundAt), Math.max(...foundAt)];
  return isOneMaker && last - first <= FOUND_TOGETHER_MS && now - last >= KNOWN_MS;
}

type Pair = readonly [Identifier, Identifier];

/** Who stood at a stolen address for a minute, before the hub knew its owner, told the owner's words there and then no more. */
function wasToldForLong(pair: Pair): boolean {
  return pair.every(({ kind, firstAt, lastAt }) => !SHARED_BY_MODELS.has(kind) && lastAt - firstAt >= KNOWN_MS);
}

/**
 * It told this from where the box itself is: at other addresses it may stand in for somebody, and what it has lost may never have been its
 * own. One that has no address left can be asked no more, and is taken at its word.
 */
function isGrounded(device: Device, { ip }: Identifier): boolean {
  return ip !== undefined && speaksOfItself(device) && (device.addresses.length === 0 || ip === ownIp(device));
}

/** Who tells MACs, and never one of its own, passes on what another device says. */
function speaksOfItself(device: Device): boolean {
  const told = of(device, 'told-mac');
  return told.length === 0 || told.some(({ value }) => holdsMac(device, value)) || of(device, 'behind').length > 0;
}

/**
 * Two cards of one box are both there and tell the same at the same time. A MAC that was here all along and tells it only after the other
 * has fallen silent may stand in for it.
 */
function areSideBySide(one: Device, other: Device, told: readonly Pair[]): boolean {
  if (one.addresses.length === 0 || other.addresses.length === 0) return false;
  return told.some(
    ([mine, theirs]) =>
      Math.abs(mine.lastAt - theirs.lastAt) < TOLD_AT_ONCE_MS && heardAt(one) >= theirs.firstAt && heardAt(other) >= mine.firstAt,
  );
}

/** When its own MAC was last proved, to the minute. */
function heardAt({ identifiers }: Device): number {
  return Math.max(0, ...identifiers.filter(isExclusive).map(({ lastAt }) => lastAt)) + AT_ONCE_MS;
}

/**
 * A registered MAC and a private one: what a phone tells behind an extender is told by the extender's MAC first, and an extender that never
 * says what it is itself would be taken for the phone. A person may still say so.
 */
function areOfTwoSorts(one: Device, other: Device): boolean {
  const isRegistered = hasUniversalMac(one) || hasUniversalMac(other);
  return isRegistered && [one, other].every((device) => of(device, 'behind').length === 0);
}

/**
 * The later one was first seen when the other had fallen silent, and soon told who it is: a MAC or a card that was left for another is not
 * heard beside it, and what was here for long without a word may have begun to stand in for somebody.
 */
function followsOn(one: Device, other: Device, told: readonly Pair[], now: number): boolean {
  const [earlier, later] = one.firstSeenAt <= other.firstSeenAt ? [one, other] : [other, one];
  const isSoon = told.every((pair) => (later === one ? pair[0] : pair[1]).firstAt <= later.firstSeenAt + SOON_MS);
  const silentMs = now - presentAt(earlier);
  return isSoon && silentMs >= SILENT_MS && presentAt(earlier) <= later.firstSeenAt + HANDOVER_MS;
}

/** When its own MAC, or the address where it answers through another's, was last proved. */
function presentAt({ identifiers, addresses }: Device): number {
  return Math.max(0, ...identifiers.filter(isExclusive).map(({ lastAt }) => lastAt), ...addresses.map(({ lastAt }) => lastAt));
}

function tellsMacOf(one: Device, other: Device): boolean {
  return of(one, 'told-mac').some((told) => wasAsked(told) && isGrounded(one, told) && holdsMac(other, told.value));
}

/** Whether both show what a box keeps, or has one of at a time and both at the same time, and never the same. */
function contradict(one: Device, other: Device): boolean {
  const differs = (kind: IdentifierKind): boolean => {
    const [mine, theirs] = [of(one, kind), of(other, kind)];
    return mine.length > 0 && theirs.length > 0 && !overlap(mine, theirs);
  };
  if (LASTING.some(differs)) return true;
  return ONE_AT_A_TIME.some((kind) => {
    const [mine, theirs] = [of(one, kind), of(other, kind)];
    return (
      !overlap(mine, theirs) && mine.some((a) => theirs.some((b) => a.firstAt < b.lastAt + AT_ONCE_MS && b.firstAt < a.lastAt + AT_ONCE_MS))
    );
  });
}

function of({ identifiers }: Device, kind: IdentifierKind): readonly Identifier[] {
  return identifiers.filter((identifier) => identifier.kind === kind);
}

function overlap(mine: readonly Identifier[], theirs: readonly Identifier[]): boolean {
  return mine.some((a) => theirs.some((b) => a.value === b.value));
}
