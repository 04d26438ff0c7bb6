/** When somebody may be called: his hours as people write them, by the clock of the home, and not while nobody is to call there. */
import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../../../../src/base/time-zone.ts';
import { byReach, type ContactView, hoursIn, hoursWritten, reachOf, tellsACode } from '../../../../src/desk/dossier/contact.ts';

const ZONE = 'America/New_York';
/** A Friday in winter there: five hours behind UTC. */
const friday = (hour: number, minute = 0): number => Date.UTC(2026, 0, 16, hour + 5, minute);
const nights = { days: new Set(WEEKDAYS), from: 21 * 60, to: 8 * 60 };

describe('the hours of somebody', () => {
  it.each([
    ['mon-fri 8-18', 'mon-fri 08:00-18:00'],
    ['Saturday 10:30 – 14', 'sat 10:30-14:00'],
    ['fri-mon 22-6, 12 to 13', 'fri-mon 22:00-06:00, 12:00-13:00'],
    ['8-24', '08:00-24:00'],
  ])('are read from %s and written the same way everywhere', (text, written) => {
    expect(hoursWritten(hoursIn(text) ?? [])).toBe(written);
    expect(hoursWritten(hoursIn(written) ?? [])).toBe(written);
  });

  it.each(['', 'in the evening', 'mon-xyz 8-18', '8-8', '25-26', '8:60-9', 'mon 8-18 tue', '8-0', Array(9).fill('8-9').join()])(
    'are not guessed from "%s"',
    (text) => expect(hoursIn(text)).toBeUndefined(),
  );

  it('let call within them, up to their last minute and not at it, and say when they begin again', () => {
    const reach = (at: number, noCalls = [] as (typeof nights)[]) =>
      reachOf({ role: 'owner', hours: 'mon-fri 07:00-22:00' }, { timeZone: ZONE, noCalls }, at);
    expect([reach(friday(7)), reach(friday(21, 59))]).toEqual([{ may: true }, { may: true }]);
    const monday = Date.UTC(2026, 0, 19, 12);
    expect(reach(friday(22))).toEqual({ may: false, from: monday });
    // Nobody is to call there before eight, whoever it is.
    expect(reach(friday(22), [nights])).toEqual({ may: false, from: monday + 3_600_000 });
    expect(reach(friday(21, 30), [nights])).toEqual({ may: false, from: monday + 3_600_000 });
  });

  it('are found a week later where the clock jumps over them, and at the same hour of next week', () => {
    const reach = (hours: string, at: number) => reachOf({ role: 'owner', hours }, { timeZone: ZONE, noCalls: [] }, at);
    // On 8 March 2026 there is no hour between two and three there.
    expect(reach('sun 2-3', Date.UTC(2026, 2, 2))).toEqual({ may: false, from: Date.UTC(2026, 2, 15, 6) });
    expect(reach('fri 10-11', friday(11))).toEqual({ may: false, from: friday(10) + 7 * 86_400_000 });
  });

  it('leave a company to its own, and nobody an hour where none is left', () => {
    const at = friday(3);
    expect(reachOf({ role: 'vendor' }, { timeZone: ZONE, noCalls: [nights] }, at)).toEqual({ may: true });
    expect(reachOf({ role: 'owner' }, { timeZone: ZONE, noCalls: [nights] }, at)).toEqual({ may: false, from: friday(8) });
    expect(reachOf({ role: 'owner', hours: '22-23' }, { timeZone: ZONE, noCalls: [nights] }, at)).toEqual({ may: false });
  });
});

it('who may be called now comes first, then who is to be called first, then the owner', () => {
  const one = (no: number, over: Partial<ContactView>): ContactView => ({
    ...{ no, version: 1, name: `${no}`, role: 'owner', hasKey: false, first: false, ways: [], by: 'x', at: 0, reach: { may: true } },
    ...over,
  });
  const all = [
    one(1, { reach: { may: false } }),
    one(2, { reach: { may: false, from: 9 }, first: true }),
    one(3, { role: 'neighbour' }),
    one(4, {}),
    one(5, { role: 'other', first: true }),
  ];
  expect(all.sort(byReach).map(({ no }) => no)).toEqual([5, 4, 3, 2, 1]);
});

it.each([
  ['The gate code is 4711.', true],
  ['PIN: 0815', true],
  ['alarm password 99887', true],
  ['Post code 11122, the house behind the church', false],
  ['The gardener knows the code. Call 555 0100 first.', false],
  ['Dog in the garden, rack in the cellar behind 2 boilers', false],
])('what opens a door is noticed: %s', (text, isCode) => expect(tellsACode(text)).toBe(isCode));
