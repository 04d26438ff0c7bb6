/**
 * SNMP messages as data: the questions (GET, GETNEXT, GETBULK) are written and the answers read, for the versions with a community
 * (RFC 1157, RFC 1901) and, as the PDU inside, for version 3. What an answer means is said in snmp-tables.ts. Reading never throws.
 */
import {
  bigUnsignedOf,
  type Element,
  element,
  elementAt,
  elementsOf,
  integer,
  integerOf,
  listOf,
  octets,
  oid,
  oidOf,
  sequence,
  TAG,
  unsignedOf,
} from './ber.ts';

export type Question = {
  readonly type: 'get' | 'next' | 'bulk';
  readonly requestId: number;
  readonly oids: readonly string[];
  /** Of a `bulk`: how many rows, at most. */
  readonly repetitions?: number;
};

/** Octets as they came, a number, an object identifier as dotted text, or undefined where the agent has nothing there. */
export type SnmpValue = number | bigint | string | Uint8Array | undefined;

export type VarBind = { readonly oid: string; readonly value: SnmpValue };

export type Answer = {
  readonly type: 'response' | 'report';
  readonly requestId: number;
  /** 0 is no error, 1 tooBig, 2 noSuchName (RFC 3416, 3). */
  readonly errorStatus: number;
  /** Counts from 1: the object that the error is about. */
  readonly errorIndex: number;
  readonly varBinds: readonly VarBind[];
};

/** `version` as it stands in the message: 0 is SNMPv1, 1 is SNMPv2c. */
export type CommunityVersion = 0 | 1;

export const ERROR = { tooBig: 1, noSuchName: 2 } as const;

const QUESTION_TAG = { get: 0xa0, next: 0xa1, bulk: 0xa5 } as const;
const RESPONSE = 0xa2;
const REPORT = 0xa8;

/** Agents fill one Ethernet frame unless they are asked for more; what is longer is none that we asked for. */
export const MAX_ANSWER_BYTES = 16_384;
const MAX_VARBINDS = 256;
/** What stands in a value is capped again where it is used; this bounds what is kept of an answer. */
const MAX_OCTETS = 1024;

export function writeQuestion(question: Question): Buffer {
  const [second, third] = question.type === 'bulk' ? [0, question.repetitions ?? 1] : [0, 0];
  const varBinds = question.oids.map((name) => sequence(oid(name), element(TAG.nothing)));
  return element(QUESTION_TAG[question.type], integer(question.requestId), integer(second), integer(third), sequence(...varBinds));
}

export function writeCommunityMessage(version: CommunityVersion, community: string, question: Question): Buffer {
  return sequence(integer(version), octets(community), writeQuestion(question));
}

/** Undefined for anything but an answer in this version and with this community. */
export function readCommunityMessage(datagram: Uint8Array, version: CommunityVersion, community: string): Answer | undefined {
  const message = outermost(datagram);
  const parts = message && elementsOf(datagram, message, [TAG.integer, TAG.octets, undefined]);
  if (parts === undefined) return undefined;
  const [versionPart, communityPart, pdu] = parts as [Element, Element, Element];
  if (integerOf(datagram, versionPart) !== version) return undefined;
  if (!Buffer.from(community).equals(datagram.subarray(communityPart.from, communityPart.to))) return undefined;
  return readAnswer(datagram, pdu);
}

/** The one sequence that a datagram is. A few agents pad it: what follows is left alone. */
export function outermost(datagram: Uint8Array): Element | undefined {
  if (datagram.length > MAX_ANSWER_BYTES) return undefined;
  const whole = elementAt(datagram, 0, datagram.length);
  return whole?.tag === TAG.sequence ? whole : undefined;
}

export function readAnswer(bytes: Uint8Array, pdu: Element): Answer | undefined {
  if (pdu.tag !== RESPONSE && pdu.tag !== REPORT) return undefined;
  const parts = elementsOf(bytes, pdu, [TAG.integer, TAG.integer, TAG.integer, TAG.sequence]);
  if (parts === undefined) return undefined;
  const [requestId, errorStatus, errorIndex] = parts.slice(0, 3).map((part) => integerOf(bytes, part));
  const varBinds = readVarBinds(bytes, parts[3]!);
  if (requestId === undefined || errorStatus === undefined || errorIndex === undefined || varBinds === undefined) return undefined;
  return { type: pdu.tag === REPORT ? 'report' : 'response', requestId, errorStatus, errorIndex, varBinds };
}

function readVarBinds(bytes: Uint8Array, list: Element): readonly VarBind[] | undefined {
  const varBinds: VarBind[] = [];
  for (const pair of listOf(bytes, list, TAG.sequence, MAX_VARBINDS) ?? [undefined]) {
    const parts = pair && elementsOf(bytes, pair, [TAG.oid, undefined]);
    const name = parts && oidOf(bytes, parts[0]!);
    if (parts === undefined || name === undefined) return undefined;
    varBinds.push({ oid: name, value: readValue(bytes, parts[1]!) });
  }
  return varBinds;
}

/** A value that is none of these, or broken in itself, is as good as absent: the other values of the answer still hold. */
function readValue(bytes: Uint8Array, value: Element): SnmpValue {
  switch (value.tag) {
    case TAG.integer:
      return integerOf(bytes, value);
    case TAG.counter32:
    case TAG.gauge32:
    case TAG.ticks:
      return unsignedOf(bytes, value);
    case TAG.counter64:
      return bigUnsignedOf(bytes, value);
    case TAG.oid:
      return oidOf(bytes, value);
    case TAG.octets:
    case TAG.address:
    case TAG.opaque:
      return bytes.slice(value.from, Math.min(value.to, value.from + MAX_OCTETS));
    default: // NULL, noSuchObject, noSuchInstance, endOfMibView
      return undefined;
  }
}
