/** The queue: what people are to work on, who waits longest for an answer first. */
import { html } from 'hono/html';
import type { IncidentView } from '../desk/incidents/incident-view.ts';
import type { TicketView } from '../desk/reader.ts';
import type { OnShift } from '../desk/service/skills.ts';
import { incidentBlock } from './incident-block.ts';
import { ago, clock, type Frame, type Html, layout, nothing } from './parts.ts';
import { dueNote, passedNote } from './service-note.ts';
import { missingSkills, shiftBlock } from './shift-block.ts';
import { stateWords, TIER_WORDS } from './ticket-words.ts';
import { vendorNote } from './vendor-cases.ts';
import { plural } from './words.ts';

export type QueuePage = Frame & {
  readonly incidents: readonly IncidentView[];
  readonly open: readonly TicketView[];
  readonly over: readonly TicketView[];
  /** Who is on shift; absent where that is not for the reader's eyes. */
  readonly onShift?: readonly OnShift[] | undefined;
  /** Of all that are open and not put off, whether they are shown or not. */
  readonly counts: { readonly open: number; readonly unanswered: number };
};

export function queuePage(view: QueuePage): Html {
  const { now } = view;
  const isAsleep = ({ snoozedUntil = 0 }: TicketView): boolean => snoozedUntil > now;
  const [awake, asleep] = [view.open.filter((ticket) => !isAsleep(ticket)), view.open.filter(isAsleep)];
  const { unanswered } = view.counts;
  const body = html`<h1>${headline(view.counts)}</h1>
${view.onShift === undefined ? nothing : shiftBlock(view.onShift, view)}
${incidentBlock(view.incidents, now)}
${awake.length === 0 ? html`<p class="calm">A ticket opens by itself when an alert calls for work. On a home's page one can be opened by hand.</p>` : waitingTickets(view, awake)}
${asleep.length === 0 ? nothing : html`<section aria-labelledby="later-h"><h2 id="later-h">Put off <span class="n">${asleep.length}</span></h2>${list(asleep, now)}</section>`}
${view.over.length === 0 ? nothing : html`<section aria-labelledby="over-h"><h2 id="over-h">Over</h2>${list(view.over, now)}</section>`}`;
  return layout(unanswered > 0 ? `${unanswered} unanswered` : 'Tickets', view, body);
}

/** Below homes that fell silent together they are told apart from these. */
function waitingTickets({ incidents, counts, now }: QueuePage, awake: readonly TicketView[]): Html {
  const rows = html`${list(awake, now)}${more(counts.open - awake.length)}`;
  return incidents.length === 0
    ? rows
    : html`<section aria-labelledby="open-h"><h2 id="open-h">In single homes <span class="n">${counts.open}</span></h2>${rows}</section>`;
}

function more(count: number): Html {
  return count <= 0 ? nothing : html`<p class="calm small">and ${count} more. They come up as these are answered.</p>`;
}

function headline({ open, unanswered }: QueuePage['counts']): string {
  if (open === 0) return 'No ticket is open';
  return `${plural(open, 'ticket is', 'tickets are')} open${unanswered === 0 ? '' : `, ${unanswered} without a first answer`}`;
}

function list(tickets: readonly TicketView[], now: number): Html {
  return html`<ul class="sites tickets">${tickets.map((ticket) => row(ticket, now))}</ul>`;
}

function row(ticket: TicketView, now: number): Html {
  return html`<li data-key="ticket-${ticket.number}"><a href="/tickets/${ticket.number}">
<span class="name"><b>#${ticket.number} <bdi>${ticket.title}</bdi></b><small><bdi>${ticket.siteName}</bdi>${ticket.reopened > 0 ? html` · <span class="mark">opened again ${plural(ticket.reopened, 'time')}</span>` : nothing}</small></span>
<span><bdi>${stateWords(ticket)}</bdi><small>${TIER_WORDS[ticket.tier]} · ${ticket.assignee === undefined ? 'nobody has it' : html`<bdi>${ticket.assignee}</bdi> has it`}</small>${passedNote(ticket, now)}${missingSkills(ticket.skills, now)}${vendorNote(ticket, now)}</span>
<span class="counts">${waiting(ticket, now)}</span>
</a></li>`;
}

function waiting({ state, answeredAt, askedAt, resolvedAt, snoozedUntil, answer }: TicketView, now: number): Html {
  if (resolvedAt !== undefined) return html`<small>${clock(resolvedAt)}</small>`;
  if (snoozedUntil !== undefined && snoozedUntil > now) return html`<small>until ${clock(snoozedUntil)}</small>`;
  const due = dueNote(answer, now);
  if (due !== '') return html`${due}`;
  if (answeredAt === undefined && state !== 'merged') return html`<span class="s-suspect">no answer for ${ago(askedAt, now)}</span>`;
  return html`<small>opened ${ago(askedAt, now)} ago</small>`;
}
