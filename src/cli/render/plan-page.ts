/**
 * The replacement plan as one page that needs nothing else: no script, no font, no picture from elsewhere, and a policy that forbids the browser to
 * fetch any. Names come from the LAN and are only ever text.
 */

import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { endAt, lastOf, type PlanDevices, type PlanItem, type PlanState, type ReplacementPlan } from '../../agent/lifecycle/plan.ts';
import type { Verdict } from '../../agent/lifecycle/verdict.ts';
import { dateWords } from '../../protocol/end-words.ts';
import { PLAN_STYLE } from './plan-style.ts';
import { timeline } from './plan-timeline.ts';
import { countOf, endWords, GRADE_WORDS, GROUP_WORDS, meaningOf, noteDateWords, shortDateWords, summaryWords } from './plan-words.ts';

type Html = ReturnType<typeof html>;

/** Who hands the plan to whom. All optional: what nobody said is a line to write on, or is left out. */
export type PlanPaper = {
  readonly home?: string | undefined;
  readonly dealer?: string | undefined;
  /** A `data:` address of a picture. */
  readonly logo?: string | undefined;
  /** `2026-11-22`; none where no clock is sure. */
  readonly date?: string | undefined;
  /** What the plan rests on, in a sentence. */
  readonly basis: string;
  /** By device id, as the dealer wrote them. */
  readonly prices?: ReadonlyMap<string, string> | undefined;
};

const nothing = raw('');

export async function planPage(plan: ReplacementPlan, paper: PlanPaper): Promise<string> {
  const notes = sourcesOf(plan);
  const title = paper.home === undefined ? 'Replacement plan' : `Replacement plan · ${paper.home}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hashOf(PLAN_STYLE)}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(PLAN_STYLE)}</style>
</head>
<body>
<main>
${heading(plan, paper)}
${plan.items.length > 0 ? table(plan, notes, paper) : nothing}
${drawn(plan)}
${lists(plan)}
${signatures(plan, paper)}
${footnotes(plan, notes, paper)}
</main>
</body>
</html>
`;
  return String(await page);
}

/** As CSP Level 3 wants the hash of an inline style. */
function hashOf(style: string): string {
  return createHash('sha256').update(style).digest('base64');
}

function heading(plan: ReplacementPlan, { home, dealer, logo, date }: PlanPaper): Html {
  return html`<header>
<div class="letterhead">
${logo ? html`<img src="${logo}" alt="${dealer ?? 'Logo'}">` : nothing}
${dealer ? html`<p class="dealer"><bdi>${dealer}</bdi></p>` : nothing}
<p class="made">${date ? html`<time datetime="${date}">${dateWords(date)}</time>` : html`Date <span class="blank"></span>`}</p>
</div>
<h1>Replacement plan</h1>
${home ? html`<p class="home"><bdi>${home}</bdi></p>` : nothing}
<p class="summary">${summaryWords(plan)}</p>
${figures(plan)}
</header>`;
}

function figures({ items, fine, toRead, undated, unnamed }: ReplacementPlan): Html {
  const all: readonly (readonly [number, string])[] = [
    ...STATES.map((state) => [countOf(items.filter((one) => one.state === state)), GROUP_WORDS[state].title.toLowerCase()] as const),
    [countOf(fine), 'fine for now'],
    [countOf(toRead) + countOf(undated) + countOf(unnamed), 'not known'],
  ];
  return html`<ul class="figures">${all.filter(([n]) => n > 0).map(([n, words]) => html`<li><b>${n}</b> ${words}</li>`)}</ul>`;
}

const STATES: readonly PlanState[] = ['at-risk', 'overdue', 'due', 'plan'];

function table({ items }: ReplacementPlan, notes: Notes, { prices }: PlanPaper): Html {
  return html`<section class="needs">
<h2>What needs something</h2>
<table>
<thead><tr><th scope="col">Device</th><th scope="col">What ends, and when</th><th scope="col">What that means for you</th><th scope="col">What we suggest</th><th scope="col" class="price">Price</th></tr></thead>
${STATES.map((state) => group(state, items, notes, prices))}
</table>
</section>`;
}

