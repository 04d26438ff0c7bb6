/** One DNS question (RFC 1035) that only a working resolver with a working upstream can answer. */
import type { Random } from '../base/random.ts';

/** `code` in words, for evidence. `proof`: NOERROR or NXDOMAIN, which somebody must have looked up. */
export type DnsAnswer = { readonly code: string; readonly proof: boolean };

const HEADER_LENGTH = 12;
const RESPONSE = 0x80;
const RECURSION_DESIRED = 0x01;
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const PROOFS = new Set(['NOERROR', 'NXDOMAIN']);

/**
 * Asks for a name below `example` (RFC 6761, 6.5) with a random label: many home routers catch questions to any server and answer what
 * they have cached, so a fixed name would be answered while the line is cut. Public resolvers know by NSEC that `example` is empty (RFC 8198).
 */
export function encodeDnsQuestion(random: Random): Buffer {
  const label = `hearthbeat-${Buffer.from(random.bytes(6)).toString('hex')}`;
  const name = [label, 'example'].flatMap((part) => [Buffer.from([part.length]), Buffer.from(part)]);
  const header = Buffer.from([...random.bytes(2), RECURSION_DESIRED, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const typeAInternet = Buffer.from([0, 0, 1, 0, 1]);
  return Buffer.concat([header, ...name, typeAInternet]);
}

/** Undefined when the packet does not answer this very question: another id, another name, a query, cut short. */
export function readDnsAnswer(packet: Uint8Array, question: Buffer): DnsAnswer | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  if (bytes.length < HEADER_LENGTH || bytes.readUInt16BE(0) !== question.readUInt16BE(0)) return undefined;
  if ((bytes.readUInt8(2) & RESPONSE) === 0 || !repeatsQuestion(bytes, question)) return undefined;
  const rcode = bytes.readUInt8(3) & 0x0f;
  const code = RCODES[rcode] ?? `RCODE ${rcode}`;
  return { code, proof: PROOFS.has(code) };
}

/** Error responses may leave the question out (RFC 1035, 4.1.1 does not require it for them). */
function repeatsQuestion(bytes: Buffer, question: Buffer): boolean {
  const asked = question.subarray(HEADER_LENGTH).toString('latin1').toLowerCase();
  const repeated = bytes.subarray(HEADER_LENGTH, question.length).toString('latin1').toLowerCase();
  return bytes.readUInt16BE(4) === 0 || repeated === asked;
}
