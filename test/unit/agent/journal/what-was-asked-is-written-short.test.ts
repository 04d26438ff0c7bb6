import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome, Stretch } from '../../../../src/agent/journal/journal.ts';
import { readPart, withoutSubjects, writePart } from '../../../../src/agent/journal/journal-text.ts';

const HOUR_MS = 3_600_000;
const QUIET = { isStart: false, canRevalidate: true, linksDown: [], hub: [], orders: [], left: 0 };

const stretch = (fromMs: number, lengthMs: number, outcome: Outcome = 'answered', questions = 12): Stretch => ({
  outcome,
  fromMs,
  toMs: fromMs + lengthMs,
  questions,
  ways: outcome === 'answered' ? 3 : 0,
  ...(outcome === 'answered' ? { rttMs: 0.42 } : {}),
});

const outcomes = fc.constantFrom<Outcome>('answered', 'silent', 'refused', 'unable', 'heard');
const stretches = fc
  .array(fc.tuple(fc.nat(200_000), fc.nat(200_000), outcomes, fc.nat(5_000)), { minLength: 1, maxLength: 12 })
  .map((drawn) => {
    let atMs = 130_000;
    return drawn.map(([gapMs, lengthMs, outcome, questions]) => {
      const one = stretch(atMs + gapMs, lengthMs, outcome, questions);
      atMs = one.toMs;
      return one;
    });
  });

describe('a part of the journal', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(stretches, { maxLength: 8 }), (subjects) => {
        const part = { ...QUIET, subjects: new Map(subjects.map((one, n) => [n, one])) };
        expect(readPart(writePart(part, 10 * HOUR_MS), 10 * HOUR_MS)).toEqual(part);
      }),
    );
  });

  it('keeps what the hub saw of itself and what people silenced', () => {
    const part = {
      ...QUIET,
      isStart: true,
      linksDown: ['eth0'],
      hub: [{ what: 'stood still' as const, atMs: 5, forMs: 9_000 }],
      orders: [{ atMs: 7, order: { do: 'end-silence' as const, n: 2 } }],
      left: 3,
      subjects: new Map(),
    };
    expect(readPart(writePart(part, HOUR_MS), HOUR_MS)).toEqual(part);
  });

  it('needs some ten letters for a device that answered from the first question to the last', () => {
    const text = writePart({ ...QUIET, subjects: new Map([[17, [stretch(5_000, HOUR_MS - 9_000, 'answered', 720)]]]) }, HOUR_MS);
    expect(text.split('\n')[1]).toBe('h ak0/3~0.42');
    expect(readPart(text, HOUR_MS).subjects.get(17)).toEqual([stretch(0, HOUR_MS, 'answered', 720)]);
  });

  it('is read without what is damaged in it', () => {
    const text = writePart({ ...QUIET, subjects: new Map([[1, [stretch(0, 9)]]]) }, HOUR_MS);
    fc.assert(
      fc.property(fc.string(), fc.nat(60), (noise, at) => {
        const read = readPart(`${text.slice(0, at)}${noise}`, HOUR_MS);
        for (const [n, found] of read.subjects) expect([Number.isInteger(n), found.length > 0]).toEqual([true, true]);
      }),
    );
  });

  it('loses the lines of those who are taken out of it, and no other', () => {
    const subjects = new Map([1, 36, 37].map((n) => [n, [stretch(0, 9)]]));
    const text = withoutSubjects(writePart({ ...QUIET, subjects }, HOUR_MS), new Set([36]));
    expect([...readPart(text, HOUR_MS).subjects.keys()]).toEqual([1, 37]);
  });
});
