/**
 * A ticket is people's work on what one home needs. These are its states, what people may do in each, and what that changes. Pure: a step answers the
 * ticket as it is afterwards, or why it cannot be taken.
 */
import { contractIn } from '../vendors/contract.ts';
import type { CaseTier } from '../vendors/vendor-case.ts';

/** `waiting`: for the client or somebody else, who is named. `monitoring`: it seems well and is being watched. `closed` and `merged` are final. */
export const TICKET_STATES = ['new', 'open', 'waiting', 'monitoring', 'resolved', 'closed', 'merged'] as const;
export type TicketState = (typeof TICKET_STATES)[number];

export const TIERS = ['basic', 'advanced', 'priority'] as const;
export type Tier = (typeof TIERS)[number];

/** How it ended. `recovered`: by itself, before anybody did anything. */
export const OUTCOMES = ['fixed', 'workaround', 'no-fault', 'false-alarm', 'recovered'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const CHANNELS = ['phone', 'e-mail', 'chat', 'visit'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Instants in Unix milliseconds of the desk's clock. */
export type Ticket = {
  readonly number: number;
  readonly site: string;
  /** What its alerts have in common; none where people opened it. */
  readonly symptom?: string;
  readonly title: string;
  readonly state: TicketState;
  readonly tier: Tier;
  readonly assignee?: string;
  readonly openedAt: number;
  /** Since when its first answer is awaited: it moves when the ticket is opened again. */
  readonly askedAt: number;
  /** When a person first answered since then. */
  readonly answeredAt?: number;
  /** When a person first took it, answered, or decided that it may wait, since then. */
  readonly seenAt?: number;
  /** Whom it was passed on to last because nobody had, with the step of the plan's ladder (from 1). */
  readonly passed?: Passed;
  /** From when on its next step counts, where that is neither when it was asked nor when it was passed on. */
  readonly countsFrom?: number;
  /** Whom or what it waits for. */
  readonly waitsFor?: string;
  /** Out of the queue until then. */
  readonly snoozedUntil?: number;
  readonly resolvedAt?: number;
  readonly outcome?: Outcome;
  /** How often it came back: after it was resolved, or while it was watched. */
  readonly reopened: number;
  /** A person has done something on it. */
  readonly isTouched: boolean;
  readonly mergedInto?: number;
  /** Grows with every change: whoever acts says which one they saw. */
  readonly version: number;
};

export type Passed = { readonly step: number; readonly to: string; readonly at: number };

/** As it is opened: by the desk for a symptom, or by a person. */
export function newTicket(told: Pick<Ticket, 'site' | 'symptom' | 'title' | 'isTouched'>, at: number): Omit<Ticket, 'number'> {
  return { ...told, state: 'new', tier: 'basic', openedAt: at, askedAt: at, reopened: 0, version: 1 };
}

export type Consent = { readonly from: string; readonly rate: string };

/** What a person does. */
export type Step =
  | { readonly do: 'take' }
  /** `inner`: in no pack for others; whoever reads the ticket reads it. */
  | { readonly do: 'note'; readonly text: string; readonly inner?: true | undefined }
  /** The client was spoken to. */
  | { readonly do: 'answer'; readonly channel: Channel; readonly text: string }
  | { readonly do: 'wait'; readonly for: string }
  | { readonly do: 'snooze'; readonly until: number }
  /** To the dealer's own people, who bill: with the client's yes, or against the rule and with a reason. */
  | { readonly do: 'tier'; readonly to: Tier; readonly consent?: Consent; readonly override?: string }
  /** Work on it took so long. Billed it takes the client's yes, or a reason. */
  | {
      readonly do: 'time';
      readonly minutes: number;
      readonly billable: boolean;
      readonly text: string;
      readonly consent?: Consent;
      readonly override?: string;
    }
  /** An entry of time was wrong. */
  | { readonly do: 'time-back'; readonly entry: number; readonly text: string }
  /** Whether it counts as one of the questions that the plan has free. */
  | { readonly do: 'count'; readonly counts: boolean; readonly text: string }
  /** A vendor was asked: by one of the contracts of the home, or another. `case`: its number there. */
  | {
      readonly do: 'vendor';
      readonly vendor?: string | undefined;
      readonly contract?: number | undefined;
      readonly case?: string | undefined;
    }
  /** One of these cases has come further at the vendor. */
  | { readonly do: 'vendor-reached'; readonly entry: number; readonly tier: CaseTier; readonly case?: string | undefined }
  | { readonly do: 'resolve'; readonly outcome: Exclude<Outcome, 'recovered'>; readonly text: string }
  | { readonly do: 'reopen'; readonly text: string }
  | { readonly do: 'merge'; readonly into: number };

export type Stepped = { readonly ticket: Ticket } | { readonly refused: string };

const DAY_MS = 86_400_000;
/** Longer is a silence, and that has rules of its own. */
const LONGEST_SNOOZE_MS = 7 * DAY_MS;
/** Afterwards a new ticket says more than an old one opened again. */
export const REOPENS_WITHIN_MS = 3 * DAY_MS;
export const CLOSES_AFTER_MS = 7 * DAY_MS;
/** What is over for so long stays over. */
export const STABLE_AFTER_MS = 5 * 60_000;
/** Where people worked on it, it is watched for longer. */
export const WATCHED_FOR_MS = 30 * 60_000;

/** What came back so often does not end by itself any more: it only seems well between two times, and one bad hub would fill the audit. */
const LEFT_TO_PEOPLE_AFTER = 20;

export function isOpen({ state }: Pick<Ticket, 'state'>): boolean {
  return state === 'new' || state === 'open' || state === 'waiting' || state === 'monitoring';
}

/** What is written down of it later. */
const ON_RESOLVED: ReadonlySet<Step['do']> = new Set(['reopen', 'note', 'time', 'vendor-reached']);

/** What is put right of it whatever became of it: an invoice is made later than it is closed. */
const ON_RECORD: ReadonlySet<Step['do']> = new Set(['time-back', 'count']);

/** What `by` does to it at an instant. */
export function take(ticket: Ticket, step: Step, by: string, at: number): Stepped {
  const trouble = ON_RECORD.has(step.do) ? undefined : overFor(ticket, step);
  if (trouble !== undefined) return { refused: trouble };
  const stepped = stepOf(ticket, step, by, at);
  return 'refused' in stepped ? stepped : { ticket: { ...stepped.ticket, isTouched: true, version: ticket.version + 1 } };
}

function overFor(ticket: Ticket, step: Step): string | undefined {
  if (ticket.state === 'merged') return `It is part of ticket ${ticket.mergedInto} now.`;
  if (ticket.state === 'closed') return 'It is closed for good. Open a new one.';
  return ticket.state === 'resolved' && !ON_RESOLVED.has(step.do) ? 'It is resolved. Open it again first.' : undefined;
}

function stepOf(ticket: Ticket, step: Step, by: string, at: number): Stepped {
  const { snoozedUntil: _, waitsFor: __, ...awake } = ticket;
  switch (step.do) {
    case 'take':
      if (ticket.assignee === by && ticket.seenAt !== undefined) return { refused: 'You have it already.' };
      return { ticket: seen({ ...opened(ticket), assignee: by }, at) };
    case 'note':
    case 'time-back':
    case 'count':
    case 'vendor-reached':
      return { ticket };
    case 'vendor':
      return { ticket: seen(opened(ticket), at) };
    case 'time':
      return step.billable && step.consent === undefined && step.override === undefined ? { refused: UNAGREED_TIME } : { ticket };
    case 'answer':
      return { ticket: seen({ ...opened(ticket), assignee: ticket.assignee ?? by, answeredAt: ticket.answeredAt ?? at }, at) };
    case 'wait':
      return { ticket: seen({ ...awake, state: 'waiting', waitsFor: step.for }, at) };
    case 'snooze':
      if (step.until <= at || step.until > at + LONGEST_SNOOZE_MS)
        return { refused: 'It can sleep for a week at most, and not into the past.' };
      return { ticket: seen({ ...opened(ticket), snoozedUntil: step.until }, at) };
    case 'tier':
      return movedTo(ticket, step, at);
    case 'resolve':
      return { ticket: { ...awake, state: 'resolved', resolvedAt: at, outcome: step.outcome } };
    case 'reopen':
      return isOpen(ticket) ? { refused: 'It is open.' } : { ticket: openedAgain(ticket, at) };
    case 'merge':
      if (step.into === ticket.number) return { refused: 'A ticket cannot be part of itself.' };
      return { ticket: { ...awake, state: 'merged', mergedInto: step.into } };
  }
}

const UNAGREED_TIME = 'Time that is billed takes a yes: say who agreed to which rate, or why it could not wait for that.';

function movedTo(ticket: Ticket, { to, consent, override }: Extract<Step, { do: 'tier' }>, at: number): Stepped {
  if (to === ticket.tier) return { refused: `It is with ${to} already.` };
  if (to === 'advanced' && consent === undefined && override === undefined)
    return { refused: 'Advanced support is billed: say who agreed to which rate, or why it cannot wait for that.' };
  return { ticket: seen({ ...opened(ticket), tier: to }, at) };
}

/** From now on nobody else is asked. */
export function seen(ticket: Ticket, at: number): Ticket {
  return { ...ticket, seenAt: ticket.seenAt ?? at };
}

function opened(ticket: Ticket): Ticket {
  return ticket.state === 'new' ? { ...ticket, state: 'open' } : ticket;
}

/** Since when the next step of its plan's ladder counts. */
export function countsFrom({ countsFrom: set, passed, askedAt }: Pick<Ticket, 'countsFrom' | 'passed' | 'askedAt'>): number {
  return set ?? passed?.at ?? askedAt;
}

/** The clock of the first answer starts anew, and with it who is asked next: whoever had it may have gone home. */
export function openedAgain(ticket: Ticket, at: number): Ticket {
  const { resolvedAt: _, outcome: __, answeredAt: ___, seenAt: ____, passed: _____, countsFrom: ______, ...rest } = ticket;
  return { ...rest, state: ticket.assignee === undefined ? 'new' : 'open', askedAt: at, reopened: ticket.reopened + 1 };
}

/** What its alerts say: one of them fires, or all have been over since an instant; none where it has no alerts. */
export type Standing = { readonly isFiring: boolean; readonly overSince?: number };

export type Settled = { readonly ticket: Ticket; readonly why: string };

/** What time and its alerts change of a ticket; undefined where nothing. */
export function settle(ticket: Ticket, { isFiring, overSince }: Standing, at: number): Settled | undefined {
  const { snoozedUntil: _, waitsFor: __, ...awake } = ticket;
  const changed = (change: Partial<Ticket>, why: string): Settled => ({
    ticket: { ...awake, ...change, version: ticket.version + 1 },
    why,
  });
  if (ticket.state === 'resolved')
    return at - (ticket.resolvedAt ?? at) >= CLOSES_AFTER_MS
      ? changed({ state: 'closed' }, 'nobody came back to it for a week')
      : undefined;
  if (!isOpen(ticket)) return undefined;
  if (isFiring) return ticket.state === 'monitoring' ? changed({ state: 'open', reopened: ticket.reopened + 1 }, 'it is back') : undefined;
  if (overSince === undefined || isForPeople(ticket, overSince) || at - overSince < STABLE_AFTER_MS) return undefined;
  if (!ticket.isTouched) return changed({ state: 'resolved', resolvedAt: at, outcome: 'recovered' }, 'it recovered by itself');
  if (at - overSince >= WATCHED_FOR_MS)
    return changed({ state: 'resolved', resolvedAt: at, outcome: 'fixed' }, 'it has been well for half an hour');
  return ticket.state === 'monitoring' ? undefined : changed({ state: 'monitoring' }, 'it is well again, and is watched');
}

/** Its alerts do not say that it is over: people opened it by hand, or again although none had fired since, it is about a contract, or it comes and goes. */
function isForPeople({ symptom, isTouched, reopened, askedAt }: Ticket, overSince: number): boolean {
  const isNoTrouble = symptom === undefined || contractIn(symptom) !== undefined;
  return isNoTrouble || reopened >= LEFT_TO_PEOPLE_AFTER || (isTouched && reopened > 0 && overSince < askedAt);
}

/** When `settle` has something to say if nothing else happens; Infinity where that takes news. */
export function settlesAt(ticket: Ticket, { isFiring, overSince }: Standing): number {
  if (ticket.state === 'resolved') return (ticket.resolvedAt ?? 0) + CLOSES_AFTER_MS;
  if (isFiring || overSince === undefined || isForPeople(ticket, overSince) || !isOpen(ticket)) return Number.POSITIVE_INFINITY;
  return overSince + (ticket.state === 'monitoring' ? WATCHED_FOR_MS : STABLE_AFTER_MS);
}
