/** One home: what is wrong with its evidence, every device with its state and since when, and what happened before. */
import { html } from 'hono/html';
import type { Look } from '../desk/access/look.ts';
import type { UsageView } from '../desk/reader.ts';
import type { HomeServiceView } from '../desk/service/service-view.ts';
import type { HomeContracts } from '../desk/vendors/contracts-view.ts';
import type { AlertView, DeviceView, SiteView } from '../desk/views.ts';
import type { HealthState } from '../protocol/messages.ts';
import { contractsSection } from './contracts-section.ts';
import { deviceFacts, isSilenced, kindOf, madeBy, nameOf, stateReason } from './device-parts.ts';
import { dossierSection, type HomeDossier } from './dossier-section.ts';
import { mapSection } from './home-map.ts';
import { identityBlock } from './identity-block.ts';
import { lifecycleSection, verdictInShort } from './lifecycle-section.ts';
import { ENDING_SIGNS, endingWords, verdictLine } from './lifecycle-words.ts';
import { looksSection } from './looks-section.ts';
import {
  ago,
  alertCard,
  clock,
  earlier,
  evidenceBlock,
  type Frame,
  type Html,
  hubSign,
  isDeaf,
  lastingSilences,
  layout,
  mayDo,
  nothing,
  parted,
  ruledOutBlock,
  stateBadge,
} from './parts.ts';
import { picturesSection } from './pictures-section.ts';
import { usageNote } from './record-section.ts';
import { serviceSection } from './service-note.ts';
import { openTicketForm } from './ticket-page.ts';
import { visitSections } from './visits-section.ts';
import { duration, pathWords, plural, STATE_ORDER, STATES, unheardSentence } from './words.ts';

export type SitePage = Frame & {
  readonly site: SiteView;
  readonly devices: readonly DeviceView[];
  readonly firing: readonly AlertView[];
  readonly over: readonly AlertView[];
  readonly service?: HomeServiceView | undefined;
  /** What it has used of what its plan counts; absent where that is not for the reader's eyes. */
  readonly usage?: UsageView | undefined;
  /** Who read of it lately; absent where that is not for the reader's eyes. */
  readonly looks?: readonly Look[] | undefined;
  readonly dossier: HomeDossier;
  /** Absent where they are not for the reader's eyes. */
  readonly contracts?: HomeContracts | undefined;
};

