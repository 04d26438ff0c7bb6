/** One cause of many homes: why we think so, what people can do, which homes, and what was done. */
import { html } from 'hono/html';
import type { IncidentPageView, MemberView } from '../desk/incidents/incident-view.ts';
import { CHANNELS } from '../desk/tickets/ticket.ts';
import { fellWords, stillWords } from './incident-block.ts';
import { ago, clock, type Frame, type Html, layout, mayDo, nothing } from './parts.ts';
import { dueNote } from './service-note.ts';
import { area, choice, stepForm } from './step-form.ts';
import { duration, plural } from './words.ts';

export type IncidentPage = Frame & { readonly incident: IncidentPageView };

export function incidentPage(view: IncidentPage): Html {
  const { incident, now } = view;
  const body = html`<nav class="crumb" aria-label="Breadcrumb">${mayDo(view, 'tickets') ? html`<a href="/tickets">Tickets</a>` : html`<a href="/">All homes</a>`}</nav>
<h1><bdi>${fellWords(incident)}</bdi></h1>
<p class="facts">${stillWords(incident)} · ${incident.assignee === undefined ? 'nobody has it' : html`<bdi>${incident.assignee}</bdi> has it`} · since ${clock(incident.since)}${incident.endedAt === undefined ? nothing : html` · over since ${clock(incident.endedAt)}`}</p>
${
  incident.isPart
    ? html`<p class="text">Other homes have the same in common. The desk works on it as one thing, and tells the clients; when most are back, what is still silent gets a ticket of its own.</p>`
    : html`${told(incident, now)}
<section aria-labelledby="why-h"><h2 id="why-h">Why this is one thing</h2>${why(incident)}</section>
<section aria-labelledby="do-h"><h2 id="do-h">What to do</h2>${first(incident)}${steps(incident, view)}</section>`
}
<section aria-labelledby="homes-h"><h2 id="homes-h">Its homes <span class="n">${incident.homes.all}</span></h2>${members(incident, now)}</section>
${incident.isPart ? nothing : html`<section aria-labelledby="done-h"><h2 id="done-h">What was done</h2>${timeline(incident)}</section>`}`;
  return layout(`${incident.homes.all - incident.homes.back} homes silent`, view, body);
}

function told({ answeredAt, endedAt, since }: IncidentPageView, now: number): Html {
  if (answeredAt !== undefined) return html`<p class="calm small">Its clients were first told after ${duration(answeredAt - since)}.</p>`;
  if (endedAt !== undefined) return nothing;
  return html`<div class="banner" data-key="untold"><b>Its clients have not been told yet.</b> <span>Silent for ${ago(since, now)}.</span></div>`;
}

function why({ homes, size, byChance, cause, lastFellAt, since, kind }: IncidentPageView): Html {
  const alike = kind === 'all' ? `of the ${size} ${cause}` : `of the ${size} ${cause} that this desk watches`;
  return html`<p class="text">${homes.all} ${alike} fell silent within ${duration(Math.max(1_000, lastFellAt - since))}. By chance it would have been ${byChance < 0.1 ? 'none' : `about ${byChance < 10 ? byChance.toFixed(1) : Math.round(byChance)}`} in ten minutes. While it lasts none of them gets a ticket of its own for being silent. When most are back, those that are not get one each.</p>`;
}

/** What people forget at three in the morning. */
function first({ kind, endedAt }: IncidentPageView): Html {
  if (endedAt !== undefined) return html`<p class="calm">It is over. What is still wrong in a home has a ticket of its own.</p>`;
  switch (kind) {
    case 'all':
      return html`<p class="text"><b>Look at this desk first</b>: its own internet line, its message broker and the certificate of that. Homes of all kinds have nothing else in common.</p>`;
    case 'version':
      return html`<p class="text"><b>Stop the rollout of that version first</b>, if one is under way. Then look at one of these hubs.</p>`;
    case 'area':
      return html`<p class="text"><b>Look for a power cut first</b>: what the power company says of the area. Then for works on the lines there. Nobody needs to drive out.</p>`;
    default:
      return html`<p class="text"><b>Look at what the provider says of its network first.</b> Call it if that says nothing. Nobody needs to drive out.</p>`;
  }
}

function steps(incident: IncidentPageView, frame: Frame): Html {
  if (!mayDo(frame, 'work')) return nothing;
  const note = form(incident, frame, 'note', 'Note something', 'Note it', area('What you know or did'));
  if (incident.endedAt !== undefined) return html`<div class="steps">${note}</div>`;
  return html`<div class="steps">
${form(incident, frame, 'take', 'Take it', 'It is mine', nothing)}
${form(incident, frame, 'answer', 'Tell the clients', 'They were told', html`${choice('channel', 'How', CHANNELS)}${area('What was said')}`)}
${note}
${form(incident, frame, 'end', 'End it', 'End it', area('Why these homes are not one thing, or not any more'))}
</div>`;
}

function form({ number, version }: IncidentPageView, frame: Frame, step: string, title: string, button: string, fields: Html): Html {
  return stepForm({ kind: 'incidents', number, version }, frame, { step, title, button, fields });
}

function members({ members: shown, homes }: IncidentPageView, now: number): Html {
  const more = homes.all - shown.length;
  return html`<ul class="sites tickets">${shown.map((member) => row(member, now))}${more > 0 ? html`<li class="more small" data-key="more">and ${plural(more, 'other home')}</li>` : nothing}</ul>`;
}

function row(member: MemberView, now: number): Html {
  const { site, siteName, since, leftAt, isBack, answer } = member;
  const how =
    leftAt === undefined
      ? html`<span class="s-down">silent for ${ago(since, now)}</span>`
      : isBack
        ? html`back after ${duration(leftAt - since)}`
        : html`silent on its own`;
  return html`<li data-key="home-${site}"><a href="/sites/${site}">
<span class="name"><b><bdi>${siteName}</bdi></b><small>since ${clock(since)}</small></span>
<span>${how}</span>
<span class="counts">${leftAt === undefined ? dueNote(answer, now) : nothing}</span>
</a></li>`;
}

const DID: Readonly<Record<string, string>> = {
  'incident.opened': 'saw that it is one thing',
  'incident.take': 'took it',
  'incident.note': 'noted',
  'incident.answer': 'told the clients',
  'incident.ended': 'ended it',
};

function timeline({ deeds }: IncidentPageView): Html {
  return html`<ol class="history">${deeds.toReversed().map((deed) => {
    const detail = JSON.parse(deed.detail) as { readonly text?: string; readonly because?: string; readonly homes?: number };
    const said = detail.text ?? detail.because ?? (detail.homes === undefined ? undefined : plural(detail.homes, 'home'));
    return html`<li data-key="deed-${deed.n}"><span class="when">${clock(deed.at)}</span><span class="what"><b><bdi>${deed.actor}</bdi></b> ${DID[deed.what] ?? deed.what}${said === undefined ? nothing : html`<small><bdi>${said}</bdi></small>`}</span></li>`;
  })}</ol>`;
}
