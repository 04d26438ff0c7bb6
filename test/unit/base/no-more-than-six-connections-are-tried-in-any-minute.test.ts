import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECONNECT_LIMITS, Reconnection } from '../../../src/base/backoff.ts';
import { seededRandom } from '../../../src/simulation/seeded-random.ts';

type Course = { readonly tookMs: number; readonly lastedMs: number | undefined; readonly isAgain?: boolean };

/** When attempts begin, where each takes `tookMs` and its connection then lasts `lastedMs` (undefined: there is none); `isAgain`: after it, it is tried again at once where that is allowed. */
function attemptsOf(seed: number, courses: readonly Course[]): number[] {
  const reconnection = new Reconnection(seededRandom(seed));
  let nowMs = 0;
  return courses.map(({ tookMs, lastedMs, isAgain }) => {
    const begunMs = nowMs;
    reconnection.begun(nowMs);
    nowMs += tookMs;
    if (lastedMs !== undefined) reconnection.connected(nowMs);
    nowMs += lastedMs ?? 0;
    if (!isAgain || !reconnection.mayBegin(nowMs)) nowMs += reconnection.ended(nowMs);
    return begunMs;
  });
}

const course = fc.record({ tookMs: fc.nat(200), lastedMs: fc.option(fc.nat(40_000), { nil: undefined }), isAgain: fc.boolean() });

describe('a link that is lost again and again', () => {
  it('is tried at most six times in any minute, however chance draws and however long connections last', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(course, { minLength: 20, maxLength: 60 }), (seed, courses) => {
        const attempts = attemptsOf(seed, courses);
        const crowded = attempts.filter((at, i) => (attempts[i + RECONNECT_LIMITS.mostAMinute] ?? Number.POSITIVE_INFINITY) - at < 60_000);
        expect(crowded).toEqual([]);
      }),
    );
  });

  it('is tried again within a second and a half after a connection that was good', () => {
    const good = Array.from({ length: 30 }, () => ({ tookMs: 10, lastedMs: 40_000 }));
    const attempts = attemptsOf(1, good);
    for (const [i, at] of attempts.entries()) if (i > 0) expect(at - (attempts[i - 1] ?? 0)).toBeLessThanOrEqual(40_010 + 1_500);
  });

  it('does not come back at the same moment as its neighbours once all have reached the limit', () => {
    const refused = Array.from({ length: 7 }, () => ({ tookMs: 0, lastedMs: undefined }));
    const seventh = Array.from({ length: 200 }, (_, seed) => attemptsOf(seed, refused)[6] ?? 0);
    const perSecond = Map.groupBy(seventh, (at) => Math.floor(at / 1_000));
    expect(Math.max(...[...perSecond.values()].map((together) => together.length))).toBeLessThan(40);
  });
});
