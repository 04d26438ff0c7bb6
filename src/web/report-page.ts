/** How the desk does, over a span of days: what its homes ask of it, how soon people answer, and whether what called them was worth it. */
import { html } from 'hono/html';
import type { Report } from '../desk/reports/report.ts';
import { clock, type Frame, type Html, layout, nothing } from './parts.ts';
import { OUTCOME_WORDS } from './ticket-words.ts';
import { duration, plural } from './words.ts';

export type ReportPage = Frame & {
  readonly report: Report;
  /** Of the homes that are named, by site id. */
  readonly names: ReadonlyMap<string, string>;
};

export const REPORT_DAYS = [7, 30, 90] as const;
const DAY_MS = 86_400_000;

export function reportPage(view: ReportPage): Html {
  const { report } = view;
  const days = Math.round((report.to - report.from) / DAY_MS);
  const body = html`<h1>The last ${days} days</h1>
<nav class="spans" aria-label="Span of time">${REPORT_DAYS.map((span) => (span === days ? html`<b aria-current="page">${span} days</b>` : html`<a href="/reports?days=${span}">${span} days</a>`))}</nav>
${report.tickets.opened === 0 ? html`<p class="calm">No ticket was opened in this time, in ${plural(report.homes, 'home')}.</p>` : whole(view)}`;
  return layout('Reports', view, html`${body}${vendors(report)}${invoices(view)}`);
}

