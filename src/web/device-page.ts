/** One device: what is wrong with it, how it did, what people do about it, what it is and how near its end. */
import { html } from 'hono/html';
import type { Course, CourseDays, CourseState, Totals } from '../desk/courses/course.ts';
import type { TicketView } from '../desk/reader.ts';
import type { AlertView, DeviceView, SiteView } from '../desk/views.ts';
import { isPersonalKind } from '../protocol/personal-kinds.ts';
import { courseBand, courseTable, roundTripChart, shareWords, timesWords, tripWords } from './course-chart.ts';
import { deviceFacts, isSilenced, kindOf, madeBy, nameOf, stateReason } from './device-parts.ts';
import { identityBlock } from './identity-block.ts';
import { verdictBlock } from './lifecycle-section.ts';
import {
  ago,
  alertCard,
  clock,
  earlier,
  evidenceBlock,
  type Frame,
  type Html,
  isDeaf,
  layout,
  nothing,
  ruledOutBlock,
  stateBadge,
} from './parts.ts';
import { stateWords } from './ticket-words.ts';
import { duration, STATES, unheardSentence } from './words.ts';

export type DevicePage = Frame & {
  readonly site: SiteView;
  readonly device: DeviceView;
  readonly carrier?: DeviceView | undefined;
  /** Absent: it is somebody's own. */
  readonly course?: Course | undefined;
  readonly days: number;
  readonly firing: readonly AlertView[];
  readonly over: readonly AlertView[];
  readonly tickets: readonly TicketView[];
};

