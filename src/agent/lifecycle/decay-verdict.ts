/** What a device that gets worse week by week is worth saying of its end: that it should be replaced, or looked at first. Never more than `due`: nobody announced it. */
import { duration } from '../../base/duration.ts';
import type { ToldMeasure } from '../decay/day.ts';
import type { Decay } from '../decay/decay.ts';
import type { ToldEnd, Verdict } from './verdict.ts';

export function decayEnd(decay: Decay): ToldEnd {
  const { measure, since, found, isClear } = decay;
  return {
    cause: measure === 'battery' ? 'battery' : 'replace',
    name: `decay-${since}`,
    stage: isClear ? 0 : 365,
    verdict: {
      ...(isOfItself(measure) ? { state: isClear ? 'due' : 'plan', tell: 'client' } : TO_CHECK),
      critical: false,
      why: decayWords(decay),
      grade: 'observed decay',
      toDo: `${FIRST[measure]} ${AFTERWARDS[measure] ?? (isClear ? 'Then plan its replacement.' : 'Then think of what comes after it.')}`.trim(),
      source: { title: 'what the hub measured of it, against its own past', readOn: found },
      facts: [],
    },
  };
}

/**
 * A cable is no old device, and warmth alone ends few: of 100,000 disks the warm ones did not fail more often but for the hottest and the old (Pinheiro et al., FAST
 * 2007). Both are for somebody to look at, and nothing to sell a new device on.
 */
const TO_CHECK: Pick<Verdict, 'state' | 'tell'> = { state: 'check', tell: 'desk' };
const isOfItself = (measure: ToldMeasure): boolean => measure !== 'damage' && measure !== 'temperature';

/** What has ended of it, for its timeline: nobody knows when it will fail, but since when it is not what it was. */
export function decayDate({ measure, since }: Decay): NonNullable<Verdict['ends']> {
  return { what: measure === 'damage' ? 'a clean line, as measured' : 'its usual form, as measured', on: since };
}

/** One sentence: what it does now, since when it got worse, and what was usual. */
export function decayWords({ measure, port, since, usual, now }: Decay): string {
  const counted = port?.of === undefined ? '' : ` (counted on port ${port.name} of ${port.of})`;
  const whose = port !== undefined && port.of === undefined ? `the cable in its port ${port.name}` : 'its cable';
  return `${SAYS[measure](amount(measure, now), whose)}${counted}, and it has got worse since ${since}; before, it was ${amount(measure, usual)}.`;
}

const SAYS: Readonly<Record<ToldMeasure, (now: string, cable: string) => string>> = {
  reboots: (now) => `It restarts ${now}`,
  drops: (now) => `It falls silent for a while, by itself, ${now}`,
  loss: (now) => `It leaves ${now} of the questions unanswered`,
  delay: (now) => `It takes ${now} to answer`,
  tail: (now) => `A tenth of its answers take ${now} or more`,
  battery: (now) => `Its battery would last ${now}`,
  temperature: (now) => `It is ${now} warm inside`,
  damage: (now, cable) => `Over ${cable} ${now} arrive damaged`,
};

/** Innocent reasons come first. */
const FIRST: Readonly<Record<ToldMeasure, string>> = {
  reboots: 'Look at its power supply, and whether it gets too warm.',
  drops: 'Look at its power supply and its cable.',
  loss: 'Look at its antenna, its cable and what was put in its way.',
  delay: 'See what else it is busy with, and how full its storage is.',
  tail: 'See what else it is busy with, and how full its storage is.',
  battery: 'Plan a new battery, if no more hangs on it than before.',
  temperature: 'See what was put around it, that its vents are clean and its fan turns; of a UPS it may be the battery.',
  damage:
    'It is the cable, a plug, the port at either end, or two ends that do not agree on half or full duplex: change the cable, then the port.',
};

const AFTERWARDS: Partial<Record<ToldMeasure, string>> = {
  battery: '',
  temperature: 'It need not end for that; what stays hot ages faster.',
  damage: 'The device itself need not be old.',
};

/** With its unit, for people. */
export function amount(measure: ToldMeasure, value: number): string {
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
    case 'temperature':
      return `${Math.round(value)} °C`;
    case 'damage':
      return value < 1
        ? 'none'
        : value < 10_000
          ? `${Math.round(value)} in a million frames`
          : `${(value / 10_000).toFixed(1)} % of the frames`;
  }
}
