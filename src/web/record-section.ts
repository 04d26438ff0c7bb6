/** What is counted and billed: the questions of a home that cost nothing, and the time that was worked. */
import { html } from 'hono/html';
import type { TicketPageView, UsageView } from '../desk/reader.ts';
import type { InteractionsView } from '../desk/service/interactions.ts';
import { sumOf, type TimeSum, type WorkedTime } from '../desk/service/worked-time.ts';
import { clock, type Frame, type Html, mayDo, nothing } from './parts.ts';
import { area, choice, stepForm } from './step-form.ts';
import { plural } from './words.ts';

/** `2 of 3 free questions used this year.` */
export function interactionsWords({ used, free, per, beyond }: InteractionsView): string {
  const cost = beyond === undefined ? '' : ` (${beyond})`;
  const count =
    used > free
      ? `${plural(used, 'question')} this ${per}, ${free} of them free.`
      : `${used} of ${plural(free, 'free question')} used this ${per}.`;
  return used < free ? count : `${count} The next is billable${cost}: ask for consent.`;
}

/** On a ticket: also what it counts as itself. */
export function interactionsNote({ number, interactions, answeredAt }: TicketPageView): Html {
  if (interactions === undefined) return nothing;
  const { tickets, free, used, beyond } = interactions;
  const place = tickets.indexOf(number) + 1;
  const own =
    place === 0
      ? ''
      : place > free
        ? `This is the ${ordinal(place)}: billable${beyond === undefined ? '' : ` (${beyond})`}.`
        : `This is the ${ordinal(place)}.`;
  const isDear = place > free || (place === 0 && used >= free && answeredAt === undefined);
  const words = html`<b>Questions:</b> ${interactionsWords(interactions)} ${own}`;
  return isDear
    ? html`<div class="banner" data-key="questions">${words}</div>`
    : html`<p class="calm small" data-key="questions">${words}</p>`;
}

function ordinal(n: number): string {
  const ends = ['th', 'st', 'nd', 'rd'];
  const isTeen = n % 100 > 10 && n % 100 < 14;
  return `${n}${isTeen ? 'th' : (ends[n % 10] ?? 'th')}`;
}

/** `1 h 15 min` */
export function minutesWords(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours === 0 ? '' : `${hours} h`, rest === 0 && hours > 0 ? '' : `${rest} min`].filter(Boolean).join(' ');
}

function sumWords({ billable, free }: TimeSum): string {
  if (billable + free === 0) return 'none';
  return [billable === 0 ? '' : `${minutesWords(billable)} to be billed`, free === 0 ? '' : `${minutesWords(free)} not billed`]
    .filter(Boolean)
    .join(', ');
}

export function timeSection(ticket: TicketPageView, frame: Frame): Html {
  const { time } = ticket;
  if (time.length === 0) return nothing;
  return html`<section aria-labelledby="time-h"><h2 id="time-h">Time worked <span class="n">${sumWords(sumOf(time))}</span></h2>
<ol class="history">${time.map((entry) => timeRow(entry, ticket, frame))}</ol></section>`;
}

function timeRow(entry: WorkedTime, ticket: TicketPageView, frame: Frame): Html {
  const { no, at, by, minutes, counted, takenBack, text } = entry;
  const mark = takenBack === undefined ? nothing : html` <span class="mark">taken back: <bdi>${takenBack}</bdi></span>`;
  const rounded = counted === minutes ? '' : `, counted as ${minutesWords(counted)}`;
  const back = takenBack === undefined && mayDo(frame, 'work') ? takeBackForm(no, ticket, frame) : nothing;
  return html`<li data-key="time-${no}"><span class="when">${clock(at)}</span><span class="what"><b><bdi>${by}</bdi></b> ${minutesWords(minutes)}${rounded}, ${billedWords(entry)}${mark}<small><bdi>${text}</bdi></small>${back}</span></li>`;
}

function billedWords({ billable, consent, override }: WorkedTime): Html {
  if (!billable) return html`not billed`;
  if (consent) return html`billed at <bdi>${consent.rate}</bdi>, as <bdi>${consent.from}</bdi> agreed`;
  return html`billed without the client's yes: <bdi>${override ?? ''}</bdi>`;
}

function takeBackForm(no: number, { number, version }: TicketPageView, frame: Frame): Html {
  const fields = html`<input type="hidden" name="entry" value="${no}"><label class="wide">Why it does not count <input name="text" required maxlength="2000" autocomplete="off"></label>`;
  return stepForm({ kind: 'tickets', number, version }, frame, {
    step: 'time-back',
    title: 'Take it back',
    button: 'Take it back',
    fields,
  });
}

/** The form with which time is written down. */
export function timeForm({ number, version, consent, deeds }: TicketPageView, frame: Frame): Html {
  const isAgreed = consent !== undefined || deeds.some(({ what }) => what === 'ticket.tier');
  const fields = html`<label>Minutes <input name="minutes" type="number" min="1" max="1440" required></label>
${choice('billable', 'To be billed', ['false', 'true'], { false: 'no', true: 'yes' })}
${isAgreed ? html`<p class="calm small wide">What is left empty below goes by what was agreed when it was handed over, or is on record.</p>` : nothing}
<label>Who at the client's agreed <input name="consentFrom" maxlength="64" autocomplete="off"></label>
<label>At which rate <input name="rate" maxlength="64" autocomplete="off" placeholder="95 an hour"></label>
<label>Or why it could not wait for that <input name="override" maxlength="256" autocomplete="off"></label>
${area('What was done')}`;
  return stepForm({ kind: 'tickets', number, version }, frame, { step: 'time', title: 'Write down time', button: 'Write it down', fields });
}

/** Whether it counts as a free question: people have the last word. */
export function countForm(ticket: TicketPageView, frame: Frame): Html {
  const { number, version, interactions } = ticket;
  if (interactions === undefined) return nothing;
  const isCounted = isQuestion(ticket);
  const [title, value] = isCounted ? ['It does not count as a question', 'false'] : ['Count it as a question', 'true'];
  const fields = html`<input type="hidden" name="counts" value="${value}">${area('Why')}`;
  return stepForm({ kind: 'tickets', number, version }, frame, {
    step: 'count',
    title,
    button: isCounted ? 'It does not count' : 'It counts',
    fields,
  });
}

/** In whichever month: what was counted in the last one is on the invoice of now. */
function isQuestion({ answeredAt, deeds }: TicketPageView): boolean {
  const said = deeds.findLast(({ what }) => what === 'ticket.count');
  if (said) return (JSON.parse(said.detail) as { counts: boolean }).counts;
  return answeredAt !== undefined || deeds.some(({ what }) => what === 'ticket.answer');
}

/** On the page of a home. */
export function usageNote({ interactions, time }: UsageView): Html {
  const questions = interactions && html`<b>Questions:</b> ${interactionsWords(interactions)} `;
  const isWorked = time.billable + time.free > 0;
  if (questions === undefined && !isWorked) return nothing;
  return html`<p class="facts lone usage" data-key="usage">${questions ?? nothing}${isWorked ? html`<b>Time this month:</b> ${sumWords(time)}.` : nothing}</p>`;
}