function group(state: PlanState, items: readonly PlanItem[], notes: Notes, prices: PlanPaper['prices']): Html {
  const its = items.filter((one) => one.state === state);
  if (its.length === 0) return nothing;
  const { title, about } = GROUP_WORDS[state];
  return html`<tbody class="${state}">
<tr class="group"><th scope="rowgroup" colspan="5">${title} <span>${about}</span></th></tr>
${its.map((item) => row(item, notes, prices))}
</tbody>`;
}

function row(item: PlanItem, notes: Notes, prices: PlanPaper['prices']): Html {
  const { what, when } = endWords(item);
  const means = meaningOf(item);
  const asked = new Set(item.ids.flatMap((id) => prices?.get(id) ?? []));
  return html`<tr>
<th scope="row" data-label="Device"><bdi>${capital(item.title)}</bdi>${item.count > 1 ? html` <span class="count">× ${item.count}</span>` : nothing}${places(item)}</th>
<td data-label="What ends">${what}${when ? html` <b>${when}</b>` : nothing} <small>${GRADE_WORDS[item.verdict.grade].short}${reference(item, notes)}</small></td>
<td data-label="What that means">${means.what}${means.stops ? html` <span><i>Stops:</i> ${means.stops}</span>` : nothing}${means.stays ? html` <span><i>Stays:</i> ${means.stays}</span>` : nothing}</td>
<td data-label="We suggest">${item.verdict.toDo}</td>
<td data-label="Price" class="price">${[...asked].join(' / ')}</td>
</tr>`;
}

function places({ places: all, count }: PlanDevices): Html {
  return all.length === 0 ? nothing : html`<small><bdi>${all.join(' · ')}${all.length < count ? ' and elsewhere' : ''}</bdi></small>`;
}

function drawn({ items, later, now, years }: ReplacementPlan): Html {
  const all = [...items, ...later]
    .flatMap(({ title, count, ends }) => (ends ? [{ title: count > 1 ? `${capital(title)} × ${count}` : capital(title), ends }] : []))
    .toSorted((a, b) => endAt(a.ends) - endAt(b.ends));
  const year = new Date(now.at).getUTCFullYear();
  const ahead = all.filter(({ ends }) => lastOf(ends) >= Date.UTC(year));
  const before = all.filter((one) => !ahead.includes(one));
  if (ahead.length === 0) return nothing;
  return html`<section class="drawn">
<h2>What ends when</h2>
${timeline(ahead, { nowAt: now.at, years })}
<p class="legend"><span><svg viewBox="0 0 26 10" aria-hidden="true"><path class="ended" d="M6 0l5 5l-5 5l-5 -5z"/><line class="without" x1="11" y1="5" x2="26" y2="5"/></svg> ended</span>
<span><svg viewBox="0 0 26 10" aria-hidden="true"><line class="looked-after" x1="0" y1="5" x2="15" y2="5"/><path class="ends" d="M20 0l5 5l-5 5l-5 -5z"/></svg> ends</span>
<span><svg viewBox="0 0 26 10" aria-hidden="true"><rect class="usual plain" x="1" y="0.5" width="24" height="9"/></svg> the years in which its kind usually fails</span></p>
${before.length === 0 ? nothing : html`<p class="before">Ended before ${year}: ${before.map(({ title, ends }, i) => html`${i > 0 ? ', ' : ''}<bdi>${title}</bdi> (${shortDateWords(ends)})`)}.</p>`}
</section>`;
}

function lists({ fine, toRead, undated, unnamed, devices }: ReplacementPlan): Html {
  const unknown = countOf(toRead) + countOf(undated) + countOf(unnamed);
  return html`<div class="lists">
${
  fine.length === 0
    ? nothing
    : html`<section><h2>What is fine <span>${countOf(fine)}</span></h2>
<p>Looked after by the maker; no end within twelve months is known.</p>
${enumeration(fine, ({ until }) => (until ? `until ${dateWords(until)}` : ''))}</section>`
}
${
  unknown === 0
    ? nothing
    : html`<section><h2>What we do not know <span>${unknown}</span></h2>
${part(toRead, 'The version decides; please look, or ask us to:', ({ lookFor }) => `look for ${lookFor}`)}
${part(undated, 'We know the model, but no date that we would rely on:')}
${part(unnamed, 'We do not know the model yet; the label tells:')}</section>`
}
${devices === 0 ? html`<section><p>No device has been found in this home yet.</p></section>` : nothing}
</div>`;
}

