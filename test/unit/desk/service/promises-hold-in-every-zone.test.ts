/** What the clocks promise, over every zone of the engine, the years 2000 to 2040 with their changes of the clock, holidays and any hours; compared with a slow reckoning. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstAt, WEEKDAYS, wallTime, weekdayOf } from '../../../../src/base/time-zone.ts';
import { firstResponse, mayContact, sameDayBy } from '../../../../src/desk/service/clocks.ts';
import type { FirstAnswer, Hours, Visit, WallSpan } from '../../../../src/desk/service/policy.ts';
import { minutesAWeek, type Span, servedFrom, without } from '../../../../src/desk/service/spans.ts';
import { slowDue, slowFirstAt, slowIsServed, slowStands, slowWall } from './slow-reckoning.ts';

/** Seconds on a machine with nothing else to do. */
const LONG = { timeout: 180_000 };
const MINUTE = 60_000;
const DAY = 86_400_000;
const [FROM, TO] = [Date.UTC(2000, 0, 1), Date.UTC(2040, 11, 31)];
const ZONES = Intl.supportedValuesOf('timeZone');
/** With changes of half an hour, at midnight, of a whole day, in both directions, away from the hour, or with a winter time that is the odd one. */
const ODD = [
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Africa/Cairo',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Asia/Pyongyang',
  'Asia/Tehran',
  'Asia/Gaza',
  'Europe/Dublin',
  'America/Caracas',
  'Antarctica/Troll',
  'America/New_York',
];

/** Instants at which a zone changes its clock, found once a zone. */
const changes = new Map<string, readonly number[]>();
function changesOf(zone: string): readonly number[] {
  let known = changes.get(zone);
  if (!known) {
    const offset = (at: number): number => Date.parse(`${slowWall(zone, at).replace(' ', 'T')}Z`) - at;
    const list: number[] = [];
    for (let at = FROM; at < TO; at += 28 * DAY) {
      if (offset(at) === offset(at + 28 * DAY)) continue;
      let [low, high] = [at, at + 28 * DAY];
      while (high - low > MINUTE) {
        const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
        if (offset(middle) === offset(low)) low = middle;
        else high = middle;
      }
      list.push(high);
    }
    changes.set(zone, (known = list));
  }
  return known;
}

const zone = fc.oneof(fc.constantFrom(...ZONES), fc.constantFrom(...ODD));
/** Whole minutes, every other one within two days of a change of the clock. */
const placed = zone.chain((name) => {
  const any = fc.integer({ min: FROM / MINUTE, max: TO / MINUTE }).map((minute) => minute * MINUTE);
  const known = changesOf(name);
  const near =
    known.length === 0
      ? any
      : fc.tuple(fc.constantFrom(...known), fc.integer({ min: -2880, max: 2880 })).map(([at, by]) => at + by * MINUTE);
  return fc.record({ zone: fc.constant(name), at: fc.oneof(any, near) });
});

const minute = fc.oneof(
  fc.integer({ min: 0, max: 1439 }),
  fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15),
);
const days = fc.subarray([...WEEKDAYS], { minLength: 1 }).map((list) => new Set(list));
const span: fc.Arbitrary<WallSpan> = fc
  .record({ days, from: minute, to: fc.oneof(minute, fc.constant(1440)) })
  .filter(({ from, to }) => from !== to);
const dayNumber = fc.integer({ min: -3, max: 25 });
const aroundDays = (at: number, offsets: readonly number[]): ReadonlySet<string> =>
  new Set(offsets.map((each) => new Date(at + each * DAY).toISOString().slice(0, 10)));

const hoursAt = (at: number): fc.Arbitrary<Hours | undefined> =>
  fc.option(
    fc
      .record({
        spans: fc.array(span, { minLength: 1, maxLength: 4 }),
        offsets: fc.array(dayNumber, { maxLength: 4 }),
        other: fc.option(zone, { nil: undefined, freq: 6 }),
      })
      .filter(({ spans }) => minutesAWeek(spans) >= 60)
      .map(({ spans, offsets, other }) => ({
        spans,
        holidays: aroundDays(at, offsets),
        ...(other === undefined ? {} : { timeZone: other }),
      })),
    { nil: undefined, freq: 8 },
  );

