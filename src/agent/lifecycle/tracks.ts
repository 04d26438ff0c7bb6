/**
 * What of a device nears an end that people are told of in stages: one track for each end. A fact that its source doubts, or that nobody read, makes
 * none; ends of one cause on one day are one track. What a track says is for clients.
 */
import { createHash } from 'node:crypto';
import { kindTraits } from '../inventory/kinds.ts';
import type { Fact } from './fact.ts';
import type { Looked } from './looked.ts';
import { decidingEnd, type Evidence, isDoubtful, type Now, type Verdict, verdictOnAge, verdictOnFact } from './verdict.ts';

export type Cause = 'support' | 'cloud' | 'replace' | 'certificate' | 'warranty' | 'battery';

export type Track = {
  /** The device's id. */
  readonly device: string;
  readonly cause: Cause;
  /**
   * Tells the tracks of one cause apart, the same through years: lower-case letters, digits and hyphens, at most 40. What was over and comes again is
   * another track, and told anew: put the day since when into its name (`decay-2026-11-22`).
   */
  readonly name: string;
  /** When it ends, as exactly as it is known: `2027-03`. None for what has no day (an age, a worn battery): then `stage` says how near it is. */
  readonly ends?: string;
  /** In place of what `ends` says: 365 to plan for, 0 for now. */
  readonly stage?: 0 | 365;
  /** Once it is past: attackers use holes that nobody closes. */
  readonly exploited?: true;
  /** People rely on it to be safe. */
  readonly guards?: true;
  /** One sentence for people: what ends, and when. */
  readonly why: string;
  /** Further sentences: what to do, what stops, on what grade of evidence, who says so. */
  readonly more: string;
};

/** In no order. Nothing for a person's device. */
export function tracksOf(device: Looked, evidence: Evidence, now: Now): Track[] {
  if (device.personal) return [];
  const about = evidence.found.flatMap((one) => (one.is === 'about' && !isDoubtful(one.fact) ? [one.fact] : []));
  const tracks = [
    ...about.flatMap((fact) => factTracks(device, fact, now)),
    ...toldTracks(device, evidence),
    ...ageTrack(device, evidence),
    ...warrantyTrack(device),
  ];
  return [...new Map(tracks.toReversed().map((track) => [`${track.cause} ${track.ends ?? track.name}`, track])).values()].toReversed();
}

/** The earliest end that hurts, and apart from it that of the services it needs. */
function factTracks(device: Looked, fact: Fact, now: Now): Track[] {
  const end = decidingEnd(fact);
  if (end === undefined || end === 'sale') return [];
  const { cloud } = fact.ends;
  // Holes that are attacked weigh more than what is switched off on the same day.
  const isOneEnd = end === 'cloud' || cloud === fact.ends[end];
  const isOnline = !fact.exploited && (isOneEnd || end === 'apps');
  const later = !isOneEnd && !isOnline && cloud !== undefined ? [trackOf(device, { ...fact, ends: { cloud } }, 'cloud', now)] : [];
  return [trackOf(device, fact, isOnline ? 'cloud' : 'support', now), ...later];
}

function trackOf(device: Looked, fact: Fact, cause: 'support' | 'cloud', now: Now): Track {
  const verdict = verdictOnFact(fact, device.kind, now);
  const { ends } = verdict;
  return {
    device: device.id,
    cause,
    name: nameOf(fact.id),
    // What was called ended by a day ended on no day that is known.
    ...(ends?.atTheLatest ? { stage: 0 } : ends ? { ends: ends.on } : {}),
    ...(fact.exploited ? { exploited: true } : {}),
    ...(kindTraits(device.kind ?? fact.kind).criticality === 'safety' ? { guards: true } : {}),
    ...saidBy(verdict),
  };
}

/** What was heard once, or does not tell a lamp from a laser, is for the desk to look at. */
function toldTracks(device: Looked, { told }: Evidence): Track[] {
  return (told?.ends ?? []).flatMap(({ cause, name, stage, verdict }): Track[] => {
    if (verdict.tell === 'desk') return [];
    const ends = verdict.ends?.on;
    return [{ device: device.id, cause, name, ...(ends ? { ends } : {}), ...(stage === undefined ? {} : { stage }), ...saidBy(verdict) }];
  });
}

function ageTrack(device: Looked, evidence: Evidence): Track[] {
  const verdict = verdictOnAge(evidence);
  if (!verdict || verdict.tell === 'desk') return [];
  const stage = verdict.state === 'plan' ? 365 : 0;
  const guards = verdict.critical ? { guards: true as const } : {};
  return [{ device: device.id, cause: 'replace', name: 'age', stage, ...guards, ...saidBy(verdict) }];
}

function warrantyTrack({ id, warrantyUntil }: Looked): Track[] {
  if (warrantyUntil === undefined) return [];
  const why = `Its warranty ends ${warrantyUntil}, as people said.`;
  return [
    {
      device: id,
      cause: 'warranty',
      name: 'warranty',
      ends: warrantyUntil,
      why,
      more: 'What does not work well should be seen to before.',
    },
  ];
}

const LONGEST_NAME = 40;
const HASH_LETTERS = 8;

/** Ids of facts that people add may be longer than a key has room for. */
function nameOf(id: string): string {
  if (id.length <= LONGEST_NAME) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, HASH_LETTERS);
  return `${id.slice(0, LONGEST_NAME - HASH_LETTERS - 1)}-${hash}`;
}

/** The sentence of a verdict, and all that a person needs beside it. */
export function saidBy({ why, toDo, stops, stays, grade, source }: Verdict): Pick<Track, 'why' | 'more'> {
  const { title, url, readOn } = source;
  const told = [title, ...(url === undefined ? [] : [url]), ...(readOn === undefined ? [] : [`read ${readOn}`])].filter(Boolean);
  const more = [
    toDo,
    ...(stops === undefined ? [] : [`What stops: ${closed(stops)}`]),
    ...(stays === undefined ? [] : [`What goes on: ${closed(stays)}`]),
    `Evidence: ${[grade, ...told].join(', ')}.`,
  ];
  return { why, more: more.join(' ') };
}

function closed(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
