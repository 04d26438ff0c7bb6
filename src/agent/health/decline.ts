/**
 * Whether a device answers worse than it used to: more questions lost, or most answers slower, than in its own past. Looked at every
 * quarter of an hour from counts, so that an answered probe changes two numbers; told after two bad quarters, over after two good ones. A device
 * that the kernel asks by ARP is timed by nobody, so only its losses are known. Pure.
 */
import { median } from '../../base/median.ts';
import type { CheckRecord, Decline, Losses, Past } from './health.ts';

export const NO_PAST: Past = { roundsThen: 0, runsThen: 0, quarters: 0, against: 0 };

/** With fewer questions than this a quarter is taken together with the next one. */
const FEWEST_ROUNDS = 20;
/** Under a usual 2 % one quarter in 100,000 has that much by chance, at 60 questions. */
const LOST = { share: 0.15, times: 4, least: 8 };
/** Three times as slow, and so much that a person might notice. */
const SLOW = { times: 3, moreMs: 50 };
/** So many more slow answers than others make a slow quarter. */
const SLOW_MAJORITY = 10;
/** What has declined is well again when it is less than this part as bad as what is called bad. */
const WELL = 0.5;
const QUARTERS_IN_A_ROW = 2;
const A_DAY = 96;
const A_WEEK = 7 * A_DAY;
/** A quarter moves what is usual at most as if it had been off by this part. */
const MOST_MOVE = 0.5;
const FEWEST_RTTS = 9;

type Watched = Pick<CheckRecord, 'rounds' | 'losses' | 'rtts' | 'slowness' | 'past'>;

/** Slow answers of this quarter less those that were not, after one more answer. */
export function slownessAfter({ slowness, past }: Pick<CheckRecord, 'slowness' | 'past'>, rttMs: number | undefined): number {
  if (rttMs === undefined || past.slowMs === undefined) return slowness;
  return rttMs > past.slowMs ? slowness + 1 : slowness - 1;
}

/** At the end of a quarter: what it says, and what it adds to what is usual. */
export function afterQuarter(record: Watched): Past {
  const { rounds, losses, past } = record;
  if (rounds - past.roundsThen < FEWEST_ROUNDS) return past;
  const judged = judgedBy(record, past.quarters >= A_DAY ? verdict(record) : undefined);
  const isUsual = judged.decline === undefined && judged.against === 0;
  const learned = isUsual ? { ...judged, usualMs: usualAfter(record), quarters: past.quarters + 1 } : judged;
  return begun({ ...learned, slowMs: slowLimit(learned) }, rounds, losses);
}

/** The past as a new quarter begins, with what the counts are then. */
export function begun(past: Past, rounds: number, { runs }: Losses): Past {
  return { ...past, roundsThen: rounds, runsThen: runs };
}

/** What is wrong in this quarter; with a decline already told, whether half of that is still there. */
function verdict(record: Watched): Decline | undefined {
  const { past } = record;
  const [delayed, lossy] = [delayIn(record), lossIn(record)];
  if (past.decline) return past.decline.by === 'loss' ? lossy : delayed;
  return lossy ?? delayed;
}

function lossIn({ rounds, losses, past }: Watched): Decline | undefined {
  const lost = losses.runs - past.runsThen;
  const now = lost / (rounds - past.roundsThen);
  if (past.decline?.by === 'loss') return now >= WELL * tooMuch(past.decline.usual) ? { ...past.decline, now } : undefined;
  const usual = past.runsThen / Math.max(1, past.roundsThen);
  return lost >= LOST.least && now >= tooMuch(usual) ? { by: 'loss', now, usual } : undefined;
}

function tooMuch(usual: number): number {
  return Math.max(LOST.share, LOST.times * usual);
}

function delayIn({ rtts, slowness, past }: Watched): Decline | undefined {
  if (slowness < SLOW_MAJORITY || past.usualMs === undefined) return undefined;
  return { by: 'delay', now: median(rtts), usual: past.usualMs };
}

function judgedBy({ past }: Watched, found: Decline | undefined): Past {
  if ((found === undefined) === (past.decline === undefined)) return { ...past, against: 0 };
  const against = past.against + 1;
  return against < QUARTERS_IN_A_ROW ? { ...past, against } : { ...past, against: 0, decline: found };
}

/** A mean of medians in which no single quarter weighs much. */
function usualAfter({ rtts, past }: Watched): number | undefined {
  if (rtts.length < FEWEST_RTTS) return past.usualMs;
  const sample = median(rtts);
  if (past.usualMs === undefined) return sample;
  const most = MOST_MOVE * past.usualMs;
  const move = Math.max(-most, Math.min(most, sample - past.usualMs));
  return past.usualMs + move / Math.min(past.quarters + 1, A_WEEK);
}

function slowLimit({ usualMs, quarters, decline }: Past): number | undefined {
  if (usualMs === undefined || quarters < A_DAY) return undefined;
  const limit = Math.max(SLOW.times * usualMs, usualMs + SLOW.moreMs);
  return decline?.by === 'delay' ? usualMs + WELL * (limit - usualMs) : limit;
}

/** For people: what it does now, and what it used to do. */
export function declineWords({ by, now, usual }: Decline): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const ms = (value: number): string => `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
  return by === 'loss'
    ? `It leaves ${percent(now)} of the first questions unanswered; usually ${usual < 0.005 ? 'hardly any' : percent(usual)}.`
    : `It takes ${ms(now)} to answer; usually ${ms(usual)}.`;
}
