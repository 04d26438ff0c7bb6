/** What is promised about an alert, and to a home, as people and programs are shown it. Pure. */
import { isTimeZone } from '../../base/time-zone.ts';
import { type Due, firstResponse, mayContact, sameDayBy } from './clocks.ts';
import { type Claim, type Escalation, entitlement, escalation, isPremisesDown } from './entitlement.ts';
import { type Consent, type FirstAnswer, homeOf, planOf, type ServicePolicy } from './policy.ts';
import { answerWords, coverWords, interactionWords, ladderWords, spanWords, visitWords } from './words.ts';

/** `warned`: the desk is to hurry. A clock that stands is neither due nor warned of. */
export type AnswerState = 'running' | 'warned' | 'breached' | 'answered' | 'answered-late';

export type AnswerView = {
  readonly openedAt: number;
  readonly warnAt?: number;
  readonly dueAt?: number;
  readonly answeredAt?: number;
  readonly state: AnswerState;
};

export type ServiceView = {
  readonly plan: string;
  readonly title: string;
  readonly covered: boolean;
  readonly because: string;
  /** The house as a whole is down, and the plan answers that whatever else it covers. */
  readonly premisesDown: boolean;
  /** Missing where no answer is promised, and until people are to act on it. */
  readonly firstAnswer?: AnswerView;
  /** `day` by the clock of the home; `sameDay`: it was reported before the cut-off of a work day. */
  readonly visit?: { readonly at: number; readonly day: string; readonly sameDay: boolean };
  /** Nobody is to call the home before. */
  readonly noCallsBefore?: number;
  readonly escalation: Escalation;
  readonly timeZone: string;
};

/** An alert that fires, by the clock of the desk. */
export type Asked = Claim & {
  readonly held: boolean;
  readonly actionableAt: number;
  readonly receivedAt: number;
  readonly answeredAt?: number | undefined;
};

export type HomeAsked = { readonly site: string; readonly hubTimeZone?: string | undefined };

/** The policy's word, else that of the hub, else nobody knows. */
export function timeZoneOf(
  policy: ServicePolicy,
  { site, hubTimeZone = '' }: HomeAsked,
): { timeZone: string; by: 'policy' | 'hub' | 'nobody' } {
  const own = homeOf(policy, site).timeZone;
  if (own !== undefined) return { timeZone: own, by: 'policy' };
  return isTimeZone(hubTimeZone) ? { timeZone: hubTimeZone, by: 'hub' } : { timeZone: 'UTC', by: 'nobody' };
}

export function serviceOf(policy: ServicePolicy, home: HomeAsked, alert: Asked, now: number): ServiceView {
  const { id, title, visit } = planOf(policy, home.site);
  const { isCovered, because, isPremisesDown: isAnsweredAnyway, firstAnswer } = entitlement(policy, home.site, alert);
  const { timeZone } = timeZoneOf(policy, home);
  // Nobody could answer before the desk had heard of it, nor was asked to before its hold was over.
  const openedAt = Math.max(alert.actionableAt, alert.receivedAt);
  const comes = isCovered && !alert.held && visit?.severities.has(alert.severity) ? sameDayBy(visit, timeZone, openedAt) : undefined;
  const contact = mayContact(homeOf(policy, home.site).noCalls, timeZone, now, isPremisesDown(alert));
  return {
    plan: id,
    title,
    covered: isCovered,
    because,
    premisesDown: isAnsweredAnyway,
    ...(firstAnswer && !alert.held
      ? { firstAnswer: answerView(firstAnswer, timeZone, { openedAt, answeredAt: alert.answeredAt }, now) }
      : {}),
    ...(comes ? { visit: { at: comes.at, day: comes.day, sameDay: comes.isSameDay } } : {}),
    ...(contact.may || contact.from === undefined ? {} : { noCallsBefore: contact.from }),
    escalation: escalation(policy, home.site, alert),
    timeZone,
  };
}

type Asking = { readonly openedAt: number; readonly answeredAt?: number | undefined };

function answerView(promise: FirstAnswer, zone: string, { openedAt, answeredAt }: Asking, now: number): AnswerView {
  const due = firstResponse(promise, zone, openedAt);
  return { openedAt, ...due, ...(answeredAt === undefined ? {} : { answeredAt }), state: stateOf(due, answeredAt, now) };
}

/** What is due at an instant may still be kept at that instant. */
function stateOf({ warnAt, dueAt }: Due, answeredAt: number | undefined, now: number): AnswerState {
  const isLate = dueAt !== undefined && (answeredAt ?? now) > dueAt;
  if (answeredAt !== undefined) return isLate ? 'answered-late' : 'answered';
  if (isLate) return 'breached';
  return warnAt !== undefined && now >= warnAt ? 'warned' : 'running';
}

/** What is due next first; what was answered or is promised to nobody after everything else. */
export function byDue(left: AnswerView | undefined, right: AnswerView | undefined): number {
  const [one, other] = [dueOf(left), dueOf(right)];
  return one === other ? 0 : one - other;
}

function dueOf(answer: AnswerView | undefined): number {
  return answer?.answeredAt === undefined ? (answer?.dueAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

export type HomeServiceView = {
  readonly policy: { readonly version: string; readonly since: string };
  readonly plan: string;
  readonly title: string;
  readonly covers: string;
  readonly firstAnswer: string;
  readonly premisesDown: string;
  readonly visit: string;
  /** Who is asked next while nobody takes or answers a ticket. */
  readonly unanswered: string;
  readonly questions: string;
  readonly dealer?: string;
  readonly dealerIncluded: boolean;
  readonly consent?: Consent;
  readonly noCalls: string;
  /** Whether the home may be called now, where the house is not down; if not, from when. */
  readonly mayCall: boolean;
  readonly noCallsBefore?: number;
  readonly timeZone: string;
  readonly timeZoneBy: 'policy' | 'hub' | 'nobody';
};

export function homeServiceOf(policy: ServicePolicy, home: HomeAsked, now: number): HomeServiceView {
  const plan = planOf(policy, home.site);
  const { dealer, consent, noCalls } = homeOf(policy, home.site);
  const { timeZone, by } = timeZoneOf(policy, home);
  const contact = mayContact(noCalls, timeZone, now);
  return {
    policy: { version: policy.version, since: policy.since },
    plan: plan.id,
    title: plan.title,
    covers: coverWords(plan.covers),
    firstAnswer: answerWords(plan.firstAnswer),
    premisesDown: answerWords(plan.premisesDown),
    visit: visitWords(plan.visit),
    unanswered: ladderWords(plan.unanswered),
    questions: interactionWords(plan.interactions),
    ...(dealer === undefined ? {} : { dealer }),
    dealerIncluded: plan.dealerIncluded,
    ...(consent ? { consent } : {}),
    noCalls: spanWords(noCalls),
    mayCall: contact.may,
    ...(contact.may || contact.from === undefined ? {} : { noCallsBefore: contact.from }),
    timeZone,
    timeZoneBy: by,
  };
}
