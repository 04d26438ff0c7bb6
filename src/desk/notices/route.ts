/** To whom the news of a ticket go, and when: by the routes of the policy, over quiet hours, and not to who has been told nothing of it. Pure. */
import { freeFrom } from '../service/spans.ts';
import { newsOf } from './news.ts';
import type { NoticeChange, Standing, TicketFacts } from './notice.ts';
import { mirrors, type NoticePolicy, type QuietHours, type Receiver, type Route } from './policy.ts';

/** One message to be sent. `held`: it waits for the end of quiet hours. */
export type Delivery = {
  readonly receiver: string;
  readonly changes: readonly NoticeChange[];
  readonly urgent: boolean;
  readonly held: boolean;
  readonly dueAt: number;
};

/** What a receiver was told of this ticket. `sent`: it got at least one message of it; otherwise it only counts as known, from before the receiver was there. */
export type Told = { readonly standing: Standing; readonly sent: boolean };

/** A ticket as it is now. */
export type Change = { readonly ticket: TicketFacts; readonly standing: Standing };

/** What this receiver is to be told now; undefined where nothing. */
export function route(change: Change, told: Told | undefined, receiver: Receiver, policy: NoticePolicy, at: number): Delivery | undefined {
  const { ticket, standing } = change;
  const wanted = new Set(policy.routes.flatMap((one) => (fits(one, receiver.name, change) ? [...one.changes] : [])));
  const news = newsOf(told?.standing, standing);
  const changes = news.filter((what) => isFor(what, receiver, wanted, told));
  if (changes.length === 0 || isSeenTo(news, receiver)) return undefined;
  const isUrgent = urgent(receiver.quiet, standing, changes);
  const from = whenFor(receiver, { urgent: isUrgent, timeZone: ticket.timeZone }, at);
  return { receiver: receiver.name, changes, urgent: isUrgent, held: from > at, dueAt: from > at ? from : at + policy.gatherMs };
}

/** When a receiver may be told: `at`, or when its quiet hours are over. `timeZone`: of the home that it is about. */
export function whenFor(
  { quiet }: Receiver,
  { urgent: isUrgent, timeZone }: { readonly urgent: boolean; readonly timeZone: string },
  at: number,
): number {
  return quiet === undefined || isUrgent ? at : (freeFrom(quiet.spans, quiet.timeZone ?? timeZone, at) ?? at);
}

/** What is over goes where it was told that it is there, and to nobody else. */
function isFor(what: NoticeChange, { place, tellsOver }: Receiver, wanted: ReadonlySet<NoticeChange>, told: Told | undefined): boolean {
  if (what === 'over') return told?.sent === true && (tellsOver || mirrors(place));
  if (what === 'taken') return mirrors(place) || wanted.has(what);
  return wanted.has(what);
}

/** Nobody need be called to what somebody sees to already; what only shows the state shows that too. */
function isSeenTo(changes: readonly NoticeChange[], { place }: Receiver): boolean {
  if (place.kind === 'alertmanager' || changes.length < 2 || !changes.includes('taken')) return false;
  return changes.every((what) => what === 'taken' || what === 'opened' || what === 'opened-again');
}

function fits(
  { receivers, passedTo, severities, tiers, plans, dealers, homes }: Route,
  name: string,
  { ticket, standing }: Change,
): boolean {
  return (
    receivers.includes(name) &&
    isIn(passedTo, standing.passed?.to) &&
    isIn(severities, standing.severity) &&
    isIn(tiers, ticket.tier) &&
    isIn(plans, ticket.plan) &&
    isIn(dealers, ticket.dealer) &&
    isIn(homes, ticket.site)
  );
}

function isIn<T>(wanted: ReadonlySet<T> | undefined, value: T | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.has(value));
}

/** Of those whom tickets are passed on to, whom no route tells of it. */
export function untoldOf({ routes }: NoticePolicy, asked: ReadonlySet<string>): string[] {
  return [...asked].filter((to) => !routes.some(({ changes, passedTo }) => changes.has('passed-on') && (passedTo?.has(to) ?? true)));
}

function urgent(quiet: QuietHours | undefined, { severity, isOver }: Standing, changes: readonly NoticeChange[]): boolean {
  if (isOver) return false;
  if (quiet === undefined) return severity === 'critical' || changes.includes('answer-late') || changes.includes('passed-on');
  return quiet.urgent.severities.has(severity) || changes.some((what) => quiet.urgent.changes.has(what));
}
