/** A notice in plain words, for whoever reads it: one headline, then what is known. Pure. What devices and people said is cleaned and bounded here once for all receivers. */
import { cleanText } from '../../base/text.ts';
import { offsetMsAt, wallTime } from '../../base/time-zone.ts';
import type { DigestNotice, IncidentNotice, Notice, NoticeChange, TestNotice, TicketFacts, TicketNotice, TroubleNotice } from './notice.ts';
import type { Details } from './policy.ts';

const LONGEST_HEADLINE = 200;
const LONGEST_LINE = 400;
/** More in one message nobody reads. */
const MOST_IN_DIGEST = 30;

/** `link`: to the page of what it is about. */
export type Worded = { readonly headline: string; readonly lines: readonly string[]; readonly link?: string };

export type Manner = { readonly details: Details; readonly linkTo?: string | undefined };

export function worded(notice: Notice, manner: Manner): Worded {
  switch (notice.about) {
    case 'ticket':
      return wordedTicket(notice, manner);
    case 'incident':
      return { ...wordedIncident(notice, manner.details), ...linkOf(manner, `/incidents/${notice.number}`) };
    case 'receiver':
      return { ...wordedTrouble(notice), ...linkOf(manner, '/') };
    case 'digest':
      return wordedDigest(notice, manner);
    case 'test':
      return wordedTest(notice, manner);
  }
}

function linkOf({ linkTo }: Manner, path: string): { readonly link?: string } {
  return linkTo === undefined ? {} : { link: `${linkTo}${path}` };
}

function wordedTicket(notice: TicketNotice, manner: Manner): Worded {
  return {
    headline: headlineOf(notice, manner.details),
    lines: manner.details === 'full' ? linesOf(notice).map((line) => bounded(line, LONGEST_LINE)) : [],
    ...linkOf(manner, `/tickets/${notice.ticket.number}`),
  };
}

/** `New: NAS does not answer (Lindgren, ticket 12)`. */
function headlineOf({ changes, ticket }: TicketNotice, details: Details): string {
  const what = changes.map((change) => CHANGE_WORDS[change](ticket)).join(', ');
  const [begin, rest] = [what.slice(0, 1).toUpperCase(), what.slice(1)];
  if (details === 'none') return `${begin}${rest}: ticket ${ticket.number}`;
  return bounded(
    `${begin}${rest}: ${textOf(ticket.title, 120)} (${textOf(ticket.siteName, 60)}, ticket ${ticket.number})`,
    LONGEST_HEADLINE,
  );
}

const CHANGE_WORDS: Readonly<Record<NoticeChange, (ticket: TicketFacts) => string>> = {
  opened: () => 'new',
  'opened-again': () => 'open again',
  'passed-on': ({ passed }) => `nobody has taken it, passed on to ${textOf(passed?.to ?? '', 64)}`,
  'answer-due': ({ dueAt, timeZone }) => (dueAt === undefined ? 'first answer soon due' : `first answer due by ${timeOf(dueAt, timeZone)}`),
  'answer-late': () => 'first answer is late',
  'handed-over': () => 'handed over to the dealer',
  taken: () => 'somebody sees to it',
  over: ({ state, outcome }) => (state === 'merged' ? 'over, part of another ticket' : outcome === 'recovered' ? 'over by itself' : 'over'),
};

