/** What a vendor is given of a ticket, to print: the same as the file of JSON says. */
import { html } from 'hono/html';
import type { Pack, PackedAlert, PackedDevice } from '../desk/pack/pack.ts';
import type { ActorRole, PackedDeed } from '../desk/pack/packed-deeds.ts';
import { courseTable, courseWords } from './course-chart.ts';
import { identityBlock } from './identity-block.ts';
import { verdictBlock } from './lifecycle-section.ts';
import { clock, evidenceBlock, type Frame, type Html, layout, mayDo, nothing, ruledOutBlock, stateBadge } from './parts.ts';
import { OUTCOME_WORDS, TICKET_STATE_WORDS, TIER_WORDS } from './ticket-words.ts';
import { listed, plural, presenceWord, STATES } from './words.ts';

const ROLE_WORDS: Readonly<Record<ActorRole, string>> = {
  desk: 'The desk itself',
  program: 'A program',
  staff: 'The desk',
  lead: 'Desk lead',
  agent: 'Desk agent',
  dealer: 'Dealer',
  technician: 'Technician',
  homeowner: 'Client',
};

export function packPage({ pack, ...frame }: Frame & { readonly pack: Pack }): Html {
  const { ticket, home, versions, alerts, devices, personalDevices, tried, timeline, madeAt } = pack;
  const { number, state, outcome, tier, openedAt, reopened } = ticket;
  const made = [versions.desk && `desk ${versions.desk}`, versions.hub && `hub ${versions.hub}`].filter((one) => one !== undefined);
  const body = html`<nav class="crumb" aria-label="Breadcrumb"><a href="/tickets">Tickets</a> &rsaquo; <a href="/tickets/${number}">#${number}</a></nav>
<div data-as-written><h1>#${number} <bdi>${ticket.title}</bdi></h1>
<p class="facts">${TICKET_STATE_WORDS[state]}${outcome === undefined ? nothing : html`: ${OUTCOME_WORDS[outcome]}`} · ${TIER_WORDS[tier]} · opened ${clock(openedAt)}${reopened > 0 ? html`, again ${plural(reopened, 'time')}` : nothing}</p>
${handOn(pack, frame)}
<section aria-labelledby="wrong-h"><h2 id="wrong-h">What is wrong</h2>
<p class="small">${presenceWord({ phase: home.hub })}, router ${STATES[home.router].word}, internet ${STATES[home.internet].word}</p>
${alerts.length === 0 ? html`<p class="calm small">No hub sees it: people told it.</p>` : html`<ul class="alerts">${alerts.map(alertItem)}</ul>`}</section>
${devices.map((device, i) => deviceSection(device, madeAt, i))}
${personalDevices === 0 ? nothing : html`<p class="private">${plural(personalDevices, 'device')} that could be somebody's own ${personalDevices === 1 ? 'is' : 'are'} left out.</p>`}
<section aria-labelledby="tried-h"><h2 id="tried-h">What was tried</h2>${deedList(tried, 'Nothing was written down.')}</section>
<section aria-labelledby="done-h"><h2 id="done-h">What else was done</h2>${deedList(timeline, 'Nothing.')}</section>
<p class="foot">${made.length === 0 ? nothing : html`hearthbeat: <bdi>${listed(made, 'and')}</bdi> · `}Site <code>${home.id}</code> · made ${clock(madeAt)}</p></div>`;
  return layout(`#${number} for the vendor`, frame, body);
}

/** Not on paper: what is in it and what not, and how it is handed on. */
function handOn({ ticket: { number }, hasAddresses }: Pack, frame: Frame): Html {
  const other = hasAddresses
    ? html`<a href="/tickets/${number}/pack">Without network addresses</a>`
    : html`<a href="/tickets/${number}/pack?addresses=true">With network addresses</a>`;
  return html`<div class="hand-on"><p>Names of people, ways to reach them, passwords and what is somebody's own are left out, as far as the desk knows them. <b>Read it before you hand it on</b>: what people typed may name somebody else.</p>
<p><a href="/api/v1/tickets/${number}/pack${hasAddresses ? '?addresses=true' : ''}" download="ticket-${number}.json">Save it as a file</a>${mayDo(frame, 'work') ? html` · ${other}` : nothing} · or print this page</p></div>`;
}

