/** One ticket: what is wrong with its evidence, what people can do, and what was done. */
import { html } from 'hono/html';
import { HUB_ID } from '../base/ids.ts';
import type { TicketPageView } from '../desk/reader.ts';
import { CHANNELS, isOpen, OUTCOMES, TIERS } from '../desk/tickets/ticket.ts';
import type { AlertView, DeviceView, SiteView } from '../desk/views.ts';
import { vendorSection } from './contracts-section.ts';
import { callSection, type HomeDossier, tick } from './dossier-section.ts';
import { type Marked, whereSection } from './home-map.ts';
import { ago, alertCard, clock, earlier, type Frame, type Html, layout, mayDo, nameField, nothing } from './parts.ts';
import { countForm, interactionsNote, timeForm, timeSection } from './record-section.ts';
import { dueNote, ladderNote } from './service-note.ts';
import { skillNote } from './shift-block.ts';
import { area, choice, stepForm } from './step-form.ts';
import { deedWords, FATE_WORDS, NOTICE_WORDS, OUTCOME_WORDS, stateWords, TIER_WORDS } from './ticket-words.ts';
import { casesSection, lateVendor, vendorForm } from './vendor-cases.ts';
import { lastVisit } from './visits-section.ts';
import { duration, plural } from './words.ts';

export type TicketPage = Frame & {
  readonly ticket: TicketPageView;
  readonly dossier: HomeDossier;
  readonly where?: { readonly site: SiteView; readonly devices: readonly DeviceView[] } | undefined;
};

export function ticketPage(view: TicketPage): Html {
  const { ticket, now } = view;
  const firing = ticket.alerts.filter(({ clearedAt }) => clearedAt === undefined);
  const over = ticket.alerts.filter(({ clearedAt }) => clearedAt !== undefined);
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/tickets">Tickets</a> · <a href="/sites/${ticket.site}"><bdi>${ticket.siteName}</bdi></a></nav>
<h1>#${ticket.number} <bdi>${ticket.title}</bdi></h1>
<p class="facts"><bdi>${stateWords(ticket)}</bdi> · ${TIER_WORDS[ticket.tier]} · ${ticket.assignee === undefined ? 'nobody has it' : html`<bdi>${ticket.assignee}</bdi> has it`} · opened ${clock(ticket.openedAt)}${ticket.reopened > 0 ? html`, again ${plural(ticket.reopened, 'time')}` : nothing} · <a href="/tickets/${ticket.number}/pack">Pack for the vendor</a></p>
${answer(ticket, now)}
${lateVendor(ticket, now)}
${skillNote(ticket.skills, now)}
${interactionsNote(ticket)}
<section aria-labelledby="do-h"><h2 id="do-h">What to do</h2>${steps(ticket, view)}</section>
${ticket.alerts.length === 0 ? nothing : html`<section aria-labelledby="wrong-h"><h2 id="wrong-h">Wrong now</h2>${firing.length === 0 ? html`<p class="calm small">None of its alerts fires any more.</p>` : html`<ul class="alerts">${firing.map((alert, i) => alertCard(alert, view, true, i === 0 && isOpen(ticket)))}</ul>`}</section>`}
${callSection(ticket.site, view.dossier, view)}
${casesSection(ticket, view)}
${vendorSection(ticket.contracts, now)}
${lastVisit(ticket.site, view.dossier, now)}
${view.where === undefined ? nothing : whereSection({ ...view.where, frame: view, marked: markedBy(firing.length > 0 ? firing : over) })}
<section aria-labelledby="done-h"><h2 id="done-h">What was done</h2>${timeline(ticket)}</section>
${timeSection(ticket, view)}
${told(ticket)}
${over.length === 0 ? nothing : earlier(over, now, true)}`;
  return layout(`#${ticket.number} ${ticket.title}`, view, body, ticket.site);
}

/** What alerts are about: devices, else the line, else the hub. */
function markedBy(alerts: readonly AlertView[]): Marked {
  const devices = new Set(alerts.flatMap(({ device }) => (device === undefined || device === HUB_ID ? [] : [device])));
  const isOf = (pattern: RegExp): boolean => alerts.some(({ code }) => pattern.test(code));
  return { devices, line: isOf(/^(internet|dns)-/), hub: isOf(/^(hub|storage)-/) || alerts.some(({ device }) => device === HUB_ID) };
}

function answer(ticket: TicketPageView, now: number): Html {
  const { askedAt, answeredAt, state } = ticket;
  if (answeredAt !== undefined) return html`<p class="calm small">First answered after ${duration(answeredAt - askedAt)}.</p>`;
  if (!isOpen(ticket) || state === 'monitoring') return nothing;
  return html`<div class="banner" data-key="unanswered"><b>No first answer yet.</b> <span>Asked ${ago(askedAt, now)} ago.</span> ${dueNote(ticket.answer, now)}${ladderNote(ticket, now)}</div>`;
}

