/** Tickets, incidents of many homes and who did what, as the API answers them: ticket.ts, reader.ts, incident-view.ts, audit.ts, report.ts. */
import { z } from 'zod';
import { SHARED_KINDS } from '../../incidents/common-cause.ts';
import type { Incident } from '../../incidents/incident.ts';
import type { IncidentPageView, IncidentView, MemberView } from '../../incidents/incident-view.ts';
import { NOTICE_CHANGES } from '../../notices/notice.ts';
import type { NoticeView } from '../../notices/notice-view.ts';
import type { TicketPageView, TicketView } from '../../reader.ts';
import type { Report } from '../../reports/report.ts';
import type { Link } from '../../tickets/audit.ts';
import { OUTCOMES, TICKET_STATES, TIERS, type Ticket } from '../../tickets/ticket.ts';
import { alertShape } from './alerts.ts';
import { answerShape, count, instant, site } from './basics.ts';
import { exactly } from './exactly.ts';
import { consentShape } from './homes.ts';
import { ticketContractShape, vendorCaseShape, vendorTimesShape } from './vendors.ts';
import { interactionsShape, nextShape, skillShape, workedShape } from './work.ts';

const ticketFields = z.object({
  number: z.number().int(),
  site,
  symptom: z.string().optional().describe('What its alerts have in common; none where people opened it.'),
  title: z.string(),
  state: z.enum(TICKET_STATES),
  tier: z.enum(TIERS),
  assignee: z.string().optional(),
  openedAt: instant,
  askedAt: instant.describe('Since when its first answer is awaited.'),
  answeredAt: instant.optional(),
  seenAt: instant.optional().describe('When a person first took it, answered, or decided that it may wait.'),
  passed: z
    .object({ step: z.number().int(), to: z.string(), at: instant })
    .optional()
    .describe('Whom it was passed on to last because nobody had, with the step of the plan (from 1).'),
  countsFrom: instant
    .optional()
    .describe('From when on its next step counts, where that is neither when it was asked nor when it was passed on.'),
  waitsFor: z.string().optional(),
  snoozedUntil: instant.optional(),
  resolvedAt: instant.optional(),
  outcome: z.enum(OUTCOMES).optional(),
  reopened: count,
  isTouched: z.boolean().describe('A person has done something on it.'),
  mergedInto: z.number().int().optional(),
  version: z.number().int().describe('Grows with every change. Whoever acts says which one they saw.'),
});

export const ticketShape = exactly<Ticket>()(ticketFields).meta({ id: 'Ticket' });

const listed = ticketFields.extend({
  siteName: z.string(),
  answer: answerShape.optional(),
  next: nextShape.optional(),
  skills: z.array(skillShape).optional(),
  vendor: z
    .object({ name: z.string(), since: instant, dueAt: instant })
    .optional()
    .describe('Who was asked, and by when somebody qualified is to be reached there.'),
});
export const listedTicketShape = exactly<TicketView>()(listed).meta({ id: 'ListedTicket' });

export const deedShape = exactly<Link>()(
  z.object({
    site: z.string().describe('Empty for the desk itself.'),
    n: z.number().int().describe('Its place in the chain of the home, from 1 on.'),
    at: instant,
    actor: z.string(),
    what: z.string(),
    ticket: z.number().int().nullable(),
    detail: z.string().describe('JSON.'),
    hash: z.string().describe('SHA-256 of the link before and of every field of this one.'),
  }),
).meta({ id: 'Deed', description: 'Who did what: a link of a chain in which each names the one before.' });

const noticeShape = exactly<NoticeView>()(
  z.object({
    receiver: z.string(),
    changes: z.array(z.enum(NOTICE_CHANGES)),
    fate: z.enum(['waiting', 'sent', 'refused', 'expired']),
    at: instant,
    tries: count,
    answer: z.string().optional(),
  }),
).meta({ id: 'Notice', description: 'Who was told of it outside the page.' });

export const wholeTicketShape = exactly<TicketPageView>()(
  listed.extend({
    alerts: z.array(alertShape),
    deeds: z.array(deedShape).describe('The newest 500, in their order.'),
    notices: z.array(noticeShape).describe('The newest 50, the newest first.'),
    consent: consentShape.optional(),
    time: z.array(workedShape).describe('The time that was worked on it.'),
    cases: z.array(vendorCaseShape).describe('What vendors were asked about it, in their order.'),
    contracts: z.array(ticketContractShape).describe('Those with vendors that cover what it is about: the nearest first.'),
    interactions: interactionsShape.optional(),
  }),
).meta({ id: 'WholeTicket' });

const incidentFields = z.object({
  number: z.number().int(),
  kind: z.enum(SHARED_KINDS),
  name: z.string().describe('What its homes have in common; empty for `all`.'),
  size: count.describe('How many homes have that in common.'),
  byChance: z.number().describe('How many of them would have fallen silent by chance.'),
  since: instant,
  lastFellAt: instant,
  openedAt: instant,
  endedAt: instant.optional(),
  endedBecause: z.string().optional(),
  assignee: z.string().optional(),
  answeredAt: instant.optional().describe('When its clients were first told.'),
  version: z.number().int().describe('Grows with every change by people. Whoever acts says which one they saw.'),
});
export const incidentShape = exactly<Incident>()(incidentFields).meta({ id: 'Incident' });

const listedIncident = incidentFields.extend({
  cause: z.string().describe('What its homes have in common, in words.'),
  homes: z.object({ all: count, back: count, lastBackAt: instant.optional() }),
  isPart: z.literal(true).optional().describe('You see only some of its homes, and these are counted.'),
});
export const listedIncidentShape = exactly<IncidentView>()(listedIncident).meta({ id: 'ListedIncident' });

const memberShape = exactly<MemberView>()(
  z.object({
    site,
    siteName: z.string(),
    since: instant,
    leftAt: instant.optional(),
    isBack: z.boolean(),
    answer: answerShape.optional(),
  }),
);

export const wholeIncidentShape = exactly<IncidentPageView>()(
  listedIncident.extend({
    members: z.array(memberShape).describe('At most 500: those that are out of reach first, of these whose answer is due next.'),
    deeds: z
      .array(z.object({ n: z.number().int(), at: instant, actor: z.string(), what: z.string(), detail: z.string().describe('JSON.') }))
      .describe('The newest 500, in their order.'),
  }),
).meta({ id: 'WholeIncident' });

const most = z.array(z.object({ name: z.string(), tickets: count }));

export const reportShape = exactly<Report>()(
  z.object({
    from: instant,
    to: instant,
    homes: count,
    tickets: z.object({ opened: count, byAlerts: count, byHand: count, reopened: count, perHomeAndMonth: z.number().optional() }),
    answers: z.object({ answered: count, unanswered: count, medianMs: z.number().optional(), p95Ms: z.number().optional() }),
    outcomes: z.object({ fixed: count, workaround: count, 'no-fault': count, 'false-alarm': count, recovered: count }),
    precision: z.number().optional().describe('Of the tickets that people judged, the share in which something was wrong.'),
    days: z.array(z.object({ from: instant, tickets: count })),
    homesMost: most,
    symptomsMost: most,
    vendors: z.array(vendorTimesShape).describe('Of the cases that were opened then, those with the most first.'),
  }),
).meta({ id: 'Report' });
