/** What people outside the desk's page are told: of tickets, of receivers that fail, of many things at once. Values only. */
import type { AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { TicketState, Tier } from '../tickets/ticket.ts';

/** What may change of a ticket, as people are told it. `passed-on`: nobody has taken it, and others are asked. `taken`: somebody sees to it. `over`: resolved, closed, or part of another. */
export const NOTICE_CHANGES = ['opened', 'opened-again', 'passed-on', 'answer-due', 'answer-late', 'handed-over', 'taken', 'over'] as const;
export type NoticeChange = (typeof NOTICE_CHANGES)[number];

/** A ticket as far as its changes are told: as it is, or as somebody was told it last. */
export type Standing = {
  /** How often it was opened again. */
  readonly opening: number;
  /** Of its first answer: soon due, or late. */
  readonly clock: 'none' | 'due' | 'late';
  readonly tier: Tier;
  /** While nobody has taken it: whom it was passed on to last, and by which step. */
  readonly passed?: { readonly step: number; readonly to: string };
  readonly isTaken: boolean;
  readonly isOver: boolean;
  readonly severity: AlertSeverity;
};

/** One alert of a ticket, in words. */
export type TicketEvidence = { readonly title: string; readonly text: string };

/** What is known of a ticket when a notice is made. Texts of devices and people: cleaned and bounded, never markup. Instants in Unix milliseconds. */
export type TicketFacts = {
  readonly number: number;
  readonly site: string;
  readonly siteName: string;
  readonly timeZone: string;
  readonly title: string;
  readonly state: TicketState;
  readonly tier: Tier;
  /** Of the worst of its alerts; `error` where it has none. */
  readonly severity: AlertSeverity;
  /** What it was when this receiver was told first. */
  readonly firstSeverity?: AlertSeverity;
  readonly askedAt: number;
  /** Whom it was passed on to because nobody had taken it, and when. */
  readonly passed?: { readonly to: string; readonly at: number };
  readonly resolvedAt?: number;
  /** By when a person is to have answered. */
  readonly dueAt?: number;
  readonly assignee?: string;
  readonly outcome?: string;
  readonly mergedInto?: number;
  readonly plan?: string;
  readonly dealer?: string;
  readonly evidence: readonly TicketEvidence[];
  /** So many more alerts than there is evidence of. */
  readonly more: number;
};

export type TicketNotice = {
  readonly about: 'ticket';
  readonly changes: readonly NoticeChange[];
  readonly ticket: TicketFacts;
  readonly standing: Standing;
};

/** Many homes that fell silent together (incidents/): nobody is told of each. `cause`: what they have in common, in words. */
export type IncidentNotice = {
  readonly about: 'incident';
  readonly number: number;
  readonly cause: string;
  readonly openedAt: number;
  readonly since: number;
  /** So many homes it took along, of so many that have that in common; and how many are back. */
  readonly homes: number;
  readonly size: number;
  readonly back: number;
  readonly endedBecause?: string;
  readonly isOver: boolean;
};

/** Another receiver takes nothing, or does again. */
export type TroubleNotice = {
  readonly about: 'receiver';
  readonly receiver: string;
  readonly sinceAt: number;
  readonly answer: string;
  readonly isOver: boolean;
};

/** Several at once: held back over quiet hours, or more than a person reads one by one. */
export type DigestNotice = {
  readonly about: 'digest';
  readonly why: 'quiet' | 'many';
  readonly notices: readonly Tellable[];
};

/** Asked for by `hearthbeat notices test`. `isOver`: takes it away again where it would stay. */
export type TestNotice = { readonly about: 'test'; readonly receiver: string; readonly at: number; readonly isOver?: boolean };

/** What waits to be told, and is kept as told. */
export type Tellable = TicketNotice | IncidentNotice | TroubleNotice;

export type Notice = Tellable | DigestNotice | TestNotice;

/** As it is sent. `id` names it, the same at each try; `isFirst`: this receiver was told nothing of the same thing before. */
export type Outgoing<N extends Notice = Notice> = {
  readonly id: string;
  readonly notice: N;
  readonly isFirst: boolean;
  /** Of this try. */
  readonly at: number;
};

/** Names what a notice is about, for the thread that it belongs to. */
export function aboutOf(notice: Tellable): string {
  if (notice.about === 'ticket') return aboutTicket(notice.ticket.number);
  return notice.about === 'incident' ? aboutIncident(notice.number) : aboutReceiver(notice.receiver);
}

export function aboutTicket(number: number): string {
  return `ticket ${number}`;
}

export function aboutIncident(number: number): string {
  return `${INCIDENTS}${number}`;
}

export const INCIDENTS = 'incident ';

export function aboutReceiver(name: string): string {
  return `receiver ${name}`;
}
