import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Random } from '../../../src/base/random.ts';
import { encodeDnsQuestion, readDnsAnswer } from '../../../src/platform/dns-question.ts';

const random: Random = { bytes: (length) => new Uint8Array(length).fill(0xab), fraction: () => 0 };
const question = encodeDnsQuestion(random);

function answer(rcode: number, change: (packet: Buffer) => void = () => {}): Buffer {
  const packet = Buffer.from(question);
  packet.writeUInt8(0x81, 2);
  packet.writeUInt8(0x80 | rcode, 3);
  change(packet);
  return packet;
}

test('asks for the address of a random name below example, recursively', () => {
  expect(question.toString('latin1')).toBe(`\xab\xab\x01\0\0\x01\0\0\0\0\0\0\x17hearthbeat-abababababab\x07example\0\0\x01\0\x01`);
});

test.each([
  [0, 'NOERROR', true],
  [3, 'NXDOMAIN', true],
  [2, 'SERVFAIL', false],
  [5, 'REFUSED', false],
  [11, 'RCODE 11', false],
])('reads response code %i as %s', (rcode, code, proof) => {
  expect(readDnsAnswer(answer(rcode), question)).toEqual({ code, proof });
});

test('takes only the answer to this very question', () => {
  const another = [
    answer(0, (packet) => packet.writeUInt16BE(1, 0)),
    answer(0, (packet) => packet.writeUInt8(0x01, 2)),
    answer(0, (packet) => packet.write('X', 20)),
    question,
    answer(0).subarray(0, 11),
  ];
  expect(another.map((packet) => readDnsAnswer(packet, question))).toEqual(another.map(() => undefined));
});

test('takes an answer whose name came back in other letters, or an error without the question', () => {
  expect(
    readDnsAnswer(
      answer(3, (packet) => packet.write('HEARTHBEAT', 13)),
      question,
    )?.proof,
  ).toBe(true);
  expect(readDnsAnswer(answer(2, (packet) => packet.writeUInt16BE(0, 4)).subarray(0, 12), question)?.code).toBe('SERVFAIL');
});

test('no packet makes it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (packet) => void readDnsAnswer(packet, question)));
});
