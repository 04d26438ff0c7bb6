/** What a device that gets worse week by week is worth saying of its end: that it should be replaced, or looked at first. Never more than `due`: nobody announced it. */
import { duration } from '../../base/duration.ts';
import type { Measure } from '../decay/day.ts';
import type { Decay } from '../decay/decay.ts';
import type { ToldEnd } from './verdict.ts';

export function decayEnd(decay: Decay): ToldEnd {
  const { measure, since, found, isClear } = decay;
  return {
    cause: measure === 'battery' ? 'battery' : 'replace',
    name: `decay-${since}`,
    stage: isClear ? 0 : 365,
    verdict: {
      state: isClear ? 'due' : 'plan',
      critical: false,
      tell: 'client',
      why: decayWords(decay),
      grade: 'observed decay',
      toDo: `${FIRST[measure]} ${measure === 'battery' ? '' : isClear ? 'Then plan its replacement.' : 'Then think of what comes after it.'}`.trim(),
      source: { title: 'what the hub measured of it, against its own past', readOn: found },
      facts: [],
    },
  };
}

/** One sentence: what it does now, since when it got worse, and what was usual. */
export function decayWords({ measure, since, usual, now }: Decay): string {
  return `${SAYS[measure](amount(measure, now))}, and it has got worse since ${since}; before, it was ${amount(measure, usual)}.`;
}

const SAYS: Readonly<Record<Measure, (now: string) => string>> = {
  reboots: (now) => `It restarts ${now}`,
  drops: (now) => `It falls silent for a while, by itself, ${now}`,
  loss: (now) => `It leaves ${now} of the questions unanswered`,
  delay: (now) => `It takes ${now} to answer`,
  tail: (now) => `A tenth of its answers take ${now} or more`,
  battery: (now) => `Its battery would last ${now}`,
};

/** Innocent reasons come first. */
const FIRST: Readonly<Record<Measure, string>> = {
  reboots: 'Look at its power supply, and whether it gets too warm.',
  drops: 'Look at its power supply and its cable.',
  loss: 'Look at its antenna, its cable and what was put in its way.',
  delay: 'See what else it is busy with, and how full its storage is.',
  tail: 'See what else it is busy with, and how full its storage is.',
  battery: 'Plan a new battery, if no more hangs on it than before.',
};

/** With its unit, for people. */
export function amount(measure: Measure, value: number): string {
  switch (measure) {
    case 'reboots':
    case 'drops':
      return value < 0.5 ? 'hardly ever' : value < 1.5 ? 'once a week' : `${Math.round(value)} times a week`;
    case 'loss':
      return value < 0.005 ? 'hardly any' : `${Math.round(value * 100)} %`;
    case 'delay':
    case 'tail':
      return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
    case 'battery':
      return duration(value * 60_000);
  }
}
