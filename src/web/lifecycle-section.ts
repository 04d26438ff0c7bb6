/**
 * What ends when in a home: a row for each device that has ended or ends within five years, in words and drawn beside it, with its grade, its source
 * and all its dates on demand. The words are the accessible form; the drawing repeats them.
 */
import { html } from 'hono/html';
import { lastMomentOf } from '../base/partial-date.ts';
import type { DeviceView, SiteView } from '../desk/views.ts';
import { dateWords, VERDICT_WORDS } from '../protocol/end-words.ts';
import type { VerdictMessage } from '../protocol/messages.ts';
import { bySoonest, CHECK_FIRST, distance, ENDING_SIGNS, endWords, groundWords, isPast } from './lifecycle-words.ts';
import { type Html, nothing } from './parts.ts';
import { diamond, endMark, mark, placeOn, type Scale, scaleFrom, yearsOn } from './timeline.ts';
import { listed, plural } from './words.ts';

type Ending = { readonly id: string; readonly name: string; readonly verdict: VerdictMessage };

const YEARS_AHEAD = 5;

/** `nameOf`: as the list of devices calls it. */
export function lifecycleSection(
  devices: readonly DeviceView[],
  site: SiteView,
  now: number,
  nameOf: (device: DeviceView) => string,
): Html {
  if (devices.length === 0) return nothing;
  const judged = devices.flatMap((device) =>
    device.lifecycle === undefined ? [] : [{ id: device.id, name: nameOf(device), verdict: device.lifecycle }],
  );
  const endings = judged.filter(({ verdict }) => isShown(verdict, now)).sort((left, right) => bySoonest(left.verdict, right.verdict));
  return html`<section aria-labelledby="ends-h" id="ends"><h2 id="ends-h">What ends when${endings.length > 0 ? html` <span class="n">${endings.length}</span>` : nothing}</h2>
<p class="calm">${summary(endings, judged.length, devices.length, site)}</p>
${endings.length > 0 ? timeline(endings, scaleFrom(now, YEARS_AHEAD, 0, 100), now) : nothing}
</section>`;
}

/** Of what is fine only what lies ahead. */
function isShown({ state, timeline, plannedFor }: VerdictMessage, now: number): boolean {
  return state !== 'fine' || plannedFor !== undefined || timeline.some((end) => !isPast(end, now));
}

/** In words also what is not in the list: silence about a device is no promise. */
function summary(endings: readonly Ending[], judged: number, devices: number, { presence }: SiteView): string {
  const count = (isIt: (verdict: VerdictMessage) => boolean): number => endings.filter(({ verdict }) => isIt(verdict)).length;
  const told = (state: VerdictMessage['state']) => count((verdict) => verdict.state === state && verdict.tell === 'client');
  const parts = [
    [told('at-risk'), 'at risk'],
    [told('overdue'), 'overdue'],
    [told('due'), 'due within 90 days'],
    [told('plan'), 'to plan for within a year'],
    [count(({ tell }) => tell === 'desk'), 'to check first (not for the client)'],
  ] as const;
  const urgent = parts.filter(([n]) => n > 0).map(([n, words]) => `${n} ${words}`);
  const unknown = devices - judged;
  const silence = unknown === 0 ? '' : ` Of ${plural(unknown, 'device')} nothing is known, which is no promise.`;
  if (judged === 0)
    return `Of no device here it is known when it ends.${presence.phase === 'never' ? '' : ' That is no promise: most makers announce nothing.'}`;
  const nearest = endings.length === 0 ? `Nothing in this home is known to end in the next five years.` : 'Nothing ends within a year.';
  return `${urgent.length === 0 ? nearest : `${listed(urgent, 'and')}.`}${silence}`;
}

function timeline(endings: readonly Ending[], scale: Scale, now: number): Html {
  return html`<div class="timeline">
<p class="years" aria-hidden="true">${yearsOn(scale).map(({ year }) => html`<span>${year}</span>`)}</p>
<ol>${endings.map((ending) => row(ending, scale, now))}</ol>
</div>
<p class="legend" aria-hidden="true"><span>${sample(html`${diamond(6, 5, true)}<line class="without" x1="11" y1="5" x2="26" y2="5"/>`)} ended</span>
<span>${sample(html`<line class="looked-after" x1="0" y1="5" x2="15" y2="5"/>${diamond(20, 5, false)}`)} ends</span>
<span>${sample(diamond(13, 5, false, 3.5))} another date of it</span>
<span>${sample(html`<line class="today" x1="13" y1="-3" x2="13" y2="13"/>`)} today</span>
<span>${sample(planMark(13, 5))} to be replaced by then</span></p>`;
}

function sample(drawing: Html): Html {
  return html`<svg viewBox="0 0 26 10">${drawing}</svg>`;
}

