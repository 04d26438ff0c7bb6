/** What is wrong in all homes, the most urgent of it first; then the homes page by page, or those and the devices that somebody searches for. */
import { html } from 'hono/html';
import type { Found, FoundDeviceView, HomesPage, Totals, Wrong } from '../desk/homes.ts';
import type { IncidentView } from '../desk/incidents/incident-view.ts';
import type { AlertView, SiteView } from '../desk/views.ts';
import { incidentBlock } from './incident-block.ts';
import { endingWords } from './lifecycle-words.ts';
import {
  alertCard,
  clock,
  earlier,
  type Frame,
  type Html,
  hubSign,
  isDeaf,
  lastingSilences,
  layout,
  nothing,
  stateBadge,
} from './parts.ts';
import { pathWords, plural, STATE_ORDER, STATES } from './words.ts';

export type Overview = Frame & {
  readonly totals: Totals;
  /** Nothing where somebody searches, or is on a later page. */
  readonly trouble?: { readonly wrong: Wrong; readonly toPlan: readonly AlertView[]; readonly over: readonly AlertView[] };
  /** What is asked for; empty where nothing is. */
  readonly search: string;
  readonly list: HomesPage | Found;
  /** Those that last. */
  readonly incidents: readonly IncidentView[];
};

/** With so many homes something changes in one of them all the time: an open page then asks for itself so much later at most. */
const MANY_HOMES = 200;
const SPACING_MS = { few: 0, many: 3_000 } as const;

export function overviewPage(view: Overview): Html {
  const { totals, trouble, search } = view;
  const body = html`<h1>${headline(view)}</h1>
${isDeaf(view) ? deaf(view) : nothing}
${trouble && incidentBlock(view.incidents, view.now)}
${trouble && wrongNow(view, trouble.wrong)}
${trouble && planning(view, trouble.toPlan)}
<section aria-labelledby="homes-h"><h2 id="homes-h">Homes <span class="n">${totals.homes}</span></h2>
${totals.homes === 0 ? firstUse() : html`${searchForm(search)}${search === '' ? homes(view) : found(view, view.list as Found)}`}
</section>
${trouble && earlier(trouble.over, view.now, false)}`;
  return layout(
    title(view),
    view,
    html`<div id="spacing" data-ms="${totals.homes > MANY_HOMES ? SPACING_MS.many : SPACING_MS.few}" hidden></div>${body}`,
  );
}

function title(view: Overview): string {
  const { total } = view.totals.wrong;
  if (isDeaf(view)) return '? Not known';
  const wrong = total + view.incidents.length;
  return wrong > 0 ? `${wrong} wrong` : 'Homes';
}

/** What may no longer hold is listed, but not counted. */
function headline(view: Overview): string {
  const { total, homes, acknowledged } = view.totals.wrong;
  if (isDeaf(view)) return 'How the homes are is not known now';
  const silent = view.incidents.reduce((sum, incident) => sum + incident.homes.all - incident.homes.back, 0);
  const together = view.incidents.length === 0 ? '' : `${plural(silent, 'home is', 'homes are')} silent together`;
  if (total === 0) return together || 'Nothing is wrong that we know of';
  const wrong = `${plural(total, 'thing is', 'things are')} wrong in ${plural(homes, 'home')}${acknowledged === 0 ? '' : `, ${acknowledged} acknowledged`}`;
  return together === '' ? wrong : `${together}, and ${wrong}`;
}

function wrongNow(view: Overview, { firing, more, moreElsewhere }: Wrong): Html {
  if (firing.length === 0) return isDeaf(view) || view.incidents.length > 0 ? nothing : calm(view);
  const nameOf = new Map(firing.map(({ site, siteName }) => [site, siteName]));
  const heading =
    view.incidents.length === 0 ? html`<h2 class="hidden" id="wrong-h">Wrong now</h2>` : html`<h2 id="wrong-h">In single homes</h2>`;
  return html`${heading}<ul class="alerts" aria-labelledby="wrong-h">${firing.map((alert) => alertCard(alert, view, false))}${[...more].map(
    ([site, count]) =>
      html`<li class="more small" data-key="more-${site}">and ${count} more in <a href="/sites/${site}"><bdi>${nameOf.get(site)}</bdi></a></li>`,
  )}${moreElsewhere.total === 0 ? nothing : html`<li class="more small" data-key="more-elsewhere">and ${moreElsewhere.total} more in ${plural(moreElsewhere.homes, 'other home')}, which come first in the list of homes</li>`}</ul>`;
}

/** Folded: nobody is called for it today. */
function planning(view: Overview, toPlan: readonly AlertView[]): Html {
  const { total, homes, acknowledged } = view.totals.toPlan;
  if (total === 0) return nothing;
  return html`<section class="to-plan"><details data-key="to-plan"><summary><h2>To plan for <span class="n">${plural(total, 'end')} in ${plural(homes, 'home')}${acknowledged === 0 ? '' : `, ${acknowledged} acknowledged`}</span></h2></summary>
<ul class="alerts">${toPlan.map((alert) => alertCard(alert, view, false))}${total > toPlan.length ? html`<li class="more small" data-key="more-to-plan">and ${total - toPlan.length} more, each with its home</li>` : nothing}</ul></details></section>`;
}

/** Under a headline that knows nothing, how it was. */
function deaf({ totals }: Overview): Html {
  const { total } = totals.wrong;
  return html`<p class="calm">The desk itself has a problem, so new trouble would not be seen. ${total === 0 ? 'Nothing was wrong' : `${plural(total, 'thing was', 'things were')} wrong`} when it last heard of the homes.</p>`;
}

