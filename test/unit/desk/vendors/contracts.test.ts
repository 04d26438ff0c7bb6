/** A contract with a vendor: how near its end it is, what it covers, and what many of them cost. */
import { expect, it } from 'vitest';
import { type Covers, costSum, covering, namedMakers, newStage, termOf } from '../../../../src/desk/vendors/contract.ts';

const covers = (over: Partial<Covers>): Covers => ({ all: false, makers: [], kinds: [], devices: [], ...over });

it.each([
  ['2027-03-31', '2026-11-01', 'holds', 150, undefined],
  ['2027-03-31', '2027-01-29', 'holds', 61, undefined],
  ['2027-03-31', '2027-01-30', 'holds', 60, 60],
  ['2027-03-31', '2027-02-28', 'holds', 31, 60],
  ['2027-03-31', '2027-03-01', 'holds', 30, 30],
  ['2027-03-31', '2027-03-24', 'holds', 7, 7],
  // On its last day it still holds.
  ['2027-03-31', '2027-03-31', 'holds', 0, 7],
  ['2027-03-31', '2027-04-01', 'ended', -1, 0],
  [undefined, '2027-04-01', 'holds', undefined, undefined],
])('that ends on %s is on %s one that %s', (lastDay, today, state, daysLeft, stage) => {
  expect(termOf({ firstDay: '2026-04-01', lastDay }, today)).toEqual({
    state,
    ...(daysLeft === undefined ? {} : { daysLeft }),
    ...(stage === undefined ? {} : { stage }),
  });
});

it('does not hold before its first day', () => {
  const states = ['2026-03-31', '2026-04-01'].map((today) => termOf({ firstDay: '2026-04-01' }, today).state);
  expect(states).toEqual(['ahead', 'holds']);
});

it('is told of once a stage, also where a stage went by unseen', () => {
  const told = (before: number | null, today: string) => newStage({ lastDay: '2027-03-31' }, before, today);
  expect([told(null, '2027-01-29'), told(null, '2027-01-30'), told(60, '2027-02-28'), told(60, '2027-03-01')]).toEqual([
    undefined,
    60,
    undefined,
    30,
  ]);
  expect([told(60, '2027-03-30'), told(7, '2027-03-31'), told(7, '2027-04-01'), told(0, '2027-05-01')]).toEqual([
    7,
    undefined,
    0,
    undefined,
  ]);
  // A clock that was set back tells nothing again.
  expect(told(7, '2027-02-01')).toBeUndefined();
});

it('covers what it names: the device before its maker, the maker before the kind, and everything last', () => {
  const contracts = [
    { no: 1, covers: covers({ all: true }) },
    { no: 2, covers: covers({ kinds: ['nas', 'line'] }) },
    { no: 3, covers: covers({ makers: ['Synology'] }) },
    { no: 4, covers: covers({ devices: ['box'] }) },
    { no: 5, covers: covers({ makers: ['Sonos', '-'] }) },
  ];
  const found = (...concerns: Parameters<typeof covering>[1]) => covering(contracts, concerns).map(({ no }) => no);
  expect(found({ device: 'box', vendor: 'Synology Inc.', kind: 'nas' })).toEqual([4, 3, 2, 1]);
  expect(found({ device: 'other', vendor: 'Sono Sys', kind: 'speaker' })).toEqual([1]);
  expect(found({ kind: 'line' })).toEqual([2, 1]);
  expect(found({ words: 'No music from SONOS in the kitchen' })).toEqual([5, 1]);
  expect(found()).toEqual([1]);
});

it('does not cover every maker by the legal form of one', () => {
  const makers = ['Sonos', 'Inc.', 'B.V.', 'GmbH'];
  expect(namedMakers(makers)).toEqual(['Sonos']);
  expect(namedMakers(['Sonos, Inc.', 'Abus', 'Co-op'])).toHaveLength(3);
  expect(covering([{ no: 1, covers: covers({ makers }) }], [{ vendor: 'Synology Inc.' }, { vendor: 'Ring B.V.' }])).toEqual([]);
});

it('costs what people wrote down, while it holds, currency by currency and to the cent', () => {
  const one = (state: 'ahead' | 'holds' | 'ended', amount?: number, currency = 'EUR') => ({
    term: { state },
    ...(amount === undefined ? {} : { cost: { amount, currency } }),
  });
  expect(
    costSum([one('holds', 1.1), one('holds', 2.2), one('holds', 99, 'CHF'), one('holds'), one('ended', 500), one('ahead', 700)]),
  ).toEqual({
    contracts: 4,
    unpriced: 1,
    totals: [
      { currency: 'CHF', amount: 99 },
      { currency: 'EUR', amount: 3.3 },
    ],
  });
  expect(costSum([])).toEqual({ contracts: 0, unpriced: 0, totals: [] });
});