export function devicePage(view: DevicePage): Html {
  const { site, device, course } = view;
  const name = nameOf(device);
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/">All homes</a> &rsaquo; <a href="/sites/${site.id}"><bdi>${site.name}</bdi></a></nav>
<h1><bdi>${name}</bdi></h1>
${course === undefined ? ofSomebody(view) : watched(view, course)}
<section aria-labelledby="what-h"><h2 id="what-h">What it is</h2><div class="detail of-page">${course === undefined ? nothing : deviceFacts(device, site, view.carrier)}${isKnown(device) ? identityBlock(device) : html`<p class="calm">Nothing it said tells what it is.</p>`}</div></section>
${device.lifecycle === undefined ? nothing : html`<section aria-labelledby="end-h"><h2 id="end-h">Its end</h2><div class="detail of-page">${verdictBlock(device.lifecycle, view.now)}</div></section>`}
${course === undefined ? nothing : earlier(view.over, view.now, true)}
<p class="foot">Device <code>${device.id}</code></p>`;
  return layout(isDeaf(view) ? `? Not known · ${name}` : `${name} · ${site.name}`, view, body, site.id);
}

function isKnown({ because = [], talks = [], hint }: DeviceView): boolean {
  return because.length > 0 || talks.length > 0 || hint !== undefined;
}

/** Where the home tells it nevertheless, what it is may be known, and nothing of when it was there. */
function ofSomebody({ device }: DevicePage): Html {
  const what = isPersonalKind(device.kind) ? `Things of this kind (${device.kind}) are` : 'It has not said what it is, and could be';
  return html`<p class="private">${what} somebody's own: when it was there is nobody's business, so nothing of that is shown.</p>`;
}

function watched(view: DevicePage, course: Course): Html {
  const { site, device, firing, now } = view;
  const unheard = unheardSentence(site);
  const about = [madeBy(device), kindOf(device), device.ips[0]].filter(Boolean);
  return html`<p class="facts">${stateBadge(device.state)} ${device.since === undefined ? 'not judged yet' : html`for ${ago(device.since, now)}`}${device.lastKnown ? html`, was ${STATES[device.lastKnown.state].word}` : nothing}${isSilenced(device, site, now) ? html` · <span class="mark">silenced</span>` : nothing}${about.map((words) => html` · <bdi>${words}</bdi>`)}</p>
${unheard === undefined ? nothing : html`<div class="banner" data-key="unheard">${unheard}</div>`}
<div class="detail of-page">${stateReason(device)}${device.evidence && device.state !== 'up' ? ruledOutBlock(device.evidence) : nothing}</div>
${firing.length === 0 ? nothing : html`<section aria-labelledby="wrong-h"><h2 id="wrong-h">Wrong with it now</h2><ul class="alerts">${firing.map((alert) => alertCard(alert, view, true))}</ul></section>`}
${tickets(view)}
<section aria-labelledby="course-h"><h2 id="course-h">How it did</h2>${courseSection(view, course)}</section>
${device.evidence ? html`<section aria-labelledby="asked-h"><h2 id="asked-h">When it was judged last</h2>${evidenceBlock(device.evidence)}</section>` : nothing}`;
}

const SPANS: readonly (readonly [days: CourseDays, words: string])[] = [
  [1, '24 hours'],
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
];

function courseSection({ site, device, days }: DevicePage, course: Course): Html {
  const path = `/sites/${site.id}/devices/${device.id}`;
  return html`<nav class="spans" aria-label="Span of time">${SPANS.map(([span, words]) => (span === days ? html`<b aria-current="page">${words}</b>` : html`<a href="${path}?days=${span}">${words}</a>`))}</nav>
${course.totals.untold === course.to - course.from ? html`<p class="calm">The desk was told nothing of it in this time.</p>` : charts(course)}`;
}

function charts(course: Course): Html {
  const { totals, isCut, roundTrips } = course;
  const took = roundTrips.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const middle = took[(took.length - 1) >> 1];
  return html`<dl class="figures">
${figure('Up or asleep', totals.share === undefined ? '–' : shareWords(totals.share), totals.share === undefined ? 'nobody saw it' : `of the ${duration(knownOf(totals))} in which that is known`)}
${figure('Down', totals.down === 0 ? 'never' : timesWords(totals.outages), totals.down === 0 ? 'as far as anybody saw' : `${duration(totals.down)} together`)}
${figure('Unknown', totals.unknown === 0 ? 'never' : duration(totals.unknown), totals.unknown === 0 ? 'its hub looked all the time' : 'nobody looked: no downtime, and no uptime')}
${figure('Round trip', middle === undefined ? '–' : tripWords(middle), middle === undefined ? 'none was told' : 'half of what was told is at most that')}
</dl>
<h3 class="chart-h">Its states</h3>${courseBand(course)}
${isCut ? html`<p class="calm small">It changed so often that only the newest part is drawn.</p>` : nothing}
<h3 class="chart-h">How long its answers took</h3>${roundTripChart(course)}
<details data-key="figures"><summary>The same in figures</summary>${courseTable(course)}</details>
<h3 class="chart-h">What changed</h3>${changes(course)}`;
}

/** A share of 12 minutes says little of a week. */
const knownOf = ({ up, asleep, suspect, down }: Totals): number => up + asleep + suspect + down;

function figure(name: string, value: string, note: string): Html {
  return html`<div><dt>${name}</dt><dd><b>${value}</b><small>${note}</small></dd></div>`;
}

const CHANGES_SHOWN = 20;
const STATE_WORDS: Readonly<Record<CourseState, string>> = {
  up: 'up',
  suspect: 'in doubt',
  asleep: 'asleep or off',
  down: 'down',
  unreachable: 'out of reach because of something else',
  unknown: 'unknown: nobody looked',
  untold: 'not told yet',
};

/** The newest first; what went before the span is cut off. */
function changes({ stretches, from }: Course): Html {
  const told = stretches.toReversed();
  const shown = told.slice(0, CHANGES_SHOWN);
  return html`<ol class="history">${shown.map(
    (stretch, i) =>
      html`<li data-key="c-${stretch.from}"><span class="when">${stretch.from === from ? html`before ${clock(from)}` : clock(stretch.from)}</span><span class="what">${STATE_WORDS[stretch.state]}<small>${i === 0 ? 'until now' : `for ${duration(stretch.to - stretch.from)}`}</small></span></li>`,
  )}</ol>${told.length > shown.length ? html`<p class="calm small">And ${told.length - shown.length} before.</p>` : nothing}`;
}

function tickets({ tickets: all }: DevicePage): Html {
  if (all.length === 0) return nothing;
  return html`<section aria-labelledby="tickets-h"><h2 id="tickets-h">Its tickets</h2><ul class="found">${all.map((ticket) => html`<li data-key="t-${ticket.number}"><a href="/tickets/${ticket.number}"><span>${ticket.number}</span><span class="name"><b><bdi>${ticket.title}</bdi></b><small>${clock(ticket.openedAt)}</small></span><span><bdi>${stateWords(ticket)}</bdi></span></a></li>`)}</ul></section>`;
}
