/**
 * What a month comes to, dealer by dealer: the fees of the plans of his homes and his share of them, the time that was worked, and the questions beyond those that cost nothing. Money is
 * whole minor units. A yearly fee is a twelfth each month, rounded down so that the twelve are the year again; a share is rounded half up, and what is left is the desk's. Pure.
 */
import { firstAt } from '../../base/time-zone.ts';
import { counted, periodAt, type Recorded } from './interactions.ts';
import { type Money, priceOf } from './money.ts';
import type { Interactions, Plan } from './policy.ts';

/** In minor units of `currency`; `share`: of the dealer, as a fraction. */
export type FeeLine = {
  readonly currency: string;
  readonly fee: number;
  readonly share: number;
  readonly dealerShare: number;
  readonly rest: number;
};

/** `each`: the price of one beyond the free ones, `charge`: of all of them, where the policy says one. */
export type QuestionLine = { readonly answered: number; readonly beyond: number; readonly each?: string; readonly charge?: Money };

/** `billable` and `unbilled`: minutes that were worked, as counted. */
export type StatementHome = {
  readonly site: string;
  readonly siteName: string;
  readonly dealer: string;
  readonly plan: string;
  readonly fee?: FeeLine;
  readonly billable: number;
  readonly unbilled: number;
  readonly questions?: QuestionLine;
};

/** Of one dealer in one currency, in minor units. */
export type StatementSum = {
  readonly currency: string;
  readonly fees: number;
  readonly dealerShare: number;
  readonly rest: number;
  readonly questions: number;
};

export type Statement = {
  readonly month: string;
  /** By which everything was reckoned: the one that the desk holds now. */
  readonly policy?: { readonly version: string; readonly since: string };
  readonly homes: readonly StatementHome[];
  readonly dealers: readonly {
    readonly dealer: string;
    readonly homes: number;
    readonly billable: number;
    readonly unbilled: number;
    readonly beyond: number;
    readonly sums: readonly StatementSum[];
  }[];
};

/** `month`: `2026-11`. */
export function feeOf({ fee, dealerShare: share = 0 }: Plan, month: string): FeeLine | undefined {
  if (fee === undefined) return undefined;
  const { minor, currency, per } = fee;
  const number = Number(month.slice(5));
  const upTo = (months: number): number => Math.floor((minor * months) / 12);
  const due = per === 'month' ? minor : upTo(number) - upTo(number - 1);
  const dealerShare = shareOf(due, share);
  return { currency, fee: due, share, dealerShare, rest: due - dealerShare };
}

/** As whole numbers: a share has at most so many decimals. */
const SHARE_PARTS = 10_000;

function shareOf(minor: number, share: number): number {
  return Math.floor((minor * Math.round(share * SHARE_PARTS) * 2 + SHARE_PARTS) / (2 * SHARE_PARTS));
}

/** Of a home in a month by its own clock. Where a year's are free, those beyond are of the month in which they came. */
export function questionsOf(promise: Interactions, zone: string, recorded: readonly Recorded[], month: string): QuestionLine {
  const noon = firstAt(zone, `${month}-01`, 12 * 60);
  const [{ from, to }, whole] = [periodAt('month', zone, noon), periodAt(promise.per, zone, noon)];
  const before = counted(recorded, { from: whole.from, to: from }).length;
  const answered = counted(recorded, { from, to }).length;
  const over = (used: number): number => Math.max(0, used - promise.free);
  const beyond = over(before + answered) - over(before);
  const price = priceOf(promise.beyond);
  return {
    answered,
    beyond,
    ...(promise.beyond === undefined ? {} : { each: promise.beyond }),
    ...(price === undefined ? {} : { charge: { ...price, minor: price.minor * beyond } }),
  };
}

export function statementOf(month: string, homes: readonly StatementHome[], policy: Statement['policy']): Statement {
  const inOrder = homes.toSorted(
    (one, other) => byName(one.dealer, other.dealer) || byName(one.siteName, other.siteName) || byName(one.site, other.site),
  );
  const sum = (some: readonly StatementHome[], of: (home: StatementHome) => number): number =>
    some.reduce((all, home) => all + of(home), 0);
  const dealers = [...Map.groupBy(inOrder, ({ dealer }) => dealer)].map(([dealer, his]) => ({
    dealer,
    homes: his.length,
    billable: sum(his, ({ billable }) => billable),
    unbilled: sum(his, ({ unbilled }) => unbilled),
    beyond: sum(his, ({ questions }) => questions?.beyond ?? 0),
    sums: sumsOf(his),
  }));
  return { month, ...(policy === undefined ? {} : { policy }), homes: inOrder, dealers };
}

function sumsOf(homes: readonly StatementHome[]): StatementSum[] {
  const charged = homes.flatMap(({ questions }) => (questions?.charge && questions.beyond > 0 ? [questions.charge] : []));
  const fees = homes.flatMap(({ fee }) => fee ?? []);
  const currencies = [...new Set([...fees, ...charged].map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const his = fees.filter((fee) => fee.currency === currency);
    const all = (of: (fee: FeeLine) => number): number => his.reduce((sum, fee) => sum + of(fee), 0);
    const questions = charged.filter((charge) => charge.currency === currency).reduce((sum, { minor }) => sum + minor, 0);
    return {
      currency,
      fees: all(({ fee }) => fee),
      dealerShare: all(({ dealerShare }) => dealerShare),
      rest: all(({ rest }) => rest),
      questions,
    };
  });
}

function byName(one: string, other: string): number {
  return one.localeCompare(other, 'en') || (one < other ? -1 : Number(one > other));
}
