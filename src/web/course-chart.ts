/**
 * How a device did, drawn: a band of its states, and the round trips that were told with their changes. States differ in height and pattern, not only in colour. The drawings are
 * for the eye; the tables below them say the same to everybody. Lengths are in the units of the drawing, which is stretched to the width of the page.
 */
import { html } from 'hono/html';
import type { Course, CourseState, RoundTrip, Stretch } from '../desk/courses/course.ts';
import { clock, type Html, nothing } from './parts.ts';
import { duration, plural } from './words.ts';

const [WIDTH, HEIGHT] = [1000, 40] as const;
/** However short an outage was, it is seen. */
const NARROWEST = 2;

type Band = { readonly state: Exclude<CourseState, 'untold' | 'suspect'>; readonly word: string; readonly tall: number };

/** What is drawn later lies above: nothing hides an outage. */
const BANDS: readonly Band[] = [
  { state: 'up', word: 'up', tall: 14 },
  { state: 'asleep', word: 'asleep or off', tall: 7 },
  { state: 'unknown', word: 'unknown: nobody looked', tall: HEIGHT },
  { state: 'unreachable', word: 'out of reach because of something else', tall: 27 },
  { state: 'down', word: 'down', tall: HEIGHT },
];

export function courseBand(course: Course): Html {
  const drawn = BANDS.filter(({ state }) => course.totals[state] > 0);
  return html`<figure class="course">
<svg class="band" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${courseWords(course)}">
${hatching}
${drawn.map((band) => html`<path class="c-${band.state}"${band.state === 'unknown' ? html` fill="url(#hatching)"` : nothing} d="${pathOf(band, course)}"/>`)}
</svg>
${axis(course)}
<p class="legend" aria-hidden="true">${drawn.map(({ state, word, tall }) => html`<span><svg viewBox="0 0 26 ${HEIGHT}" class="sample"><rect class="c-${state}"${state === 'unknown' ? html` fill="url(#hatching)"` : nothing} x="0" y="${HEIGHT - tall}" width="26" height="${tall}"/></svg> ${word}</span>`)}</p>
</figure>`;
}

const hatching = html`<defs><pattern id="hatching" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2" height="6"/></pattern></defs>`;

/** In words what the band shows. */
export function courseWords({ from, to, totals }: Pick<Course, 'from' | 'to' | 'totals'>): string {
  const parts = [
    ...(totals.share === undefined ? [] : [`up or asleep ${shareWords(totals.share)} of the time in which that is known`]),
    ...(totals.down === 0 ? [] : [`down ${timesWords(totals.outages)} for ${duration(totals.down)}`]),
    ...(totals.unreachable === 0 ? [] : [`out of reach for ${duration(totals.unreachable)}`]),
    ...(totals.unknown === 0 ? [] : [`unknown for ${duration(totals.unknown)}`]),
    ...(totals.untold === 0 ? [] : [`nothing told for ${duration(totals.untold)}`]),
  ];
  return `The last ${duration(to - from)}: ${parts.join(', ')}`;
}