/** By the calendar of the desk's clock; each home's month is by its own. */
function invoices({ now }: ReportPage): Html {
  const [year = 0, month = 1] = new Date(now).toISOString().split('-').map(Number);
  const before = month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`;
  const months = [new Date(now).toISOString().slice(0, 7), before];
  const links = (path: string): Html => {
    const [here, last] = months.map(
      (name) =>
        html`${name}: <a href="/api/v1/${path}?month=${name}&amp;format=csv">for a spreadsheet</a>, <a href="/api/v1/${path}?month=${name}">as JSON</a>`,
    );
    return html`<p class="calm small">${here} · ${last}</p>`;
  };
  return html`<section aria-labelledby="time-h"><h2 id="time-h">Time worked on tickets, for invoices</h2>${links('time')}</section>
<section aria-labelledby="statement-h"><h2 id="statement-h">Fees and shares, dealer by dealer</h2>${links('statement')}</section>`;
}

/** Half of the times are shorter than the median, 95 % shorter than the last. */
function vendors({ vendors: times }: Report): Html {
  if (times.length === 0) return nothing;
  const span = (ms: number | undefined): string => (ms === undefined ? '–' : duration(ms));
  return html`<section aria-labelledby="vendors-h"><h2 id="vendors-h">Until a vendor had somebody qualified</h2><div class="wide-table" tabindex="0" role="region" aria-label="Vendors"><table class="figures-table"><thead><tr><th scope="col">Vendor</th><th scope="col">Cases</th><th scope="col">Qualified</th><th scope="col">Median</th><th scope="col">95 %</th></tr></thead><tbody>${times.map(({ vendor, cases, qualified, medianMs, p95Ms }) => html`<tr><th scope="row"><bdi>${vendor}</bdi></th><td>${cases}</td><td>${qualified}</td><td>${span(medianMs)}</td><td>${span(p95Ms)}</td></tr>`)}</tbody></table></div></section>`;
}

function whole({ report, names }: ReportPage): Html {
  return html`<dl class="figures">
${figure('Tickets by alerts', String(report.tickets.byAlerts), perHome(report))}
${figure('Tickets by hand', String(report.tickets.byHand), 'what no hub sees')}
${figure('First answer', report.answers.medianMs === undefined ? '–' : duration(report.answers.medianMs), answerNote(report))}
${figure('Worth the call', report.precision === undefined ? '–' : percent(report.precision), worthNote(report))}
${figure('Opened again', String(report.tickets.reopened), report.tickets.opened === 0 ? '' : `${percent(report.tickets.reopened / report.tickets.opened)} of all`)}
</dl>
<section aria-labelledby="days-h"><h2 id="days-h">Tickets by alerts, day by day</h2>${chart(report)}</section>
<section aria-labelledby="ends-h"><h2 id="ends-h">How they ended</h2>${outcomes(report)}</section>
<section aria-labelledby="homes-h"><h2 id="homes-h">Homes with the most tickets</h2>${table('Home', report.homesMost, (site) => html`<a href="/sites/${site}"><bdi>${names.get(site) ?? site}</bdi></a>`)}</section>
<section aria-labelledby="symptoms-h"><h2 id="symptoms-h">What they were about</h2>${table('About', report.symptomsMost, (symptom) => html`<bdi>${SYMPTOM_WORDS[symptom] ?? symptom}</bdi>`)}</section>`;
}

const SYMPTOM_WORDS: Readonly<Record<string, string>> = { premises: 'the line and the house as a whole', hub: 'the hub itself' };

function figure(name: string, value: string, note: string): Html {
  return html`<div><dt>${name}</dt><dd><b>${value}</b><small>${note}</small></dd></div>`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function perHome({ tickets: { perHomeAndMonth }, homes }: Report): string {
  if (perHomeAndMonth === undefined) return 'no home is registered';
  const rate = perHomeAndMonth >= 1 ? perHomeAndMonth.toFixed(1) : perHomeAndMonth.toFixed(perHomeAndMonth >= 0.1 ? 2 : 3);
  return `${rate} for a home and month, in ${plural(homes, 'home')}`;
}

function answerNote({ answers: { answered, unanswered, p95Ms } }: Report): string {
  if (answered === 0) return unanswered === 0 ? 'nobody had to answer' : `${plural(unanswered, 'ticket waits', 'tickets wait')} for one`;
  return `half of ${answered}; 95 % within ${duration(p95Ms ?? 0)}${unanswered === 0 ? '' : `; ${plural(unanswered, 'waits', 'wait')}`}`;
}

function worthNote({ outcomes: { fixed, workaround, 'no-fault': none, 'false-alarm': wrong } }: Report): string {
  const judged = fixed + workaround + none + wrong;
  return judged === 0 ? 'nobody has closed one yet' : `of ${judged} that people closed, something was wrong`;
}

const [WIDTH, HEIGHT, GAP] = [900, 120, 2] as const;

/** Bars for the eye; what each says is in its title and, for whoever sees none, in the table of the most. */
function chart({ days }: Report): Html {
  const top = Math.max(1, ...days.map(({ tickets }) => tickets));
  const step = WIDTH / days.length;
  const total = days.reduce((sum, { tickets }) => sum + tickets, 0);
  return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${total} tickets in ${days.length} days, ${top} at most in one">${days.map(
    ({ from, tickets }, i) => {
      const tall = (tickets / top) * HEIGHT;
      return html`<rect x="${(i * step).toFixed(1)}" y="${(HEIGHT - tall).toFixed(1)}" width="${(step - GAP).toFixed(1)}" height="${tall.toFixed(1)}"><title>${new Date(from).toISOString().slice(0, 10)}: ${tickets}</title></rect>`;
    },
  )}</svg><p class="calm small">${clock(days[0]?.from ?? 0)} to now, at most ${plural(top, 'ticket')} in a day.</p>`;
}

function outcomes({ outcomes: counts }: Report): Html {
  const ended = Object.entries(counts).filter(([, count]) => count > 0);
  if (ended.length === 0) return html`<p class="calm small">None has ended yet.</p>`;
  return html`<table class="most-of"><thead><tr><th scope="col">How</th><th scope="col">Tickets</th></tr></thead><tbody>${ended.map(([outcome, count]) => html`<tr><td>${OUTCOME_WORDS[outcome as keyof typeof OUTCOME_WORDS]}</td><td>${count}</td></tr>`)}</tbody></table>`;
}

function table(head: string, most: Report['homesMost'], named: (name: string) => Html): Html {
  if (most.length === 0) return nothing;
  return html`<table class="most-of"><thead><tr><th scope="col">${head}</th><th scope="col">Tickets</th></tr></thead><tbody>${most.map(({ name, tickets }) => html`<tr><td>${named(name)}</td><td>${tickets}</td></tr>`)}</tbody></table>`;
}
