/** Broken variants of real packets, the same for the same seed: what a hostile or faulty device might send. */
import type { Random } from '../../src/base/random.ts';

/** Lengths, counts and signs at their edges, in one, two and four bytes. */
const EDGES: readonly number[][] = [
  [0x00],
  [0xff],
  [0x7f],
  [0x80],
  [0xc0, 0x00],
  [0xc0, 0x0c],
  [0xff, 0xff],
  [0x00, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0x84, 0x7f, 0xff, 0xff, 0xff],
  [0x30, 0x80],
];
const WORDS = [
  '<!DOCTYPE',
  '&#x41;',
  ']]>',
  '<a>',
  '</',
  '\r\n',
  '\0',
  '%s',
  '{',
  '[[[[',
  '":"',
  '\u202e',
  '9'.repeat(20),
  ' '.repeat(40),
  '=',
  ';',
  '\\u0000',
].map((word) => Buffer.from(word));
const MOST_BYTES = 4096;

const below = (random: Random, limit: number): number => Math.floor(random.fraction() * limit);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)] as T;

type Mutation = (bytes: Buffer, random: Random, seeds: readonly Uint8Array[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
    return bytes;
  },
  function replaceByte(bytes, random) {
    bytes[below(random, bytes.length)] = below(random, 256);
    return bytes;
  },
  function putEdge(bytes, random) {
    Buffer.from(pick(random, EDGES)).copy(bytes, below(random, bytes.length));
    return bytes;
  },
  function insertWord(bytes, random) {
    const at = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), pick(random, WORDS), bytes.subarray(at)]);
  },
  function cutShort(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length));
  },
  function drop(bytes, random) {
    const at = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 16))]);
  },
  function repeat(bytes, random) {
    const at = below(random, bytes.length);
    const part = bytes.subarray(at, at + 1 + below(random, 64));
    return Buffer.concat([bytes.subarray(0, at), ...Array<Buffer>(1 + below(random, 8)).fill(part), bytes.subarray(at)]);
  },
  function splice(bytes, random, seeds) {
    const other = pick(random, seeds);
    return Buffer.concat([bytes.subarray(0, below(random, bytes.length)), other.subarray(below(random, other.length))]);
  },
];

/** One to eight changes to one of the seeds; one in 64 is noise with no packet in it. */
export function mutated(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  if (below(random, 64) === 0) return random.bytes(below(random, 256));
  let bytes: Buffer = Buffer.from(pick(random, seeds));
  for (let changes = 1 + below(random, 8); changes > 0 && bytes.length > 0; changes--)
    bytes = pick(random, MUTATIONS)(bytes, random, seeds);
  return bytes.subarray(0, MOST_BYTES);
}
