/** All homes on one page: what is wrong first, then every home with its hub and its counts. */
import { html } from 'hono/html';
import type { AlertView, SiteView } from '../desk/views.ts';
import { endingWords } from './lifecycle-words.ts';
import { alertCard, clock, earlier, type Frame, type Html, hubSign, isDeaf, lastingSilences, layout, nothing, parted } from './parts.ts';
import { pathWords, plural, STATE_ORDER, STATES } from './words.ts';

export type Overview = Frame & {
  readonly sites: readonly SiteView[];
  readonly firing: readonly AlertView[];
  readonly over: readonly AlertView[];
};

export function overviewPage(told: Overview): Html {
  const { wrong, toPlan } = parted(told.firing);
  const view = { ...told, firing: wrong };
  const body = html`<h1>${headline(view)}</h1>
${isDeaf(view) ? deaf(view) : nothing}
${view.firing.length === 0 ? (isDeaf(view) ? nothing : calm(view)) : html`<h2 class="hidden" id="wrong-h">Wrong now</h2><ul class="alerts" aria-labelledby="wrong-h">${view.firing.map((alert) => alertCard(alert, view.now, false))}${view.sites.map((site) => moreOf(site, site.firing.total, wrong))}</ul>`}
${planning(view, toPlan)}
<section aria-labelledby="homes-h"><h2 id="homes-h">Homes</h2>
${view.sites.length === 0 ? firstUse() : html`<ul class="sites">${[...view.sites].sort(byTrouble).map((site) => siteRow(site, view))}</ul>`}
</section>
${earlier(view.over, view.now, false)}`;
  return layout(title(view), view, body);
}

function title(view: Overview): string {
  const holding = holdingIn(view.sites);
  if (isDeaf(view)) return '? Not known';
  return holding > 0 ? `${holding} wrong` : 'Homes';
}

/** What may no longer hold is listed, but not counted. */
function headline(view: Overview): string {
  const { sites } = view;
  const holding = holdingIn(sites);
  if (isDeaf(view)) return 'How the homes are is not known now';
  if (holding === 0) return 'Nothing is wrong that we know of';
  const homes = sites.filter((site) => site.firing.holding > 0).length;
  const seen = sites.reduce((sum, site) => sum + site.firing.acknowledged, 0);
  return `${plural(holding, 'thing is', 'things are')} wrong in ${plural(homes, 'home')}${seen === 0 ? '' : `, ${seen} acknowledged`}`;
}

function holdingIn(sites: readonly SiteView[]): number {
  return sites.reduce((sum, site) => sum + site.firing.holding, 0);
}

/** What of a home's alerts is not listed here. */
function moreOf(site: SiteView, total: number, listed: readonly AlertView[]): Html {
  const hidden = total - listed.filter((alert) => alert.site === site.id).length;
  if (hidden <= 0) return nothing;
  return html`<li class="more small" data-key="more-${site.id}">and ${hidden} more in <a href="/sites/${site.id}"><bdi>${site.name}</bdi></a></li>`;
}

/** Folded: nobody is called for it today. */
function planning({ sites, now }: Overview, toPlan: readonly AlertView[]): Html {
  const homes = sites.filter((site) => site.toPlan.total > 0);
  if (homes.length === 0) return nothing;
  const [total, seen] = homes.reduce(
    ([all, acknowledged], site) => [all + site.toPlan.total, acknowledged + site.toPlan.acknowledged],
    [0, 0],
  );
  return html`<section class="to-plan"><details data-key="to-plan"><summary><h2>To plan for <span class="n">${plural(total, 'end')} in ${plural(homes.length, 'home')}${seen === 0 ? '' : `, ${seen} acknowledged`}</span></h2></summary>
<ul class="alerts">${toPlan.map((alert) => alertCard(alert, now, false))}${homes.map((site) => moreOf(site, site.toPlan.total, toPlan))}</ul></details></section>`;
}

/** Under a headline that knows nothing, how it was. */
function deaf({ sites }: Overview): Html {
  const holding = holdingIn(sites);
  return html`<p class="calm">The desk itself has a problem, so new trouble would not be seen. ${holding === 0 ? 'Nothing was wrong' : `${plural(holding, 'thing was', 'things were')} wrong`} when it last heard of the homes.</p>`;
}

function calm({ sites }: Overview): Html {
  const heard = sites.filter((site) => site.presence.phase === 'online').length;
  const unheard = sites.length - heard;
  return html`<p class="calm">${plural(heard, 'home is', 'homes are')} being watched.${unheard === 0 ? '' : ` About ${plural(unheard, 'other')} nothing is known: no hub is heard there.`}</p>`;
}

function firstUse(): Html {
  return html`<p class="calm">No home is registered yet. To watch the home of this machine, run <code>hearthbeat up</code>. To let in another hub, run <code>hearthbeat desk --register</code> with its site id; with a broker of your own a home appears when its hub first reports.</p>`;
}

/** Homes with trouble first, then those nobody looks at, then by name. */
function byTrouble(left: SiteView, right: SiteView): number {
  const weight = (site: SiteView): number => site.firing.total + (site.presence.phase === 'online' ? 0 : 0.5);
  return weight(right) - weight(left) || left.name.localeCompare(right.name, 'en');
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
  return html`<li data-key="${site.id}"><a href="/sites/${site.id}">
<span class="name"><b><bdi>${site.name}</bdi></b><small>${isDeaf(view) ? 'last known: ' : ''}${pathWords(site).join(' · ')}${silenced(site, view.now)}</small></span>
${hubSign(site, view)}
<span class="counts">${STATE_ORDER.map((state) => (site.counts[state] === 0 ? nothing : html`<span class="count s-${state}"><i aria-hidden="true">${STATES[state].sign}</i>${site.counts[state]} ${STATES[state].word}</span>`))}${site.devices === 0 ? html`<small>no devices told yet</small>` : nothing}${ending(site)}</span>
</a></li>`;
}
