/**
 * When two devices are one box: only by evidence that the other one cannot easily borrow. A name, a serial number or a UDN alone never
 * merges anything, and what contradicts outweighs what agrees: two boxes taken for one is worse than one box shown twice.
 */
import { isGuestOf, ownIp } from './behind.ts';
import type { Device, Identifier, IdentifierKind } from './device.ts';
import { hasUniversalMac, holdsMac, identifierKey, isExclusive, strengthOf, wasAsked } from './identifiers.ts';

/** Model lines ship with one serial number, one certificate: what so many devices show names none of them. */
const COMMON_FROM = 3;
/** A device that moved may be heard under both addresses for a moment. */
const HANDOVER_MS = 60_000;
/** A device that joins announces itself at once, and is asked within minutes. */
const SOON_MS = 3_600_000;
/** Cards of one box are heard within minutes of each other. */
const TOLD_AT_ONCE_MS = 5 * 60_000;
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

/** Why two devices are the same box, in words; undefined when they may be two. `tellers` says how many devices tell an identifier. */
export function proofOfSameBox(one: Device, other: Device, tellers: (key: string) => number): string | undefined {
  if (contradict(one, other) || isGuestOf(one, other) || isGuestOf(other, one)) return undefined;
  if (tellsMacOf(one, other) && tellsMacOf(other, one)) return 'Each tells the MAC of the other as its own.';
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
  const isProof = areCards
    ? kinds.length >= 2 && unique.some((pair) => pair.every(wasAsked)) && (followsOn(one, other, unique) || unique.some(areToldAtOnce))
    : kinds.length + (name && !isNameTooLittle(one, other) ? 1 : 0) >= 2 && followsOn(one, other, unique);
  return isProof ? `Both showed the same ${[...kinds, ...(name ? [name] : [])].join(' and ')}.` : undefined;
}

type Pair = readonly [Identifier, Identifier];

/**
 * It told this from where the box itself is: at other addresses it may stand in for somebody, and what it has lost may never have been its
 * own. One that has no address left can be asked no more, and is taken at its word.
 */
function isGrounded(device: Device, { ip }: Identifier): boolean {
  return ip !== undefined && (device.addresses.length === 0 || ip === ownIp(device));
}

/** Two cards of one box tell the same at the same time; a MAC that was here all along and only now tells it may stand in for it. */
function areToldAtOnce([mine, theirs]: Pair): boolean {
  return Math.abs(mine.lastAt - theirs.lastAt) < TOLD_AT_ONCE_MS;
}

/** Of a registered MAC and a private one (not a stand-in's): a name is not worth an id, or any phone could pass for the printer. */
function isNameTooLittle(one: Device, other: Device): boolean {
  const isRegistered = hasUniversalMac(one) || hasUniversalMac(other);
  return isRegistered && [one, other].every((device) => of(device, 'behind').length === 0);
}

/**
 * The later one was first seen when the other had fallen silent, and soon told who it is: a MAC or a card that was left for another is not
 * heard beside it, and what was here for long without a word may have begun to stand in for somebody.
 */
function followsOn(one: Device, other: Device, told: readonly Pair[]): boolean {
  const [earlier, later] = one.firstSeenAt <= other.firstSeenAt ? [one, other] : [other, one];
  const isSoon = told.every((pair) => (later === one ? pair[0] : pair[1]).firstAt <= later.firstSeenAt + SOON_MS);
  return isSoon && presentAt(earlier) <= later.firstSeenAt + HANDOVER_MS;
}

/** When its own MAC, or the address where it answers through another's, was last proved. */
function presentAt({ identifiers, addresses }: Device): number {
  return Math.max(0, ...identifiers.filter(isExclusive).map(({ lastAt }) => lastAt), ...addresses.map(({ lastAt }) => lastAt));
}

function tellsMacOf(one: Device, other: Device): boolean {
  return one.identifiers.some(({ kind, value, source }) => kind === 'told-mac' && source !== 'dhcp' && holdsMac(other, value));
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
