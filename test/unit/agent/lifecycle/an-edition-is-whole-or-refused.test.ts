import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openEdition, readKey, sealEdition, type TrustedKey } from '../../../../src/agent/lifecycle/edition.ts';
import { boxFact, editionOf, rowsOf, signerNamed } from '../../../builders/lifecycle-editions.ts';

const maker = signerNamed('ACME Integrators');
const FACTS = Array.from({ length: 8 }, (_, i) => boxFact(i));
const GOOD = Buffer.from(editionOf(FACTS, 2026112401, maker));
const KEYS = [readKey(maker.line) as TrustedKey];

const at = fc.nat(GOOD.length - 1);
const harm = fc.oneof(
  fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([i, bits]) => Buffer.from(GOOD.map((byte, k) => (k === i ? byte ^ bits : byte)))),
  at.map((i) => GOOD.subarray(0, i)),
  fc.tuple(at, at).map(([a, b]) => Buffer.concat([GOOD.subarray(0, Math.min(a, b)), GOOD.subarray(Math.max(a, b) + 1)])),
  fc
    .tuple(at, fc.uint8Array({ minLength: 1, maxLength: 40 }))
    .map(([i, bytes]) => Buffer.concat([GOOD.subarray(0, i), bytes, GOOD.subarray(i)])),
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
);

it('is opened as it was sealed', () => {
  expect(openEdition(GOOD, KEYS)).toMatchObject({ ok: true, value: { rows: rowsOf(FACTS), key: { name: 'ACME Integrators' } } });
});

it('is not read at all when it says that it has too many facts', () => {
  const crowd = Buffer.from(sealEdition('{}\n'.repeat(3_001), 2026112401, maker.privateKey));
  expect(openEdition(crowd, KEYS)).toMatchObject({ ok: false, error: { why: 'has 3001 facts, and may have 3000' } });
});

it('has one spelling: bits that base64 has to spare change nothing unseen', () => {
  const spelled = GOOD.toString().replace(/(.)=="}\n$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=="}\n`);
  expect(openEdition(Buffer.from(spelled), KEYS)).toMatchObject({ ok: false });
});

it('is refused in words, and throws nothing, whatever was changed, cut off, left out or put in anywhere', () => {
  fc.assert(
    fc.property(harm, (bytes) => {
      fc.pre(!bytes.equals(GOOD));
      const opened = openEdition(bytes, KEYS);
      expect(opened.ok ? 'taken' : opened.error.why).toMatch(/^(is|has|was|does) /);
      expect(opened.ok || opened.error.fix).toMatch(/\.$|gunzip|unzip|add$/);
    }),
    { numRuns: 3_000 },
  );
});
