/** Whom a ticket is passed on to, over zones and changes of the clock, whenever the desk looks and whatever becomes of its own clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../../../../src/base/time-zone.ts';
import { type Circumstances, nextRung } from '../../../../src/desk/service/ladder.ts';
import type { Hours, Rung } from '../../../../src/desk/service/policy.ts';
import { slowIsServed } from './slow-reckoning.ts';

const MINUTE = 60_000;
const rung = (minutes: number, over: Partial<Rung> = {}): Rung => ({
  afterMs: minutes * MINUTE,
  to: `after ${minutes}`,
  atAnyHour: false,
  bills: false,
  ...over,
});
const around: Circumstances = { severity: 'error', timeZone: 'UTC', mayBill: false };
const AT = Date.UTC(2026, 2, 2, 12);

describe('the next step', () => {
  const ladder = [rung(10), rung(20, { severities: new Set(['critical']) }), rung(30, { bills: true }), rung(40)];

  it('is the next that fits, so long behind the one before', () => {
    expect(nextRung(ladder, { askedAt: AT, passed: 0 }, around)).toEqual({
      number: 1,
      to: 'after 10',
      afterMs: 600_000,
      dueAt: AT + 10 * MINUTE,
    });
    // Taken late, as the desk was away: whoever is asked has the time that the policy gives them.
    const late = { askedAt: AT, passed: 1, countsFrom: AT + 90 * MINUTE };
    expect(nextRung(ladder, late, around)).toMatchObject({ number: 4, dueAt: AT + 120 * MINUTE });
    expect(nextRung(ladder, late, { ...around, severity: 'critical' })).toMatchObject({ number: 2, dueAt: AT + 100 * MINUTE });
    expect(nextRung(ladder, late, { ...around, mayBill: true })).toMatchObject({ number: 3, dueAt: AT + 110 * MINUTE });
    expect(nextRung(ladder, { askedAt: AT, passed: 4 }, around)).toBeUndefined();
  });

  it('waits for the hours of the plan, but where it is for any hour', () => {
    const hours: Hours = { spans: [{ days: new Set(WEEKDAYS), from: 480, to: 725 }], holidays: new Set() };
    expect(nextRung([rung(10)], { askedAt: AT, passed: 0 }, { ...around, hours })?.dueAt).toBe(Date.UTC(2026, 2, 3, 8, 5));
    expect(nextRung([rung(10, { atAnyHour: true })], { askedAt: AT, passed: 0 }, { ...around, hours })?.dueAt).toBe(AT + 10 * MINUTE);
  });
});

/** Changes of the clock forward and back, by an hour and by half of one, at midnight. */
const CHANGES = [
  ['America/New_York', Date.UTC(2026, 2, 8, 7)],
  ['America/New_York', Date.UTC(2026, 10, 1, 6)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 15)],
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 1)],
  ['America/Havana', Date.UTC(2026, 2, 8, 5)],
] as const;

const minuteOfDay = fc.integer({ min: 0, max: 1439 });
const hours: fc.Arbitrary<Hours | undefined> = fc.option(
  fc
    .record({ from: minuteOfDay, to: minuteOfDay, days: fc.subarray([...WEEKDAYS], { minLength: 2 }) })
    .filter(({ from, to }) => Math.abs(from - to) > 60)
    .map(({ from, to, days }) => ({ spans: [{ from, to, days: new Set(days) }], holidays: new Set<string>() })),
  { nil: undefined, freq: 5 },
);
const ladders = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 400 }), atAnyHour: fc.boolean() }), { minLength: 1, maxLength: 5 })
  .map((steps) => {
    let after = 0;
    return steps.map(({ gap, atAnyHour }) => rung((after += gap), { atAnyHour }));
  });
/** How long the desk is away, or its clock jumps, before each look; mostly it looks each minute. */
const looks = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: -3000, max: 3000 }) }),
  {
    minLength: 40,
    maxLength: 120,
  },
);

it('is taken once each, in order, within the hours, and never sooner behind another than the policy says', () => {
  const course = fc.record({
    change: fc.constantFrom(...CHANGES),
    by: fc.integer({ min: -2000, max: 2000 }),
    hours,
    ladder: ladders,
    looks,
  });
  fc.assert(
    fc.property(course, ({ change: [timeZone, changeAt], by, hours: served, ladder, looks: jumps }) => {
      const askedAt = changeAt + by * MINUTE;
      const taken: { number: number; at: number; sinceAt: number }[] = [];
      let [at, passed, countsFrom] = [askedAt, 0, askedAt];
      for (const jump of jumps) {
        at += jump * MINUTE;
        // As the desk does where its clock was set back.
        if (countsFrom > at) countsFrom = at;
        const next = nextRung(ladder, { askedAt, passed, countsFrom }, { ...around, timeZone, hours: served });
        if (next === undefined) break;
        const isAnyHour = ladder[next.number - 1]!.atAnyHour;
        if (!isAnyHour) expect(slowIsServed(served, timeZone, next.dueAt - MINUTE)).toBe(true);
        expect(next.dueAt - countsFrom).toBeGreaterThanOrEqual(ladder[next.number - 1]!.afterMs - (ladder[passed - 1]?.afterMs ?? 0));
        if (next.dueAt > at) continue;
        taken.push({ number: next.number, at, sinceAt: countsFrom });
        [passed, countsFrom] = [next.number, at];
      }
      expect(taken.map(({ number }) => number)).toEqual(taken.map((_, i) => i + 1));
    }),
    { numRuns: 80 },
  );
});
