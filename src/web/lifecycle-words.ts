/** What nears its end, in words: how long until then, a verdict in a line, the stage of an alert. Pure, so that every sentence is tested. */
import { DAY_MS, lastMomentOf } from '../base/partial-date.ts';
import type { AlertView, SiteView } from '../desk/views.ts';
import { dateWords, VERDICT_WORDS } from '../protocol/end-words.ts';
import type { VerdictMessage } from '../protocol/messages.ts';
import { listed, plural } from './words.ts';

type State = VerdictMessage['state'];
type End = VerdictMessage['timeline'][number];

/** Signs differ in shape, not only in colour. Most urgent first. */
export const ENDING_SIGNS: Readonly<Record<State, string>> = {
  'at-risk': '■',
  overdue: '◆',
  due: '▲',
  plan: '△',
  check: '?',
  'ask-revision': '?',
  fine: '●',
};
const ORDER = Object.keys(ENDING_SIGNS) as readonly State[];

/** Whether the last moment of the date has passed. */
export function isPast({ on }: Pick<End, 'on'>, now: number): boolean {
  return lastMomentOf(on) < now;
}

/** `in 12 days`, `3 years ago`: from one day of the calendar (UTC) to the last one of the date. */
export function distance(on: string, now: number): string {
  const days = Math.floor(lastMomentOf(on) / DAY_MS) - Math.floor(now / DAY_MS);
  if (days === 0) return 'today';
  const span = spanWords(Math.abs(days));
  return days < 0 ? `${span} ago` : `in ${span}`;
}

function spanWords(days: number): string {
  if (days <= 90) return plural(days, 'day');
  return days < 730 ? plural(Math.floor(days / 30.44), 'month') : plural(Math.floor(days / 365.25), 'year');
}

/** `security updates ended May 2024`, `the warranty until May 2028`. */
export function endWords({ what, on, atTheLatest }: End, now: number): string {
  return `${what} ${isPast({ on }, now) ? 'ended' : 'until'} ${atTheLatest ? 'by ' : ''}${dateWords(on)}`;
}

/** Why it is in its state: what ends and how near that is, or in the words of the hub. */
export function groundWords({ ends, why }: VerdictMessage, now: number): string {
  return ends === undefined ? why : `${endWords(ends, now)}, ${distance(ends.on, now)}`;
}

/** What the desk may not hand on as it is. */
export const CHECK_FIRST = 'check first, not for the client';

/** `overdue · security updates ended May 2024`; nothing for what is fine. */
export function verdictLine({ state, ends, grade, tell }: VerdictMessage, now: number): string | undefined {
  if (state === 'fine') return undefined;
  return [VERDICT_WORDS[state], ends === undefined ? grade : endWords(ends, now), ...(tell === 'desk' ? [CHECK_FIRST] : [])].join(' · ');
}

/** The most urgent first, then the earliest end. */
export function bySoonest(left: VerdictMessage, right: VerdictMessage): number {
  const end = ({ ends }: VerdictMessage): number => (ends === undefined ? Number.MAX_SAFE_INTEGER : lastMomentOf(ends.on));
  return ORDER.indexOf(left.state) - ORDER.indexOf(right.state) || end(left) - end(right);
}

/** `2 at risk, 1 overdue and 3 due within 90 days`; nothing where nothing is. */
export function endingWords({ atRisk, overdue, due }: SiteView['ending']): string | undefined {
  const parts = [
    [atRisk, 'at risk'],
    [overdue, 'overdue'],
    [due, 'due within 90 days'],
  ] as const;
  const words = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return words.length === 0 ? undefined : listed(words, 'and');
}

/** Of an alert that is told in stages: when it ends, by now and not by when it was told. */
export function stageWords({ ends, stage }: Pick<AlertView, 'ends' | 'stage'>, now: number): string | undefined {
  if (ends === undefined) return stage === undefined ? undefined : stage === 0 ? 'due now' : 'to plan for';
  return `${isPast({ on: ends }, now) ? 'ended' : 'ends'} ${distance(ends, now)} (${dateWords(ends)})`;
}
