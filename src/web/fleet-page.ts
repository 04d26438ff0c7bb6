/** All homes for who looks after many: which of them are in trouble, whose they are, and which of them call for somebody again and again. */
import { html } from 'hono/html';
import type { Choice, FleetHome, FleetPage, Heat } from '../desk/fleet/fleet.ts';
import type { Counts, FleetFilter, Group, Standing } from '../desk/fleet/standing.ts';
import { NONE, STANDINGS } from '../desk/fleet/standing.ts';
import { ago, type Frame, type Html, hubSign, isDeaf, layout, mayDo, nothing } from './parts.ts';
import { pathWords, plural, STATE_ORDER, STATES } from './words.ts';

const STANDING_WORDS: Readonly<Record<Standing, { readonly word: string; readonly sign: string }>> = {
  burning: { word: 'burning', sign: '■' },
  silent: { word: 'silent hub', sign: '◇' },
  unknown: { word: 'unknown', sign: '?' },
  well: { word: 'all well', sign: '●' },
};

/** Among thousands of homes something is always new: an open page asks for itself so much later at most. */
const SPACING_MS = { homes: 5_000, dealers: 15_000, heat: 60_000, contracts: 15_000 } as const;

export type FleetView = Frame & { readonly fleet: FleetPage; readonly filter: FleetFilter };

export function fleetPage(view: FleetView): Html {
  const { fleet, filter } = view;
  const body = html`${places('homes', view)}<h1>${headline(fleet.counts, isDeaf(view))}</h1>
${chips(fleet.counts, filter)}
${filters(fleet, filter)}
${fleet.homes.length === 0 ? html`<p class="calm" id="found">${fleet.counts.homes === 0 && Object.values(filter).every((asked) => asked === undefined) ? 'No home is registered yet.' : html`No home is like that. <a href="/fleet">Show all homes</a>.`}</p>` : homes(view)}
${pager(fleet, filter)}`;
  return layout('Fleet', view, spaced('homes', body));
}

export function spaced(page: keyof typeof SPACING_MS, body: Html): Html {
  return html`<div id="spacing" data-ms="${SPACING_MS[page]}" hidden></div>${body}`;
}

const PLACES = [
  ['homes', '/fleet', 'Homes'],
  ['dealers', '/fleet/dealers', 'By dealer'],
  ['heat', '/fleet/heat', 'Heat of a month'],
  ['contracts', '/contracts', 'Contracts'],
] as const;

export function places(current: (typeof PLACES)[number][0], frame: Frame): Html {
  const open = PLACES.filter(([name]) => name !== 'contracts' || mayDo(frame, 'work'));
  return html`<nav class="spans" aria-label="Fleet">${open.map(([name, path, words]) => (name === current ? html`<b aria-current="page">${words}</b>` : html`<a href="${path}">${words}</a>`))}</nav>`;
}

function headline({ homes, burning, silent, unknown }: Counts, isDeafNow: boolean): string {
  if (isDeafNow) return 'How the homes are is not known now';
  const parts = [
    ...(burning === 0 ? [] : [`${burning} burning`]),
    ...(silent === 0 ? [] : [plural(silent, 'silent hub')]),
    ...(unknown === 0 ? [] : [`${unknown} unknown`]),
  ];
  const all = plural(homes, 'home');
  if (parts.length > 0) return `${all}: ${parts.join(', ')}`;
  return homes === 0 ? 'No home' : `${all}, all well as far as we know`;
}

function address(path: string, filter: FleetFilter, page = 1): string {
  const { standing, ...rest } = filter;
  const asked = Object.entries({ state: standing, ...rest }).filter((one): one is [string, string] => one[1] !== undefined);
  const query = new URLSearchParams([...asked, ...(page === 1 ? [] : [['page', String(page)]])] as [string, string][]);
  return query.size === 0 ? path : `${path}?${query}`;
}

function chips(counts: Counts, filter: FleetFilter): Html {
  const chip = (standing: Standing | undefined, words: Html, count: number): Html => {
    const isCurrent = filter.standing === standing;
    return html`<a data-key="chip-${standing ?? 'all'}" href="${address('/fleet', { ...filter, standing })}"${isCurrent ? html` aria-current="page"` : nothing}>${words} <b>${count}</b></a>`;
  };
  return html`<nav class="chips" aria-label="How they are">${chip(undefined, html`all`, counts.homes)}${STANDINGS.map((standing) => chip(standing, sign(standing), counts[standing]))}</nav>`;
}