function part<T extends PlanDevices>(list: readonly T[], words: string, more?: (one: T) => string): Html {
  return list.length === 0
    ? nothing
    : html`<p>${words}</p>
${enumeration(list, more)}`;
}

function enumeration<T extends PlanDevices>(list: readonly T[], more: (one: T) => string = () => ''): Html {
  return html`<ul class="names">${list.map((one) => {
    const words = more(one);
    return html`<li><bdi>${capital(one.title)}</bdi>${one.count > 1 ? `\u00a0×\u00a0${one.count}` : ''}${words === '' ? nothing : html` <small>${words}</small>`}</li>`;
  })}</ul>`;
}

function signatures({ items }: ReplacementPlan, { dealer }: PlanPaper): Html {
  if (items.length === 0) return nothing;
  return html`<section class="sign">
<p><span class="blank"></span>Total, valid until</p>
<p><span class="blank"></span>Date and signature${dealer ? html`, <bdi>${dealer}</bdi>` : nothing}</p>
<p><span class="blank"></span>Date and signature, client</p>
</section>`;
}

type Note = { readonly n: number; readonly source: Verdict['source']; readonly why?: string };
type Notes = ReadonlyMap<string, Note>;

/** How an age was reckoned belongs to its source. */
function whyOf({ grade, why }: Verdict): { readonly why?: string } {
  return grade === 'usual life' ? { why } : {};
}

function noteKey(verdict: Verdict): string {
  const { title, url, readOn } = verdict.source;
  return JSON.stringify([title, url, readOn, whyOf(verdict).why]);
}

/** Each source once, in the order in which the table speaks of it. */
function sourcesOf({ items }: ReplacementPlan): Notes {
  const notes = new Map<string, Note>();
  for (const state of STATES)
    for (const { verdict } of items.filter((one) => one.state === state)) {
      const key = noteKey(verdict);
      if (!notes.has(key)) notes.set(key, { n: notes.size + 1, source: verdict.source, ...whyOf(verdict) });
    }
  return notes;
}

function reference({ verdict }: PlanItem, notes: Notes): Html {
  const n = notes.get(noteKey(verdict))?.n;
  return n === undefined ? nothing : html`<sup><a href="#source-${n}" aria-label="source ${n}">${n}</a></sup>`;
}

function footnotes({ items }: ReplacementPlan, notes: Notes, { basis }: PlanPaper): Html {
  const grades = [...new Set(items.map(({ verdict }) => verdict.grade))];
  return html`<footer>
${
  notes.size === 0
    ? nothing
    : html`<h2>Sources</h2>
<ol>${[...notes.values()].map(({ n, source, why }) => html`<li id="source-${n}">${sourceWords(source)}${why ? html`. ${why}` : nothing}</li>`)}</ol>`
}
${grades.length === 0 ? nothing : html`<p>${grades.map((grade) => html`<span><b>${GRADE_WORDS[grade].short}</b>: ${GRADE_WORDS[grade].about}. </span>`)}</p>`}
<p>${basis}</p>
</footer>`;
}

function sourceWords({ title, url, readOn }: Verdict['source']): Html {
  const host = url === undefined ? undefined : hostOf(url);
  const words = host === undefined ? html`${title}` : html`<a href="${url}" rel="noreferrer noopener">${title}</a>, ${host}`;
  return html`${words}${readOn ? `, read ${noteDateWords(readOn)}` : ''}`;
}

/** Undefined for what is no address of the web: then it is no link. */
function hostOf(url: string): string | undefined {
  const { protocol, hostname } = URL.parse(url) ?? {};
  return protocol === 'https:' || protocol === 'http:' ? hostname?.replace(/^www\./, '') : undefined;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
