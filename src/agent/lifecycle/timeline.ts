/** All of a device that has ended or ends within five years: what its maker said, its warranty, and when its kind usually gives up. */
import { dayOf, lastMomentOf } from '../../base/partial-date.ts';
import type { End } from './fact.ts';
import type { Looked } from './looked.ts';
import { isContradicted, YEAR_MS } from './service-life.ts';
import { type Evidence, isDoubtful, type Now, type Verdict, WHAT } from './verdict.ts';

export type TimelineEnd = NonNullable<Verdict['ends']>;

const YEARS_AHEAD = 5;
/** As many as a message holds; those that are over longest give way. */
const MOST_ENDS = 12;

/** In order of date. Of a fact that the desk has to check first nothing but what the verdict says. */
export function timelineOf(device: Looked, evidence: Evidence, verdict: Verdict | undefined, now: Now): TimelineEnd[] {
  const facts = evidence.found.flatMap((one) => (one.is === 'about' && !isDoubtful(one.fact) ? [one.fact] : []));
  const ends = [
    ...facts.flatMap(({ ends: of }) => (Object.keys(WHAT) as (End | 'pastBy')[]).flatMap((end) => endOf(end, of[end]))),
    ...(verdict?.ends ? [verdict.ends] : []),
    ...(device.warrantyUntil === undefined ? [] : [{ what: 'the warranty', on: device.warrantyUntil }]),
    ...(evidence.told?.dates ?? []),
    ...usualEnd(evidence, now),
  ];
  const horizon = now.at + YEARS_AHEAD * YEAR_MS;
  const once = new Map(ends.map((end) => [`${end.what} ${end.on}`, end]));
  return [...once.values()]
    .filter(({ on }) => lastMomentOf(on) <= horizon)
    .toSorted((a, b) => lastMomentOf(a.on) - lastMomentOf(b.on))
    .slice(-MOST_ENDS);
}

function endOf(end: End | 'pastBy', on: string | undefined): TimelineEnd[] {
  if (on === undefined) return [];
  return [{ what: WHAT[end], on, ...(end === 'pastBy' ? { atTheLatest: true } : {}) }];
}

/** Only from a date that people told: since when the hub has seen a device says nothing of how long it will last. To the year, for it is no more than a rule. */
function usualEnd({ age, life }: Evidence, now: Now): TimelineEnd[] {
  if (age?.atMost === undefined || isContradicted(age) || !life || life.confidence === 'low') return [];
  return [{ what: 'its usual life', on: dayOf(now.at + (life.high - age.atMost) * YEAR_MS).slice(0, 4) }];
}
