/** How many questions of a home were answered in a month or year of its own, and how many of them cost nothing. Pure; instants in Unix milliseconds. */
import { dayAt, firstAt } from '../../base/time-zone.ts';
import type { Interactions } from './policy.ts';

/** `name`: `2026-11` or `2026`. From `from` until before `to`, by the clock of the home. */
export type Period = { readonly name: string; readonly from: number; readonly to: number };

export function periodAt(per: 'month' | 'year', zone: string, at: number): Period {
  const name = dayAt(zone, at).slice(0, per === 'month' ? 7 : 4);
  const [year, month] = name.split('-').map(Number) as [number, number | undefined];
  const begin = month === undefined ? [year, 1] : [year, month];
  const end = month === undefined ? [year + 1, 1] : month === 12 ? [year + 1, 1] : [year, month + 1];
  const [from, to] = [firstAt(zone, firstDay(begin), 0), firstAt(zone, firstDay(end), 0)];
  // Where the clock goes back at midnight, the old month shows once more after the new one has begun.
  return at < to ? { name, from, to } : periodAt(per, zone, to);
}

function firstDay([year = 0, month = 1]: readonly number[]): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01`;
}

/** What was recorded of a ticket: an answer to its client, or somebody's word whether it counts. In their order. */
export type Recorded = { readonly ticket: number; readonly at: number; readonly counts?: boolean };

/**
 * The tickets that count in a period, in the order in which they were first answered: each once, when its client was answered first. Whoever says that one counts, or does not, has the last
 * word; one that was never answered counts from when he said so.
 */
export function counted(recorded: readonly Recorded[], { from, to }: Pick<Period, 'from' | 'to'>): number[] {
  const byTicket = Map.groupBy(recorded, ({ ticket }) => ticket);
  const firsts = [...byTicket].flatMap(([ticket, all]) => {
    const said = all.findLast(({ counts }) => counts !== undefined);
    const first = all.find(({ counts }) => counts === undefined) ?? all.find(({ counts }) => counts === true);
    return said?.counts === false || first === undefined ? [] : [{ ticket, at: first.at }];
  });
  return firsts
    .filter(({ at }) => from <= at && at < to)
    .sort((one, other) => one.at - other.at)
    .map(({ ticket }) => ticket);
}

/** `used` of `free` in this month or year; `beyond`: what each further one costs. */
export type InteractionsView = Interactions & {
  readonly used: number;
  readonly period: string;
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  /** The tickets that count, in their order. */
  readonly tickets: readonly number[];
};

export function interactionsView(promise: Interactions, zone: string, recorded: readonly Recorded[], now: number): InteractionsView {
  const { name, ...period } = periodAt(promise.per, zone, now);
  const tickets = counted(recorded, period);
  return { ...promise, used: tickets.length, period: name, ...period, timeZone: zone, tickets };
}
