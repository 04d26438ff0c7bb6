/**
 * Ends on a scale of years, drawn: the marks of the desk's page and of the replacement plan. Shapes differ, not colours, so that it survives a
 * black-and-white printer. Lengths are in the units of the drawing or in per cent of it, instants Unix milliseconds.
 */
import { html } from 'hono/html';

type Drawn = ReturnType<typeof html>;

/** Whole years side by side from `left` to `right`, the first of them that of the moment it is drawn for. */
export type Scale = { readonly first: number; readonly years: number; readonly left: number; readonly right: number };

/** An abscissa or ordinate as SVG has it: `12.5` or `12.5%`. */
type Place = number | `${number}%`;

/** The present year and so many more. */
export function scaleFrom(nowAt: number, yearsAhead: number, left: number, right: number): Scale {
  return { first: new Date(nowAt).getUTCFullYear(), years: yearsAhead + 1, left, right };
}

/** Each year with where it begins and its middle. */
export function yearsOn({ first, years, left, right }: Scale): { readonly year: number; readonly x: number; readonly middle: number }[] {
  const step = (right - left) / years;
  return Array.from({ length: years }, (_, i) => ({
    year: first + i,
    x: round(left + i * step),
    middle: round(left + (i + 0.5) * step),
  }));
}

/** Within its year by the day; what lies outside stands at the edge. */
export function placeOn({ first, years, left, right }: Scale, at: number): number {
  const year = new Date(at).getUTCFullYear();
  const [begins, ends] = [Date.UTC(year), Date.UTC(year + 1)];
  const step = (right - left) / years;
  return round(Math.max(left, Math.min(right, left + (year - first + (at - begins) / (ends - begins)) * step)));
}

/** Past: filled, and dashed since then. To come: looked after until then, and hollow. */
export function endMark(x: Place, today: Place, y: Place, isPast: boolean): Drawn {
  return html`<line class="${isPast ? 'without' : 'looked-after'}" x1="${x}" y1="${y}" x2="${today}" y2="${y}"/>${diamond(x, y, isPast)}`;
}

/** `half` in pixels of the drawing. */
export function diamond(x: Place, y: Place, isPast: boolean, half = 5): Drawn {
  return mark(x, y, isPast ? 'ended' : 'ends', `M0 -${half}l${half} ${half}l-${half} ${half}l-${half} -${half}z`);
}

/** A shape that keeps its size where the drawing is stretched. */
export function mark(x: Place, y: Place, name: string, path: string): Drawn {
  return html`<svg x="${x}" y="${y}" overflow="visible"><path class="${name}" d="${path}"/></svg>`;
}

export function round(n: number): number {
  return Math.round(n * 10) / 10;
}
