/** The words of the replacement plan: for a family that never asked what firmware is. */

import type { PlanEnd, PlanItem, PlanState, ReplacementPlan } from '../../agent/lifecycle/plan.ts';
import type { Verdict } from '../../agent/lifecycle/verdict.ts';
import { dayOf } from '../../base/partial-date.ts';
import { dateWords, MONTHS } from '../../protocol/end-words.ts';

/** `6 May 2026`, with short months. */
export function noteDateWords(date: string): string {
  return dateWords(date).replace(/[A-Z][a-z]+/, (month) => month.slice(0, 3));
}

/** `May 2026` for a drawing, where there is little room. */
export function shortDateWords(ends: PlanEnd): string {
  if (ends.is === 'usual') return `${yearOf(ends.fromAt)} to ${yearOf(ends.toAt)}`;
  const [year, month] = ends.on.split('-');
  return `${ends.end === 'pastBy' ? 'by ' : ''}${month ? `${MONTHS[Number(month) - 1]?.slice(0, 3)} ` : ''}${year}`;
}

function yearOf(at: number): string {
  return dayOf(at).slice(0, 4);
}

export const GROUP_WORDS: Readonly<Record<PlanState, { readonly title: string; readonly about: string }>> = {
  'at-risk': { title: 'Act now', about: 'not safe to leave as it is' },
  overdue: { title: 'Past its end', about: 'nobody looks after it any more; replace it soon' },
  due: { title: 'Due', about: 'within about three months' },
  plan: { title: 'Plan ahead', about: 'within about a year' },
};

/** The whole plan in one sentence. */
export function summaryWords(plan: ReplacementPlan): string {
  const { items, later, devices, years } = plan;
  const count = countOf(items);
  const urgent = countOf(items.filter(({ state }) => state === 'at-risk'));
  if (count > 0) {
    const now = urgent === 0 ? '' : urgent === count ? ', and cannot wait' : `; ${urgent} of them cannot wait`;
    const which = devices === 1 ? 'The one device' : `${count} of the ${devices} devices`;
    return `${which} in this home need${count === 1 ? 's' : ''} something within the next 12 months${now}.`;
  }
  const span = `the next ${numberWord(years)} year${years === 1 ? '' : 's'}`;
  if (later.length === 0) return `Nothing in this home is known to end in ${span}.`;
  const ending = countOf(later);
  return `Nothing in this home is known to end within the next 12 months; ${ending} device${ending === 1 ? ' reaches its' : 's reach their'} end within ${span}.`;
}

export function countOf(list: readonly { readonly count: number }[]): number {
  return list.reduce((sum, { count }) => sum + count, 0);
}

function numberWord(n: number): string {
  return ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][n] ?? String(n);
}

type What = { readonly past: string; readonly ahead: string; readonly means: string };

/** `means` where the fact says nothing of its own. */
const WHAT: Readonly<Record<Extract<PlanEnd, { is: 'told' }>['end'], What>> = {
  security: {
    past: 'Security updates ended',
    ahead: 'Security updates end',
    means: 'It still works, but new holes in it stay open to attackers.',
  },
  paidSecurity: { past: 'Paid updates ended', ahead: 'Paid updates end', means: 'New holes in it stay open to attackers.' },
  support: {
    past: 'The maker’s support ended',
    ahead: 'The maker’s support ends',
    means: 'It still works, but the maker mends no more faults in it.',
  },
  cloud: {
    past: 'The maker’s online service ended',
    ahead: 'The maker’s online service ends',
    means: 'What runs over the maker’s servers stops: often the app, and control from away.',
  },
  apps: {
    past: 'Large apps stopped running',
    ahead: 'Large apps stop running',
    means: 'The device works, but not with all that ran on it.',
  },
  features: { past: 'No new functions', ahead: 'New functions end', means: 'Only faults in it are still mended.' },
  sale: {
    past: 'No longer made',
    ahead: 'Made',
    means: 'It still works. Nobody has said for how long the maker will look after it.',
  },
  pastBy: {
    past: 'The maker’s support ended',
    ahead: 'The maker’s support ends',
    means: 'It still works, but the maker mends no more faults in it.',
  },
};

/** `what`: what ends; `when`: the date, or the years. */
export function endWords({ ends, verdict }: Pick<PlanItem, 'ends' | 'verdict'>): { readonly what: string; readonly when: string } {
  if (verdict.grade === 'told by the device') return { what: 'A part of it is worn out', when: '' };
  if (ends === undefined) return { what: `Its kind’s usual life ${verdict.state === 'plan' ? 'nears its end' : 'is reached'}`, when: '' };
  if (ends.is === 'usual') return { what: 'Usual life of its kind ends', when: shortDateWords(ends) };
  const { end, on, isPast } = ends;
  const { past, ahead } = WHAT[end];
  const when = dateWords(on).replaceAll(' ', '\u00a0');
  if (end === 'pastBy') return { what: `${past} by`, when };
  if (end === 'sale') return isPast ? { what: past, when: `since ${when}` } : { what: ahead, when: `until ${when}` };
  if (verdict.grade === "maker's promise")
    return { what: isPast ? 'Updates were promised' : 'Updates are promised', when: `until ${when}` };
  return { what: isPast ? past : ahead, when: end === 'features' ? `since ${when}` : when };
}

export type Meaning = { readonly what: string; readonly stops?: string; readonly stays?: string };

/** What it means for the family: in general, then what stops and what stays as far as anybody told. */
export function meaningOf({ ends, fact, verdict }: Pick<PlanItem, 'ends' | 'fact' | 'verdict'>): Meaning {
  const { stops, stays } = verdict;
  if (verdict.grade === 'told by the device') return { what: verdict.why };
  if (ends?.is !== 'told') return { what: 'It may go on for years, or fail without warning, as others do at this age.' };
  const isAttacked = verdict.state === 'at-risk' && fact?.exploited;
  const guards = verdict.state === 'at-risk' && !fact?.exploited;
  // Of some the source tells a list of what stops, of others a sentence on what is wrong.
  const isList = fact?.ends.cloud !== undefined || fact?.ends.apps !== undefined;
  return {
    what: [
      isList && stops ? [] : [WHAT[ends.end].means],
      isAttacked ? ['Attackers use such holes today.'] : [],
      guards ? ['You rely on it to be safe.'] : [],
      stops && !isList && !isAttacked ? [stops] : [],
    ]
      .flat()
      .join(' '),
    ...(stops && isList ? { stops } : {}),
    ...(stays ? { stays } : {}),
  };
}

export const GRADE_WORDS: Readonly<Record<Verdict['grade'], { readonly short: string; readonly about: string }>> = {
  'announced date': { short: 'Announced', about: 'the maker, or a source that reports on it, has named the date' },
  "maker's promise": { short: 'Promised', about: 'the maker promises at least this; it may look after the device for longer' },
  observed: { short: 'Observed', about: 'the maker announces no dates; this is when the last updates came' },
  'told by the device': { short: 'Told by the device', about: 'it measures or knows this itself' },
  'observed decay': { short: 'Measured', about: 'the hub measured that it gets worse week by week, against its own past' },
  'usual life': { short: 'Usual life', about: 'how long devices of this kind last on average; this one may do better or worse' },
  'general knowledge': { short: 'General knowledge', about: '' },
};