function calm({ totals: { homes, unheard } }: Overview): Html {
  return html`<p class="calm">${plural(homes - unheard, 'home is', 'homes are')} being watched.${unheard === 0 ? '' : ` About ${plural(unheard, 'other')} nothing is known: no hub is heard there.`}</p>`;
}

function firstUse(): Html {
  return html`<p class="calm">No home is registered yet. To watch the home of this machine, run <code>hearthbeat up</code>. To let in another hub, run <code>hearthbeat desk --register</code> with its site id; with a broker of your own a home appears when its hub first reports.</p>`;
}

/** A plain form: it needs no script. */
function searchForm(search: string): Html {
  return html`<form class="tools" role="search" action="/" method="get"><label class="hidden" for="q">Search homes and devices</label>
<input id="q" name="q" type="search" value="${search}" maxlength="128" placeholder="Name, address, model, serial" autocomplete="off" spellcheck="false"><button type="submit">Search</button></form>`;
}

function homes(view: Overview): Html {
  return html`${homeList(view, view.list)}${pager(view.list, '')}`;
}

function homeList(view: Overview, { homes }: HomesPage): Html {
  return html`<ul class="sites">${homes.map((site) => siteRow(site, view))}</ul>`;
}

/** Homes whose name or id it is, then devices; or that there is neither, which is said too. */
function found(view: Overview, list: Found): Html {
  const { search } = view;
  if (!list.isAsked) return html`<p class="calm" id="found">That is no word to search for. <a href="/">Show all homes</a>.</p>`;
  const { total, devices } = list;
  const counted = [
    ...(total > 0 ? [plural(total, 'home')] : []),
    ...(devices.length > 0
      ? [list.areAllDevices ? plural(devices.length, 'device') : `${total > 0 ? 'more' : 'More'} than ${plural(devices.length, 'device')}`]
      : []),
  ];
  return html`<p class="calm" id="found">${counted.length === 0 ? (list.areAllDevices ? 'No home and no device has all these words' : 'No home has all these words, and too many devices have one of them to look at each') : `${counted.join(' and ')} found`}. <a href="/">Show all homes</a>.</p>
${total > 0 ? html`${homeList(view, list)}${pager(list, search)}` : nothing}
${devices.length > 0 ? html`<h3 id="found-devices">Devices</h3><ul class="found">${devices.map(deviceRow)}</ul>` : nothing}
${list.areAllDevices ? nothing : html`<p class="calm small">These are not all: add a word, or more of one.</p>`}`;
}

function deviceRow(device: FoundDeviceView): Html {
  const name = device.name ?? device.model ?? device.vendor ?? device.ips[0] ?? device.macs[0] ?? 'Unnamed device';
  const known = [device.vendor, device.model, device.ips[0], device.macs[0], device.serial].filter(
    (text) => text !== undefined && text !== name,
  );
  return html`<li data-key="${device.site}/${device.id}"><a href="/sites/${device.site}?q=${encodeURIComponent(name)}">
${stateBadge(device.state)}
<span class="name"><b><bdi>${name}</bdi></b><small>${known.map((text, i) => html`${i > 0 ? ' · ' : ''}<bdi>${text}</bdi>`)}</small></span>
<span class="home"><bdi>${device.siteName}</bdi></span></a></li>`;
}

/** Plain links. */
function pager({ page, pages }: HomesPage, search: string): Html {
  if (pages === 1) return nothing;
  const address = (to: number): string => `/?${new URLSearchParams({ ...(search === '' ? {} : { q: search }), page: String(to) })}`;
  const link = (to: number, words: string, rel: string): Html =>
    to < 1 || to > pages ? html`<span aria-hidden="true">${words}</span>` : html`<a href="${address(to)}" rel="${rel}">${words}</a>`;
  return html`<nav class="pager" aria-label="Pages of homes">${link(page - 1, 'Previous', 'prev')}<span>Page ${page} of ${pages}</span>${link(page + 1, 'Next', 'next')}</nav>`;
}

function silenced(site: SiteView, now: number): Html {
  const lasting = lastingSilences(site, now);
  const [house, devices] = [lasting.find(({ device }) => device === undefined), lasting.filter(({ device }) => device !== undefined)];
  return html`${house && html` · <span class="mark">silenced until ${clock(house.endsAt)}</span>`}${devices.length > 0 && html` · <span class="mark">${plural(devices.length, 'device')} silenced</span>`}`;
}

function ending({ ending }: SiteView): Html {
  const words = endingWords(ending);
  return words === undefined ? nothing : html`<small class="ending-words">${words}</small>`;
}

function siteRow(site: SiteView, view: Overview): Html {
  return html`<li data-key="${site.id}" data-home="${site.id}"><a href="/sites/${site.id}">
<span class="name"><b><bdi>${site.name}</bdi></b><small>${isDeaf(view) ? 'last known: ' : ''}${pathWords(site).join(' · ')}${silenced(site, view.now)}</small></span>
${hubSign(site, view)}
<span class="counts">${STATE_ORDER.map((state) => (site.counts[state] === 0 ? nothing : html`<span class="count s-${state}"><i aria-hidden="true">${STATES[state].sign}</i>${site.counts[state]} ${STATES[state].word}</span>`))}${site.devices === 0 ? html`<small>no devices told yet</small>` : nothing}${ending(site)}</span>
</a></li>`;
}