function sign(standing: Standing): Html {
  const { word, sign: mark } = STANDING_WORDS[standing];
  return html`<span class="standing st-${standing}"><i aria-hidden="true">${mark}</i>${word}</span>`;
}

/** A plain form: it needs no script. */
function filters({ dealers, plans, versions }: FleetPage, { standing, dealer, plan, version }: FleetFilter): Html {
  return html`<form class="tools choose" action="/fleet" method="get">
${standing === undefined ? nothing : html`<input type="hidden" name="state" value="${standing}">`}
${choice('dealer', 'Dealer', dealers, dealer, 'no dealer of record')}${choice('plan', 'Plan', plans, plan, 'no plan')}${choice('version', 'Hub version', versions, version, 'never heard')}
<button type="submit">Show</button></form>`;
}

/** More are typed: nobody reads such a list. */
const MOST_LISTED = 300;

function choice(name: string, label: string, choices: readonly Choice[], chosen: string | undefined, noneWord: string): Html {
  if (choices.length < 2 && chosen === undefined) return nothing;
  if (choices.length > MOST_LISTED)
    return html`<label>${label} <input name="${name}" value="${chosen ?? ''}" maxlength="200" autocomplete="off" placeholder="any"></label>`;
  const words = (one: string): string => (one === NONE ? noneWord : one);
  const isStranger = chosen !== undefined && !choices.some((one) => one.name === chosen);
  return html`<label>${label} <select name="${name}"><option value="">any</option>${isStranger ? html`<option value="${chosen}" selected>${words(chosen)}</option>` : nothing}${choices.map(({ name: one, homes }) => html`<option value="${one}"${one === chosen ? html` selected` : nothing}>${words(one)} (${homes})</option>`)}</select></label>`;
}

function homes(view: FleetView): Html {
  return html`<ul class="sites fleet">${view.fleet.homes.map((home) => row(home, view))}</ul>`;
}

function row(home: FleetHome, view: FleetView): Html {
  const { standing, standingSince, dealer, plan, firing } = home;
  const whose = [dealer, plan].filter((words) => words !== undefined);
  const seen = firing.acknowledged > 0 ? `, ${firing.acknowledged} acknowledged` : '';
  const faults = standing === 'burning' ? html` ${plural(firing.holding, 'fault')}${seen}` : nothing;
  const since = standingSince === undefined || home.presence.phase === 'never' ? nothing : html` for ${ago(standingSince, view.now)}`;
  return html`<li data-key="${home.id}" data-home="${home.id}"><a href="/sites/${home.id}">
<span class="name"><b><bdi>${home.name}</bdi></b><small>${whose.length === 0 ? pathWords(home).join(' · ') : whose.map((words, i) => html`${i > 0 ? ' · ' : ''}<bdi>${words}</bdi>`)}</small></span>
<span>${sign(standing)}<small>${faults}${since}</small></span>
${hubSign(home, view)}
<span class="counts">${STATE_ORDER.map((state) => (home.counts[state] === 0 ? nothing : html`<span class="count s-${state}"><i aria-hidden="true">${STATES[state].sign}</i>${home.counts[state]} ${STATES[state].word}</span>`))}</span>
</a></li>`;
}

function pager({ page, pages, total }: FleetPage, filter: FleetFilter): Html {
  if (pages === 1) return nothing;
  const link = (to: number, words: string, rel: string): Html =>
    to < 1 || to > pages
      ? html`<span aria-hidden="true">${words}</span>`
      : html`<a href="${address('/fleet', filter, to)}" rel="${rel}">${words}</a>`;
  return html`<nav class="pager" aria-label="Pages of homes">${link(page - 1, 'Previous', 'prev')}<span>Page ${page} of ${pages}, ${plural(total, 'home')}</span>${link(page + 1, 'Next', 'next')}</nav>`;
}

/** More are not read; the filter finds any of them. */
const DEALERS_SHOWN = 300;

export function dealersPage(view: Frame & { readonly groups: readonly Group[]; readonly counts: Counts }): Html {
  const { groups, counts } = view;
  const hasDealers = groups.some(({ name }) => name !== NONE);
  const body = html`${places('dealers', view)}<h1>${headline(counts, isDeaf(view))}</h1>
${hasDealers ? dealerTable(groups) : html`<p class="calm">No home has a dealer of record. The service policy of the desk (<code>desk.service</code>) says whose homes they are: <code>homes: {SITE: {dealer: NAME}}</code>.</p>`}`;
  return layout('Fleet by dealer', view, spaced('dealers', body));
}

