/** The evidence behind a verdict, in words that a person in the house can read out on the phone. */
import type { Evidence } from '../../protocol/messages.ts';
import { clockTime, duration } from './words.ts';

const METHOD_WORDS: Readonly<Record<string, string>> = {
  udp: 'UDP',
  tcp: 'TCP',
  icmp: 'ping',
  arp: 'ARP',
  neighbour: 'ARP',
  ssdp: 'SSDP',
  mdns: 'mDNS',
  upnp: 'UPnP',
  dns: 'DNS',
  internet: 'internet',
};

const OUTCOME_WORDS = { answered: 'answered', silent: 'no answer', unable: 'could not ask' } as const;

export function inWords(method: string): string {
  return METHOD_WORDS[method] ?? method;
}

/** One line a fact: the newest attempts, the last sign of life by each way, the hub's own condition. */
export function evidenceLines(evidence: Evidence, now: number): string[] {
  return [...attemptLines(evidence, now), ...lifeLines(evidence, now), ...hubLines(evidence)];
}

function attemptLines({ attempts }: Evidence, now: number): string[] {
  if (attempts.length === 0) return ['Asked: not yet.'];
  const lines = attempts.slice(-8).map((attempt) => {
    const rtt = attempt.rttMs === undefined ? '' : ` in ${attempt.rttMs} ms`;
    return `  ${clockTime(attempt.at, now)}  ${inWords(attempt.method).padEnd(5)} ${OUTCOME_WORDS[attempt.outcome]}${rtt} (${attempt.detail})`;
  });
  return ['Asked last:', ...lines];
}

function lifeLines({ lastAnswerAt }: Evidence, now: number): string[] {
  const known = Object.entries(lastAnswerAt).sort((a, b) => b[1] - a[1]);
  if (known.length === 0) return ['Signs of life: none since the agent started.'];
  return [
    'Last sign of life:',
    ...known.map(([method, at]) => `  ${inWords(method).padEnd(5)} ${duration(now - at)} ago (${clockTime(at, now)})`),
  ];
}

function hubLines({ hub }: Evidence): string[] {
  const link = hub.link === null ? 'link not known' : hub.link ? 'link up' : 'LINK DOWN';
  const gateway = hub.gateway === null ? 'no router known' : `router ${hub.gateway}`;
  return [`The hub itself: ${link}, ${gateway}, ${hub.othersAnswering} other devices answer, ${hub.eventLoopLagMs} ms behind.`];
}
