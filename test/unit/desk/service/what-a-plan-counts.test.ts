/** Months and years of homes, what counts in them, who is on shift and how time is rounded: over zones and changes of the clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../../../../src/base/time-zone.ts';
import { counted, periodAt, type Recorded } from '../../../../src/desk/service/interactions.ts';
import type { Hours, Person, ServicePolicy } from '../../../../src/desk/service/policy.ts';
import { coverOf, onShift, type Shift, skillsFor } from '../../../../src/desk/service/skills.ts';
import { roundedUp, sumOf } from '../../../../src/desk/service/worked-time.ts';
import { aroundMonth, csvOf, timeSheet } from '../../../../src/desk/time-sheet.ts';
import { slowIsServed, slowWall } from './slow-reckoning.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];
/** With half hours, changes at midnight, on the first of a month, and a day that never was. */
const ZONES = [
  'America/New_York',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'America/Havana',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Asia/Amman',
];
const zone = fc.constantFrom(...ZONES);
const instant = fc.integer({ min: Date.UTC(2000, 0, 1) / MINUTE, max: Date.UTC(2040, 0, 1) / MINUTE }).map((minute) => minute * MINUTE);
/** Every other one within a day of the first of a month. */
const placed = fc.oneof(
  instant,
  fc
    .tuple(fc.integer({ min: 2000, max: 2039 }), fc.integer({ min: 0, max: 11 }), fc.integer({ min: -1440, max: 1440 }))
    .map(([year, month, by]) => Date.UTC(year, month, 1) + by * MINUTE),
);

describe('a month or year of a home', () => {
  it('is the one that its wall shows, with no gap to the next', () => {
    fc.assert(
      fc.property(zone, placed, fc.constantFrom('month' as const, 'year' as const), (name, at, per) => {
        const period = periodAt(per, name, at);
        expect(period.from <= at && at < period.to).toBe(true);
        expect(slowWall(name, period.from).startsWith(period.name)).toBe(true);
        expect(periodAt(per, name, period.to).from).toBe(period.to);
        expect(periodAt(per, name, period.from - 1).to).toBe(period.from);
      }),
      { numRuns: 300 },
    );
  });

  it('has begun where the clock shows the evening before once more', () => {
    const began = Date.UTC(2009, 10, 1, 2, 30);
    expect(slowWall('America/St_Johns', began + 30 * MINUTE)).toMatch(/^2009-10-31 23:/);
    expect(periodAt('month', 'America/St_Johns', began + 30 * MINUTE)).toMatchObject({ name: '2009-11', from: began });
  });

  it('is within what the time sheet looks through, and each instant is in one month of it', () => {
    fc.assert(
      fc.property(zone, placed, (name, at) => {
        const months = [-1, 0, 1].map((by) =>
          new Date(Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + by, 1)).toISOString().slice(0, 7),
        );
        const entry = { no: 1, site: 's', ticket: 1, at, by: 'Ben', text: 'x', minutes: 5, counted: 15, billable: true };
        const homes = new Map([['s', { siteName: 'S', service: { timeZone: name } }]]);
        const within = months.filter((month) => {
          const { from, to } = aroundMonth(month);
          return from <= at && at < to && timeSheet(month, [entry], homes).lines.length === 1;
        });
        expect(within).toEqual([slowWall(name, at).slice(0, 7)]);
      }),
      { numRuns: 200 },
    );
  });
});

it('a question counts once for each ticket, at its first answer, and people have the last word', () => {
  const period = { from: 100, to: 200 };
  const answers: Recorded[] = [
    { ticket: 1, at: 50 },
    { ticket: 1, at: 150 },
    { ticket: 2, at: 100 },
    { ticket: 3, at: 120 },
    { ticket: 3, at: 130, counts: false },
    { ticket: 4, at: 140, counts: true },
    { ticket: 5, at: 200 },
  ];
  expect(counted(answers, period)).toEqual([2, 4]);
  expect(counted([...answers, { ticket: 3, at: 250, counts: true }], period)).toEqual([2, 3, 4]);
});

it('time is rounded up to whole parts, never down, and what is taken back counts nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1440 }), fc.integer({ min: 1, max: 240 }), (minutes, part) => {
      const rounded = roundedUp(minutes, part);
      expect([rounded % part, rounded >= minutes, rounded - minutes < part]).toEqual([0, true, true]);
    }),
  );
  const entry = { counted: 15, billable: true };
  expect(sumOf([entry, { ...entry, billable: false }, { ...entry, takenBack: 'twice' }])).toEqual({ billable: 15, free: 15 });
});

