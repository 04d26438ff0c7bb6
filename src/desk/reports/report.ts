/**
 * How a desk does: how many tickets its homes make, how soon people answer, whether what called them was worth it, and who makes most of it. Pure: from the tickets of a span of
 * time. Instants in Unix milliseconds, spans in milliseconds.
 */
import type { Outcome, TicketState } from '../tickets/ticket.ts';
import { byVendor, type VendorCase, type VendorTimes } from '../vendors/vendor-case.ts';
import { quantile } from './quantile.ts';

/** A ticket as far as it is counted. */
export type Counted = {
  readonly site: string;
  /** Absent: people opened it. */
  readonly symptom?: string;
  readonly state: TicketState;
  readonly openedAt: number;
  readonly askedAt: number;
  readonly answeredAt?: number;
  readonly outcome?: Outcome;
  readonly reopened: number;
};

export type Span = { readonly from: number; readonly to: number };

export type Report = Span & {
  readonly homes: number;
  readonly tickets: {
    readonly opened: number;
    /** Of these, by alerts and by people. */
    readonly byAlerts: number;
    readonly byHand: number;
    readonly reopened: number;
    /** By alerts, for each home in thirty days; undefined without a home. */
    readonly perHomeAndMonth?: number;
  };
  /** Of those that were asked in the span. */
  readonly answers: { readonly answered: number; readonly unanswered: number; readonly medianMs?: number; readonly p95Ms?: number };
  /** How those ended that alerts opened. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Of those that people judged, the share in which something was wrong; undefined where nobody judged any. */
  readonly precision?: number;
  /** Opened by alerts, one for each whole day up to `to`, the oldest first. */
  readonly days: readonly { readonly from: number; readonly tickets: number }[];
  /** The homes and the symptoms that make the most tickets, the most first. */
  readonly homesMost: readonly Most[];
  readonly symptomsMost: readonly Most[];
  /** How soon vendors had somebody qualified, of the cases that were opened in the span. */
  readonly vendors: readonly VendorTimes[];
};

export type Most = { readonly name: string; readonly tickets: number };

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
const MOST_NAMED = 10;

export function reportOf(tickets: readonly Counted[], homes: number, { from, to }: Span, cases: readonly VendorCase[] = []): Report {
  const opened = tickets.filter(({ openedAt }) => openedAt >= from && openedAt < to);
  const byAlerts = opened.filter(({ symptom }) => symptom !== undefined);
  const perHome = homes === 0 ? {} : { perHomeAndMonth: (byAlerts.length / homes) * (MONTH_MS / (to - from)) };
  const outcomes = countOutcomes(byAlerts);
  return {
    from,
    to,
    homes,
    tickets: {
      opened: opened.length,
      byAlerts: byAlerts.length,
      byHand: opened.length - byAlerts.length,
      reopened: opened.filter(({ reopened }) => reopened > 0).length,
      ...perHome,
    },
    answers: answersOf(tickets.filter(({ askedAt }) => askedAt >= from && askedAt < to)),
    outcomes,
    ...precisionOf(outcomes),
    days: daysOf(byAlerts, { from, to }),
    homesMost: most(byAlerts.map(({ site }) => site)),
    symptomsMost: most(byAlerts.map(({ symptom = '' }) => symptom.replace(/^device .*/, 'a device'))),
    vendors: byVendor(cases),
  };
}

/** What ended by itself before anybody looked asked nobody for an answer. */
function answersOf(asked: readonly Counted[]): Report['answers'] {
  const waits = asked.flatMap(({ askedAt, answeredAt }) => (answeredAt === undefined ? [] : [answeredAt - askedAt])).sort((a, b) => a - b);
  const unanswered = asked.filter(({ answeredAt, state }) => answeredAt === undefined && (state === 'new' || state === 'open')).length;
  const [medianMs, p95Ms] = [quantile(waits, 0.5), quantile(waits, 0.95)];
  return {
    answered: waits.length,
    unanswered,
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(p95Ms === undefined ? {} : { p95Ms }),
  };
}

function countOutcomes(tickets: readonly Counted[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { fixed: 0, workaround: 0, 'no-fault': 0, 'false-alarm': 0, recovered: 0 };
  for (const { outcome } of tickets) if (outcome !== undefined) counts[outcome]++;
  return counts;
}

function precisionOf({ fixed, workaround, 'no-fault': noFault, 'false-alarm': falseAlarm }: Readonly<Record<Outcome, number>>): {
  readonly precision?: number;
} {
  const judged = fixed + workaround + noFault + falseAlarm;
  return judged === 0 ? {} : { precision: (fixed + workaround) / judged };
}

function daysOf(tickets: readonly Counted[], { from, to }: Span): Report['days'] {
  const count = Math.ceil((to - from) / DAY_MS);
  const days = Array.from({ length: count }, (_, i) => ({ from: to - (count - i) * DAY_MS, tickets: 0 }));
  for (const { openedAt } of tickets) {
    const day = days[count - 1 - Math.floor((to - 1 - openedAt) / DAY_MS)];
    if (day) day.tickets++;
  }
  return days;
}

function most(names: readonly string[]): Most[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].map(([name, tickets]) => ({ name, tickets }));
  return sorted.sort((one, other) => other.tickets - one.tickets || (one.name < other.name ? -1 : 1)).slice(0, MOST_NAMED);
}
