import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answered,
  answeredLate,
  type DeskRun,
  type EndedRuns,
  ended,
  placesNamed,
} from '../../../../src/agent/outbox/acknowledged-places.ts';

/** A run that acknowledged these positions, one an answer. */
const runOf = (...places: readonly number[]): DeskRun =>
  places.reduce<DeskRun | undefined>((run, pos, i) => answered(run, i, [pos]), undefined) ?? { maxPos: 0, recent: [] };

const afterRuns = (...runs: readonly (readonly number[])[]): EndedRuns =>
  runs.reduce<EndedRuns>((before, places) => ended(before, runOf(...places)), []);

describe('of a run of the desk that is over', () => {
  it('the last position, the greatest, and some before are remembered', () => {
    expect(afterRuns([1, 2, 3, 9, 4, 5])).toEqual([[5, 9, 4, 2, 3]]);
    expect(afterRuns([7])).toEqual([[7]]);
  });

  it('what was only named again is not what came last', () => {
    const run = [
      [96, 22],
      [97, 20],
      [93, 21],
      [92, 19],
    ].reduce<DeskRun | undefined>((before, [arrival, pos]) => answered(before, arrival!, [pos!]), undefined);
    expect(ended([], run!)).toEqual([[20, 22, 21, 19]]);
    expect(answered(run, 98, [])).toBe(run);
  });

  it('some of long before are remembered too, in case all the newest came again', () => {
    expect(afterRuns(Array.from({ length: 40 }, (_, i) => i + 1))).toEqual([[40, 39, 36, 38, 37, 33, 25]]);
  });

  it('a late answer comes first of what is remembered of it', () => {
    expect(answeredLate(afterRuns([1], [2, 3]), [4, 6, 5])).toEqual([[1], [5, 6, 3, 2]]);
    expect(answeredLate([], [4])).toEqual([[4]]);
    expect(answeredLate([[1]], [])).toEqual([[1]]);
  });
});

describe('of many runs', () => {
  it('each keeps its last position before any keeps another', () => {
    const runs = afterRuns([12, 13], [15, 11, 17, 7, 19], [33], [28, 38, 8, 29], [31, 43, 40, 41]);
    expect(runs.map(([last]) => last)).toEqual([13, 19, 33, 29, 41]);
    expect(placesNamed(runs).length).toBe(8);
  });

  it('the oldest is forgotten where each has one', () => {
    expect(placesNamed(afterRuns(...Array.from({ length: 10 }, (_, i) => [i + 1])))).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('eight positions at most are named, and of the newest eight runs each', () => {
    const run = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 14 }), (list) => {
        const named = placesNamed(afterRuns(...list));
        expect(named.length).toBeLessThanOrEqual(8);
        for (const places of list.slice(-8)) expect(named).toContain(places.at(-1));
      }),
    );
  });
});