function dealerTable(groups: readonly Group[]): Html {
  const shown = groups.slice(0, DEALERS_SHOWN);
  const cell = (dealer: string, standing: Standing, count: number): Html =>
    html`<td>${count === 0 ? '–' : html`<a class="st-${standing}" href="${address('/fleet', { dealer, standing })}">${count}</a>`}</td>`;
  return html`<div class="wide-table" tabindex="0" role="region" aria-label="Dealers"><table class="figures-table dealers"><caption class="hidden">Homes of each dealer, those in the most trouble first</caption>
<thead><tr><th scope="col">Dealer of record</th><th scope="col">Homes</th>${STANDINGS.map((standing) => html`<th scope="col">${STANDING_WORDS[standing].word}</th>`)}<th scope="col">Faults</th></tr></thead>
<tbody>${shown.map(({ name, counts, faults }) => html`<tr><th scope="row"><a href="${address('/fleet', { dealer: name })}">${name === NONE ? 'no dealer of record' : html`<bdi>${name}</bdi>`}</a></th><td>${counts.homes}</td>${STANDINGS.map((standing) => cell(name, standing, counts[standing]))}<td>${faults === 0 ? '–' : faults}</td></tr>`)}</tbody></table></div>
${groups.length > shown.length ? html`<p class="calm small">And ${plural(groups.length - shown.length, 'dealer')} with less trouble: <a href="/fleet">ask for one of them by name</a>.</p>` : nothing}`;
}

export function heatPage(view: Frame & { readonly heat: Heat; readonly dealer?: string | undefined }): Html {
  const { heat, dealer } = view;
  const { calls, perHome, overBudget, rows, budget } = heat;
  const body = html`${places('heat', view)}<h1>Heat of a month</h1>
<dl class="figures">${figure('Alerts that called for somebody', String(calls), `in ${plural(heat.homes, 'home')} and 30 days`)}${figure('For a home', perHome === undefined ? '–' : perHome.toFixed(perHome < 0.1 ? 3 : 2), `the budget is ${budget} a month`)}${figure('Over their budget', String(overBudget), overBudget === 0 ? 'no home' : `${plural(overBudget, 'home')} with more than ${budget}`)}</dl>
${heat.dealers.length > 1 || dealer !== undefined ? html`<form class="tools choose" action="/fleet/heat" method="get">${choice('dealer', 'Dealer', heat.dealers, dealer, 'no dealer of record')}<button type="submit">Show</button></form>` : nothing}
${rows.length === 0 ? html`<p class="calm">Nothing called for anybody in this time.</p>` : heatTable(heat)}`;
  return layout('Heat of a month', view, spaced('heat', body));
}

function figure(name: string, value: string, note: string): Html {
  return html`<div><dt>${name}</dt><dd><b>${value}</b><small>${note}</small></dd></div>`;
}

const DAY_MS = 86_400_000;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function heatTable({ rows, from, budget }: Heat): Html {
  const days = rows[0]?.days.map((_, i) => new Date(from + i * DAY_MS)) ?? [];
  return html`<h2 class="heat-h" id="heat-h">The homes that called most, day by day (UTC)</h2>
<div class="wide-table" tabindex="0" role="region" aria-labelledby="heat-h"><table class="heat" aria-labelledby="heat-h">
<thead><tr><th scope="col">Home</th><th scope="col">All</th>${days.map((day, i) => html`<th scope="col"><span class="${i === 0 || day.getUTCDate() === 1 ? 'month' : 'hidden'}">${MONTHS[day.getUTCMonth()]} </span>${day.getUTCDate()}</th>`)}</tr></thead>
<tbody>${rows.map((one) => html`<tr data-key="h-${one.site}"><th scope="row"><a href="/sites/${one.site}"><bdi>${one.siteName}</bdi></a>${one.dealer === undefined ? nothing : html`<small><bdi>${one.dealer}</bdi></small>`}</th><td class="${one.calls > budget ? 'over' : 'within'}">${one.calls}</td>${one.days.map((count) => html`<td class="h${warmth(count)}">${count === 0 ? '' : count}</td>`)}</tr>`)}</tbody></table></div>
<p class="calm small">Every alert counts that called for somebody, whatever became of it: all but those for information, those that were over before anybody was asked, and the ends that are to be planned for. A home over its budget of ${budget} a month has a fault that nobody mended, or a device that needs another setting.</p>`;
}

function warmth(count: number): number {
  if (count < 2) return count;
  return count < 4 ? 2 : count < 8 ? 3 : 4;
}
