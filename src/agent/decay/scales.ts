/**
 * How each measure is compared: on a scale where equal steps are equally bad and chance is about the same everywhere, with the least rise that is worth
 * telling. Counts go by Anscombe's root (Biometrika 35, 1948: 2 sqrt(x + 3/8) of a Poisson count has variance 1), shares and times by logarithm. The
 * numbers were tuned on simulated homes (docs/decisions/0020).
 */
import type { Measure } from './day.ts';

export type Link = 'wire' | 'air';

export type Scale = {
  /** Higher is worse. */
  readonly of: (value: number) => number;
  /** Chance moves a week by at least so much (a standard deviation), whatever the weeks before say. */
  readonly noise: number;
  /** A rise below this is told to nobody. In the air many small things add up that are nobody's fault. */
  readonly least: Readonly<Record<Link, number>>;
  /** Nor one below so many standard deviations of its own usual weeks. */
  readonly sigmas: number;
  /** What comes at once in a week, and is more than this, is a step and no decay; Infinity where a step is as bad. */
  readonly step: Readonly<Record<Link, number>>;
  /** So many of the newest weeks must all be bad: the last one in full, those before it to this part. What gets worse was better before. */
  readonly weeks: 2 | 3;
  readonly earlier: number;
  /** Below it nobody minds, whatever was usual: on the scale. */
  readonly matters: number;
};

const NONE = Number.NEGATIVE_INFINITY;
const ANY = Number.POSITIVE_INFINITY;

const root = (count: number): number => 2 * Math.sqrt(count + 3 / 8);
/** No neighbour's Wi-Fi restarts a device, so a step counts; but a bad week may reach into two. */
const COUNTED: Scale = {
  of: root,
  noise: 1,
  least: { wire: root(3) - root(0), air: root(3) - root(0) },
  sigmas: 3.2,
  step: { wire: ANY, air: ANY },
  weeks: 3,
  earlier: 0.8,
  matters: root(3),
};

/** `worse`: so many times as slow. The millisecond that is added takes the weight from fractions of one on a wire. */
function timed(worse: Readonly<Record<Link, number>>): Scale {
  const least = { wire: Math.log(worse.wire), air: Math.log(worse.air) };
  const step = { wire: 0.6 * least.wire, air: 0.42 * least.air };
  return { of: (ms) => Math.log(ms + 1), noise: 0.1, least, sigmas: 5, step, weeks: 2, earlier: 0.5, matters: NONE };
}

/** Of less than half a percent nobody can tell one from another. */
const lossOf = (share: number): number => Math.log(share + 0.005);

export const SCALES: Readonly<Record<Measure, Scale>> = {
  loss: {
    of: lossOf,
    noise: 0.15,
    least: { wire: 1, air: 2.1 },
    sigmas: 5,
    step: { wire: 0.5, air: 1 },
    weeks: 2,
    earlier: 0.5,
    matters: lossOf(0.08),
  },
  delay: timed({ wire: 1.6, air: 3 }),
  tail: timed({ wire: 1.6, air: 3.3 }),
  reboots: COUNTED,
  drops: COUNTED,
  battery: {
    of: (minutes) => -Math.log(minutes + 1),
    noise: 0.05,
    least: { wire: -Math.log(0.7), air: -Math.log(0.7) },
    sigmas: 5,
    step: { wire: 0.25, air: 0.25 },
    weeks: 2,
    earlier: 0.5,
    matters: NONE,
  },
};

export const isCount = (measure: Measure): boolean => SCALES[measure] === COUNTED;