function steps(ticket: TicketPageView, frame: Frame): Html {
  if (ticket.state === 'merged')
    return html`<p class="calm">It is part of <a href="/tickets/${ticket.mergedInto}">ticket ${ticket.mergedInto}</a> now.</p>${onRecord(ticket, frame)}`;
  if (ticket.state === 'closed')
    return html`<p class="calm">It is closed for good. What comes again opens a new one.</p>${onRecord(ticket, frame)}`;
  const note = form(
    ticket,
    frame,
    'note',
    'Note something',
    'Note it',
    html`${area('What you know or did')}${tick('inner', 'Not in the pack for the vendor')}`,
  );
  if (!mayDo(frame, 'work')) return html`<div class="steps">${note}</div>`;
  if (ticket.state === 'resolved')
    return html`<div class="steps">${form(ticket, frame, 'reopen', 'Open it again', 'Open it again', area('Why'))}${note}${timeForm(ticket, frame)}${countForm(ticket, frame)}</div>`;
  return html`<div class="steps">
${form(ticket, frame, 'take', 'Take it', 'It is mine', nothing)}
${form(ticket, frame, 'answer', 'Answer the client', 'Answered', html`${choice('channel', 'How', CHANNELS)}${area('What was said')}`)}
${note}
${vendorForm(ticket, frame)}
${form(ticket, frame, 'wait', 'Let it wait', 'It waits', field('for', 'For whom or what', 'the client, a part, the provider'))}
${form(ticket, frame, 'snooze', 'Put it off', 'Put it off', html`<label>For minutes <input name="minutes" type="number" min="1" max="10080" value="60" required></label>`)}
${form(ticket, frame, 'tier', 'Hand it over', 'Hand it over', handOver(ticket))}
${timeForm(ticket, frame)}
${countForm(ticket, frame)}
${form(ticket, frame, 'merge', 'Same as another', 'Merge', html`<label>Ticket <input name="into" type="number" min="1" required></label>`)}
${form(ticket, frame, 'resolve', 'Resolve it', 'Resolved', html`${choice('outcome', 'How it ended', RESOLVED, OUTCOME_WORDS)}${area('What was wrong, and what helped')}`)}
</div>`;
}

function onRecord(ticket: TicketPageView, frame: Frame): Html {
  return mayDo(frame, 'work') ? html`<div class="steps">${countForm(ticket, frame)}</div>` : nothing;
}

const RESOLVED = OUTCOMES.filter((outcome) => outcome !== 'recovered');

function handOver({ consent }: TicketPageView): Html {
  const onRecord =
    consent === undefined
      ? nothing
      : html`<p class="calm small wide">On record: <bdi>${consent.by}</bdi> agreed to <bdi>${consent.rate}</bdi> on ${consent.on}. What is left empty below goes by that.</p>`;
  return html`${onRecord}${choice('to', 'To', TIERS, TIER_WORDS)}
<label>Who at the client's agreed to be billed <input name="consentFrom" maxlength="64" autocomplete="off"></label>
<label>At which rate <input name="rate" maxlength="64" autocomplete="off" placeholder="95 an hour"></label>
<label>Or why it cannot wait for that <input name="override" maxlength="256" autocomplete="off"></label>`;
}

function form({ number, version }: TicketPageView, frame: Frame, step: string, title: string, button: string, fields: Html): Html {
  return stepForm({ kind: 'tickets', number, version }, frame, { step, title, button, fields });
}

function field(name: string, label: string, example: string): Html {
  return html`<label>${label} <input name="${name}" required maxlength="160" autocomplete="off" placeholder="${example}"></label>`;
}

function timeline({ deeds }: TicketPageView): Html {
  return html`<ol class="history">${deeds.toReversed().map((deed) => {
    const { did, said } = deedWords(deed);
    return html`<li data-key="deed-${deed.n}"><span class="when">${clock(deed.at)}</span><span class="what"><b><bdi>${deed.actor}</bdi></b> ${did}${said === undefined ? nothing : html`<small><bdi>${said}</bdi></small>`}</span></li>`;
  })}</ol>`;
}

/** Outside the page: whoever works on it knows who knows. */
function told({ notices }: TicketPageView): Html {
  if (notices.length === 0) return nothing;
  return html`<section aria-labelledby="told-h"><h2 id="told-h">Who was told</h2><ol class="history">${notices.map(
    ({ receiver, changes, fate, at, answer: why }) =>
      html`<li><span class="when">${clock(at)}</span><span class="what"><b>${receiver}</b> ${FATE_WORDS[fate]}: ${changes.map((change) => NOTICE_WORDS[change]).join(', ')}${why === undefined ? nothing : html`<small><bdi>${why}</bdi></small>`}</span></li>`,
  )}</ol></section>`;
}

/** Opens one by hand, for what no hub sees. */
export function openTicketForm(site: string, frame: Frame): Html {
  return html`<details class="act" data-key="open-ticket"><summary>Open a ticket by hand</summary>
<form method="post" action="/tickets" data-post="/api/v1/tickets" data-open>
<input type="hidden" name="site" value="${site}">
${nameField(frame)}
${field('title', 'What is it about', 'Netflix does not play')}
<label>How the client told it <select name="channel"><option value="">not said</option>${CHANNELS.map((channel) => html`<option value="${channel}">${channel}</option>`)}</select></label>
<label class="wide">What was said <textarea name="text" maxlength="2000" rows="3"></textarea></label>
<button type="submit">Open it</button>
</form></details>`;
}