function linesOf({ ticket }: TicketNotice): string[] {
  const {
    siteName,
    severity,
    askedAt,
    dueAt,
    resolvedAt,
    timeZone,
    plan,
    dealer,
    assignee,
    passed,
    outcome,
    mergedInto,
    evidence,
    more,
    tier,
  } = ticket;
  const line = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [`${name}: ${value}`]);
  return [
    ...line('Home', textOf(siteName, 60)),
    ...line('Severity', severity),
    ...line('Since', whenOf(askedAt, timeZone)),
    ...line('Passed on', passed === undefined ? undefined : `to ${textOf(passed.to, 64)} at ${whenOf(passed.at, timeZone)}`),
    ...line('First answer due by', dueAt === undefined || resolvedAt !== undefined ? undefined : whenOf(dueAt, timeZone)),
    ...line('Over since', resolvedAt === undefined ? undefined : whenOf(resolvedAt, timeZone)),
    ...line('Ended as', outcome),
    ...line('Part of ticket', mergedInto?.toString()),
    ...line('Tier', tier),
    ...line('Plan', plan === undefined ? undefined : textOf(plan, 60)),
    ...line('Dealer', dealer === undefined ? undefined : textOf(dealer, 60)),
    ...line('With', assignee === undefined ? undefined : textOf(assignee, 60)),
    ...evidence.map(({ title, text }) => `- ${textOf(title, 120)}${text === '' ? '' : `: ${textOf(text, 240)}`}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

/** `New: 12 homes are silent together: homes with Northern Cable (incident 3)`. */
function wordedIncident({ number, cause, since, homes, size, back, endedBecause, isOver }: IncidentNotice, details: Details): Worded {
  const what = `${homes} homes ${isOver ? 'were' : 'are'} silent together`;
  const begin = isOver ? 'Over' : 'New';
  if (details === 'none') return { headline: `${begin}: ${what} (incident ${number})`, lines: [] };
  const headline = bounded(`${begin}: ${what}: ${textOf(cause, 120)} (incident ${number})`, LONGEST_HEADLINE);
  const lines = [
    `Since: ${whenOf(since, 'UTC')}`,
    `Homes: ${homes} of ${size}, ${back} of them back`,
    ...(endedBecause === undefined ? [] : [`Over because: ${textOf(endedBecause, 240)}`]),
  ];
  return { headline, lines: details === 'full' ? lines : [] };
}

function wordedTrouble({ receiver, sinceAt, answer, isOver }: TroubleNotice): Worded {
  if (isOver) return { headline: `Notices to ${receiver} go out again`, lines: [] };
  return {
    headline: `Notices to ${receiver} do not go out`,
    lines: [`Since: ${whenOf(sinceAt, 'UTC')}`, `Its last answer: ${bounded(textOf(answer, 240), LONGEST_LINE)}`],
  };
}

function wordedDigest({ why, notices }: DigestNotice, manner: Manner): Worded {
  const shown = notices
    .slice(0, MOST_IN_DIGEST)
    .map((notice) => worded(notice, { ...manner, details: manner.details === 'none' ? 'none' : 'title' }));
  const more = notices.length - shown.length;
  return {
    headline: digestHeadline(why, notices),
    lines: [...shown.map(({ headline }) => `- ${headline}`), ...(more > 0 ? [`- and ${more} more`] : [])],
    ...linkOf(manner, '/tickets'),
  };
}

function digestHeadline(why: DigestNotice['why'], notices: DigestNotice['notices']): string {
  const asked = new Set(
    notices.map((one) => (one.about === 'ticket' && one.changes.includes('passed-on') ? one.standing.passed?.to : undefined)),
  );
  const [to] = asked;
  if (asked.size === 1 && to !== undefined) return `Nobody has taken ${notices.length} tickets, passed on to ${textOf(to, 64)}`;
  return why === 'quiet' ? `${notices.length} notices from quiet hours` : `${notices.length} notices at once`;
}

function wordedTest({ receiver, at }: TestNotice, manner: Manner): Worded {
  return {
    headline: `Test: notices reach ${receiver}`,
    lines: [`Sent by hand at ${whenOf(at, 'UTC')}. Nothing is wrong.`],
    ...linkOf(manner, '/'),
  };
}

/** `2026-01-03 07:00 (America/New_York)`. */
function whenOf(at: number, zone: string): string {
  return `${wallTime(zone, at).replace('T', ' ')} (${zone})`;
}

function timeOf(at: number, zone: string): string {
  return `${wallTime(zone, at).slice(11)} ${offsetMsAt(zone, at) === 0 ? 'UTC' : zone}`;
}

function textOf(text: string, limit: number): string {
  return cleanText(text, limit) ?? '(no words)';
}

/** By whole characters. */
export function bounded(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