it('a sheet for a spreadsheet keeps cells whole and lets none reckon', () => {
  const entry = { no: 1, site: 's', ticket: 7, at: 0, by: '=HYPERLINK("x")', text: 'a "b",\nc', minutes: 5, counted: 15, billable: false };
  const [head, ...lines] = csvOf(timeSheet('1970-01', [entry], new Map())).split('\r\n');
  expect(head).toMatch(/^no,day,time,time zone,dealer,/);
  expect(lines.join('|')).toBe(`1,1970-01-01,00:00,UTC,,s,s,7,"'=HYPERLINK(""x"")",5,15,no,,,,"a ""b"",\nc",|`);
  const csv = (text: string) => csvOf(timeSheet('1970-01', [{ ...entry, by: 'Ben', text }], new Map())).split('no,,,,')[1];
  // Where lists are parted by semicolons each of these would begin a cell.
  expect([csv('ok;=1+1'), csv('ok; @x'), csv('a\n+1'), csv('\uff1d1'), csv('3-4; 5')]).toEqual([
    "ok;'=1+1,\r\n",
    "ok;' @x,\r\n",
    `"a\n'+1",\r\n`,
    "'\uff1d1,\r\n",
    '3-4; 5,\r\n',
  ]);
});

describe('who is on shift', () => {
  const hours: Hours = {
    spans: [{ days: new Set(WEEKDAYS), from: 22 * 60, to: 6 * 60 }],
    holidays: new Set(),
    timeZone: 'America/New_York',
  };
  const person = (name: string, over: Partial<Person> = {}): Person => ({ name, skills: new Set(['lutron']), hours, ...over });
  const policyOf = (...people: Person[]): ServicePolicy =>
    ({
      skills: new Map([
        ['lutron', { vendors: ['Lutron'], kinds: new Set() }],
        ['network', { vendors: [], kinds: new Set(['switch']) }],
      ]),
      people: new Map(people.map((one) => [one.name, one])),
    }) as unknown as ServicePolicy;

  it('is who usually is by his own clock, through its changes, unless he says otherwise, for as long as he says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 10, 1, 6)),
        fc.integer({ min: -2880, max: 2880 }),
        (change, by) => {
          const at = change + by * MINUTE;
          const isUsual = slowIsServed(hours, 'UTC', at);
          const policy = policyOf(person('Dana'));
          expect(onShift(policy, [], at).length === 1).toBe(isUsual);
          const said = (isOn: boolean, since: number, until: number): Shift[] => [{ name: 'Dana', isOn, since, until }];
          expect(onShift(policy, said(true, at - 1, at + HOUR), at)).toEqual([{ name: 'Dana', until: at + HOUR, saidSo: true }]);
          expect(onShift(policy, said(false, at - 1, at + HOUR), at)).toEqual([]);
          // What was said is over, or from before the clock was set back.
          expect(onShift(policy, said(!isUsual, at - HOUR, at), at).length === 1).toBe(isUsual);
          expect(onShift(policy, said(!isUsual, at + HOUR, at + 2 * HOUR), at).length === 1).toBe(isUsual);
          const { on, next } = coverOf(policy, [], 'lutron', at);
          expect(on.length === 1).toBe(isUsual);
          if (!isUsual)
            expect([slowIsServed(hours, 'UTC', next!.at), slowIsServed(hours, 'UTC', next!.at - MINUTE)]).toEqual([true, false]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('covers what he knows; else it is said who does, and when', () => {
    const noon = Date.UTC(2026, 5, 1, 16);
    const policy = policyOf(
      person('Dana'),
      person('Kim', { skills: new Set() }),
      person('Lee', { hours: { ...hours, timeZone: 'Europe/Berlin' } }),
    );
    expect(coverOf(policy, [], 'lutron', noon)).toEqual({
      skill: 'lutron',
      on: [],
      next: { name: 'Lee', at: Date.UTC(2026, 5, 1, 20), timeZone: 'Europe/Berlin' },
    });
    const off = [{ name: 'Lee', isOn: false, since: 0, until: Date.UTC(2026, 5, 2, 4) }];
    expect(coverOf(policy, off, 'lutron', noon).next).toMatchObject({ name: 'Dana', at: Date.UTC(2026, 5, 2, 2) });
    expect(coverOf(policy, [], 'network', noon)).toEqual({ skill: 'network', on: [] });
  });

  it('is asked for by maker, kind, or the words of what people opened', () => {
    const asked = (subject: object) => skillsFor(policyOf(), [subject]);
    expect(asked({ vendor: 'LUTRON Electronics Co., Inc.' })).toEqual(['lutron']);
    expect(asked({ vendor: 'Lutronics' })).toEqual([]);
    expect(asked({ kind: 'switch', vendor: 'lutron' })).toEqual(['lutron', 'network']);
    expect(asked({ words: 'The Lutron keypad in the hall is dead' })).toEqual(['lutron']);
    expect(asked({})).toEqual([]);
    const signs = { skills: new Map([['any', { vendors: ['--'], kinds: new Set<string>() }]]) } as unknown as ServicePolicy;
    expect(skillsFor(signs, [{ kind: 'nas' }])).toEqual([]);
  });
});
