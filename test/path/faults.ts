/**
 * What goes wrong in one life of the path. A swarm: in each seed most kinds of fault rest, so that each is also met alone, and the others come at
 * rates of their own (Groce et al., "Swarm Testing", ISSTA 2012).
 */
import type { OutboxLimits } from '../../src/agent/store/outbox-store.ts';
import type { Random } from '../../src/base/random.ts';
import { between, fork } from '../../src/simulation/seeded-random.ts';
import { RIGHT_CLOCKS, type WrongClocks } from './machine.ts';

/** How often at most: `an effect`, `a message`, `a statement` as a probability, `a minute` as a rate for each machine. */
const MOST = {
  /** The hub's process dies at an effect: before or after a statement, a commit or a message. */
  hubDies: 1 / 100,
  /** It is ended in order, a minute. */
  hubRestarts: 0.5,
  hubStops: 0.7,
  /** An image of the hub's card is put back to it some time after it was made, a minute. */
  hubRestored: 0.8,
  hubDiskFull: 0.8,
  hubClockSteps: 1,
  lineResets: 2,
  /** Nothing passes any more and neither end knows, a minute. */
  lineHalfOpen: 0.8,
  /** A packet takes seconds. */
  lineSlow: 0.3,
  brokerDies: 0.6,
  /** Up for a second and down for four, for a while; a minute. */
  brokerFlaps: 0.3,
  /** A message is not handed on: the broker's queue for that client is full. */
  brokerDrops: 0.2,
  brokerDoubles: 0.3,
  /** A message is overtaken by later ones. */
  brokerHoldsBack: 0.2,
  /** A message is handed on again long after. */
  brokerRepeats: 0.1,
  deskDies: 1 / 300,
  deskStops: 0.7,
  /** A copy of its database is put in place of it some time after it was made, a minute. */
  deskRestored: 1,
  /** A statement fails as on a full disk. */
  deskRefuses: 0.01,
  /** A transaction takes up to seconds. */
  deskSlow: 1,
} as const;

export type Fault = keyof typeof MOST;
export type Faults = Readonly<Record<Fault, number>>;

export const FAULTS = Object.keys(MOST) as readonly Fault[];

const RESTS = 0.6;

export const NO_FAULTS = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Faults;

/** `without`: what rests whatever the seed says; the others stay as they are. */
export function drawFaults(random: Random, without: ReadonlySet<Fault> = new Set()): Faults {
  const rate = (fault: Fault): number => {
    const [rests, strength] = [random.fraction() < RESTS, random.fraction()];
    return rests || without.has(fault) ? 0 : strength * MOST[fault];
  };
  return Object.fromEntries(FAULTS.map((fault) => [fault, rate(fault)])) as Faults;
}

/** What a life is like apart from its faults. */
export type Setting = {
  readonly sites: number;
  readonly heartbeatS: number;
  /** Mean time between two changes in a home. */
  readonly changeEveryMs: number;
  readonly limits: OutboxLimits;
  /** The card was written by the version before this one. */
  readonly isUpgraded: boolean;
};

const ROOMY: OutboxLimits = { rows: 60_000, bytes: 16 * 1024 * 1024, alertRows: 20_000 };
const SMALL: OutboxLimits = { rows: 14, bytes: 1024 * 1024, alertRows: 8 };

export function drawSetting(random: Random): Setting {
  const crowd = random.fraction();
  const sites = crowd < 0.9 ? 1 : crowd < 0.995 ? 2 + Math.floor(random.fraction() * 2) : 20;
  return {
    sites,
    heartbeatS: random.fraction() < 0.7 ? 30 : 10,
    changeEveryMs: between(random, [2_500, 12_000]) * (sites > 3 ? 3 : 1),
    limits: random.fraction() < 0.35 ? SMALL : ROOMY,
    isUpgraded: random.fraction() < 0.1,
  };
}

const DAY_MS = 86_400_000;

/** Days behind or ahead, ten times too fast, or right; the monotonic clock is off by as much as cheap crystals are. */
export function drawClocks(random: Random): WrongClocks {
  const own = fork(random);
  const partsPerMillion = between(own, [-100, 100]);
  if (own.fraction() < 0.5) return { ...RIGHT_CLOCKS, partsPerMillion };
  return {
    partsPerMillion,
    wallErrorMs: between(own, [-3, own.fraction() < 0.5 ? 3 : 400]) * DAY_MS,
    wallRate: own.fraction() < 0.2 ? 10 : 1,
  };
}
