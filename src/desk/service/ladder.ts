/** Whom a ticket is passed on to while nobody takes or answers it, and when: step by step of its home's plan. Pure; instants in Unix milliseconds. */
import type { AlertSeverity } from '../../protocol/alert-catalogue.ts';
import { firstResponse } from './clocks.ts';
import { type Hours, homeOf, planOf, type Rung, type ServicePolicy } from './policy.ts';
import { type HomeAsked, type ServiceView, timeZoneOf } from './service-view.ts';

/** `passed`: so many steps were taken or left out since it was asked. `countsFrom`: since when the next one counts; absent: since it was asked. */
export type Unanswered = { readonly askedAt: number; readonly passed: number; readonly countsFrom?: number | undefined };

/** What decides about the steps. Without `hours` the clock never stands. */
export type Circumstances = {
  readonly severity: AlertSeverity;
  readonly hours?: Hours | undefined;
  readonly timeZone: string;
  /** Whoever bills may be asked. */
  readonly mayBill: boolean;
};

/** `number` of the step in its ladder, from 1. */
export type NextRung = { readonly number: number; readonly to: string; readonly afterMs: number; readonly dueAt: number };

/**
 * The next step, undefined where there is none. Behind a step that was taken it counts from there: a desk that was away for an hour, or whose clock jumped ahead, still gives
 * whoever is asked the time that the policy gives them.
 */
export function nextRung(
  ladder: readonly Rung[],
  { askedAt, passed, countsFrom }: Unanswered,
  around: Circumstances,
): NextRung | undefined {
  const index = ladder.findIndex((rung, i) => i >= passed && fits(rung, around));
  const rung = ladder[index];
  if (rung === undefined) return undefined;
  const before = passed === 0 ? 0 : (ladder[passed - 1]?.afterMs ?? 0);
  const promise = { withinMs: rung.afterMs - before, warnShare: 1, ...(rung.atAnyHour || !around.hours ? {} : { hours: around.hours }) };
  const { dueAt } = firstResponse(promise, around.timeZone, countsFrom ?? askedAt);
  return dueAt === undefined ? undefined : { number: index + 1, to: rung.to, afterMs: rung.afterMs, dueAt };
}

function fits({ severities, bills }: Rung, { severity, mayBill }: Circumstances): boolean {
  return (severities === undefined || severities.has(severity)) && (!bills || mayBill);
}

/** An alert of the ticket that fires, with what is promised about it. */
export type Promised = { readonly severity: AlertSeverity; readonly service?: ServiceView | undefined };

const WORST_FIRST: readonly AlertSeverity[] = ['critical', 'error', 'warning', 'info'];
/** Of what no alert tells, as notices have it too. */
const BY_HAND: AlertSeverity = 'error';

/** Undefined where nobody is promised an answer: no alert of it fires any more, or the plan covers none. `isByHand`: people opened it, for what no hub sees. */
export function circumstances(
  policy: ServicePolicy,
  home: HomeAsked,
  ticket: { readonly isByHand: boolean; readonly alerts: readonly Promised[] },
): Circumstances | undefined {
  const { firstAnswer } = planOf(policy, home.site);
  const { timeZone } = timeZoneOf(policy, home);
  const answered = ticket.alerts.flatMap(({ severity, service }) =>
    service && (service.covered || service.premisesDown) ? [{ severity, service }] : [],
  );
  if (answered.length === 0) {
    if (!ticket.isByHand || ticket.alerts.length > 0) return undefined;
    const { dealer, consent } = homeOf(policy, home.site);
    return { severity: BY_HAND, hours: firstAnswer?.hours, timeZone, mayBill: dealer !== undefined && consent !== undefined };
  }
  const isDown = answered.some(({ service }) => service.premisesDown);
  return {
    severity: WORST_FIRST.find((each) => answered.some(({ severity }) => severity === each)) ?? BY_HAND,
    hours: isDown ? undefined : firstAnswer?.hours,
    timeZone,
    mayBill: answered.some(({ service }) => service.escalation.isAllowed),
  };
}

/** Everybody whom a policy has tickets passed on to. */
export function askedInTurn({ plans }: ServicePolicy): ReadonlySet<string> {
  return new Set([...plans.values()].flatMap(({ unanswered }) => unanswered.map(({ to }) => to)));
}
