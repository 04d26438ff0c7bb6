/**
 * Whether a row of weekly values rose bit by bit. Decay goes on getting worse; who moves a device, a router or a channel makes one step and leaves it
 * there. So what comes at once in a week is taken out, and what is left must still rise: a level that turns into a slope, fitted by least squares at
 * every place (segmented regression, as for interrupted time series: Wagner et al., J. Clin. Pharm. Ther. 27, 2002).
 */

/** `isMoved`: in this week the whole house was different from the week before; what changed in it says nothing of the device. */
export type Point = { readonly week: number; readonly value: number; readonly isMoved?: boolean };

/** A level until a week, and from then on a slope. */
export type Ramp = {
  /** Index of the first point of the rise. */
  readonly from: number;
  readonly usual: number;
  /** What chance does to a week before the rise: a standard deviation. */
  readonly spread: number;
};

export const FEWEST_BEFORE = 4;
const FEWEST_RISING = 2;

/** The best fitting ramp; undefined where the points are too few, or do not rise. `noise`: the least standard deviation to reckon with. */
export function rampIn(points: readonly Point[], noise: number): Ramp | undefined {
  const n = points.length;
  let best: { from: number; usual: number; slope: number; error: number } | undefined;
  for (let from = FEWEST_BEFORE; from <= n - FEWEST_RISING; from++) {
    const fit = hinge(points, from);
    if (fit.slope > 0 && (best === undefined || fit.error < best.error)) best = { from, ...fit };
  }
  if (!best) return undefined;
  const { from, usual } = best;
  return { from, usual, spread: Math.max(noise, Math.sqrt(squaresIn(points, 0, from) / (from - 1))) };
}

/** Each value becomes the middle one of itself and its neighbours (Tukey's running median of 3): one bad week goes, steps and slopes stay. */
export function withoutSpikes(points: readonly Point[]): Point[] {
  return points.map((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    return before && after ? { ...point, value: middleOf(before.value, point.value, after.value) } : point;
  });
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The same row without what came at once: changes of more than `most`, and all of a week in which the house moved. */
export function withoutSteps(points: readonly Point[], most: number): Point[] {
  let value = points[0]?.value ?? 0;
  return points.map((point, i) => {
    const change = point.value - (points[i - 1] ?? point).value;
    if (!point.isMoved && Math.abs(change) <= most) value += change;
    return { week: point.week, value };
  });
}

/** Least squares of y = usual + slope x max(0, weeks since the last point before `from`). */
function hinge(points: readonly Point[], from: number): { usual: number; slope: number; error: number } {
  const n = points.length;
  const start = (points[from - 1] as Point).week;
  let [sumX, sumXX, sumY, sumXY, sumYY] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const { week, value } = points[i] as Point;
    const x = i < from ? 0 : week - start;
    sumX += x;
    sumXX += x * x;
    sumY += value;
    sumXY += x * value;
    sumYY += value * value;
  }
  const slope = (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX);
  const usual = (sumY - slope * sumX) / n;
  return { usual, slope, error: Math.max(0, sumYY - usual * sumY - slope * sumXY) };
}

/** The sum of squares around the mean of some points. */
function squaresIn(points: readonly Point[], from: number, to: number): number {
  let [sum, squares] = [0, 0];
  for (let i = from; i < to; i++) {
    const { value } = points[i] as Point;
    sum += value;
    squares += value * value;
  }
  return Math.max(0, squares - (sum * sum) / (to - from));
}
