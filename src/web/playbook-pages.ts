/** All playbooks as a list, one as it is written, and one filled in for an alert, to print. */
import { html } from 'hono/html';
import type { FilledPlaybook } from '../desk/playbooks/fill.ts';
import type { Library } from '../desk/playbooks/library.ts';
import type { Playbook } from '../desk/playbooks/playbook.ts';
import type { AlertView } from '../desk/views.ts';
import { ago, clock, type Html, nothing } from './basics.ts';
import { type Frame, layout } from './parts.ts';
import { playbookSheet } from './playbook-block.ts';

export function playbooksPage({ playbooks, problems }: Library, frame: Frame): Html {
  const [general, ofKinds] = [playbooks.filter(({ kinds }) => kinds.length === 0), playbooks.filter(({ kinds }) => kinds.length > 0)];
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/">All homes</a></nav>
<h1>Playbooks</h1>
<p class="calm">What to do about each sort of alert. The nearest one stands in the card of every alert that fires, with its facts filled in.</p>
${
  problems.length > 0 &&
  html`<section aria-labelledby="problems-h"><h2 id="problems-h">Not right in this desk's own folder <span class="n">${problems.length}</span></h2>
<ul class="problems">${problems.map(({ file, line, message }) => html`<li><code>${file}:${line}</code> <bdi>${message}</bdi></li>`)}</ul></section>`
}
${listOf('For kinds of device', 'kinds-h', ofKinds)}
${listOf('Whatever the device', 'general-h', general)}`;
  return layout('Playbooks', frame, body);
}

function listOf(title: string, id: string, playbooks: readonly Playbook[]): Html {
  if (playbooks.length === 0) return nothing;
  const sorted = [...playbooks].sort((left, right) => left.title.localeCompare(right.title, 'en'));
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title} <span class="n">${playbooks.length}</span></h2>
<ul class="playbooks">${sorted.map(
    ({ name, title, kinds, alerts, from }) =>
      html`<li data-key="${name}"><a href="/playbooks/${name}">${title}</a>${from === 'own' ? html` <span class="mark">of this desk</span>` : nothing}<small>${[...kinds, ...alerts].join(', ')}</small></li>`,
  )}</ul></section>`;
}

/** Before there is an alert: each blank says what will stand there. */
export function playbookPage(playbook: FilledPlaybook, frame: Frame): Html {
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/playbooks">All playbooks</a></nav>
<h1>${playbook.title}</h1>
${playbookSheet(playbook)}`;
  return layout(playbook.title, frame, body);
}

export function alertPlaybookPage(alert: AlertView, playbook: FilledPlaybook, frame: Frame): Html {
  const over = alert.clearedAt === undefined ? nothing : html` · <b>over since ${clock(alert.clearedAt)}</b>`;
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/">All homes</a> / <a href="/sites/${alert.site}"><bdi>${alert.siteName}</bdi></a></nav>
<h1><bdi>${alert.title}</bdi></h1>
<p class="facts">${playbook.title} · <bdi>${alert.siteName}</bdi> · ${alert.raisedBetween ? html`since before ${clock(alert.raisedBetween.to)}` : html`since ${clock(alert.raisedAt)} (${ago(alert.raisedAt, frame.now)})`}${over}</p>
${alert.text !== '' && html`<p class="calm"><bdi>${alert.text}</bdi></p>`}
${playbookSheet(playbook, alert)}`;
  return layout(`What to do · ${alert.siteName}`, frame, body, alert.site);
}
