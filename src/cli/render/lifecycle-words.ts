/** Verdicts on how near devices are to their end, for people: a line, a card, a table and a spreadsheet. */
import type { styleText } from 'node:util';
import type { Decay } from '../../agent/decay/decay.ts';
import type { DeviceView } from '../../agent/diagnostics/view.ts';
import { titleAndPlace, titleOf } from '../../agent/inventory/describe.ts';
import { wordsOnAge } from '../../agent/lifecycle/age-words.ts';
import type { End, Fact } from '../../agent/lifecycle/fact.ts';
import type { Age } from '../../agent/lifecycle/service-life.ts';
import type { Verdict, VerdictState } from '../../agent/lifecycle/verdict.ts';
import { VERDICT_WORDS } from '../../protocol/end-words.ts';
import type { VerdictMessage } from '../../protocol/messages.ts';
import { decayLines } from './decay-lines.ts';
import { type Column, tableLines } from './table.ts';
import { paint } from './words.ts';

type Output = Parameters<typeof paint>[2] & { readonly columns?: number | undefined };

/** A device with what is known of its end. */
export type Standing = {
  readonly device: DeviceView;
  readonly decay?: Decay | undefined;
  readonly verdict: Verdict;
  readonly age?: Age | undefined;
};

const COLOURS: Readonly<Record<VerdictState, Parameters<typeof styleText>[0]>> = {
  'at-risk': ['bold', 'red'],
  overdue: 'red',
  due: 'yellow',
  plan: 'yellow',
  check: 'cyan',
  'ask-revision': 'cyan',
  fine: 'green',
};
const LABEL_WIDTH = 14;

export function verdictLine(verdict: Verdict, output: Output, env: NodeJS.ProcessEnv): string {
  return `Its end: ${paint(COLOURS[verdict.state], VERDICT_WORDS[verdict.state], output, env)}. ${verdict.why}${verdict.state === 'fine' ? '' : ` ${verdict.toDo}`}`;
}

/** Of a device of which the agent knows a verdict: what ends when, what somebody plans, and who says so. */
export function endLines(told: VerdictMessage | undefined, verdict: Verdict | undefined): string[] {
  const source = verdict ?? told;
  return [
    ...(told?.timeline ?? []).flatMap((end, i) => labelled(i === 0 ? 'Ends' : ' ', `${dateWords(end)}  ${end.what}`)),
    ...labelled('Planned for', told?.plannedFor),
    ...(source ? labelled('Evidence', `${source.grade}; ${sourceWords(source.source)}`) : []),
  ];
}

/** How old it is at least and at most, a line for each thing that says so. */
export function ageLines(age: Age | undefined): string[] {
  return (age ? wordsOnAge(age) : []).flatMap((words, i) => labelled(i === 0 ? 'Age' : ' ', words));
}

export function verdictCard({ device, verdict, decay, age }: Standing, output: Output, env: NodeJS.ProcessEnv): string[] {
  const { state, why, grade, toDo, stops, stays, source, facts, tell } = verdict;
  return [
    paint('bold', titleAndPlace(device), output, env),
    `${paint(COLOURS[state], VERDICT_WORDS[state], output, env)}${verdict.critical ? ', act at once' : ''}. ${why}`,
    '',
    ...labelled('When', whenWords(verdict)),
    ...labelled('What to do', toDo),
    ...labelled('What stops', stops),
    ...labelled('What stays', stays),
    ...labelled('Evidence', tell === 'desk' ? `${grade}; for the desk only` : grade),
    ...labelled('Source', sourceWords(source)),
    ...labelled('Facts', facts.join(', ')),
    ...ageLines(age),
    ...(decay ? decayLines(decay).flatMap((line, i) => labelled(i === 0 ? 'Week by week' : ' ', line)) : []),
  ];
}

const END_WORDS: Readonly<Record<End | 'pastBy', string>> = {
  sale: 'Sale',
  features: 'New functions',
  security: 'Security updates',
  paidSecurity: 'Paid updates',
  support: 'Support',
  apps: 'Apps of others',
  cloud: "Maker's cloud",
  pastBy: 'Ended by',
};

