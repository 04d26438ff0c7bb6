/** The statement of a month: money in whole minor units, shares that leave nothing over, and questions counted in the month in which they came. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServicePolicy } from '../../../../src/config/service.ts';
import { changeWords, differenceOf } from '../../../../src/desk/service/difference.ts';
import { counted, periodAt } from '../../../../src/desk/service/interactions.ts';
import { amountWords, moneyOf, priceOf } from '../../../../src/desk/service/money.ts';
import type { Plan } from '../../../../src/desk/service/policy.ts';
import { feeOf, questionsOf, type StatementHome, statementOf } from '../../../../src/desk/service/statement.ts';
import { statementCsv } from '../../../../src/desk/statements.ts';

const plan = (over: Partial<Plan>): Plan => ({ id: 'p', title: 'Plan', unanswered: [], dealerIncluded: false, ...over });
const fee = (minor: number, per: 'month' | 'year' = 'month', currency = 'EUR'): NonNullable<Plan['fee']> => ({ minor, currency, per });
const MONTHS = Array.from({ length: 12 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`);
const policy = (part: string) => readServicePolicy(`version: "1"\nsince: 2026-01-01\nplans: {basic: {${part}}}\n`);

describe('money', () => {
  it('is as many minor units as its currency has, and nothing finer', () => {
    expect(
      [moneyOf(8.2, 'EUR'), moneyOf(1_000_000, 'USD'), moneyOf(4900, 'JPY'), moneyOf(1.234, 'KWD')].map((money) => money?.minor),
    ).toEqual([820, 100_000_000, 4900, 1234]);
    expect([moneyOf(19.999, 'EUR'), moneyOf(49.5, 'JPY')]).toEqual([undefined, undefined]);
    expect([amountWords({ minor: 5, currency: 'EUR' }), amountWords({ minor: 4900, currency: 'JPY' })]).toEqual(['0.05', '4900']);
    expect([priceOf('25.50 USD'), priceOf('25 XYZ'), priceOf('a beer')]).toEqual([{ minor: 2550, currency: 'USD' }, undefined, undefined]);
  });

  it('that a home pays a year is paid in twelve months to the cent, and each month is shared without anything left over', () => {
    const cents = fc.integer({ min: 0, max: 100_000_000 });
    const share = fc.integer({ min: 0, max: 10_000 }).map((parts) => parts / 10_000);
    fc.assert(
      fc.property(cents, share, (minor, dealerShare) => {
        const lines = MONTHS.map((month) => feeOf(plan({ fee: fee(minor, 'year'), dealerShare }), month)!);
        expect(lines.reduce((sum, line) => sum + line.fee, 0)).toBe(minor);
        for (const line of lines) {
          expect([line.dealerShare + line.rest, Number.isInteger(line.dealerShare)]).toEqual([line.fee, true]);
          expect(Math.abs(line.dealerShare - line.fee * dealerShare)).toBeLessThanOrEqual(0.5 + 1e-6);
        }
      }),
      { numRuns: 200 },
    );
    expect(feeOf(plan({ fee: fee(4995), dealerShare: 0.3 }), '2026-10')).toEqual({
      currency: 'EUR',
      fee: 4995,
      share: 0.3,
      dealerShare: 1499,
      rest: 3496,
    });
    expect(feeOf(plan({}), '2026-10')).toBeUndefined();
  });

  it('stands in the policy in its own unit, is refused where it cannot be reckoned with, and is told where it changes', () => {
    const read = policy('fee: {amount: 49.95, currency: EUR}, dealerShare: 0.3');
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.value.plans.get('basic')).toMatchObject({ fee: { minor: 4995, currency: 'EUR', per: 'month' }, dealerShare: 0.3 });
    for (const wrong of [
      'fee: {amount: 49.999, currency: EUR}',
      'fee: {amount: 49, currency: EURO}',
      'fee: {amount: -1, currency: EUR}',
      'dealerShare: 0.3',
      'fee: {amount: 49, currency: EUR}, dealerShare: 1.2',
      'fee: {amount: 49, currency: EUR}, dealerShare: 0.33333',
    ])
      expect([wrong, policy(wrong).ok]).toEqual([wrong, false]);
    const dearer = policy('fee: {amount: 588, currency: EUR, per: year}, dealerShare: 0.25');
    if (!dearer.ok) throw new Error(JSON.stringify(dearer.error));
    expect(differenceOf(read.value, dearer.value).map(changeWords)).toEqual([
      'plan basic: fee: 588.00 EUR a year (was 49.95 EUR a month)',
      "plan basic: the dealer's share of it: 25 % (was 30 %)",
    ]);
  });
});

it('questions beyond those of a year are of the month in which they came, and the months are the year', () => {
  const recorded = fc.array(fc.integer({ min: Date.UTC(2025, 11, 1), max: Date.UTC(2027, 0, 31) }), { maxLength: 40 });
  const zones = fc.constantFrom('America/New_York', 'Pacific/Apia', 'America/Havana', 'UTC');
  fc.assert(
    fc.property(recorded, zones, fc.integer({ min: 0, max: 6 }), (instants, zone, free) => {
      const all = instants.toSorted((a, b) => a - b).map((at, ticket) => ({ ticket, at }));
      const months = MONTHS.map((month) => questionsOf({ free, per: 'year', beyond: '25 EUR' }, zone, all, month));
      const used = counted(all, periodAt('year', zone, Date.UTC(2026, 6, 1))).length;
      expect(months.reduce((sum, { answered }) => sum + answered, 0)).toBe(used);
      expect(months.reduce((sum, { beyond }) => sum + beyond, 0)).toBe(Math.max(0, used - free));
      for (const { beyond, charge } of months) expect(charge).toEqual({ minor: 2500 * beyond, currency: 'EUR' });
    }),
    { numRuns: 100 },
  );
});

it('the statement of October, to the letter', () => {
  const home = (site: string, siteName: string, dealer: string, over: Partial<StatementHome>): StatementHome => ({
    ...{ site, siteName, dealer, plan: 'Basic', billable: 0, unbilled: 0 },
    ...over,
  });
  const basic = feeOf(plan({ fee: fee(4995), dealerShare: 0.3 }), '2026-10')!;
  const yearly = feeOf(plan({ fee: fee(100_000, 'year', 'JPY'), dealerShare: 0.125 }), '2026-10')!;
  const statement = statementOf(
    '2026-10',
    [
      home('3', 'Smith, J.', 'Smith AV', { plan: 'None', unbilled: 15 }),
      home('2', '=Lund', 'Harbor AV', {
        fee: yearly,
        plan: 'Yen',
        questions: { answered: 9, beyond: 2, each: '25 USD', charge: { minor: 5000, currency: 'USD' } },
      }),
      home('1', 'Lindgren', 'Harbor AV', { fee: basic, billable: 45, questions: { answered: 1, beyond: 0 } }),
      home('4', 'Berg', 'Harbor AV', { fee: basic }),
    ],
    { version: '7', since: '2026-01-01' },
  );
  expect(statement.dealers).toEqual([
    {
      ...{ dealer: 'Harbor AV', homes: 3, billable: 45, unbilled: 0, beyond: 2 },
      sums: [
        { currency: 'EUR', fees: 9990, dealerShare: 2998, rest: 6992, questions: 0 },
        { currency: 'JPY', fees: 8333, dealerShare: 1042, rest: 7291, questions: 0 },
        { currency: 'USD', fees: 0, dealerShare: 0, rest: 0, questions: 5000 },
      ],
    },
    { dealer: 'Smith AV', homes: 1, billable: 0, unbilled: 15, beyond: 0, sums: [] },
  ]);
  expect(statementCsv(statement)).toBe(
    `${[
      "month,dealer,home,site,plan,currency,fee,dealer's share,desk's rest,minutes to bill,minutes not billed,questions,beyond the free ones,price of each,currency of questions,their charge",
      "2026-10,Harbor AV,'=Lund,2,Yen,JPY,8333,1042,7291,0,0,9,2,25 USD,USD,50.00",
      '2026-10,Harbor AV,Berg,4,Basic,EUR,49.95,14.99,34.96,0,0,,,,,',
      '2026-10,Harbor AV,Lindgren,1,Basic,EUR,49.95,14.99,34.96,45,0,1,0,,,',
      '2026-10,Smith AV,"Smith, J.",3,None,,,,,0,15,,,,,',
    ].join('\r\n')}\r\n`,
  );
});