function row({ id, name, verdict }: Ending, scale: Scale, now: number): Html {
  const { state, tell, plannedFor } = verdict;
  return html`<li data-key="${id}"><details data-key="d"><summary>
${verdictBadge(state)}
<span class="name"><b><bdi>${name}</bdi></b> <small><bdi>${groundWords(verdict, now)}</bdi>${plannedFor === undefined ? nothing : html` <span class="planned">to be replaced by ${dateWords(plannedFor)}</span>`}${tell === 'desk' ? html` <span class="mark">${CHECK_FIRST}</span>` : nothing}</small></span>
${strip(verdict, scale, now)}
</summary><div class="detail" id="end-${id}">${verdictBlock(verdict, now)}</div></details></li>`;
}

function verdictBadge(state: VerdictMessage['state']): Html {
  return html`<span class="ending e-${state}"><i aria-hidden="true">${ENDING_SIGNS[state]}</i>${VERDICT_WORDS[state]}</span>`;
}

/** What decides has the line; its other ends stand smaller on it. */
function strip({ ends, timeline: all, plannedFor, tell }: VerdictMessage, scale: Scale, now: number): Html {
  const x = (at: number) => `${placeOn(scale, at)}%` as const;
  const at = ({ on }: { readonly on: string }) => x(lastMomentOf(on));
  const others = all.filter((end) => end.on !== ends?.on);
  return html`<svg class="strip" aria-hidden="true" focusable="false">
${yearsOn(scale).map((year) => html`<line class="grid" x1="${year.x}%" y1="0" x2="${year.x}%" y2="100%"/>`)}
<line class="today" x1="${x(now)}" y1="0" x2="${x(now)}" y2="100%"/>
${ends ? html`<g class="${tell === 'desk' ? 'unsure' : 'told'}">${tip(endWords(ends, now))}${endMark(at(ends), x(now), '50%', isPast(ends, now))}</g>` : nothing}
${others.map((end) => html`<g>${tip(endWords(end, now))}${diamond(at(end), '50%', isPast(end, now), 3.5)}</g>`)}
${plannedFor === undefined ? nothing : html`<g>${tip(`to be replaced by ${dateWords(plannedFor)}`)}${planMark(at({ on: plannedFor }), '50%')}</g>`}
</svg>`;
}

function tip(words: string): Html {
  return html`<title>${words}</title>`;
}

/** A flag on its pole. */
function planMark(x: Parameters<typeof mark>[0], y: Parameters<typeof mark>[1]): Html {
  return mark(x, y, 'plan', 'M0 8v-16l8 4l-8 4');
}

/** Beside the rest that is known of a device; whole only where the list of ends does not have it. */
export function verdictInShort(id: string, verdict: VerdictMessage, now: number): Html {
  if (!isShown(verdict, now)) return verdictBlock(verdict, now);
  return html`<p class="reason"><bdi>${verdict.why}</bdi> <bdi>${verdict.toDo}</bdi></p><p class="about-end"><a href="#end-${id}">Its dates, evidence and source</a></p>`;
}

/** Everything that is known of the end of a device. Where it is read about is text: a hub could be made to name any address. */
export function verdictBlock(verdict: Omit<VerdictMessage, 'critical' | 'facts'> & Partial<VerdictMessage>, now: number): Html {
  const { why, toDo, stops, stays, grade, source, facts = [], tell, plannedFor, timeline: all, ends } = verdict;
  const known = ends === undefined || all.some(({ what, on }) => what === ends.what && on === ends.on) ? all : [ends, ...all];
  return html`<p class="reason"><bdi>${why}</bdi></p>
${tell === 'desk' ? html`<p><span class="mark">${CHECK_FIRST}</span></p>` : nothing}
<dl class="verdict">${fact('What to do', toDo)}${fact('What stops', stops)}${fact('What stays', stays)}${fact('To be replaced by', plannedFor && dateWords(plannedFor))}${fact('Evidence', grade)}
${source.title || source.url ? html`<div><dt>Source</dt><dd><bdi>${source.title}</bdi>${source.readOn ? html`, read <bdi>${dateWords(source.readOn)}</bdi>` : nothing}${source.url ? html`<small><bdi>${source.url}</bdi></small>` : nothing}</dd></div>` : nothing}
${fact('Facts', facts.join(', '))}</dl>
${known.length === 0 ? nothing : html`<table class="dates"><caption>Its dates</caption><thead class="hidden"><tr><th scope="col">What</th><th scope="col">Until</th><th scope="col">From now</th></tr></thead><tbody>${known.map(({ what, on, atTheLatest }) => html`<tr class="${isPast({ on }, now) ? 'past' : 'ahead'}"><th scope="row"><bdi>${what}</bdi></th><td>${atTheLatest ? 'by ' : ''}${dateWords(on)}</td><td>${distance(on, now)}</td></tr>`)}</tbody></table>`}`;
}

function fact(name: string, value: string | undefined): Html {
  return value ? html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>` : nothing;
}
