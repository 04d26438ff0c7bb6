import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../../src/desk/reports/quantile.ts';
import { type Counted, reportOf } from '../../../../src/desk/reports/report.ts';

const DAY = 86_400_000;
const SPAN = { from: 0, to: 30 * DAY };

const ticket = (change: Partial<Counted> = {}): Counted => ({
  site: 'a',
  symptom: 'device x',
  state: 'closed',
  openedAt: DAY,
  askedAt: DAY,
  reopened: 0,
  ...change,
});

describe('a report', () => {
  it('of nothing says so', () => {
    expect(reportOf([], 0, SPAN)).toMatchObject({ tickets: { opened: 0 }, answers: { answered: 0, unanswered: 0 }, homesMost: [] });
    expect(reportOf([], 0, SPAN)).not.toHaveProperty('precision');
    expect(reportOf([], 0, SPAN).answers).not.toHaveProperty('medianMs');
    expect(reportOf([], 0, SPAN).tickets).not.toHaveProperty('perHomeAndMonth');
  });

  it('counts for each home and month what alerts opened, and not what people did', () => {
    const tickets = [ticket(), ticket({ symptom: undefined }), ticket({ site: 'b' })];
    expect(reportOf(tickets, 100, SPAN).tickets).toEqual({ opened: 3, byAlerts: 2, byHand: 1, reopened: 0, perHomeAndMonth: 0.02 });
    expect(reportOf(tickets, 100, { from: 0, to: 15 * DAY }).tickets.perHomeAndMonth).toBe(0.04);
  });

  it('says how soon people answered, of what was asked in its time', () => {
    const answered = [10, 20, 30, 40, 1_000].map((ms, i) => ticket({ askedAt: i, openedAt: i, answeredAt: i + ms }));
    const others = [ticket({ state: 'new' }), ticket({ outcome: 'recovered' }), ticket({ askedAt: SPAN.to, answeredAt: SPAN.to + 5 })];
    expect(reportOf([...answered, ...others], 1, SPAN).answers).toEqual({ answered: 5, unanswered: 1, medianMs: 30, p95Ms: 1_000 });
  });

  it('says whether what called people was worth it', () => {
    const outcomes = ['fixed', 'fixed', 'workaround', 'false-alarm', 'recovered', 'recovered'] as const;
    const report = reportOf(
      [...outcomes.map((outcome) => ticket({ outcome })), ticket({ symptom: undefined, outcome: 'no-fault' })],
      1,
      SPAN,
    );
    expect(report.precision).toBe(0.75);
    expect(report.outcomes).toEqual({ fixed: 2, workaround: 1, 'no-fault': 0, 'false-alarm': 1, recovered: 2 });
  });

  it('names who makes the most, devices as one', () => {
    const tickets = ['b', 'a', 'b'].map((site, i) => ticket({ site, symptom: i === 0 ? 'premises' : `device ${i}` }));
    expect(reportOf(tickets, 2, SPAN)).toMatchObject({
      homesMost: [
        { name: 'b', tickets: 2 },
        { name: 'a', tickets: 1 },
      ],
      symptomsMost: [
        { name: 'a device', tickets: 2 },
        { name: 'premises', tickets: 1 },
      ],
    });
  });

  it('has every ticket in one of its days', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 * DAY - 1 }), { maxLength: 50 }), (instants) => {
        const { days } = reportOf(
          instants.map((openedAt) => ticket({ openedAt })),
          1,
          SPAN,
        );
        expect(days).toHaveLength(30);
        for (const day of days) expect(day.tickets).toBe(instants.filter((at) => at >= day.from && at < day.from + DAY).length);
      }),
    );
  });
});

it('a quantile is a value that was measured', () => {
  expect([quantile([], 0.5), quantile([7], 0.95), quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.95)]).toEqual([undefined, 7, 2, 4]);
});
