/**
 * Dates as their sources give them: `2025`, `2025-03` or `2025-03-31`. What ends "in March 2025" is promised for all of March, so a date of low
 * precision means the last moment of its period (UTC), as OASIS OpenEoX Core 1.0 has it.
 */

const WRITTEN = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
export const DAY_MS = 86_400_000;

export function isPartialDate(text: string): boolean {
  const [, year, month, day] = WRITTEN.exec(text) ?? [];
  if (year === undefined || Number(year) < 1980 || Number(year) > 2100) return false;
  const named = `${year}-${month ?? '01'}-${day ?? '01'}`;
  const date = new Date(`${named}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(named);
}

/** Unix milliseconds; expects what `isPartialDate` accepts. */
export function firstMomentOf(date: string): number {
  return Date.parse(`${`${date}-01-01`.slice(0, 10)}T00:00:00Z`);
}

/** Unix milliseconds, the last one of the period. */
export function lastMomentOf(date: string): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const [years, months, days] = date.length === 4 ? [1, 0, 0] : date.length === 7 ? [0, 1, 0] : [0, 0, 1];
  return Date.UTC(year + years, month - 1 + months, day + days) - 1;
}

/** `2025-03-31`, the UTC day of an instant. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
