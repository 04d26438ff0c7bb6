/**
 * The two DNS questions that are asked of single servers: the name of an address (PTR, RFC 1035, 3.5), as the home's resolver and LLMNR know
 * it, and the addresses of a name (A). Reads an answer strictly: compression pointers go backwards only (4.1.4), so a walk ends; names are
 * cleaned and capped.
 */
import { cleanText } from '../../base/text.ts';
import { ByteReader } from './byte-reader.ts';

const HEADER_BYTES = 12;
const RECURSION_DESIRED = 0x01;
const RESPONSE = 0x80;
const ADDRESS = 1;
const PTR = 12;
const INTERNET = 1;
const MAX_NAMES = 4;
const NOERROR = 0;
const NXDOMAIN = 3;
const MAX_RECORDS = 32;
/** RFC 1035, 2.3.4. */
const MAX_NAME_BYTES = 255;

/** `id` from 0 to 65535; `ip` is IPv4. */
export function encodePtrQuestion(id: number, ip: string, { recurse }: { readonly recurse: boolean }): Uint8Array {
  return encodeQuestion(id, [...ip.split('.').reverse(), 'in-addr', 'arpa'], PTR, recurse);
}

/** Undefined for what is no name of a host (RFC 1035, 2.3.4). `id` from 0 to 65535. */
export function encodeAddressQuestion(id: number, name: string): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.');
  const canBeWritten = name.length < MAX_NAME_BYTES && labels.every((label) => /^[a-z0-9_-]{1,63}$/i.test(label));
  return canBeWritten ? encodeQuestion(id, labels, ADDRESS, true) : undefined;
}

function encodeQuestion(id: number, labels: readonly string[], type: number, recurse: boolean): Uint8Array {
  const name = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const header = Buffer.from([id >> 8, id & 0xff, recurse ? RECURSION_DESIRED : 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...name, Buffer.from([0, 0, type, 0, INTERNET])]);
}

/** The names in the answer to this very question, without a final dot; none for NXDOMAIN; undefined for anything else. */
export function parsePtrAnswer(message: Uint8Array, question: Uint8Array): readonly string[] | undefined {
  return answersOf(message, question, PTR)?.flatMap(({ dataAt }) => readName(message, dataAt)?.name || []);
}

/** The IPv4 addresses in the answer to this very question; none where the server knows of none; undefined for anything else, also a failure. */
export function parseAddressAnswer(message: Uint8Array, question: Uint8Array): readonly string[] | undefined {
  const code = (message[3] ?? 0) & 0x0f;
  if (code !== NOERROR && code !== NXDOMAIN) return undefined;
  return answersOf(message, question, ADDRESS)?.flatMap(({ dataAt, next }) =>
    next - dataAt === 4 ? [message.subarray(dataAt, next).join('.')] : [],
  );
}

type DnsRecord = { readonly type: number; readonly dataAt: number; readonly next: number };

/** The first records of that type; undefined where the message does not answer the question. */
function answersOf(message: Uint8Array, question: Uint8Array, type: number): DnsRecord[] | undefined {
  if (message.length < question.length || message.length > 4096) return undefined;
  if (message[0] !== question[0] || message[1] !== question[1] || (message[2]! & RESPONSE) === 0) return undefined;
  if (!repeatsQuestion(message, question)) return undefined;
  const answers = Math.min(message[6]! * 256 + message[7]!, MAX_RECORDS);
  const records: DnsRecord[] = [];
  let at = question.length;
  for (let i = 0; i < answers && records.length < MAX_NAMES; i++) {
    const record = readRecord(message, at);
    if (record === undefined) break;
    at = record.next;
    if (record.type === type) records.push(record);
  }
  return records;
}

function repeatsQuestion(message: Uint8Array, question: Uint8Array): boolean {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(HEADER_BYTES, question.length)).toString('latin1').toLowerCase();
  return message[4] === 0 && message[5] === 1 && text(message) === text(question);
}

function readRecord(message: Uint8Array, at: number): DnsRecord | undefined {
  const owner = readName(message, at);
  if (owner === undefined) return undefined;
  const reader = new ByteReader(message.subarray(owner.next));
  const type = reader.number(2);
  reader.take(6);
  const length = reader.number(2);
  const dataAt = owner.next + 10;
  if (type === undefined || length === undefined || reader.take(length) === undefined) return undefined;
  return { type, dataAt, next: dataAt + length };
}

/** A name and where the next thing begins. */
function readName(message: Uint8Array, start: number): { readonly name: string; readonly next: number } | undefined {
  const labels: string[] = [];
  let [at, bytes, lowest] = [start, 0, start];
  let next: number | undefined;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: labels.join('.'), next: next ?? at + 1 };
    if (length >= 0xc0) {
      const target = (length & 0x3f) * 256 + (message[at + 1] ?? 0xff);
      next ??= at + 2;
      if (target >= lowest) return undefined;
      [at, lowest] = [target, target];
      continue;
    }
    bytes += length + 1;
    if (length > 63 || bytes > MAX_NAME_BYTES || at + 1 + length > message.length) return undefined;
    labels.push(cleanText(Buffer.from(message.subarray(at + 1, at + 1 + length)).toString('utf8'), 63) ?? '');
    at += length + 1;
  }
}