export function factCard(fact: Fact, devices: readonly DeviceView[], output: Output, env: NodeJS.ProcessEnv): string[] {
  const { vendor, product, kind, match, ends, supportedOn, sources, readOn, confidence } = fact;
  const models = (match.models ?? []).map((model) => (typeof model === 'string' ? model : `${model.name} (${model.revisions.join(', ')})`));
  const { name, from = '', below } = match.system ?? {};
  const title = product.toLowerCase().startsWith(vendor.toLowerCase()) ? product : `${vendor} ${product}`;
  return [
    paint('bold', title, output, env),
    `${kind}; ${confidence} confidence${fact.exploited ? '; attackers use holes in it' : ''}`,
    '',
    ...labelled('Models', models.join(', ')),
    ...labelled('Not', match.not?.join(', ')),
    ...labelled('Every', match.everyKind?.join(', ')),
    ...labelled('System', name === undefined ? undefined : `${name} ${from}${below === undefined ? '' : `, below ${below}`}`),
    ...labelled('Released', fact.released),
    ...(Object.entries(ends) as [End | 'pastBy', string][]).flatMap(([end, on]) =>
      labelled(END_WORDS[end], `${on}${fact.promised ? ', at least' : ''}`),
    ),
    ...labelled('Supported', supportedOn && `as of ${supportedOn}`),
    ...labelled('What stops', fact.stops),
    ...labelled('What stays', fact.stays),
    ...labelled('Instead', fact.replacement),
    ...labelled('Doubt', fact.doubt),
    ...sources.flatMap((source, i) =>
      labelled(i === 0 ? 'Source' : '', sourceWords({ ...source, ...(i === 0 && readOn ? { readOn } : {}) })),
    ),
    ...labelled('Here', devices.map(titleAndPlace).join(', ')),
  ];
}

function labelled(label: string, text: string | undefined): string[] {
  return text ? [`  ${label.padEnd(LABEL_WIDTH)}${label.length < LABEL_WIDTH ? '' : ' '}${text}`] : [];
}

function sourceWords({
  title,
  url,
  readOn,
}: {
  readonly title: string;
  readonly url?: string | undefined;
  readonly readOn?: string;
}): string {
  return `${title}${readOn === undefined ? '' : `, read ${readOn}`}${url === undefined ? '' : `: ${url}`}`;
}

function whenWords({ ends, daysLeft }: Verdict): string | undefined {
  if (ends === undefined) return undefined;
  const days = daysLeft === undefined ? '' : daysLeft < 0 ? `, ${-daysLeft} days ago` : `, ${daysLeft} days left`;
  return `${ends.what}: ${dateWords(ends)}${days}`;
}

function dateWords({ on, atTheLatest }: NonNullable<Verdict['ends']>): string {
  return atTheLatest ? `by ${on}` : on;
}

const COLUMNS: readonly Column[] = [
  { title: 'STATE' },
  { title: 'DEVICE', atLeast: 18 },
  { title: 'WHAT ENDS', rank: 2 },
  { title: 'WHEN' },
  { title: 'DAYS LEFT', rank: 1 },
  { title: 'EVIDENCE', rank: 3 },
  { title: 'WHAT TO DO', atLeast: 16 },
];

export function standingsTable(standings: readonly Standing[], output: Output, env: NodeJS.ProcessEnv): string[] {
  const width = output.isTTY ? output.columns || 80 : Number.POSITIVE_INFINITY;
  const rows = standings.map(({ device, verdict }) => [
    { text: VERDICT_WORDS[verdict.state], paint: (text: string) => paint(COLOURS[verdict.state], text, output, env) },
    { text: titleAndPlace(device) },
    { text: verdict.ends?.what ?? '' },
    { text: verdict.ends ? dateWords(verdict.ends) : '' },
    { text: verdict.daysLeft === undefined ? '' : String(verdict.daysLeft) },
    { text: verdict.grade },
    { text: toDoWords(device, verdict) },
  ]);
  return tableLines(COLUMNS, rows, width, (text) => paint('gray', text, output, env));
}

function toDoWords({ verdict: told }: DeviceView, { toDo }: Verdict): string {
  return told?.plannedFor === undefined ? toDo : `Planned for ${told.plannedFor}. ${toDo}`;
}

const CSV_HEAD = [
  'state',
  'device',
  'address',
  'room',
  'what ends',
  'when',
  'days left',
  'evidence',
  'why',
  'what to do',
  'what stays',
  'source',
  'url',
  'read on',
  'tell',
  'planned for',
];

/** RFC 4180. Names come from the LAN: a cell that a spreadsheet would run as a formula is kept as text. */
export function standingsCsv(standings: readonly Standing[]): string {
  const rows = standings.map(({ device, verdict }) => [
    verdict.state,
    titleOf(device),
    device.ips[0],
    device.room,
    verdict.ends?.what,
    verdict.ends && dateWords(verdict.ends),
    verdict.daysLeft?.toString(),
    verdict.grade,
    verdict.why,
    verdict.toDo,
    verdict.stays,
    verdict.source.title,
    verdict.source.url,
    verdict.source.readOn,
    verdict.tell,
    device.verdict?.plannedFor,
  ]);
  return [CSV_HEAD, ...rows].map((row) => `${row.map((cell = '') => csvCell(cell)).join(',')}\r\n`).join('');
}

function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d+$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
