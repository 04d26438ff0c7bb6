import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonElements } from '../../../../src/agent/evidence/json-elements.ts';

const LIMITS = { most: 1_000, longest: 10_000 };

function read(parts: readonly string[], limits = LIMITS) {
  const told: unknown[] = [];
  const elements = new JsonElements(limits, (element) => told.push(element));
  for (const part of parts) elements.push(part);
  return { told, leftOut: elements.leftOut, sawList: elements.sawList };
}

const cut = (text: string, lengths: readonly number[]): string[] => {
  const parts: string[] = [];
  let at = 0;
  for (const length of lengths) {
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return [...parts, text.slice(at)];
};

describe('the elements of a list', () => {
  it('are those of the whole text, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))),
        fc.record({ rc: fc.string(), list: fc.array(fc.integer()) }),
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 }),
        fc.boolean(),
        (data, meta, lengths, isWide) => {
          const text = JSON.stringify({ meta, data }, null, isWide ? 2 : undefined);
          expect(read(cut(text, lengths))).toEqual({ told: JSON.parse(text).data, leftOut: 0, sawList: true });
        },
      ),
    );
  });

  it('that are too long, too many or broken are left out and counted', () => {
    const long = `{"a":"${'x'.repeat(50)}"}`;
    expect(read([`{"data":[{"b":1},${long},{"b":2}]}`], { most: 9, longest: 40 })).toEqual({
      told: [{ b: 1 }, { b: 2 }],
      leftOut: 1,
      sawList: true,
    });
    expect(read(['{"data":[{"b":1},{"b":2},{"b":3}]}'], { most: 2, longest: 40 })).toMatchObject({
      told: [{ b: 1 }, { b: 2 }],
      leftOut: 1,
    });
    expect(read(['{"data":[{"b":},{"b":2}]}'])).toMatchObject({ told: [{ b: 2 }], leftOut: 1 });
  });

  it('that come in ever more parts without an end are left out once they end', () => {
    const told: unknown[] = [];
    const elements = new JsonElements({ most: 9, longest: 100 }, (element) => told.push(element));
    elements.push('{"data":[{"a":"');
    for (let i = 0; i < 1_000; i++) elements.push('x'.repeat(1_000));
    elements.push('"},{"b":1}]}');
    expect([elements.leftOut, told]).toEqual([1, [{ b: 1 }]]);
  });

  it.each(['<!doctype html><p>[{}]', '{"error":{"code":401}}', '', '[{"a":1}]', '"{\\"data\\":[{}]}"'])('are none in %s', (text) => {
    expect(read([text])).toEqual({ told: [], leftOut: 0, sawList: false });
  });

  it('that is too long costs no more for coming in bits', () => {
    const elements = new JsonElements({ most: 1, longest: 512 * 1024 }, () => {});
    elements.push(`{"data":[{"a":"${'x'.repeat(600 * 1024)}`);
    const from = performance.now();
    for (let i = 0; i < 20_000; i++) elements.push('x');
    expect(performance.now() - from).toBeLessThan(500);
  });
});
