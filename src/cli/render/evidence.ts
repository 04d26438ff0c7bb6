/** The evidence behind a verdict, in words that a person in the house can read out on the phone. */
import { wayInWords } from '../../agent/health/evidence.ts';
import { duration } from '../../base/duration.ts';
import type { Evidence } from '../../protocol/messages.ts';
import { clockTime } from './words.ts';

const OUTCOME_WORDS = { answered: 'answered', silent: 'no answer', unable: 'could not ask' } as const;

/** One line a fact: the newest attempts, the last sign of life by each way, the hub's own condition. */
export function evidenceLines(evidence: Evidence, now: number): string[] {
  return [...attemptLines(evidence, now), ...lifeLines(evidence, now), ...hubLines(evidence)];
}

function attemptLines({ attempts }: Evidence, now: number): string[] {
  if (attempts.length === 0) return ['Asked: not yet.'];
  const lines = attempts.slice(-8).map((attempt) => {
    const rtt = attempt.rttMs === undefined ? '' : ` in ${attempt.rttMs} ms`;
    return `  ${clockTime(attempt.at, now)}  ${wayInWords(attempt.method).padEnd(5)} ${OUTCOME_WORDS[attempt.outcome]}${rtt} (${attempt.detail})`;
  });
  return ['Asked last:', ...lines];
}

function lifeLines({ lastAnswerAt }: Evidence, now: number): string[] {
  const known = Object.entries(lastAnswerAt).sort((a, b) => b[1] - a[1]);
  if (known.length === 0) return ['Signs of life: none since the agent started.'];
  return [
    'Last sign of life:',
    ...known.map(([method, at]) => `  ${wayInWords(method).padEnd(5)} ${duration(now - at)} ago (${clockTime(at, now)})`),
  ];
}

function hubLines({ hub }: Evidence): string[] {
  const link = hub.link === null ? 'link not known' : hub.link ? 'link up' : 'LINK DOWN';
  const gateway = hub.gateway === null ? 'no router known' : `router ${hub.gateway}`;
  return [`The hub itself: ${link}, ${gateway}, ${hub.othersAnswering} other devices answer, ${hub.eventLoopLagMs} ms behind.`];
}
