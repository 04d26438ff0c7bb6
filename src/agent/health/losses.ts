/**
 * What a device's link loses, learned from the checks themselves, and how many silent answers in a row therefore make `down`: a link that
 * loses packets one by one needs few, one that loses them in bursts needs many (reliability maths: false downs a year are rounds a year
 * x P(first answer lost) x P(next one lost too) ^ (n - 1)). Pure; counts only, so that an answered probe changes one number.
 */
import type { CheckProfile, CheckRecord, HealthBook, Learned, Losses } from './health.ts';

export const NO_LOSSES: Losses = { runs: 0, followed: 0, lostAgain: 0 };

/** False downs that a home may have in a year for loss alone. */
const BUDGET_A_YEAR = 0.5;
const YEAR_MS = 31_557_600_000;
const DAY_MS = 86_400_000;
export const FEWEST_CONFIRMATIONS = 6;
export const MOST_CONFIRMATIONS = 30;
/** Before a link has lost anything: as if so many losses had been seen that all stayed alone, which bounds P(again) by 0.12. */
const PRIOR_FOLLOWED = 20;
/** One-sided 95 %. */
const Z = 1.645;
/** One run weighs no more than this: a device that restarts in ten seconds has no bad link. */
const HEAVIEST_RUN = 5;
/** Older questions weigh half: rounds and runs are halved together after two weeks of rounds, what follows a loss after so many of them. */
const MEMORY_MS = 14 * DAY_MS;
const MEMORY_FOLLOWED = 200;
/** From here on more is lost than got through once something was lost. */
const UNRELIABLE = 0.5;

/** After a run of `misses` lost answers. `wasAsked`: a probe ended it at its spacing; otherwise the device spoke by itself, and what it would have answered is not known. */
export function afterRun({ rounds, losses }: Learned, misses: number, wasAsked: boolean): Learned {
  const lost = Math.min(misses, HEAVIEST_RUN);
  const { runs, followed, lostAgain } = losses;
  return {
    rounds: rounds + 1,
    losses: { runs: runs + 1, followed: followed + lost - (wasAsked ? 0 : 1), lostAgain: lostAgain + lost - 1 },
  };
}

/**
 * Whether another device on the interface was heard in the silence of this one, before its newest question was put: not later, when all may be
 * back.
 */
export function isOtherHeard(book: HealthBook, record: CheckRecord, untilMs: number): boolean {
  for (const other of book.values()) if (isHeardBeside(record, other, untilMs)) return true;
  return false;
}

/** The same of one other. */
export function isHeardBeside(record: CheckRecord, { deviceId, interface: place, life }: CheckRecord, untilMs: number): boolean {
  if (deviceId === record.deviceId || place !== record.interface || !life) return false;
  return life.at.monoMs >= (record.silentSinceMs ?? untilMs) && life.at.monoMs <= untilMs;
}

/** With old questions weighing less; the same object where nothing is old. */
export function faded<L extends Learned>(learned: L, intervalMs: number): L {
  const { rounds, losses } = learned;
  const isLong = rounds * intervalMs > MEMORY_MS;
  const isMuch = losses.followed > MEMORY_FOLLOWED;
  if (!isLong && !isMuch) return learned;
  return {
    ...learned,
    rounds: isLong ? rounds / 2 : rounds,
    losses: {
      runs: isLong ? losses.runs / 2 : losses.runs,
      followed: isMuch ? losses.followed / 2 : losses.followed,
      lostAgain: isMuch ? losses.lostAgain / 2 : losses.lostAgain,
    },
  };
}

/** How many silent answers in a row make `down`, with so many devices in the home; `start` is what the profile begins with, `fewest` what people want at least. */
export function confirmationsFor(start: CheckProfile, learned: Learned, devices: number, fewest?: number): number {
  const needed = confirmations(shareLost(learned, start.intervalMs), againAtWorst(learned.losses), start.intervalMs, devices, fewest);
  return learned.rounds < aDayOf(start.intervalMs) ? Math.max(needed, start.confirmations) : needed;
}

/**
 * n = 1 + ln(B T / (N Y p1)) / ln c, kept within its bounds. All devices are taken for watched, and their number is rounded up to a power
 * of two, so that a newcomer does not change what is promised of everybody.
 */
export function confirmations(lost: number, again: number, intervalMs: number, devices: number, fewest = FEWEST_CONFIRMATIONS): number {
  const atOnce = 2 ** Math.ceil(Math.log2(Math.max(1, devices)));
  const perRound = (BUDGET_A_YEAR * intervalMs) / (atOnce * YEAR_MS);
  const needed = 1 + Math.ceil(Math.log(perRound / lost) / Math.log(again));
  return Math.min(MOST_CONFIRMATIONS, Math.max(fewest, needed));
}

/** P(lost) of a question out of the blue: with one more loss than was seen, and in the first day as if that had been a whole one. */
export function shareLost({ rounds, losses }: Learned, intervalMs: number): number {
  return Math.min(1, (losses.runs + 1) / (Math.max(rounds, aDayOf(intervalMs)) + 1));
}

function aDayOf(intervalMs: number): number {
  return DAY_MS / intervalMs;
}

/** Upper 95 % bound (Wilson, J. Am. Stat. Assoc. 22, 1927) of P(lost) of a question that follows a lost one; below 1. */
export function againAtWorst({ followed, lostAgain }: Losses): number {
  const n = followed + PRIOR_FOLLOWED;
  const p = lostAgain / n;
  return (p + (Z * Z) / (2 * n) + Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n))) / (1 + (Z * Z) / n);
}

/** Fewer than this many losses in a row say nothing yet. */
const TOLD_FROM = 3;

/** Why a failure is noticed late, for people; undefined where it is not, or where not enough is known. */
export function linkWords(profile: CheckProfile, start: CheckProfile, losses: Losses): string | undefined {
  if (profile.confirmations <= start.confirmations || losses.lostAgain < TOLD_FROM) return undefined;
  return againAtWorst(losses) > UNRELIABLE
    ? 'because its link is unreliable and often loses many packets in a row'
    : 'because its link often loses several packets in a row';
}
