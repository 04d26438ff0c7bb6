/** Days until which somebody plans to replace a device: which of them make sense, the same on the command line and at the desk. */
import { isPartialDate, lastMomentOf } from '../base/partial-date.ts';

/** A later one is a typing error. */
const LONGEST_PLAN_MS = 10 * 365.25 * 86_400_000;

/** What is wrong with one, and what to do; undefined where nothing is. `nowAt`: Unix milliseconds. */
export function planTrouble(date: string, nowAt: number): { readonly problem: string; readonly fix: string } | undefined {
  if (!isPartialDate(date)) return { problem: `“${date}” is no date.`, fix: 'Write the year and month, 2027-03, or the day, 2027-03-31.' };
  if (lastMomentOf(date) < nowAt) return { problem: `${date} is over.`, fix: 'Until when will it be replaced?' };
  const isFar = lastMomentOf(date) > nowAt + LONGEST_PLAN_MS;
  return isFar ? { problem: `${date} is more than ten years away.`, fix: 'Is the year right?' } : undefined;
}
