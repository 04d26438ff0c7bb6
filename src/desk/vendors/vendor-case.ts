/** What a vendor was asked about a ticket: by whom, when which tier of theirs was reached, and how long it took until somebody there knew what to do. Pure; instants in Unix milliseconds of the desk's clock. */
import { quantile } from '../reports/quantile.ts';
import { folded } from '../search-words.ts';

/** Behind opening it, in the order in which they come. `qualified`: somebody who can do something about it. */
export const CASE_TIERS = ['answered', 'qualified', 'closed'] as const;
export type CaseTier = (typeof CASE_TIERS)[number];

export type Reached = { readonly at: number; readonly by: string };

/** `contract`: by which it was asked. `name`: its number at the vendor, once they gave one. */
export type VendorCase = {
  readonly no: number;
  readonly site: string;
  readonly ticket: number;
  readonly vendor: string;
  readonly contract?: number;
  readonly name?: string;
  readonly opened: Reached;
} & { readonly [K in CaseTier]?: Reached };

/** Where the service policy does not say. */
export const QUALIFIED_WITHIN_MS = 3_600_000;

/** `dueAt`: by when somebody qualified is to be reached; only while nobody is and it is not closed. */
export type VendorCaseView = VendorCase & { readonly dueAt?: number };

export function vendorCaseView(one: VendorCase, withinMs: number): VendorCaseView {
  return one.qualified === undefined && one.closed === undefined ? { ...one, dueAt: one.opened.at + withinMs } : one;
}

/** The one that runs out first, of those that are not qualified yet. */
export function nextDue(cases: readonly VendorCaseView[]): (VendorCaseView & { readonly dueAt: number }) | undefined {
  const due = cases.flatMap((one) => (one.dueAt === undefined ? [] : [{ ...one, dueAt: one.dueAt }]));
  return due.sort((one, other) => one.dueAt - other.dueAt)[0];
}

/** As it is when that tier was reached. A clock that was set back puts nothing before what came before it. */
export function reach(one: VendorCase, tier: CaseTier, { at, by }: Reached): VendorCase | { readonly refused: string } {
  if (one.closed) return { refused: 'That case with the vendor is closed. Write down a new one.' };
  if (one[tier] || (tier === 'answered' && one.qualified)) return { refused: 'That was written down already.' };
  const reached = { by, at: Math.max(at, ...[one.opened, one.answered, one.qualified].flatMap((before) => before?.at ?? [])) };
  // Whoever is qualified has answered.
  const answered = tier === 'qualified' && one.answered === undefined ? { answered: reached } : {};
  return { ...one, ...answered, [tier]: reached };
}

/** How soon a vendor has somebody qualified. `qualified`: of so many `cases`. */
export type VendorTimes = {
  readonly vendor: string;
  readonly cases: number;
  readonly qualified: number;
  readonly medianMs?: number;
  readonly p95Ms?: number;
};

/** Those with the most cases first. A vendor is the same however people type him. */
export function byVendor(cases: readonly Pick<VendorCase, 'vendor' | 'opened' | 'qualified'>[]): VendorTimes[] {
  const grouped = Map.groupBy(cases, ({ vendor }) => folded(vendor));
  const times = [...grouped.values()].map((own): VendorTimes => {
    const waits = own.flatMap(({ opened, qualified }) => (qualified ? [qualified.at - opened.at] : [])).sort((a, b) => a - b);
    const [medianMs, p95Ms] = [quantile(waits, 0.5), quantile(waits, 0.95)];
    return {
      vendor: own[0]?.vendor ?? '',
      cases: own.length,
      qualified: waits.length,
      ...(medianMs === undefined ? {} : { medianMs }),
      ...(p95Ms === undefined ? {} : { p95Ms }),
    };
  });
  return times.sort((one, other) => other.cases - one.cases || (one.vendor < other.vendor ? -1 : 1));
}
