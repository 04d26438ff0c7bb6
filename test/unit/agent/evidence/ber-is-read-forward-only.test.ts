import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bigUnsignedOf,
  compareOids,
  elementAt,
  elementsOf,
  integer,
  integerOf,
  listOf,
  oid,
  oidOf,
  sequence,
  TAG,
  unsignedOf,
} from '../../../../src/agent/evidence/ber.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const first = (bytes: Buffer) => elementAt(bytes, 0, bytes.length);
const contentOf = (text: string) => ({ tag: 0, from: 0, to: hex(text).length });

test.each([
  ['one byte of length', '02 01 05', { tag: 2, from: 2, to: 3 }],
  ['two bytes, longer than needed', '30 82 00 02 05 00', { tag: 0x30, from: 4, to: 6 }],
  ['four bytes', '04 84 00 00 00 01 41', { tag: 4, from: 6, to: 7 }],
  ['nothing inside', '05 00', { tag: 5, from: 2, to: 2 }],
])('finds an element with %s', (_, bytes, found) => {
  expect(first(hex(bytes))).toEqual(found);
});

test.each([
  ['a length beyond the end', '30 05 02 01 05'],
  ['a length of almost four gigabytes', '30 84 ff ff ff fe 00'],
  ['an indefinite length', '30 80 02 01 05 00 00'],
  ['five bytes of length', '30 85 00 00 00 00 01 00'],
  ['a length that is cut short', '30 82 01'],
  ['a tag of several bytes', '3f 81 01 00'],
  ['no length', '30'],
  ['nothing at all', ''],
])('refuses %s', (_, bytes) => {
  expect(first(hex(bytes))).toBeUndefined();
});

test('lets no element reach beyond its parent', () => {
  const bytes = hex('30 04 02 03 05 06 07');
  expect(elementsOf(bytes, { tag: 0x30, from: 2, to: 6 }, [TAG.integer])).toBeUndefined();
});

test('takes exactly the elements that are expected', () => {
  const bytes = hex('02 01 05 04 01 41');
  const parent = { tag: 0x30, from: 0, to: 6 };
  expect(elementsOf(bytes, parent, [TAG.integer, TAG.octets])).toHaveLength(2);
  expect(elementsOf(bytes, parent, [TAG.integer])).toBeUndefined();
  expect(elementsOf(bytes, parent, [TAG.octets, TAG.octets])).toBeUndefined();
  expect(elementsOf(bytes, parent, [TAG.integer, TAG.octets, TAG.octets])).toBeUndefined();
});

test('stops at the most elements that a list may have', () => {
  const bytes = Buffer.concat(Array(5).fill(hex('30 00')));
  const parent = { tag: 0, from: 0, to: bytes.length };
  expect(listOf(bytes, parent, TAG.sequence, 5)).toHaveLength(5);
  expect(listOf(bytes, parent, TAG.sequence, 4)).toBeUndefined();
});

test.each([
  ['00', 0],
  ['7f', 127],
  ['ff', -1],
  ['80 00 00 00', -2_147_483_648],
  ['00 ff ff ff ff', 4_294_967_295],
  ['', undefined],
  ['01 02 03 04 05 06', undefined],
])('reads the integer %s', (bytes, value) => {
  expect(integerOf(hex(bytes), contentOf(bytes))).toBe(value);
});

test('reads counters without a sign, up to 64 bits', () => {
  expect(unsignedOf(hex('ff ff ff ff'), contentOf('ff ff ff ff'))).toBe(4_294_967_295);
  expect(unsignedOf(hex('01 00 00 00 00'), contentOf('01 00 00 00 00'))).toBeUndefined();
  expect(bigUnsignedOf(hex('00 ff ff ff ff ff ff ff ff'), contentOf('00 ff ff ff ff ff ff ff ff'))).toBe(2n ** 64n - 1n);
  expect(bigUnsignedOf(hex('01 00 00 00 00 00 00 00 00'), contentOf('01 00 00 00 00 00 00 00 00'))).toBeUndefined();
});

test.each([
  ['2b 06 01 02 01 01 01 00', '1.3.6.1.2.1.1.1.0'],
  ['28 c4 62', '1.0.8802'],
  ['88 37 03', '2.999.3'],
  ['2b 8f ff ff ff 7f', '1.3.4294967295'],
  ['2b 90 80 80 80 00', undefined],
  ['2b 86', undefined],
  ['', undefined],
  [`2b ${'01 '.repeat(126)}`.trim(), `1.3${'.1'.repeat(126)}`],
  [`2b ${'01 '.repeat(128)}`.trim(), undefined],
])('reads the object identifier %s', (bytes, text) => {
  expect(oidOf(hex(bytes), contentOf(bytes))).toBe(text);
});

test('reads what it writes', () => {
  const arcs = fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fff_ffff }), arcs, (value, tail) => {
      const name = `1.3.${tail.join('.')}`;
      const bytes = sequence(integer(value), oid(name));
      const parts = elementsOf(bytes, first(bytes)!, [TAG.integer, TAG.oid])!;
      expect(integerOf(bytes, parts[0]!)).toBe(value);
      expect(oidOf(bytes, parts[1]!)).toBe(name);
    }),
  );
});

test('orders names by number, a prefix first', () => {
  const names = ['1.3.10', '1.3.9.1', '1.3', '1.3.9'];
  expect(names.toSorted(compareOids)).toEqual(['1.3', '1.3.9', '1.3.9.1', '1.3.10']);
});
