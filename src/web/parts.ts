/** The pieces both pages are made of. Text that came from a hub or a device is only ever text: escaped by `html`, isolated by `bdi`, never a link. */
import { html, raw } from 'hono/html';
import { HUB_ID } from '../base/ids.ts';
import type { Permission } from '../desk/access/roles.ts';
import type { DeskStatus } from '../desk/status.ts';
import type { AlertView, SiteView } from '../desk/views.ts';
import { isToPlan } from '../protocol/alert-catalogue.ts';
import { dateWords } from '../protocol/end-words.ts';
import type { Attempt, Evidence, HealthState } from '../protocol/messages.ts';
import { ago, clock, type Html, nothing } from './basics.ts';
import { stageWords } from './lifecycle-words.ts';
import { playbookDetails, type ShownAlert } from './playbook-block.ts';
import { serviceNote } from './service-note.ts';
import { attemptWord, doubts, duration, methodWord, presenceWord, ruledOut, STATES } from './words.ts';

export { ago, clock, type Html, nothing };

/** `now` is the desk's wall clock; the browser measures against it, so that a wrong clock on the desk PC does no harm. */
export type Frame = {
  readonly now: number;
  readonly status: DeskStatus;
  /** Who looks. Absent: there are no accounts, or nobody is signed in. */
  readonly viewer?: Viewer;
};

export type Viewer = { readonly name: string; may(permission: Permission): boolean };

/** Without accounts everybody may do everything. */
export function mayDo({ viewer }: Pick<Frame, 'viewer'>, permission: Permission): boolean {
  return viewer?.may(permission) ?? true;
}

/** Where people type who they are because nobody has signed in. */
export function nameField({ viewer }: Pick<Frame, 'viewer'>): Html {
  return viewer ? nothing : html`<label>Your name <input name="by" required maxlength="64" autocomplete="name"></label>`;
}

/** For who is not signed in: nothing on it is live. `script`: the one that it has; `goTo`: where the browser goes on to by itself. */
export function doorLayout(title: string, body: Html, { script, goTo }: { readonly script?: string; readonly goTo?: string } = {}): Html {
  return html`<!doctype html>
<html lang="en">
<head>
${head(title)}${
  goTo === undefined
    ? nothing
    : html`
<meta http-equiv="refresh" content="0;url=${goTo}">`
}${
  script === undefined
    ? nothing
    : html`
<script type="module" src="/assets/${script}"></script>`
}
</head>
<body class="door">
<header class="top"><span class="brand"><img src="/assets/icon.svg" alt="" width="22" height="22">hearthbeat <span>desk</span></span></header>
<main id="main" tabindex="-1">
${body}
</main>
</body>
</html>`;
}

