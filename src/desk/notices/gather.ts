/** What there is to say of tickets: their alerts, their homes and what is promised about them, looked up together. Only reads. */
import { cleanText } from '../../base/text.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import type { Homes } from '../homes.ts';
import { type AnswerView, byDue } from '../service/service-view.ts';
import type { Serving } from '../serving.ts';
import { findSites } from '../store/homes.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listFiringOfTickets } from '../store/tickets.ts';
import { isOpen, type Ticket } from '../tickets/ticket.ts';
import { type AlertView, SEVERITY_RANK } from '../views.ts';
import type { Standing, TicketFacts } from './notice.ts';

export type GatherDeps = { readonly database: DeskDatabase; readonly homes: Homes; readonly serving?: Serving | undefined };

/** `lookAt`: when time alone changes its standing. */
export type Gathered = {
  readonly ticket: TicketFacts;
  readonly standing: Standing;
  readonly version: number;
  readonly step: number;
  readonly lookAt?: number;
};

const MOST_EVIDENCE = 5;

export async function gather({ database, homes, serving }: GatherDeps, tickets: readonly Ticket[], at: number): Promise<Gathered[]> {
  const sites = [...new Set(tickets.map(({ site }) => site))];
  const open = tickets.filter(isOpen).map(({ number }) => number);
  const [rows, names, firing] = await Promise.all([findSites(database, sites), homes.names(sites), listFiringOfTickets(database, open)]);
  const views = await homes.alertViews(firing.map(({ row }) => row));
  const alertsOf = Map.groupBy(views, (_, i) => firing[i]?.number ?? 0);
  const zoneOf = new Map(rows.map(({ id, time_zone }) => [id, time_zone ?? undefined]));
  return tickets.map((ticket) => {
    const timeZone = zoneOf.get(ticket.site);
    const home = serving?.home({ id: ticket.site, ...(timeZone === undefined ? {} : { timeZone }) });
    const zone = home?.timeZone ?? (timeZone !== undefined && isTimeZone(timeZone) ? timeZone : 'UTC');
    const place = { siteName: cleanText(names.get(ticket.site), 60) ?? ticket.site, timeZone: zone };
    const promised = home && { plan: home.plan, ...(home.dealer === undefined ? {} : { dealer: home.dealer }) };
    return gathered(ticket, { ...place, ...promised }, alertsOf.get(ticket.number) ?? [], at);
  });
}

type Around = Pick<TicketFacts, 'siteName' | 'timeZone' | 'plan' | 'dealer'>;

function gathered(ticket: Ticket, around: Around, alerts: readonly AlertView[], at: number): Gathered {
  const {
    number,
    site,
    title,
    state,
    tier,
    askedAt,
    assignee,
    answeredAt,
    resolvedAt,
    outcome,
    mergedInto,
    reopened,
    passed,
    seenAt,
    version,
  } = ticket;
  const worst = alerts.toSorted((left, right) => SEVERITY_RANK[left.severity] - SEVERITY_RANK[right.severity]);
  const severity = worst[0]?.severity ?? 'error';
  const answer = answeredAt === undefined && isOpen(ticket) ? nextOf(alerts) : undefined;
  const lookAt = [answer?.warnAt, answer?.dueAt === undefined ? undefined : answer.dueAt + 1].find((due) => due !== undefined && due > at);
  return {
    ticket: {
      ...around,
      number,
      site,
      title,
      state,
      tier,
      severity,
      askedAt,
      evidence: worst.slice(0, MOST_EVIDENCE).map(({ title: of, text }) => ({ title: of, text: cleanText(text, 240) ?? '' })),
      more: Math.max(0, alerts.length - MOST_EVIDENCE),
      ...(assignee === undefined ? {} : { assignee }),
      ...(answer?.dueAt === undefined ? {} : { dueAt: answer.dueAt }),
      ...(passed === undefined ? {} : { passed: { to: passed.to, at: passed.at } }),
      ...(resolvedAt === undefined ? {} : { resolvedAt }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(mergedInto === undefined ? {} : { mergedInto }),
    },
    standing: {
      opening: reopened,
      clock: clockOf(answer, at),
      tier,
      ...(passed === undefined || seenAt !== undefined ? {} : { passed: { step: passed.step, to: passed.to } }),
      isTaken: assignee !== undefined || answeredAt !== undefined,
      isOver: !isOpen(ticket),
      severity,
    },
    version,
    step: passed?.step ?? 0,
    ...(lookAt === undefined ? {} : { lookAt }),
  };
}

/** The first answer that is due next. */
function nextOf(alerts: readonly AlertView[]): AnswerView | undefined {
  return alerts.flatMap(({ service }) => service?.firstAnswer ?? []).toSorted(byDue)[0];
}

function clockOf(answer: AnswerView | undefined, at: number): Standing['clock'] {
  if (answer === undefined || answer.answeredAt !== undefined) return 'none';
  if (answer.dueAt !== undefined && at > answer.dueAt) return 'late';
  return answer.warnAt !== undefined && at >= answer.warnAt ? 'due' : 'none';
}
