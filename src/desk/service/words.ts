/** A policy in words: what a difference names, and what the page says of a plan. Pure. */
import { WEEKDAYS, type Weekday } from '../../base/time-zone.ts';
import { amountWords } from './money.ts';
import type { Cover, FirstAnswer, Hours, Plan, Rung, Visit, WallSpan } from './policy.ts';

/** `07:30`; the end of a day is `24:00`. */
export function clockWords(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** `every day`, `mon to fri`, `mon, wed, sat` */
export function dayWords(days: ReadonlySet<Weekday>): string {
  const listed = WEEKDAYS.filter((day) => days.has(day));
  if (listed.length === WEEKDAYS.length) return 'every day';
  const isRun = listed.length > 2 && WEEKDAYS.indexOf(listed.at(-1)!) - WEEKDAYS.indexOf(listed[0]!) === listed.length - 1;
  return isRun ? `${listed[0]} to ${listed.at(-1)}` : listed.join(', ');
}

export function spanWords(spans: readonly WallSpan[]): string {
  return spans.map(({ days, from, to }) => `${dayWords(days)} ${clockWords(from)} to ${clockWords(to)}`).join('; ') || 'none';
}

export function coverWords(covers: Cover | undefined): string {
  if (covers === undefined) return 'nothing';
  const { severities, codes, kinds } = covers;
  const only = [codes && `only ${[...codes].join(', ')}`, kinds && `only devices of the kinds ${[...kinds].join(', ')}`].filter(Boolean);
  return [[...severities].join(', '), ...only].join('; ');
}

export function hoursWords(hours: Hours | undefined): string {
  if (hours === undefined) return 'at any hour';
  const { spans, calendar, timeZone } = hours;
  return `${spanWords(spans)}${timeZone === undefined ? '' : ` (${timeZone})`}${holidayWords(calendar)}`;
}

function holidayWords(calendar: string | undefined): string {
  return calendar === undefined ? '' : `, but not on the holidays "${calendar}"`;
}

/** `1 h 30 min`, to the second: two promises that differ do not read alike. */
export function exactly(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).join(' ');
}

export function answerWords(promise: FirstAnswer | undefined): string {
  if (promise === undefined) return 'no promise';
  const { withinMs, warnShare, hours } = promise;
  return `within ${exactly(withinMs)}, warned after ${exactly(withinMs * warnShare)}, ${hoursWords(hours)}`;
}

export function visitWords(visit: Visit | undefined): string {
  if (visit === undefined) return 'no promise';
  const { reportBy, until, days, calendar, severities } = visit;
  return `by ${clockWords(until)} where it is reported before ${clockWords(reportBy)}, ${dayWords(days)}${holidayWords(calendar)}; for ${[...severities].join(', ')}`;
}

/** `after 10 min second desk; after 45 min dealer on call (critical, at any hour)` */
export function ladderWords(ladder: readonly Rung[]): string {
  const words = ({ afterMs, to, severities, atAnyHour, bills }: Rung): string => {
    const only = [severities && [...severities].join(' or '), atAnyHour && 'at any hour', bills && 'where that may be billed'].filter(
      Boolean,
    );
    return `after ${exactly(afterMs)} ${to}${only.length === 0 ? '' : ` (${only.join(', ')})`}`;
  };
  return ladder.map(words).join('; ') || 'nobody is asked next';
}

/** `49.00 USD a month` */
export function feeWords(fee: Plan['fee']): string {
  return fee === undefined ? 'none' : `${amountWords(fee)} ${fee.currency} a ${fee.per}`;
}

export function interactionWords(interactions: Plan['interactions']): string {
  if (interactions === undefined) return 'not counted';
  const { free, per, beyond } = interactions;
  return `${free} a ${per} free${beyond === undefined ? '' : `, then ${beyond} each`}`;
}
