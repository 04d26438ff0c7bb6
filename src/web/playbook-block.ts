/** A playbook as people read it: what it means, steps to tick off, what never to ask for. Values from devices are only ever text. */
import { html, raw } from 'hono/html';
import type { FilledPart, FilledPlaybook, FilledStep, FilledWord } from '../desk/playbooks/fill.ts';
import { PARTS } from '../desk/playbooks/playbook.ts';
import type { AlertView } from '../desk/views.ts';
import { clock, type Html, nothing } from './basics.ts';

/** An alert as a page shows it. `hasPlaybook`: there is one, on a page of its own where it is not here. */
export type ShownAlert = AlertView & { readonly hasPlaybook?: boolean; readonly playbook?: FilledPlaybook };

/** Names the occurrence: what somebody ticked off stays ticked in this browser for it. */
type Occurrence = Pick<AlertView, 'site' | 'key' | 'raisedHubAt'>;

export function playbookPath({ site, key, raisedHubAt }: Occurrence): string {
  return `/sites/${site}/alerts/${raisedHubAt}/${encodeURIComponent(key)}/playbook`;
}

/** In the card of an alert, folded unless it is what the page is for. */
export function playbookDetails(alert: ShownAlert, isUnfolded = false): Html {
  if (!alert.hasPlaybook) return nothing;
  const path = playbookPath(alert);
  if (!alert.playbook) return html`<p class="about-end"><a href="${path}">What to do first</a></p>`;
  return html`<details class="playbook" data-key="playbook" data-playbook="${occurrenceName(alert)}"${isUnfolded ? raw(' open data-unfolded') : nothing}><summary>What to do first</summary>
${playbookBody(alert.playbook, 'h4')}
<p class="own-page"><a href="${path}">On a page of its own, to print</a></p></details>`;
}

/** Unfolded, on a page of its own; without an alert there is nothing to tick off. */
export function playbookSheet(playbook: FilledPlaybook, occurrence?: Occurrence): Html {
  return html`<div class="playbook" data-key="playbook"${occurrence && html` data-playbook="${occurrenceName(occurrence)}"`}>${playbookBody(playbook, 'h2', occurrence !== undefined)}</div>`;
}

function occurrenceName({ site, key, raisedHubAt }: Occurrence): string {
  return `${site}/${key}/${raisedHubAt}`;
}

function playbookBody(playbook: FilledPlaybook, level: 'h2' | 'h4', canTick = true): Html {
  return html`<p class="means">${playbook.means.map(word)}</p>
${playbook.parts.map((part) => partBlock(part, level, canTick))}
${originLine(playbook, level === 'h2')}`;
}

function partBlock({ name, steps }: FilledPart, level: 'h2' | 'h4', canTick: boolean): Html {
  const { id, steps: isOrdered } = PARTS[name];
  const heading = level === 'h2' ? html`<h2>${name}</h2>` : html`<h4>${name}</h4>`;
  const items = steps.map((step, i) => (isOrdered && canTick ? tickStep(step, `${id}-${i + 1}`) : plainStep(step)));
  return html`<div class="part part-${id}">${heading}${name === 'Technical' ? html`<p class="tier">For the advanced tier.</p>` : nothing}
${isOrdered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`}</div>`;
}

function tickStep({ words, under }: FilledStep, tick: string): Html {
  return html`<li><label><input type="checkbox" autocomplete="off" data-tick="${tick}"><span>${words.map(word)}</span></label>${underList(under)}</li>`;
}

function plainStep({ words, under }: FilledStep): Html {
  return html`<li><span>${words.map(word)}</span>${underList(under)}</li>`;
}

function underList(under: FilledStep['under']): Html {
  return under.length === 0 ? nothing : html`<ul>${under.map((words) => html`<li>${words.map(word)}</li>`)}</ul>`;
}

function word(said: FilledWord): Html | string {
  switch (said.type) {
    case 'text':
      return said.text;
    case 'bold':
      return html`<b>${said.of.map(word)}</b>`;
    case 'code':
      return html`<code>${said.text}</code>`;
    case 'link':
      return html`<a href="${said.href}" rel="noreferrer">${said.text}</a>`;
    case 'value':
      return html`<span class="${said.known ? 'value' : 'value unknown'}">${said.at === undefined ? html`<bdi>${said.text}</bdi>` : clock(said.at)}</span>`;
  }
}

/** The own folder wins, so somebody who wonders must see whose this is. No way leads out of the desk from the card of an alert: sources stand on pages of their own. */
function originLine({ name, from, tier, read, sources }: FilledPlaybook, withSources: boolean): Html {
  const whose = from === 'own' ? 'Of this desk' : 'Came with hearthbeat';
  return html`<p class="sources"><a href="/playbooks/${name}">${name}</a> · ${whose}, for the ${tier} tier, read on ${read}.${
    sources.length === 0 || !withSources
      ? nothing
      : html` Facts from: ${sources.map(({ title, url }, i) => html`${i > 0 ? '; ' : ''}${url === undefined ? title : html`<a href="${url}" rel="noreferrer">${title}</a>`}`)}.`
  }</p>`;
}
