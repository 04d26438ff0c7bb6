/** What a replay found, for people: what the journal covers, messages by week, who speaks most, and each message with what another policy makes of it. */
import { duration } from '../../base/duration.ts';
import { asking, byWeek, isAsked, laterMs, type Pair, paired, shown, total } from '../../replay/compare.ts';
import type { Message } from '../../replay/replay.ts';
import { type Cell, type Column, tableLines } from './table.ts';

/** Instants in Unix ms. */
export type Replayed = {
  readonly from: number;
  readonly to: number;
  /** When the hub did not look, or lost what it saw. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Answers for which the journal had no room. */
  readonly left: number;
  readonly devices: number;
  readonly nameOf: (deviceId: string) => string;
  readonly current: readonly Message[];
  /** Under the policy of a file. */
  readonly other?: { readonly file: string; readonly messages: readonly Message[] } | undefined;
};

type Look = { readonly width: number; readonly paintTitle: (text: string) => string };

const MOST_GAPS = 5;
const MOST_SPEAKERS = 5;
const WEEK_MS = 7 * 86_400_000;

export function replayLines(replayed: Replayed, look: Look): string[] {
  const { from, to, current, other } = replayed;
  const now = asking(current, from, to);
  const then = other ? asking(other.messages, from, to) : undefined;
  const pairs = then ? paired(now, then) : now.map((message): Pair => ({ now: message }));
  return [
    ...journalLines(replayed),
    '',
    countLine('With the settings of this home', now, passed(current, replayed)),
    ...(other && then ? [countLine(`With ${other.file}`, then, passed(other.messages, replayed))] : []),
    ...(pairs.length === 0 ? [] : ['', ...weekLines(now, then, replayed, look), ...speakerLines(now, then, replayed), '']),
    ...messageLines(pairs, replayed, look),
    ...(other ? ['', differenceLine(pairs, other.file)] : []),
  ];
}

function journalLines({ from, to, gaps, left, devices }: Replayed): string[] {
  const away = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const longest = [...gaps].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, MOST_GAPS);
  return [
    `The journal of this home: ${when(from)} to ${when(to)} (${duration(to - from)}), ${devices} devices; those of persons are not in it.`,
    ...(gaps.length === 0 ? [] : [`The hub did not look, or lost what it saw, ${times(gaps.length)}, for ${duration(away)} in all:`]),
    ...longest.map((gap) => `  from ${when(gap.from)} for ${duration(gap.to - gap.from)}`),
    ...(left === 0 ? [] : [`More happened than the journal has room for: ${left} answers are not in it.`]),
  ];
}

/** Faults that were over before their hold. */
function passed(messages: readonly Message[], { from, to }: Replayed): number {
  return messages.filter((message) => message.raisedAt >= from && message.clearedAt !== undefined && !isAsked(message, to)).length;
}

function countLine(who: string, asked: readonly Message[], over: number): string {
  const rest = over > 0 ? `; ${over} more ${over === 1 ? 'fault was' : 'faults were'} over before` : '';
  return `${who} people would ${asked.length === 0 ? 'never have been asked to act' : `have been asked to act ${times(asked.length)}`}${rest}.`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** `3 → 1` where there are two policies. */
function weekLines(
  now: readonly Message[],
  then: readonly Message[] | undefined,
  { from, to }: Replayed,
  { width, paintTitle }: Look,
): string[] {
  const codeOf = ({ code }: Message): string => code;
  const [ours, theirs] = [byWeek(now, from, to, codeOf), byWeek(then ?? [], from, to, codeOf)];
  const weeks = Math.max(1, Math.ceil((to - from) / WEEK_MS));
  const columns: Column[] = [
    { title: 'MESSAGES' },
    ...Array.from({ length: weeks }, (_, week): Column => ({ title: `FROM ${day(from + week * WEEK_MS)}`, rank: weeks - week })),
    { title: 'ALL' },
  ];
  const cell = (mine: number, others: number): Cell => ({ text: then ? `${mine} → ${others}` : String(mine) });
  const rows = [...new Set([...ours.keys(), ...theirs.keys()])].map((code): Cell[] => [
    { text: code },
    ...Array.from({ length: weeks }, (_, week) => cell(ours.get(code)?.[week] ?? 0, theirs.get(code)?.[week] ?? 0)),
    cell(total(ours.get(code)), total(theirs.get(code))),
  ]);
  return tableLines(columns, rows, width, paintTitle);
}

function speakerLines(now: readonly Message[], then: readonly Message[] | undefined, { from, to, nameOf }: Replayed): string[] {
  const deviceOf = ({ device = '' }: Message): string => device;
  const [ours, theirs] = [byWeek(now, from, to, deviceOf), byWeek(then ?? [], from, to, deviceOf)];
  const speakers = [...new Set([...ours.keys(), ...theirs.keys()])].filter((id) => id !== '').slice(0, MOST_SPEAKERS);
  const words = speakers.map((id) => `${nameOf(id)} ${total(ours.get(id))}${then ? ` → ${total(theirs.get(id))}` : ''}`);
  return words.length === 0 ? [] : ['', `Most about: ${words.join(', ')}.`];
}

function messageLines(pairs: readonly Pair[], { to, other }: Replayed, { width, paintTitle }: Look): string[] {
  if (pairs.length === 0) return [];
  const columns: Column[] = [
    ...(other ? [{ title: ' ' }] : []),
    { title: 'ASKED AT' },
    { title: 'LASTED', rank: 2 },
    { title: 'HELD', rank: 3 },
    { title: 'MESSAGE', rank: 1 },
    { title: 'WHAT', atLeast: 24 },
  ];
  const rows = pairs.map((pair): Cell[] => {
    const { code, title, raisedAt, actionableAt, clearedAt } = shown(pair);
    const held = [pair.now, pair.other].flatMap((message) => (message ? [duration(message.actionableAt - message.raisedAt)] : []));
    return [
      ...(other ? [{ text: markOf(pair) }] : []),
      { text: when(actionableAt) },
      { text: clearedAt === undefined ? `${duration(to - raisedAt)} so far` : duration(clearedAt - raisedAt) },
      { text: [...new Set(held)].join(' → ') },
      { text: code },
      { text: `${title}${shiftWords(pair)}` },
    ];
  });
  return tableLines(columns, rows, width, paintTitle);
}

const markOf = ({ now, other }: Pair): string => (now && other ? ' ' : now ? '-' : '+');

function shiftWords(pair: Pair): string {
  const ms = laterMs(pair);
  return Math.abs(ms) < 1_000 ? '' : ` (${duration(Math.abs(ms))} ${ms > 0 ? 'later' : 'sooner'})`;
}

function differenceLine(pairs: readonly Pair[], file: string): string {
  const only = (side: 'now' | 'other'): number => pairs.filter((pair) => pair[side] && !pair[side === 'now' ? 'other' : 'now']).length;
  const moved = pairs.filter((pair) => Math.abs(laterMs(pair)) >= 1_000).length;
  if (only('now') + only('other') + moved === 0) return `${file} makes no difference to this month.`;
  return `- ${only('now')} only as it is now, + ${only('other')} only with ${file}, ${moved} of the others sooner or later.`;
}

/** Local time of this machine, to the minute. */
function when(at: number): string {
  return `${day(at)} ${new Date(at).toTimeString().slice(0, 5)}`;
}

function day(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