export function sitePage(view: SitePage): Html {
  const { site, now, service } = view;
  const { wrong, toPlan } = parted(view.firing);
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/">All homes</a></nav>
<h1><bdi>${site.name}</bdi></h1>
<p class="facts">${hubSign(site, view)}${pathWords(site).map((words) => html` · ${words}`)}${endingLink(site)}</p>
${unheard(site, now)}
${away(site, now)}
${silenced(view)}
<section aria-labelledby="wrong-h"><h2 id="wrong-h">Wrong now</h2>
${wrong.length === 0 ? calm(view) : html`<ul class="alerts">${wrong.map((alert) => alertCard(alert, view, true))}</ul>`}
</section>
${mayDo(view, 'work') ? openTicketForm(site.id, view) : nothing}
${dossierSection(site.id, view.dossier, view)}
${visitSections(site.id, view.dossier, view)}
${picturesSection(site.id, view.dossier, view)}
${view.contracts === undefined ? nothing : contractsSection(site.id, view.contracts, view.devices, view)}
${planning(toPlan, view)}
${view.usage === undefined ? nothing : usageNote(view.usage)}
${service === undefined ? nothing : serviceSection(service)}
${mapSection({ site, devices: view.devices, frame: view })}
${deviceSection(view)}
${lifecycleSection(view.devices, site, now, nameOf)}
${earlier(view.over, now, true)}
${looksSection(view.looks)}
<p class="foot">${site.hubVersion ? html`Hub version <bdi>${site.hubVersion}</bdi> · ` : nothing}Site <code>${site.id}</code> · Printed, this page unfolds${mayDo(view, 'forget') ? html` · <a href="/sites/${site.id}/forget">Forget this home</a>` : nothing}</p>`;
  const title = wrong.length > 0 ? `${wrong.length} wrong · ${site.name}` : site.name;
  return layout(isDeaf(view) ? `? Not known · ${site.name}` : title, view, body, site.id);
}

function planning(toPlan: readonly AlertView[], view: SitePage): Html {
  if (toPlan.length === 0) return nothing;
  return html`<section aria-labelledby="plan-h"><h2 id="plan-h">To plan for <span class="n">${toPlan.length}</span></h2>
<ul class="alerts">${toPlan.map((alert) => alertCard(alert, view, true))}</ul></section>`;
}

function endingLink({ ending }: SiteView): Html {
  const words = endingWords(ending);
  return words === undefined ? nothing : html` · <a href="#ends">${words}</a>`;
}

function unheard(site: SiteView, now: number): Html {
  const sentence = unheardSentence(site);
  if (sentence === undefined) return nothing;
  const since =
    site.presence.phase === 'never'
      ? nothing
      : html` <span>Since ${clock(site.presence.lastSeenAt ?? site.presence.since)} (${ago(site.presence.lastSeenAt ?? site.presence.since, now)}).</span>`;
  return html`<div class="banner" data-key="unheard">${sentence}${since}</div>`;
}

/** Longer ago it explains nothing that anybody asks about. */
const AWAY_SHOWN_MS = 7 * 86_400_000;

function away({ absence, presence }: SiteView, now: number): Html {
  if (!absence || presence.phase !== 'online' || now - absence.to > AWAY_SHOWN_MS) return nothing;
  return html`<p class="private" data-key="away">The hub was away between ${clock(absence.from)} and ${clock(absence.to)}, for ${duration(absence.to - absence.from)} at most: <bdi>${absence.text}</bdi></p>`;
}

function silenced({ site, devices, now }: SitePage): Html {
  return html`${lastingSilences(site, now).map(({ n, device: id, by, because, endsAt }) => {
    const device = devices.find((each) => each.id === id);
    const what = id === undefined ? 'This home' : device ? html`<bdi>${nameOf(device)}</bdi>` : 'A device';
    const held =
      id === undefined ? 'No new alert is raised before, but about what guards lives.' : 'No new alert about it is raised before.';
    const why = because === undefined ? nothing : html`: <bdi>${because}</bdi>`;
    return html`<div class="banner" data-key="silence-${n}"><b>${what} is silenced until ${clock(endsAt)}</b> by <bdi>${by}</bdi>${why}. <span>${held}</span></div>`;
  })}`;
}

function calm(view: SitePage): Html {
  const { site } = view;
  if (isDeaf(view))
    return html`<p class="calm">No alert was firing when the desk last heard of this home; it would not hear of a new one now.</p>`;
  if (site.presence.phase !== 'online') return html`<p class="calm">No alert is firing, but nobody is looking either.</p>`;
  if (lastingSilences(site, view.now).some(({ device }) => device === undefined))
    return html`<p class="calm">Nothing that was told before the silence; what breaks now is told at its end.</p>`;
  return html`<p class="calm">Nothing that we know of. ${plural(site.counts.up, 'device')} up${site.counts.unknown > 0 ? `, ${site.counts.unknown} not yet judged` : ''}.</p>`;
}

function deviceSection({ site, devices, now }: SitePage): Html {
  const sorted = [...devices].sort(worstFirst);
  return html`<section aria-labelledby="devices-h"><h2 id="devices-h">Devices <span class="n">${devices.length}</span></h2>
<div class="tools" role="search"><label class="hidden" for="search">Search devices</label>
<input id="search" type="search" placeholder="Search name, vendor, kind, address" autocomplete="off" spellcheck="false">
<div class="filters" role="group" aria-label="Show only">${filterButton('all', 'all', devices.length)}${STATE_ORDER.map((state) => filterButton(state, STATES[state].word, site.counts[state]))}</div></div>
${devices.length === 0 ? html`<p class="calm">${site.presence.phase === 'never' ? 'The hub has not reported yet.' : 'The hub has not told of any device yet.'}</p>` : nothing}
<ul class="devices" id="devices">${sorted.map((device) => deviceRow(device, site, now))}</ul>
<p class="calm" id="no-match" hidden>No device matches.</p>
${site.personalDevices === 0 ? nothing : html`<p class="private">${plural(site.personalDevices, 'personal device')} (phones, watches, laptops of the people who live here) ${site.personalDevices === 1 ? 'is' : 'are'} counted and never named or watched.</p>`}
</section>`;
}

function filterButton(filter: string, word: string, count: number): Html {
  if (count === 0 && filter !== 'all') return nothing;
  return html`<button type="button" data-key="f-${filter}" data-filter="${filter}" aria-pressed="${filter === 'all' ? 'true' : 'false'}">${word} <b>${count}</b></button>`;
}

function worstFirst(left: DeviceView, right: DeviceView): number {
  const rank = (state: HealthState): number => STATE_ORDER.indexOf(state);
  return (
    rank(left.state) - rank(right.state) ||
    Number(right.isGateway) - Number(left.isGateway) ||
    nameOf(left).localeCompare(nameOf(right), 'en', { numeric: true })
  );
}

function deviceRow(device: DeviceView, site: SiteView, now: number): Html {
  const end = device.lifecycle && verdictLine(device.lifecycle, now);
  const search = [device.name, device.vendor, device.model, device.kind, ...device.ips, ...device.macs, end]
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
  const made = madeBy(device);
  return html`<li data-key="${device.id}" data-state="${device.state}" data-search="${search}"><details data-key="d"><summary>
${stateBadge(device.state)}
<span class="name"><b><bdi>${nameOf(device)}</bdi></b><small><bdi>${made}</bdi></small>${device.lifecycle && end ? html`<small class="ending e-${device.lifecycle.state}"><i aria-hidden="true">${ENDING_SIGNS[device.lifecycle.state]}</i><bdi>${end}</bdi></small>` : nothing}</span>
<span class="kind"><bdi>${kindOf(device)}</bdi></span>
<span class="ip"><bdi>${device.ips[0] ?? ''}</bdi></span>
<span class="since">${device.since === undefined ? 'not judged yet' : html`for ${ago(device.since, now)}`}${device.lastKnown ? html`<small>was ${STATES[device.lastKnown.state].word}</small>` : nothing}${isSilenced(device, site, now) ? html`<small>silenced</small>` : nothing}</span>
</summary>${deviceDetail(device, site, now)}</details></li>`;
}

function deviceDetail(device: DeviceView, site: SiteView, now: number): Html {
  return html`<div class="detail">
${stateReason(device)}
<p class="about-end"><a href="/sites/${site.id}/devices/${device.id}">How it did, and all that is known of it</a></p>
${deviceFacts(device, site)}
${device.lifecycle && html`<h3>Its end</h3>${verdictInShort(device.id, device.lifecycle, now)}`}
${identityBlock(device)}
${device.evidence && html`${device.state !== 'up' && ruledOutBlock(device.evidence)}${evidenceBlock(device.evidence)}`}
</div>`;
}
