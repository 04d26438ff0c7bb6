/**
 * What ends when, drawn: a line for each product, a column for each year from this one on. Dates stand in a column of their own, so that no two labels can meet. Drawn twice, for a sheet and for a telephone; the style shows one of them.
 */

import { html } from 'hono/html';
import { endAt, type PlanEnd } from '../../agent/lifecycle/plan.ts';
import { endMark, placeOn, round, scaleFrom, yearsOn } from '../../web/timeline.ts';
import { shortDateWords } from './plan-words.ts';

type Html = ReturnType<typeof html>;

/** One line of the drawing. */
export type Ending = { readonly title: string; readonly ends: PlanEnd };

/** `nowAt` in Unix milliseconds. */
export type Span = { readonly nowAt: number; readonly years: number };

type Form = {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
  readonly row: number;
  /** Where the years begin. */
  readonly yearsX: number;
  readonly titleY: number;
  readonly markY: number;
  readonly dateX: number;
  yearWords(year: number): string;
};

const WIDE: Form = {
  name: 'wide',
  width: 840,
  row: 16,
  yearsX: 300,
  titleY: 11.5,
  markY: 8,
  dateX: 288,
  yearWords: String,
};
const NARROW: Form = {
  name: 'narrow',
  width: 350,
  row: 42,
  yearsX: 0,
  titleY: 16,
  markY: 29,
  dateX: 350,
  yearWords: (year) => `’${String(year).slice(2)}`,
};

const HEAD = 20;
const FOOT = 14;
/** A drawing cannot be broken over two sheets; a list of them can. */
const MOST_ROWS = 24;

/** Of what ends in this year or later. */
export function timeline(endings: readonly Ending[], span: Span): Html[] {
  const pieces = Array.from({ length: Math.ceil(endings.length / MOST_ROWS) }, (_, i) => endings.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS));
  return pieces.flatMap((piece, i) => [WIDE, NARROW].map((form) => drawing(piece, span, form, `${form.name}-${i + 1}`)));
}

function drawing(endings: readonly Ending[], span: Span, form: Form, id: string): Html {
  const { width, row, yearsX, name } = form;
  const scale = scaleFrom(span.nowAt, span.years, yearsX, width);
  const { first } = scale;
  const x = (at: number): number => placeOn(scale, at);
  const bottom = HEAD + endings.length * row;
  const today = x(span.nowAt);
  const told = endings.map(({ title, ends }) => `${title}: ${shortDateWords(ends)}`).join('; ');
  return html`<svg class="timeline ${name}" viewBox="0 0 ${width} ${bottom + FOOT}" role="img" aria-labelledby="${id}-title ${id}-about">
<title id="${id}-title">What ends when, ${first} to ${first + span.years}</title>
<desc id="${id}-about">${told}.</desc>
<defs><pattern id="${id}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="5"/></pattern></defs>
${yearsOn(scale).map(({ year, x: left, middle }) => html`<line class="grid" x1="${left}" y1="4" x2="${left}" y2="${bottom}"/><text class="year" x="${middle}" y="14" text-anchor="middle">${form.yearWords(year)}</text>`)}
<line class="today" x1="${today}" y1="${HEAD - 2}" x2="${today}" y2="${bottom + 4}"/>
${endings.map((ending, i) => line(ending, HEAD + i * row, { today, x, form, id }))}
<line class="grid" x1="0" y1="${bottom}" x2="${width}" y2="${bottom}"/>
<text class="today-word" x="${today}" y="${bottom + 13}" text-anchor="middle">today</text>
</svg>`;
}

type Frame = { readonly today: number; readonly form: Form; readonly id: string; x(at: number): number };

function line({ title, ends }: Ending, top: number, { today, form, x, id }: Frame): Html {
  const y = top + form.markY;
  return html`<line class="grid" x1="0" y1="${top}" x2="${form.width}" y2="${top}"/>
<text class="what" x="0" y="${top + form.titleY}">${shortened(title)}</text>
<text class="date" x="${form.dateX}" y="${top + form.titleY}" text-anchor="end">${shortDateWords(ends)}</text>
${ends.is === 'usual' ? usualLife(x(ends.fromAt), x(ends.toAt), y, id) : endMark(x(endAt(ends)), today, y, ends.isPast)}`;
}

function usualLife(from: number, to: number, y: number, id: string): Html {
  return html`<rect class="usual" x="${from}" y="${y - 5}" width="${Math.max(4, round(to - from))}" height="10" fill="url(#${id}-hatch)"/>`;
}

/** Left of the date there is room for so many times the size of a letter; which font draws it nobody knows, so each is taken as wide as it gets. */
const TITLE_ROOM = 19;

function shortened(text: string): string {
  let room = TITLE_ROOM;
  const fitting = [...text].findIndex((letter) => {
    room -= widthOf(letter);
    return room < 0;
  });
  return fitting < 0 ? text : `${[...text].slice(0, fitting).join('').trimEnd()}…`;
}

function widthOf(letter: string): number {
  if (/[WM@%]|[^\u0000-\u1fff]/u.test(letter)) return 1.1;
  if (/\p{Lu}/u.test(letter)) return 0.7;
  return /[ijl.,:;'| ()/]/.test(letter) ? 0.36 : 0.57;
}
