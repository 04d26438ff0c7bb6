/**
 * When two devices are one box: only by evidence that the other one cannot easily borrow. A name, a serial number or a UDN alone never
 * merges anything, and what contradicts outweighs what agrees: two boxes taken for one is worse than one box shown twice.
 */
import type { Device, Identifier, IdentifierKind } from './device.ts';
import { hasUniversalMac, holdsMac, identifierKey, strengthOf, wasAsked } from './identifiers.ts';

/** Model lines ship with one serial number, one certificate: what so many devices show names none of them. */
const COMMON_FROM = 3;
/** A device that moved may be heard under both addresses for a moment. */
const HANDOVER_MS = 60_000;
/** What was heard last within this time before the other began was shown at the same time: instants are kept to the minute. */
const AT_ONCE_MS = 60_000;

/** Kinds that model lines share (Samsung TVs all said 20090804RCR; firmware ships with its test certificate), so that two of them prove nothing. */
const SHARED_BY_MODELS: ReadonlySet<IdentifierKind> = new Set(['serial', 'certificate']);
/** Names from one setting of the device count as one. A DHCP name is left out: anybody may write it into a request. */
const NAMES: readonly IdentifierKind[] = ['mdns-host', 'netbios-name'];
/** What one box has one of at a time. */
const ONE_AT_A_TIME: readonly IdentifierKind[] = ['homekit-id', 'cast-id', 'udn', 'mdns-host'];

/** Why two devices are the same box, in words; undefined when they may be two. `tellers` says how many devices tell an identifier. */
export function proofOfSameBox(one: Device, other: Device, tellers: (key: string) => number): string | undefined {
  if (contradict(one, other)) return undefined;
  const telling = one.identifiers.filter((identifier) => tellers(identifierKey(identifier)) < COMMON_FROM);
  const pairs = telling.flatMap((mine): [Identifier, Identifier][] => {
    const theirs = other.identifiers.find(({ kind, value }) => kind === mine.kind && value === mine.value);
    return theirs ? [[mine, theirs]] : [];
  });
  const unique = pairs.filter(([mine]) => strengthOf(mine) === 'unique');
  const kinds = [...new Set(unique.map(([{ kind }]) => kind))];
  const name = pairs.find(([mine]) => NAMES.includes(mine.kind))?.[0].kind;
  if (tellsMacOf(one, other) && tellsMacOf(other, one)) return 'Each tells the MAC of the other as its own.';
  const agreeing = kinds.length + (name && kinds.length > 0 && !oneIsRegistered(one, other) ? 1 : 0);
  const isProof =
    hasUniversalMac(one) && hasUniversalMac(other)
      ? agreeing >= 2 && kinds.some((kind) => !SHARED_BY_MODELS.has(kind)) && unique.some((pair) => pair.every(wasAsked))
      : agreeing >= 2 && followsOn(one, other);
  return isProof ? `Both showed the same ${[...kinds, ...(name ? [name] : [])].join(' and ')}.` : undefined;
}

/** A registered MAC and a private one (not a stand-in's): then a name is not worth an id, or any phone could pass for the printer. */
function oneIsRegistered(one: Device, other: Device): boolean {
  const isRegistered = hasUniversalMac(one) || hasUniversalMac(other);
  return isRegistered && [one, other].every((device) => of(device, 'behind').length === 0);
}

/** A private MAC that is left for another, or a device that came to answer through a stand-in, is not heard under both. */
function followsOn(one: Device, other: Device): boolean {
  const [earlier, later] = one.firstSeenAt <= other.firstSeenAt ? [one, other] : [other, one];
  return provedAt(earlier) <= later.firstSeenAt + HANDOVER_MS;
}

function provedAt(device: Device): number {
  return Math.max(0, ...device.addresses.map((address) => address.lastAt));
}

function tellsMacOf(one: Device, other: Device): boolean {
  return one.identifiers.some(({ kind, value, source }) => kind === 'told-mac' && source !== 'dhcp' && holdsMac(other, value));
}

/** Whether both show what a box has only one of, at the same time and never the same; serial numbers never change. */
function contradict(one: Device, other: Device): boolean {
  const [mySerials, theirSerials] = [of(one, 'serial'), of(other, 'serial')];
  if (mySerials.length > 0 && theirSerials.length > 0 && !overlap(mySerials, theirSerials)) return true;
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
