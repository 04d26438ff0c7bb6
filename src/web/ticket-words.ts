/** How tickets and what people did on them are said. */
import type { NoticeChange } from '../desk/notices/notice.ts';
import type { NoticeView } from '../desk/notices/notice-view.ts';
import type { Link } from '../desk/tickets/audit.ts';
import type { Outcome, Ticket, TicketState, Tier } from '../desk/tickets/ticket.ts';
import type { CaseTier } from '../desk/vendors/vendor-case.ts';
import { duration } from './words.ts';

export const TICKET_STATE_WORDS: Readonly<Record<TicketState, string>> = {
  new: 'new',
  open: 'in work',
  waiting: 'waiting',
  monitoring: 'well again, being watched',
  resolved: 'resolved',
  closed: 'closed',
  merged: 'part of another',
};

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  fixed: 'fixed',
  workaround: 'works around it',
  'no-fault': 'no fault found',
  'false-alarm': 'false alarm',
  recovered: 'recovered by itself',
};

export const TIER_WORDS: Readonly<Record<Tier, string>> = {
  basic: 'basic support',
  advanced: 'advanced support (the dealer, billed)',
  priority: 'priority visit',
};

/** What somebody did at a vendor, as it is written down. */
export const CASE_WORDS: Readonly<Record<CaseTier, string>> = {
  answered: 'had a first answer',
  qualified: 'reached somebody qualified',
  closed: 'closed the case',
};

/** What somebody outside the page was told of a ticket, and what became of that. */
export const NOTICE_WORDS: Readonly<Record<NoticeChange, string>> = {
  opened: 'new',
  'opened-again': 'open again',
  'passed-on': 'nobody has taken it, they are asked',
  'answer-due': 'its first answer is soon due',
  'answer-late': 'its first answer is late',
  'handed-over': 'handed over to the dealer',
  taken: 'somebody sees to it',
  over: 'over',
};
export const FATE_WORDS: Readonly<Record<NoticeView['fate'], string>> = {
  waiting: 'is to be told',
  sent: 'was told',
  refused: 'did not take it',
  expired: 'could not be told for a day',
};

/** One line of a ticket's history: what was done, and what was said with it. */
export type DeedWords = { readonly did: string; readonly said?: string };

export function deedWords({ what, detail }: Link): DeedWords {
  const told = JSON.parse(detail) as Readonly<Record<string, unknown>>;
  const say = (name: string): string | undefined => (typeof told[name] === 'string' ? (told[name] as string) : undefined);
  const with_ = (did: string, said: string | undefined): DeedWords => (said === undefined ? { did } : { did, said });
  switch (what) {
    case 'ticket.opened':
      return with_(say('channel') ? `opened it (${say('channel')})` : 'opened it', say('text') ?? say('title'));
    case 'ticket.joined':
      return with_('added an alert', say('title'));
    case 'ticket.reopened':
      return with_('opened it again', say('title'));
    case 'ticket.settled':
      return with_(`set it to "${TICKET_STATE_WORDS[told.to as TicketState] ?? told.to}"`, say('why'));
    case 'ticket.contract':
      return with_('told of the contract', say('said'));
    case 'ticket.passed-on':
      return { did: `passed it on to ${say('to')}: nobody had taken or answered it after ${duration(Number(told.afterMs))}` };
    case 'ticket.take':
      return { did: 'took it' };
    case 'ticket.note':
      return with_(told.inner === true ? 'noted, not for the vendor' : 'noted', say('text'));
    case 'ticket.answer':
      return with_(`answered the client (${say('channel')})`, say('text'));
    case 'ticket.time':
      return with_(`worked ${told.minutes} min on it, ${told.billable === true ? 'to be billed' : 'not billed'}`, say('text'));
    case 'ticket.time-back':
      return with_('took back an entry of time', say('text'));
    case 'ticket.count':
      return with_(told.counts === true ? 'counted it as a question' : 'said that it does not count as a question', say('text'));
    case 'ticket.wait':
      return with_('let it wait for', say('for'));
    case 'ticket.snooze':
      return { did: 'put it off' };
    case 'ticket.tier':
      return with_(`moved it to ${TIER_WORDS[told.to as Tier] ?? told.to}`, consentWords(told));
    case 'ticket.vendor':
      return with_(`asked ${say('vendor')} about it`, say('case') && `case ${say('case')}`);
    case 'ticket.vendor-reached':
      return with_(`${CASE_WORDS[told.tier as CaseTier] ?? told.tier} at ${say('vendor')}`, say('case') && `case ${say('case')}`);
    case 'ticket.resolve':
      return with_(`resolved it: ${OUTCOME_WORDS[told.outcome as Outcome] ?? told.outcome}`, say('text'));
    case 'ticket.reopen':
      return with_('opened it again', say('text'));
    case 'ticket.merge':
      return { did: `made it part of ticket ${told.into}` };
    case 'alert.acknowledged':
      return with_('acknowledged an alert', say('note'));
    default:
      return { did: what };
  }
}

function consentWords({ consent, override }: Readonly<Record<string, unknown>>): string | undefined {
  const { from, rate } = (consent ?? {}) as { from?: string; rate?: string };
  if (from !== undefined) return `${from} agreed to ${rate}`;
  return typeof override === 'string' ? `without the client's yes: ${override}` : undefined;
}

/** Who it waits for now, in a few words. */
export function stateWords({ state, waitsFor, outcome, mergedInto }: Ticket): string {
  if (state === 'waiting' && waitsFor !== undefined) return `waiting for ${waitsFor}`;
  if (state === 'resolved' && outcome !== undefined) return `resolved: ${OUTCOME_WORDS[outcome]}`;
  if (state === 'merged') return `part of ticket ${mergedInto}`;
  return TICKET_STATE_WORDS[state];
}