const standsAt = (at: number): fc.Arbitrary<Span[]> =>
  fc.array(
    fc
      .tuple(fc.integer({ min: -600, max: 3000 }), fc.integer({ min: 0, max: 2000 }))
      .map(([from, long]) => ({ from: at + from * MINUTE, to: at + (from + long) * MINUTE })),
    { maxLength: 3 },
  );

const promised = placed.chain(({ zone: name, at }) =>
  fc.record({
    zone: fc.constant(name),
    at: fc.constant(at),
    hours: hoursAt(at),
    minutes: fc.integer({ min: 1, max: 2880 }),
    warnShare: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    stands: standsAt(at),
    later: fc.integer({ min: 0, max: 4000 }),
  }),
);
type Promised = typeof promised extends fc.Arbitrary<infer T> ? T : never;

const answerOf = ({ hours, minutes, warnShare }: Promised): FirstAnswer => ({
  withinMs: minutes * MINUTE,
  warnShare,
  ...(hours ? { hours } : {}),
});

/** Of service between two instants, in milliseconds, without spans in which the clock stands. */
function servedBetween({ hours, zone: name, stands }: Promised, from: number, to: number): number {
  let sum = 0;
  for (const each of hours ? servedFrom(hours, name, from) : [{ from, to }]) {
    if (each.from >= to) break;
    for (const part of without({ from: each.from, to: Math.min(each.to, to) }, stands)) sum += part.to - part.from;
  }
  return sum;
}

