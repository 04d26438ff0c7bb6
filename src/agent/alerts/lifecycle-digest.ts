/** One message for many ends: what the first day in a home found, or a newer catalogue, or a day on which much comes together. */
import { createHash } from 'node:crypto';
import type { Instant } from '../../base/clock.ts';
import { ALERT_CATALOGUE } from '../../protocol/alert-catalogue.ts';
import type { Track } from '../lifecycle/tracks.ts';
import { type Alert, titleOf } from './alerts.ts';

type Told = { readonly track: Track; readonly stage: number };

/** So many by name; the rest is a number. */
const NAMED = 8;
const NEAR_DAYS = 90;

/** Over when it is told. The same ends at the same stages have the same key, so that a hub that was restored does not tell them as news. */
export function lifecycleDigest(told: readonly Told[], toCheck: number, subjectOf: (device: string) => string, now: Instant): Alert {
  const code = 'lifecycle-digest';
  const at = Math.round(now.wallMs);
  const nearest = nearestOfEach(told);
  const size = `${nearest.length} ${nearest.length === 1 ? 'device' : 'devices'}`;
  return {
    key: `${code}:${contentOf(told)}`,
    code,
    severity: ALERT_CATALOGUE[code].severity,
    title: titleOf(code, size),
    text: [countWords(nearest, toCheck), namesOf(nearest, subjectOf), 'All of them: hearthbeat lifecycle list.'].join(' ').slice(0, 2048),
    raisedAt: at,
    actionableAt: at,
    clearedAt: at,
  };
}

/** Of each device what is most urgent, the most urgent first. */
function nearestOfEach(told: readonly Told[]): Told[] {
  const sorted = told.toSorted((a, b) => a.stage - b.stage || (a.track.ends ?? '').localeCompare(b.track.ends ?? ''));
  return [...Map.groupBy(sorted, ({ track }) => track.device).values()].flatMap(([first]) => first ?? []);
}

function countWords(nearest: readonly Told[], toCheck: number): string {
  const count = (belongs: (stage: number) => boolean): number => nearest.filter(({ stage }) => belongs(stage)).length;
  const parts = [
    [count((stage) => stage === 0), 'past it or due now'],
    [count((stage) => stage > 0 && stage <= NEAR_DAYS), `within ${NEAR_DAYS} days of it`],
    [count((stage) => stage > NEAR_DAYS), 'within a year of it'],
  ] as const;
  const counted = parts.flatMap(([n, words]) => (n === 0 ? [] : [`${n} ${words}`]));
  const rest = toCheck === 0 ? '' : ` ${toCheck} more to be checked before anybody is told.`;
  return `Near their end: ${counted.join(', ')}.${rest}`;
}

function namesOf(nearest: readonly Told[], subjectOf: (device: string) => string): string {
  const names = nearest.slice(0, NAMED).map(({ track }) => `${subjectOf(track.device)}: ${track.why}`);
  const more = nearest.length > NAMED ? [`And ${nearest.length - NAMED} more.`] : [];
  return [...names, ...more].join(' ');
}

function contentOf(told: readonly Told[]): string {
  const lines = told.map(({ track: { device, cause, name, ends }, stage }) => `${device} ${cause} ${ends ?? name} ${stage}`);
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex').slice(0, 26);
}
