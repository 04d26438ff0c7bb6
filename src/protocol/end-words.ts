/** The words for what nears its end, the same on the command line, on the page and in the replacement plan. */
import type { VerdictMessage } from './messages.ts';

export const VERDICT_WORDS: Readonly<Record<VerdictMessage['state'], string>> = {
  'at-risk': 'at risk',
  overdue: 'overdue',
  due: 'due',
  plan: 'plan',
  check: 'check this',
  'ask-revision': 'which one?',
  fine: 'fine',
};

export const MONTHS: readonly string[] = 'January February March April May June July August September October November December'.split(' ');

/** `6 May 2026`, `May 2026`, `2026`: as exactly as it was told. */
export function dateWords(date: string): string {
  const [year, month, day] = date.split('-');
  return [day && String(Number(day)), month && MONTHS[Number(month) - 1], year].filter(Boolean).join(' ');
}
