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
  /** Whom it shares what moves it with: those on its link, or all of the house. */
  readonly shared: 'link' | 'house';
  /** So many others tell what is common to all; with fewer, and more than none, nothing is taken away. */
  readonly fewestPeers: number;
};

const ON_ITS_LINK = { shared: 'link', fewestPeers: 5 } as const;

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
  ...ON_ITS_LINK,
};

/** `worse`: so many times as slow. The millisecond that is added takes the weight from fractions of one on a wire. */
function timed(worse: Readonly<Record<Link, number>>): Scale {
  const least = { wire: Math.log(worse.wire), air: Math.log(worse.air) };
  const step = { wire: 0.6 * least.wire, air: 0.42 * least.air };
  return { of: (ms) => Math.log(ms + 1), noise: 0.1, least, sigmas: 5, step, weeks: 2, earlier: 0.5, matters: NONE, ...ON_ITS_LINK };
}

/** Of less than half a percent nobody can tell one from another. */
const lossOf = (share: number): number => Math.log(share + 0.005);

/** Of ten in a million nobody can tell one from another. */
function perMillion(frames: number): number {
  return Math.log(frames + 10);
}

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
    ...ON_ITS_LINK,
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
    ...ON_ITS_LINK,
  },
  /**
   * Dust, a fan that slows down: a dozen degrees over the months. A summer does that to a whole house, so all that tell are each other's thermometers, and where
   * nothing else tells, more is asked for (house.ts). What comes at once was put beside it, or it was moved. Below 35 degrees nothing suffers; above 25, each eight
   * halve the life of the lead battery in a UPS (Schneider Electric, FAQ FA158934).
   */
  temperature: {
    of: (degrees) => degrees,
    noise: 1,
    least: { wire: 12, air: 12 },
    sigmas: 4,
    step: { wire: 8, air: 8 },
    weeks: 2,
    earlier: 0.5,
    matters: 35,
    shared: 'house',
    fewestPeers: 1,
  },
  /**
   * How much a link damages does not change with how much is sent over it, nor by itself (350,000 links: Zhuo et al., SIGCOMM 2017), so a step is news as well.
   * From one in 10,000 on: HP's rule for its switches was one in 5,000, and a link that keeps to IEEE 802.3 damages one long frame in a million.
   */
  damage: {
    of: perMillion,
    noise: 0.4,
    least: { wire: perMillion(100) - perMillion(0), air: ANY },
    sigmas: 4,
    step: { wire: ANY, air: ANY },
    weeks: 3,
    earlier: 0.8,
    matters: NONE,
    ...ON_ITS_LINK,
  },
  /** Never told (house.ts). */
  discards: {
    of: perMillion,
    noise: 0.4,
    least: { wire: ANY, air: ANY },
    sigmas: ANY,
    step: { wire: ANY, air: ANY },
    weeks: 3,
    earlier: 1,
    matters: ANY,
    ...ON_ITS_LINK,
  },
};

export const isCount = (measure: Measure): boolean => SCALES[measure] === COUNTED;