export function timesWords(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** Never whole where something is missing. */
export function shareWords(share: number): string {
  if (share === 1) return '100 %';
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

function pathOf({ state, tall }: Band, { stretches, from, to }: Course): string {
  const scale = WIDTH / (to - from);
  const spans: [number, number][] = [];
  for (const stretch of stretches) {
    if (!isIn(stretch, state)) continue;
    const left = (stretch.from - from) * scale;
    const right = Math.min(WIDTH, Math.max((stretch.to - from) * scale, left + NARROWEST));
    const last = spans.at(-1);
    // What cannot be told apart is one: the drawing stays small, however often the device changed.
    if (last !== undefined && left - last[1] < 0.5) last[1] = right;
    else spans.push([left, right]);
  }
  const y = HEIGHT - tall;
  return spans.map(([left, right]) => `M${left.toFixed(1)} ${y}H${right.toFixed(1)}V${HEIGHT}H${left.toFixed(1)}z`).join('');
}

/** A doubt of moments is up: hubs tell none. */
function isIn({ state }: Stretch, band: Band['state']): boolean {
  return state === band || (state === 'suspect' && band === 'up');
}

function axis({ from, to }: Course): Html {
  return html`<p class="axis" aria-hidden="true"><span>${clock(from)}</span><span>${clock((from + to) / 2)}</span><span>now</span></p>`;
}

const TALL = 120;

/** On a scale of decades: a device that answers in a millisecond and one that takes a second are both read off. */
export function roundTripChart(course: Course): Html {
  const { roundTrips, from, to } = course;
  if (roundTrips.length === 0)
    return html`<p class="calm small">No round trip was told in this time. Hubs tell how long answers took with each change of a device, and none in between.</p>`;
  const took = roundTrips.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const [least, most] = [took[0] ?? 0, took.at(-1) ?? 0];
  const [low, high] = decadesOf(least, most);
  const x = ({ at }: RoundTrip): string => (((at - from) / (to - from)) * WIDTH).toFixed(1);
  const y = ({ ms }: RoundTrip): string => (TALL - ((Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low)) * TALL).toFixed(1);
  const lines = Array.from({ length: high - low + 1 }, (_, i) => high - i);
  const words = `${plural(took.length, 'round trip')} told, between ${tripWords(least)} and ${tripWords(most)}, half of them at most ${tripWords(took[(took.length - 1) >> 1] ?? 0)}`;
  return html`<figure class="course trips"><div class="plot">
<p class="decades" aria-hidden="true">${lines.map((decade) => html`<span>${tripWords(10 ** decade)}</span>`)}</p>
<svg viewBox="0 0 ${WIDTH} ${TALL}" preserveAspectRatio="none" role="img" aria-label="${words}">
<path class="grid" d="${lines.map((_, i) => `M0 ${((i / (high - low)) * TALL).toFixed(1)}H${WIDTH}`).join('')}"/>
<path class="dots" d="${roundTrips.map((trip) => `M${x(trip)} ${y(trip)}h0`).join('')}"/>
</svg></div>
${axis(course)}
<figcaption class="calm small">${words}. Hubs tell them with each change, and none in between.</figcaption></figure>`;
}

/** Exponents of ten that hold all of them. */
function decadesOf(least: number, most: number): [number, number] {
  const low = Math.floor(Math.log10(Math.max(least, 0.01)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(most, 0.01))))];
}

/** `0.6 ms`, `41 ms`, `1.2 s`. */
export function tripWords(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${ms >= 10 ? Math.round(ms) : Number(ms.toFixed(ms >= 0.1 ? 1 : 2))} ms`;
}

/** The same, part by part, for whoever sees no drawing or wants the figures. */
export function courseTable({ parts, to, from }: Pick<Course, 'parts' | 'to' | 'from'>): Html {
  const isByHour = to - from <= 86_400_000;
  const some = (ms: number): string => (ms === 0 ? '–' : duration(ms));
  return html`<div class="wide-table" tabindex="0" role="region" aria-label="Figures"><table class="figures-table"><caption>${isByHour ? 'Hour by hour' : 'Day by day'}, the newest first</caption>
<thead><tr><th scope="col">From</th><th scope="col">Up</th><th scope="col">Asleep</th><th scope="col">Down</th><th scope="col">Outages</th><th scope="col">Out of reach</th><th scope="col">Unknown</th><th scope="col">Not told</th><th scope="col">Round trip</th></tr></thead>
<tbody>${parts
    .toReversed()
    .map(
      ({ from: at, totals, medianMs }) =>
        html`<tr><th scope="row">${clock(at)}</th><td>${some(totals.up + totals.suspect)}</td><td>${some(totals.asleep)}</td><td>${some(totals.down)}</td><td>${totals.outages === 0 ? '–' : totals.outages}</td><td>${some(totals.unreachable)}</td><td>${some(totals.unknown)}</td><td>${some(totals.untold)}</td><td>${medianMs === undefined ? '–' : tripWords(medianMs)}</td></tr>`,
    )}</tbody></table></div>`;
}
