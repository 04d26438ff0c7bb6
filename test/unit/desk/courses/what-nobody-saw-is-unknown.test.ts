/** How a device did, reckoned from what was told: what nobody saw is neither uptime nor downtime, and all of a span is accounted for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEVICE_KINDS } from '../../../../src/agent/inventory/kinds.ts';
import { type Change, courseOf, type Gap, merged, without } from '../../../../src/desk/courses/course.ts';
import { couldBeSomebodys, isPersonalKind } from '../../../../src/protocol/personal-kinds.ts';

const SPAN = { from: 1_000, to: 2_000 };
const course = (changes: Change[], gaps: Gap[] = [], isCut = false) => courseOf({ changes, gaps, isCut }, SPAN, 250);
const short = (changes: Change[], gaps: Gap[] = [], isCut = false) =>
  course(changes, gaps, isCut).stretches.map(({ from, to, state }) => `${state} ${from}-${to}`);

describe('a course', () => {
  it('begins with what it was before, as far as that was told', () => {
    expect(short([{ at: 500, state: 'up' }])).toEqual(['up 1000-2000']);
    expect(short([{ at: 1_500, state: 'down', was: 'up' }])).toEqual(['up 1000-1500', 'down 1500-2000']);
    expect(short([{ at: 1_500, state: 'down' }])).toEqual(['untold 1000-1500', 'down 1500-2000']);
    expect(short([{ at: 1_500, state: 'down', was: 'up' }], [], true)).toEqual(['untold 1000-1500', 'down 1500-2000']);
    expect(short([])).toEqual(['untold 1000-2000']);
  });

  it('is unknown while nobody looked, whatever was told before, and goes on as it was', () => {
    const changes: Change[] = [
      { at: 500, state: 'up' },
      { at: 1_400, state: 'down' },
      { at: 1_800, state: 'up' },
    ];
    expect(short(changes, [{ from: 1_300, to: 1_900 }])).toEqual(['up 1000-1300', 'unknown 1300-1900', 'up 1900-2000']);
    const { totals } = course(changes, [{ from: 1_500, to: 1_600 }]);
    expect(totals).toMatchObject({ up: 600, down: 300, unknown: 100, outages: 1, share: 600 / 900 });
    expect(course([{ at: 500, state: 'up' }], [{ from: 0, to: 3_000 }]).totals.share).toBeUndefined();
  });

  it('has one outage however often nobody looked while it lasted, in all and in its parts', () => {
    const gaps = [
      { from: 1_300, to: 1_400 },
      { from: 1_600, to: 1_650 },
    ];
    const { totals, parts } = course(
      [
        { at: 500, state: 'up' },
        { at: 1_200, state: 'down' },
        // Its hub was started anew, and says so again.
        { at: 1_400, state: 'down' },
      ],
      gaps,
    );
    expect([totals.outages, parts.map((part) => part.totals.outages)]).toEqual([1, [1, 0, 0, 0]]);
    const seenUp: Change[] = [
      { at: 1_100, state: 'down', was: 'up' },
      { at: 1_200, state: 'unreachable' },
      { at: 1_300, state: 'down' },
      { at: 1_400, state: 'up' },
      { at: 1_500, state: 'down' },
    ];
    expect(course(seenUp).totals.outages).toBe(2);
  });

  it('counts sleep as no downtime, and what something else cut off as neither', () => {
    const { totals } = course([
      { at: 500, state: 'asleep' },
      { at: 1_500, state: 'unreachable' },
    ]);
    expect(totals).toMatchObject({ asleep: 500, unreachable: 500, down: 0, share: 1 });
  });

  it('has its parts up to the end, each with the middle of its round trips', () => {
    const { parts, roundTrips } = course([
      { at: 500, state: 'up', rttMs: 90 },
      { at: 1_800, state: 'down', rttMs: 3 },
      { at: 1_810, state: 'up', rttMs: 1 },
      { at: 1_820, state: 'down', rttMs: 2 },
    ]);
    expect(parts.map(({ from, to, medianMs }) => [from, to, medianMs])).toEqual([
      [1_000, 1_250, undefined],
      [1_250, 1_500, undefined],
      [1_500, 1_750, undefined],
      [1_750, 2_000, 2],
    ]);
    expect(roundTrips.map(({ ms }) => ms)).toEqual([3, 1, 2]);
  });

  it('accounts for all of the span, without a hole and without an overlap, whatever is told and missed', () => {
    const instant = fc.integer({ min: 0, max: 3_000 });
    const state = fc.constantFrom('up', 'down', 'asleep', 'unknown', 'unreachable' as const);
    const changesOf = fc.array(fc.record({ at: instant, state }), { maxLength: 12 });
    const gapsOf = fc.array(fc.tuple(instant, instant), { maxLength: 6 });
    fc.assert(
      fc.property(changesOf, gapsOf, (told, missed) => {
        const changes = told.toSorted((one, other) => one.at - other.at) as Change[];
        const gaps = missed.map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
        const { stretches, totals, parts } = course(changes, gaps);
        expect(stretches[0]?.from).toBe(SPAN.from);
        expect(stretches.at(-1)?.to).toBe(SPAN.to);
        for (const [i, { to, state: is }] of stretches.entries()) {
          const next = stretches[i + 1];
          if (next) expect([next.from, next.state === is]).toEqual([to, false]);
        }
        for (const gap of gaps)
          for (const { from, to, state: is } of stretches)
            if (is !== 'unknown' && is !== 'untold') expect(Math.min(to, gap.to) - Math.max(from, gap.from)).toBeLessThanOrEqual(0);
        const all = (of: typeof totals) => of.up + of.asleep + of.suspect + of.down + of.unreachable + of.unknown + of.untold;
        expect(all(totals)).toBe(SPAN.to - SPAN.from);
        expect(parts.reduce((sum, part) => sum + all(part.totals), 0)).toBe(SPAN.to - SPAN.from);
      }),
      { numRuns: 300 },
    );
  });
});

it('spans are joined where they touch, and cut out of others', () => {
  expect(
    merged([
      { from: 5, to: 7 },
      { from: 1, to: 5 },
      { from: 9, to: 9 },
    ]),
  ).toEqual([{ from: 1, to: 7 }]);
  expect(
    without(
      [{ from: 0, to: 10 }],
      [
        { from: 2, to: 3 },
        { from: 8, to: 20 },
      ],
    ),
  ).toEqual([
    { from: 0, to: 2 },
    { from: 3, to: 8 },
  ]);
});

it("the desk takes the same kinds for somebody's own as the hub", () => {
  for (const [kind, { personal }] of Object.entries(DEVICE_KINDS)) expect([kind, isPersonalKind(kind)]).toEqual([kind, personal]);
  const [registered, chosen] = [['00:11:32:aa:bb:cc'], ['da:11:32:aa:bb:cc']];
  const could = (over: Partial<Parameters<typeof couldBeSomebodys>[0]>) =>
    couldBeSomebodys({ macs: registered, isGateway: false, ...over });
  const byLease = [{ fact: 'kind', source: 'dhcp', confidence: 1 }];
  expect([could({}), could({ kind: 'nas' }), could({ kind: 'nas', macs: chosen }), could({ macs: chosen, isGateway: true })]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect([
    could({ macs: [] }),
    could({ macs: chosen }),
    could({ vendor: 'Samsung Electronics' }),
    could({ kind: 'plug', macs: chosen, because: byLease }),
    could({ kind: 'phone', because: byLease }),
  ]).toEqual([true, true, true, true, true]);
});
