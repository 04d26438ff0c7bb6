/** What vendors were asked about a ticket: how far each case has come, and whether somebody qualified is there yet. */
import { html } from 'hono/html';
import type { TicketPageView, TicketView } from '../desk/reader.ts';
import { isOpen } from '../desk/tickets/ticket.ts';
import { CASE_TIERS, nextDue, type Reached, type VendorCaseView } from '../desk/vendors/vendor-case.ts';
import { inTurn } from './contracts-section.ts';
import { ago, clock, type Frame, type Html, mayDo, nothing } from './parts.ts';
import { choice, stepForm } from './step-form.ts';
import { CASE_WORDS } from './ticket-words.ts';
import { duration } from './words.ts';

/** Apart from the template: what stands in one itself keeps the whole program at two bytes a character. */
const REACHED = '●';

export function casesSection(ticket: TicketPageView, frame: Frame): Html {
  const { cases } = ticket;
  if (cases.length === 0) return nothing;
  return html`<section aria-labelledby="cases-h"><h2 id="cases-h">With vendors <span class="n">${cases.length}</span></h2><ul class="people">${cases.map((one) => caseRow(one, ticket, frame))}</ul></section>`;
}

function caseRow(one: VendorCaseView, ticket: TicketPageView, frame: Frame): Html {
  const { no, vendor, name, opened, qualified, dueAt } = one;
  const isDue = dueAt !== undefined && isOpen(ticket);
  const found =
    qualified === undefined
      ? nothing
      : html` <span class="reach r-now"><i aria-hidden="true">${REACHED}</i>somebody qualified after ${duration(qualified.at - opened.at)}</span>`;
  const reached = [['asked', opened] as const, ...CASE_TIERS.map((tier) => [CASE_WORDS[tier], one[tier]] as const)];
  return html`<li data-key="case-${no}"><p class="who"><b><bdi>${vendor}</bdi></b> <span>${name === undefined ? 'no case number yet' : html`case <bdi>${name}</bdi>`}</span>${found}</p>
${isDue ? html`<p class="small">${clockNote({ name: vendor, since: opened.at, dueAt }, frame.now)}</p>` : nothing}
<ol class="history">${reached.map(([words, when]) => (when === undefined ? nothing : reachedRow(words, when)))}</ol>
${reachedForm(one, ticket, frame)}</li>`;
}

function reachedRow(words: string, { at, by }: Reached): Html {
  return html`<li><span class="when">${clock(at)}</span><span class="what"><b><bdi>${by}</bdi></b> ${words}</span></li>`;
}

/** It is shown as late by the page itself, too, while nobody fetches it anew. */
function clockNote({ name, since, dueAt }: NonNullable<TicketView['vendor']>, now: number): Html {
  const left = now <= dueAt ? `in ${duration(dueAt - now)}` : `${duration(now - dueAt)} ago`;
  return html`<span class="due d-${now > dueAt ? 'breached' : 'running'}" data-due="${dueAt}" data-warn="${dueAt}">with <bdi>${name}</bdi> for ${ago(since, now)}, nobody qualified yet: due <time datetime="${new Date(dueAt).toISOString()}" data-until>${left}</time></span>`;
}

/** In the queue, only when it has run out. */
export function vendorNote({ vendor }: TicketView, now: number): Html {
  return vendor === undefined ? nothing : html`<small class="late-only">${clockNote(vendor, now)}</small>`;
}

/** On top of the ticket, only when it has run out. */
export function lateVendor(ticket: TicketPageView, now: number): Html {
  const due = isOpen(ticket) ? nextDue(ticket.cases) : undefined;
  if (due === undefined) return nothing;
  return html`<p class="late-only" data-key="vendor-late">${clockNote({ name: due.vendor, since: due.opened.at, dueAt: due.dueAt }, now)}</p>`;
}

/** A vendor was asked. */
export function vendorForm({ number, version, contracts }: TicketPageView, frame: Frame): Html {
  const words = Object.fromEntries(contracts.map(({ no, vendor, contract }) => [String(no), `${vendor}, contract ${contract}`]));
  // An object has its numbers in their own order.
  const order = inTurn(contracts, frame.now).map(({ contract }) => String(contract.no));
  const known = contracts.length === 0 ? nothing : choice('contract', 'By contract', [...order, ''], { ...words, '': 'none of these' });
  const fields = html`${known}
<label>${contracts.length === 0 ? 'Which vendor' : 'Or which vendor'} <input name="vendor" maxlength="80" autocomplete="off"${contracts.length === 0 ? html` required` : nothing}></label>
<label>Case number, if they gave one <input name="case" maxlength="80" autocomplete="off"></label>`;
  return stepForm({ kind: 'tickets', number, version }, frame, {
    step: 'vendor',
    title: 'Ask the vendor',
    button: 'The vendor was asked',
    fields,
  });
}

function reachedForm(one: VendorCaseView, { number, version, state }: TicketPageView, frame: Frame): Html {
  const tiers = CASE_TIERS.filter((tier) => one[tier] === undefined && !(tier === 'answered' && one.qualified));
  if (one.closed || !mayDo(frame, 'work') || state === 'closed' || state === 'merged') return nothing;
  const fields = html`<input type="hidden" name="entry" value="${one.no}">${choice('tier', 'What came', tiers, CASE_WORDS)}
<label>Case number <input name="case" maxlength="80" autocomplete="off" value="${one.name ?? ''}"></label>`;
  return stepForm({ kind: 'tickets', number, version }, frame, {
    step: 'vendor-reached',
    title: 'It has come further',
    button: 'Write it down',
    fields,
  });
}