describe('a first answer', () => {
  it('is due in hours of service, after exactly the promised time of them, and warned of before', LONG, () => {
    fc.assert(
      fc.property(promised, (given) => {
        const { warnAt, dueAt } = firstResponse(answerOf(given), given.zone, given.at, given.stands);
        expect(servedBetween(given, given.at, dueAt!)).toBe(given.minutes * MINUTE);
        expect(Math.abs(servedBetween(given, given.at, warnAt!) - given.minutes * MINUTE * given.warnShare)).toBeLessThanOrEqual(0.5);
        expect(warnAt!).toBeLessThanOrEqual(dueAt!);
        // The minute that ends with it is one of service: a promise that ends with the shift is due at its end.
        expect(slowIsServed(given.hours, given.zone, dueAt! - MINUTE)).toBe(true);
        expect(slowStands(given.stands, dueAt! - MINUTE)).toBe(false);
      }),
      { numRuns: 12_000, seed: 1 },
    );
  });

  it('is never due earlier for what was opened later', LONG, () => {
    fc.assert(
      fc.property(promised, (given) => {
        const [first, second] = [given.at, given.at + given.later * MINUTE].map((at) =>
          firstResponse(answerOf(given), given.zone, at, given.stands),
        );
        expect(second!.dueAt!).toBeGreaterThanOrEqual(first!.dueAt!);
        expect(second!.warnAt!).toBeGreaterThanOrEqual(first!.warnAt!);
      }),
      { numRuns: 20_000, seed: 2 },
    );
  });

  it('is due when a clock says so that is watched minute by minute', LONG, () => {
    fc.assert(
      fc.property(
        promised.filter(({ hours, minutes }) => minutes <= 600 && (hours === undefined || minutesAWeek(hours.spans) > 2000)),
        (given) => {
          const { dueAt } = firstResponse(answerOf(given), given.zone, given.at, given.stands);
          expect(dueAt).toBe(slowDue(given.minutes, given.hours, given.zone, given.at, given.stands));
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });

  it('is not due while the clock stands for as long as nobody knows', LONG, () => {
    fc.assert(
      fc.property(promised, (given) => {
        const due = firstResponse(answerOf(given), given.zone, given.at, [{ from: given.at }]);
        expect(due).toEqual({});
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});

const visited = placed.chain(({ zone: name, at }) =>
  fc
    .record({ reportBy: minute, until: minute, days, offsets: fc.array(dayNumber, { maxLength: 6 }) })
    .filter(({ reportBy, until }) => reportBy < until)
    .map(({ offsets, ...rest }) => ({
      zone: name,
      at,
      visit: { ...rest, holidays: aroundDays(at, offsets), severities: new Set() } as Visit,
    })),
);

describe('a visit', () => {
  it('is due at its wall time on a work day, and on the day of the report if and only if that came before the cut-off', LONG, () => {
    fc.assert(
      fc.property(visited, ({ zone: name, at, visit }) => {
        const by = sameDayBy(visit, name, at)!;
        const today = slowWall(name, at).slice(0, 10);
        const isWork = (day: string): boolean => visit.days.has(weekdayOf(day)) && !visit.holidays.has(day);
        const wall = `${by.day} ${String(Math.floor(visit.until / 60)).padStart(2, '0')}:${String(visit.until % 60).padStart(2, '0')}`;
        expect(isWork(by.day)).toBe(true);
        expect(slowFirstAt(name, by.day, 0)).toBeLessThan(slowFirstAt(name, by.day, 1440));
        expect(by.at).toBeGreaterThan(at);
        // At the named time, or where the clock jumps over that, in the minute after the jump.
        expect(slowWall(name, by.at) >= wall).toBe(true);
        expect(slowWall(name, by.at - MINUTE) < wall).toBe(true);
        expect(by.isSameDay).toBe(isWork(today) && at < slowFirstAt(name, today, visit.reportBy));
        expect(by.isSameDay).toBe(by.day === today);
        if (by.isSameDay) return;
        for (let day = today; day < by.day; day = new Date(Date.parse(day) + DAY).toISOString().slice(0, 10))
          expect(day === today || !isWork(day) || slowFirstAt(name, day, 0) === slowFirstAt(name, day, 1440), day).toBe(true);
      }),
      { numRuns: 12_000, seed: 5 },
    );
  });
});

describe('the time of day on a wall', () => {
  it('comes first when a clock first shows it that is watched minute by minute', LONG, () => {
    fc.assert(
      fc.property(placed, minute, ({ zone: name, at }, of) => {
        const day = slowWall(name, at).slice(0, 10);
        expect(firstAt(name, day, of)).toBe(slowFirstAt(name, day, of));
        expect(wallTime(name, at).replace('T', ' ')).toBe(slowWall(name, at));
      }),
      { numRuns: 6_000, seed: 6 },
    );
  });

  it('never comes earlier where it is later', LONG, () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 0, max: 1440 }), fc.integer({ min: 0, max: 1440 }), ({ zone: name, at }, one, other) => {
        const day = slowWall(name, at).slice(0, 10);
        expect(firstAt(name, day, Math.min(one, other))).toBeLessThanOrEqual(firstAt(name, day, Math.max(one, other)));
      }),
      { numRuns: 30_000, seed: 7 },
    );
  });
});

describe('a home that wants no calls at some hours', () => {
  const quiet = placed.chain((where) =>
    fc.record({ where: fc.constant(where), spans: fc.array(span, { maxLength: 3 }).filter((spans) => minutesAWeek(spans) < 10_000) }),
  );

  it('may be called at once or from the first free minute on', LONG, () => {
    fc.assert(
      fc.property(quiet, ({ where: { zone: name, at }, spans }) => {
        const hours = { spans, holidays: new Set<string>() };
        const isQuiet = (when: number): boolean => slowIsServed(hours, name, when);
        const contact = mayContact(spans, name, at);
        expect(contact.may).toBe(!isQuiet(at));
        if (contact.may) return;
        expect(isQuiet(contact.from!)).toBe(false);
        expect(isQuiet(contact.from! - MINUTE)).toBe(true);
        expect(mayContact(spans, name, at, true)).toEqual({ may: true });
      }),
      { numRuns: 2_000, seed: 8 },
    );
  });

  it('is called no sooner for what is known later', LONG, () => {
    fc.assert(
      fc.property(quiet, fc.integer({ min: 0, max: 3000 }), ({ where: { zone: name, at }, spans }, later) => {
        const [one, other] = [at, at + later * MINUTE].map((when) => {
          const contact = mayContact(spans, name, when);
          return contact.may ? when : contact.from!;
        });
        expect(other!).toBeGreaterThanOrEqual(one!);
      }),
      { numRuns: 18_000, seed: 9 },
    );
  });
});
