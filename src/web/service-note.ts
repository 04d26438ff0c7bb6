/** What is promised, in words: on an alert's card whose clock runs out when, and on a home's page what its plan says. */
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { dayAfter, dayAt, weekdayOf } from '../base/time-zone.ts';
import type { TicketView } from '../desk/reader.ts';
import type { AnswerState, AnswerView, HomeServiceView, ServiceView } from '../desk/service/service-view.ts';
import { isOpen } from '../desk/tickets/ticket.ts';
import type { AlertView } from '../desk/views.ts';
import { ago } from './basics.ts';
import { duration } from './words.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
type Words = Html | '';

/** The client script says them the same way as the clock runs. */
const DUE_WORDS: Readonly<Record<'running' | 'warned' | 'breached', string>> = {
  running: 'first answer due',
  warned: 'Answer soon: first answer due',
  breached: 'Too late: first answer was due',
};

export function serviceNote({ service, held }: AlertView, now: number): Words {
  if (service === undefined) return '';
  const parts = [answer(service, held, now), cover(service), visit(service, now), calls(service, now)].filter((part) => part !== '');
  return html`<p class="service" data-key="service"><span class="plan"><bdi>${service.title}</bdi></span>${parts.map((part) => html` · ${part}`)}</p>`;
}

function answer({ firstAnswer }: ServiceView, held: boolean, now: number): Words {
  if (firstAnswer === undefined) return held ? html`the clock for the first answer starts when it is to be acted on` : '';
  const { state, dueAt, answeredAt } = firstAnswer;
  if (dueAt === undefined) return html`the clock for the first answer stands`;
  if (answeredAt !== undefined) return answered(state, answeredAt, dueAt);
  return running(firstAnswer, dueAt, now);
}

function answered(state: AnswerState, answeredAt: number, dueAt: number): Html {
  return state === 'answered-late'
    ? html`<span class="due d-breached"><b>first answer ${duration(answeredAt - dueAt)} too late</b></span>`
    : html`first answer in time`;
}

/** By when the first answer is due, with its clock. */
export function dueNote(due: AnswerView | undefined, now: number): Words {
  return due?.dueAt === undefined || due.answeredAt !== undefined ? '' : running(due, due.dueAt, now);
}

function running({ state, warnAt }: AnswerView, dueAt: number, now: number): Html {
  const words = DUE_WORDS[state as keyof typeof DUE_WORDS];
  const iso = new Date(dueAt).toISOString();
  const left = now <= dueAt ? `in ${duration(dueAt - now)}` : `${duration(now - dueAt)} ago`;
  return html`<span class="due d-${state}" data-due="${dueAt}" data-warn="${warnAt ?? dueAt}"><b>${words}</b> <time datetime="${iso}" data-clock>${iso.slice(11, 16)} UTC</time>, <time datetime="${iso}" data-until>${left}</time></span>`;
}

/** In the queue: whom it was passed on to, while nobody has taken it. */
export function passedNote(ticket: Pick<TicketView, 'passed' | 'seenAt' | 'state'>, now: number): Words {
  const { passed, seenAt } = ticket;
  if (passed === undefined || seenAt !== undefined || !isOpen(ticket)) return '';
  return html`<small><span class="mark">passed on to <bdi>${passed.to}</bdi></span> ${ago(passed.at, now)} ago</small>`;
}

/** On the ticket: also why, and who is asked next. */
export function ladderNote({ passed, seenAt, next }: TicketView, now: number): Words {
  if (seenAt !== undefined || (passed === undefined && next === undefined)) return '';
  const before =
    passed && html`Passed on to <b><bdi>${passed.to}</bdi></b> ${ago(passed.at, now)} ago, as nobody had taken or answered it. `;
  const after =
    next &&
    html`Asked next: <bdi>${next.to}</bdi>, ${next.dueAt > now ? html`<time datetime="${new Date(next.dueAt).toISOString()}" data-until>in ${duration(next.dueAt - now)}</time>` : 'now'}.`;
  return html`<p class="ladder" data-key="ladder">${before ?? ''}${after ?? ''}</p>`;
}

function cover({ covered, because, premisesDown, plan }: ServiceView): Words {
  if (premisesDown) return html`<span class="mark">the house is down: answered at any hour</span>`;
  if (covered) return '';
  return plan === 'none'
    ? html`<span class="mark">not covered by a plan</span>`
    : html`<span class="mark">not covered by the plan: <bdi>${because}</bdi></span>`;
}

function visit({ visit: by, timeZone }: ServiceView, now: number): Words {
  if (by === undefined) return '';
  const wall = wallWords(timeZone, by.at);
  const day = dayWord(by.day, dayAt(timeZone, now));
  if (by.at < now) return html`<b>visit was due ${day} by ${wall}</b>`;
  return html`visit ${day} by ${wall}${by.sameDay ? '' : ' (reported after the cut-off, or on no work day)'}`;
}

function calls({ noCallsBefore, timeZone }: ServiceView, now: number): Words {
  if (noCallsBefore === undefined) return '';
  return html`<span class="mark">do not call the home before ${dayWord(dayAt(timeZone, noCallsBefore), dayAt(timeZone, now))} ${wallWords(timeZone, noCallsBefore)}</span>`;
}

/** By the clock of the home, which may not be the reader's. */
function wallWords(zone: string, at: number): string {
  const wall = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${wall.format(at)} (${zone})`;
}

function dayWord(day: string, today: string): string {
  if (day === today) return 'today';
  if (day === dayAfter(today)) return 'tomorrow';
  const weekday = weekdayOf(day);
  return `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)} ${day}`;
}

const ZONE_WORDS = { policy: '', hub: ' (as its hub says)', nobody: ' (nobody knows its own)' };

export function serviceSection(service: HomeServiceView): Html {
  const { policy, title, dealer, consent, timeZone, timeZoneBy } = service;
  return html`<section aria-labelledby="service-h" class="plan-of-home"><details data-key="service"><summary><h2 id="service-h">Plan <span class="n">${title}</span></h2></summary>
<dl class="service-facts">${fact('Covers', service.covers)}${fact('First answer', service.firstAnswer)}${fact('When the house is down', service.premisesDown)}${fact('Visit', service.visit)}${fact('While nobody answers', service.unanswered)}${fact('Questions', service.questions)}
${fact('Dealer of record', dealer ?? 'none')}${fact("The dealer's work", billing(service))}${consent ? fact('Agreed', `${consent.by} on ${consent.on} to ${consent.rate}, recorded by ${consent.recordedBy}`) : ''}
${fact('No calls', `${service.noCalls}${service.mayCall ? '' : ': not now'}`)}${fact('Time zone', `${timeZone}${ZONE_WORDS[timeZoneBy]}`)}${fact('Policy', `version ${policy.version}, since ${policy.since}`)}</dl></details></section>`;
}

function billing({ dealerIncluded, consent, dealer }: HomeServiceView): string {
  const beyond = consent ? `billed at ${consent.rate}` : 'not without the recorded consent of the client';
  if (dealer === undefined) return 'nobody is on record to be asked';
  return dealerIncluded ? `included for what is covered, else ${beyond}` : beyond;
}

function fact(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`;
}