function head(title: string): Html {
  return html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · hearthbeat</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="manifest" href="/assets/desk.webmanifest">
<link rel="stylesheet" href="/assets/page.css">
<link rel="stylesheet" href="/assets/playbook.css">
<link rel="stylesheet" href="/assets/keys.css">
<link rel="stylesheet" href="/assets/people.css">
<link rel="stylesheet" href="/assets/report.css">
<link rel="stylesheet" href="/assets/course.css">
<link rel="stylesheet" href="/assets/fleet.css">
<link rel="stylesheet" href="/assets/dossier.css">`;
}

function account({ viewer }: Frame): Html {
  if (!viewer) return nothing;
  return html`<div class="me"><a href="/account"><bdi>${viewer.name}</bdi></a><form method="post" action="/sign-out"><button type="submit">Sign out</button></form></div>`;
}

/** Kept current by the browser. */
export function layout(title: string, frame: Frame, body: Html, site?: string): Html {
  return page(title, frame, body, html` data-site="${site ?? ''}"`);
}

/** Stays as it is: what answers a form is at no address, and would be replaced by what is. `scripts`: more that it has. */
export function stillLayout(title: string, frame: Frame, body: Html, ...scripts: string[]): Html {
  return page(title, frame, body, html` data-still`, scripts);
}

function page(title: string, frame: Frame, body: Html, attributes: Html, scripts: readonly string[] = []): Html {
  return html`<!doctype html>
<html lang="en">
<head>
${head(title)}
${['page.js', ...scripts].map((script) => html`<script type="module" src="/assets/${script}"></script>\n`)}</head>
<body${attributes}>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="22" height="22">hearthbeat <span>desk</span></a>
<nav class="places" aria-label="Pages"><a href="/">Homes</a>${mayDo(frame, 'staff') ? html` <a href="/fleet">Fleet</a>` : nothing}${mayDo(frame, 'tickets') ? html` <a href="/tickets">Tickets</a>` : nothing}${mayDo(frame, 'work') ? html` <a href="/reports">Reports</a>` : nothing}${frame.viewer?.may('people') ? html` <a href="/people">People</a>` : nothing}${mayDo(frame, 'settings') ? html` <a href="/settings">Settings</a>` : nothing}</nav>
${account(frame)}
<p class="live" id="live" role="status"><span aria-hidden="true"></span><b>Not live</b></p>
</header>
<div class="banner lost" id="lost" role="alert" hidden></div>
<main id="main" tabindex="-1" data-now="${frame.now}" data-deaf="${isDeaf(frame)}">
${deskTrouble(frame)}
${receiverTrouble(frame)}
${body}
</main>
<footer class="bottom">${mayDo(frame, 'staff') ? html`<a href="/playbooks">Playbooks</a>: what to do about each alert` : nothing}</footer>
<p class="hidden" role="status" id="announce"></p>
</body>
</html>`;
}

/** Whether the desk cannot hear or store now: then nothing it shows is known to hold, and nothing may look calm. */
export function isDeaf({ status }: Frame): boolean {
  return status.problem !== undefined || !status.link.connected;
}

/** How the hub is, with its dot; a deaf desk knows of none that it is there. */
export function hubSign(site: SiteView, frame: Frame): Html {
  const { presence } = site;
  const isUnsure = isDeaf(frame) && (presence.phase === 'online' || presence.phase === 'suspect');
  return html`<span class="hub p-${isUnsure ? 'suspect' : presence.phase}"><i aria-hidden="true"></i>${isUnsure ? 'not heard now' : presenceWord(presence)}${presence.lastSeenAt === undefined ? nothing : html`<small>last word ${ago(presence.lastSeenAt, frame.now)} ago</small>`}</span>`;
}

function deskTrouble(frame: Frame): Html {
  const { status } = frame;
  const problem = status.problem
    ? `The desk cannot store what arrives: ${status.problem}`
    : (status.link.problem ?? 'The desk is not connected to its message broker.');
  if (isDeaf(frame)) {
    return html`<div class="banner bad" data-key="desk" role="alert"><b>What you see may be old.</b> <bdi>${problem}</bdi></div>`;
  }
  if (status.settled) return nothing;
  return html`<div class="banner" data-key="desk"><b>The desk has just started.</b> Hubs have a few minutes to report in before any of them is called silent.</div>`;
}

/** Whoever counts on being told has to know that they are not. */
function receiverTrouble({ now, status }: Frame): Html {
  const failing = (status.receivers ?? []).flatMap(({ failingSince, ...receiver }) =>
    failingSince === undefined ? [] : [{ ...receiver, failingSince }],
  );
  return html`${failing.map(
    ({ name, kind, waiting, failingSince, lastAnswer = '' }) =>
      html`<div class="banner bad" data-key="receiver-${name}" role="alert"><b>Notices to ${name} (${kind}) do not go out.</b> <span>For ${ago(failingSince, now)}; ${waiting} ${waiting === 1 ? 'waits' : 'wait'}.</span> Its last answer: <bdi>${lastAnswer}</bdi></div>`,
  )}`;
}

export function stateBadge(state: HealthState): Html {
  const { word, sign } = STATES[state];
  return html`<span class="state s-${state}"><i aria-hidden="true">${sign}</i>${word}</span>`;
}

/** The silences that still last; what was told of an end that is past is over. */
export function lastingSilences({ silences }: SiteView, now: number): SiteView['silences'] {
  return silences.filter(({ endsAt }) => endsAt > now);
}

/** Faults of today apart from the ends that are to be planned for. */
export function parted(alerts: readonly AlertView[]): { readonly wrong: readonly AlertView[]; readonly toPlan: readonly AlertView[] } {
  return { wrong: alerts.filter((alert) => !isToPlan(alert)), toPlan: alerts.filter(isToPlan) };
}

/** One alert as a card. `onSite` leaves out the home's name, `isWorkedOn` shows at once what to do first. */
export function alertCard(alert: ShownAlert, frame: Frame, onSite: boolean, isWorkedOn = false): Html {
  const { now } = frame;
  const key = `${alert.site}/${alert.key}/${alert.raisedAt}`;
  return html`<li class="alert v-${alert.severity}${alert.stale ? ' stale' : ''}" data-key="${key}"${isToPlan(alert) ? nothing : raw(' data-alert')}>
<div class="alert-head">
<h3><bdi>${alert.title}</bdi></h3>
<p class="when">${since(alert, now)}</p>
</div>
<p class="meta">${alert.severity}${stageNote(alert, now)}${onSite ? nothing : html` · <a href="/sites/${alert.site}"><bdi>${alert.siteName}</bdi></a>`}${deviceNote(alert)}${ticketNote(alert)}${holdNote(alert, now)}${lateNote(alert)}${staleNote(alert)}</p>
${alert.text !== '' && html`<p class="text"><bdi>${alert.text}</bdi></p>`}
${serviceNote(alert, now)}
${seenNote(alert, now)}
${playbookDetails(alert, isWorkedOn)}
${alert.stage !== undefined && alert.device && alert.device !== HUB_ID ? html`<p class="about-end"><a href="/sites/${alert.site}#end-${alert.device}">Its dates, evidence and source</a></p>` : nothing}
${alert.evidence && html`${ruledOutBlock(alert.evidence)}<details data-key="evidence"><summary>How we know</summary>${evidenceBlock(alert.evidence)}</details>`}
${(alert.acknowledged && alert.stage === undefined) || !mayDo(frame, 'work') ? nothing : acknowledgeForm(alert, frame)}
</li>`;
}

/** Of what nears its end the card has a link of its own. */
function deviceNote({ site, device, stage }: AlertView): Html {
  if (device === undefined || device === HUB_ID || stage !== undefined) return nothing;
  return html` · <a href="/sites/${site}/devices/${device}">how the device did</a>`;
}

function ticketNote({ ticket, incident }: AlertView): Html {
  return html`${ticket === undefined ? nothing : html` · <a href="/tickets/${ticket}">ticket ${ticket}</a>`}${incident === undefined ? nothing : html` · <a href="/incidents/${incident}">one of many homes</a>`}`;
}

/** Who sees to it, and whether the people in the house can know. */
function seenNote({ acknowledged: seen }: AlertView, now: number): Html {
  if (!seen) return nothing;
  const untold = seen.untold ? html` <span class="late">The hub has not confirmed it yet.</span>` : nothing;
  return html`<p class="seen" data-key="seen"><b>Acknowledged</b> by <bdi>${seen.by}</bdi>${seen.where === 'hub' ? ' at the hub' : nothing} ${ago(seen.at, now)} ago${seen.note === undefined ? '.' : html`: <bdi>${seen.note}</bdi>`}${seen.plannedFor === undefined ? nothing : html` · <span class="planned">to be replaced by ${dateWords(seen.plannedFor)}</span>`}${untold}</p>`;
}

/** What was raised while nobody knew the time is not given a minute. */
function since({ raisedAt, raisedBetween }: AlertView, now: number): Html {
  if (raisedBetween) return html`<b>since before</b> <span>${clock(raisedBetween.to)}</span>`;
  return html`<b>${ago(raisedAt, now)}</b> <span>since ${clock(raisedAt)}</span>`;
}

function whenAbout({ raisedBetween: span }: AlertView): Html {
  if (span === undefined) return html`it happened at an unknown time before`;
  return span.from === undefined
    ? html`it happened before ${clock(span.to)}`
    : html`it happened between ${clock(span.from)} and ${clock(span.to)}`;
}

function stageNote(alert: AlertView, now: number): Html {
  const words = stageWords(alert, now);
  return words === undefined ? nothing : html` · <b class="stage">${words}</b>`;
}

/** Works without the page's script too. Of what nears its end somebody may say until when it will be replaced, and later that it takes longer. */
function acknowledgeForm({ site, key, raisedHubAt, stage, acknowledged }: AlertView, frame: Frame): Html {
  const title =
    acknowledged === undefined ? 'Acknowledge' : acknowledged.plannedFor === undefined ? 'Plan its replacement' : 'Change the plan';
  return html`<details class="act" data-key="act"><summary>${title}</summary>
<form method="post" action="/sites/${site}/acknowledge" data-acknowledge data-post="/api/v1/alerts/acknowledge">
<input type="hidden" name="site" value="${site}"><input type="hidden" name="key" value="${key}"><input type="hidden" name="raisedHubAt" value="${raisedHubAt}">
${nameField(frame)}
<label>Note <input name="note" maxlength="256" autocomplete="off" placeholder="what you are doing about it"></label>
${stage === undefined ? nothing : planField(acknowledged !== undefined)}
<button type="submit">I see to it</button>
</form></details>`;
}

function planField(isRequired: boolean): Html {
  return html`<label class="date">To be replaced by <input name="plannedFor" maxlength="10" autocomplete="off" placeholder="2027-03" pattern="\\d{4}(-\\d{2}(-\\d{2})?)?" title="Year and month, 2027-03, or the day, 2027-03-31"${isRequired ? raw(' required') : nothing}></label>`;
}

/** State is told at once, attention is asked for later: when the hub says so, which it cannot while it is silent or does not see the device. */
function holdNote(alert: AlertView, now: number): Html {
  if (alert.stale && alert.held) return html` · <span class="mark">not to be acted on before the hub is back and still says so</span>`;
  if (alert.actionableAt <= now)
    return alert.held ? html` · <span class="mark">not to be acted on yet: the hub has to look longer</span>` : nothing;
  return html` · <span class="mark">just noticed: act if it lasts ${duration(alert.actionableAt - now)} more</span>`;
}

export function lateNote(alert: AlertView): Html {
  if (!alert.late && !alert.raisedBetween) return nothing;
  if (alert.raisedBetween || alert.raisedAt >= alert.receivedAt)
    return html` · <span class="late">${whenAbout(alert)}: the clock of the hub was not right</span>`;
  const delay = duration(alert.receivedAt - alert.raisedAt);
  const over = alert.clearedAt !== undefined && alert.clearedAt <= alert.receivedAt;
  return html` · <span class="late">${over ? `arrived ${delay} late, already over` : `we heard of it ${delay} after it happened`}</span>`;
}

function staleNote(alert: AlertView): Html {
  return alert.stale ? html` · <span class="mark">told before the hub fell silent; may no longer hold</span>` : nothing;
}

/** Enough to see how it went silent; the hub keeps more. */
const ATTEMPTS_SHOWN = 12;

/** What it is not, in words: before any table. */
export function ruledOutBlock(evidence: Evidence): Html {
  const [not, doubt] = [ruledOut(evidence), doubts(evidence)];
  const judgedAt = Math.max(...evidence.attempts.map(({ at }) => at));
  const when = Number.isFinite(judgedAt) ? html` <span>(when it was judged, ${clock(judgedAt)})</span>` : nothing;
  return html`${not && html`<p class="not"><b>It is not</b> ${not}${when}</p>`}${doubt && html`<p class="not"><b>Keep in mind:</b> ${doubt}</p>`}`;
}

/** The newest attempts and when each way of asking last succeeded. */
export function evidenceBlock(evidence: Evidence): Html {
  const lastAnswers = Object.entries(evidence.lastAnswerAt);
  const attempts = [...evidence.attempts].sort((left, right) => right.at - left.at).slice(0, ATTEMPTS_SHOWN);
  return html`<div class="evidence">
${lastAnswers.length > 0 && html`<p><b>Last answer</b> ${lastAnswers.map(([method, at], i) => html`${i > 0 ? ', ' : ''}<bdi>${methodWord(method)}</bdi> ${clock(at)}`)}</p>`}
${
  attempts.length > 0 &&
  html`<table><caption class="hidden">Newest attempts</caption>
<thead><tr><th scope="col">When</th><th scope="col">How</th><th scope="col">Result</th><th scope="col">Detail</th></tr></thead>
<tbody>${attempts.map(attemptRow)}</tbody></table>`
}
</div>`;
}

function attemptRow(attempt: Attempt): Html {
  return html`<tr class="o-${attempt.outcome}"><td>${clock(attempt.at)}</td><td><bdi>${methodWord(attempt.method)}</bdi></td><td>${attemptWord(attempt)}</td><td><bdi>${attempt.detail}</bdi></td></tr>`;
}

/** What was wrong and is over, newest first. */
export function earlier(over: readonly AlertView[], now: number, onSite: boolean): Html {
  return html`<section aria-labelledby="earlier-h"><h2 id="earlier-h">Earlier</h2>
${over.length === 0 ? html`<p class="calm small">Nothing is over yet.</p>` : html`<ol class="history">${over.map((alert) => pastAlert(alert, now, onSite))}</ol>`}
</section>`;
}

function pastAlert(alert: AlertView, now: number, onSite: boolean): Html {
  return html`<li data-key="${alert.site}/${alert.key}/${alert.raisedAt}">
<span class="when">${alert.raisedBetween ? html`before ${clock(alert.raisedBetween.to)}` : clock(alert.raisedAt)}</span>
<span class="what"><bdi>${alert.title}</bdi>${onSite ? nothing : html` <a href="/sites/${alert.site}"><bdi>${alert.siteName}</bdi></a>`}
<small>${overWord(alert, now)}${alert.clearedBecause ? html`: <bdi>${alert.clearedBecause}</bdi>` : nothing}${lateNote(alert)}</small>
${alert.acknowledged ? html`<small>acknowledged by <bdi>${alert.acknowledged.by}</bdi>${alert.acknowledged.note === undefined ? nothing : html`: <bdi>${alert.acknowledged.note}</bdi>`}</small>` : nothing}
${alert.text !== '' && html`<details data-key="text"><summary>What we knew</summary><p><bdi>${alert.text}</bdi></p>${alert.evidence && evidenceBlock(alert.evidence)}</details>`}</span>
</li>`;
}

/** How long something lasted is not known where nobody knows when it began. */
function overWord({ raisedAt, raisedBetween, clearedAt }: AlertView, now: number): string {
  const lasted = (clearedAt ?? now) - raisedAt;
  if (lasted < 1000) return 'told once';
  return raisedBetween ? 'over' : `over after ${duration(lasted)}`;
}