function alertItem({ title, severity, text, since, sinceBetween, over, evidence }: PackedAlert, i: number): Html {
  const began = sinceBetween === undefined ? html`since ${clock(since)}` : html`since before ${clock(sinceBetween.to)}`;
  const ended =
    over === undefined
      ? nothing
      : html`, over ${clock(over.at)}${over.because === undefined ? nothing : html`: <bdi>${over.because}</bdi>`}`;
  return html`<li class="alert v-${severity}" data-key="alert-${i}"><div class="alert-head"><h3><bdi>${title}</bdi></h3></div>
<p class="meta">${severity} · ${began}${ended}</p>
${text === '' ? nothing : html`<p class="text"><bdi>${text}</bdi></p>`}${evidence === undefined ? nothing : html`${ruledOutBlock(evidence)}${evidenceBlock(evidence)}`}</li>`;
}

function deviceSection(device: PackedDevice, now: number, i: number): Html {
  const { modelNumber, serial, firmware, kind, isGateway, reason, lastKnown, addresses, lifecycle, hangsOn, evidence, course } = device;
  const id = `device-${i}`;
  return html`<section aria-labelledby="${id}" data-key="${id}"><h2 id="${id}"><bdi>${titleOf(device)}</bdi></h2>
<div class="detail of-page"><p>${stateBadge(device.state)}${device.since === undefined ? nothing : html` since ${clock(device.since)}`}${lastKnown === undefined ? nothing : html`, before that ${STATES[lastKnown.state].word} since ${clock(lastKnown.since)}`}${reason === undefined ? nothing : html`: <bdi>${reason}</bdi>`}</p>
<dl>${fact('Maker', device.vendor)}${fact('Model', device.model)}${fact('Model number', modelNumber)}${fact('Serial', serial)}${fact('Firmware', firmware)}${fact('Kind', isGateway ? 'router' : kind)}${fact('Addresses', addresses?.ips.join(', '))}${fact('Hardware', addresses?.macs.join(', '))}${hangsOn.length === 0 ? nothing : fact('Hangs on', hangsOn.map((each) => `${titleOf(each)} (${STATES[each.state].word})`).join(', then '))}</dl>
${identityBlock(device)}
${lifecycle === undefined ? nothing : html`<h3>Its end</h3>${verdictBlock(lifecycle, now)}`}
${evidence === undefined ? nothing : html`<h3>When it was judged last</h3>${evidenceBlock(evidence)}`}
${course === undefined ? nothing : html`<h3>How it did</h3><p>${courseWords(course)}.</p>${courseTable({ ...course, parts: course.days })}`}</div></section>`;
}

function titleOf({ name, model, vendor, kind }: Pick<PackedDevice, 'name' | 'model' | 'vendor' | 'kind'>): string {
  return name ?? model ?? vendor ?? kind ?? 'A device';
}

function fact(name: string, value: string | undefined): Html {
  return value ? html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>` : nothing;
}

function deedList(deeds: readonly PackedDeed[], none: string): Html {
  if (deeds.length === 0) return html`<p class="calm small">${none}</p>`;
  return html`<ol class="history">${deeds.map(
    ({ at, by, did, said }, i) =>
      html`<li data-key="deed-${i}"><span class="when">${clock(at)}</span><span class="what"><b>${ROLE_WORDS[by]}</b> <bdi>${did}</bdi>${said === undefined ? nothing : html`<small><bdi>${said}</bdi></small>`}</span></li>`,
  )}</ol>`;
}
