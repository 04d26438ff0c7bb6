/**
 * One measure of one device, week by week: whether it drifts. A drift that was found lasts until two weeks are good again: then somebody repaired it, and all
 * begins anew. Pure; values on the scale of the measure.
 */
import { FEWEST_BEFORE, type Point } from './trend.ts';

export type Drift = {
  /** The first week of the rise, and the one in which it was found. */
  readonly since: number;
  readonly found: number;
  readonly usual: number;
  /** How far it had risen when it was found. */
  readonly rise: number;
  /** The same in standard deviations of a week before the rise. */
  readonly sigmas: number;
};

export type Course = {
  /** Oldest first, at most a year. */
  readonly points: readonly Point[];
  /** The lower quarter of them: usual even while the newest rise. */
  readonly low: number;
  readonly drift?: Drift | undefined;
};

const A_YEAR = 52;
export const NO_COURSE: Course = { points: [], low: Number.POSITIVE_INFINITY };

/** Enough weeks to say what is usual. */
export const isKnown = ({ points }: Course): boolean => points.length >= FEWEST_BEFORE;

/** After one more week. */
export function after(course: Course, point: Point): Course {
  const { drift } = course;
  const points = [...course.points, point].slice(-A_YEAR);
  if (!drift) return { points, low: lowOf(points) };
  const isWell = points.slice(-2).every(({ value }) => value < drift.usual + drift.rise / 2);
  return isWell ? { points: points.slice(-2), low: lowOf(points.slice(-2)) } : { points, low: course.low, drift };
}

function lowOf(points: readonly Point[]): number {
  const sorted = points.map(({ value }) => value).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 4)] ?? Number.POSITIVE_INFINITY;
}
