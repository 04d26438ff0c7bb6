/** What the page says, in words: durations, states, presence, and what the evidence rules out. Pure, so that every sentence is tested. */
import type { PresenceView, SiteView } from '../desk/views.ts';
import type { Attempt, Evidence, HealthState } from '../protocol/messages.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `40 s`, `12 min`, `3 h 20 min`, `5 days`; the client script says it the same way. */
export function duration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return minutes === 0 ? `${Math.floor(span / HOUR)} h` : `${Math.floor(span / HOUR)} h ${minutes} min`;
  }
  return `${Math.floor(span / DAY)} days`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Signs differ in shape, not only in colour. */
export const STATES: Readonly<Record<HealthState, { readonly word: string; readonly sign: string }>> = {
  down: { word: 'down', sign: '■' },
  unreachable: { word: 'unreachable', sign: '◇' },
  suspect: { word: 'in doubt', sign: '▲' },
  unknown: { word: 'unknown', sign: '?' },
  asleep: { word: 'asleep', sign: '◐' },
  up: { word: 'up', sign: '●' },
};

/** Worst first: the order of lists, counts and filters. */
export const STATE_ORDER: readonly HealthState[] = ['down', 'unreachable', 'suspect', 'unknown', 'asleep', 'up'];

/** A goodbye was planned: it must not read like a failure. */
export function presenceWord({ phase, goodbye }: Pick<PresenceView, 'phase' | 'goodbye'>): string {
  if (phase === 'stopped') return { update: 'hub is updating', moved: 'hub moved away' }[goodbye ?? ''] ?? 'hub switched off';
  return { never: 'never heard', online: 'hub heard', suspect: 'hub in doubt', silent: 'hub silent' }[phase];
}

const GOODBYES: Readonly<Record<string, string>> = {
  shutdown: 'The hub was stopped on purpose and said goodbye.',
  update: 'The hub said goodbye to install an update.',
  moved: 'The hub said goodbye: it now reports to another desk.',
};

function goodbyeSentence(goodbye: string | undefined): string {
  return GOODBYES[goodbye ?? ''] ?? 'The hub said goodbye.';
}

/** Why nothing can be said about a home, where that is so. */
export function unheardSentence(site: SiteView): string | undefined {
  switch (site.presence.phase) {
    case 'never':
      return 'This hub has not spoken yet. Nothing is known about this home.';
    case 'silent':
      return `${site.presence.goodbye === undefined ? '' : `${goodbyeSentence(site.presence.goodbye)} It has not come back. `}The hub is silent, so nobody is looking at this home. The devices are not known to be down: their state is unknown until the hub speaks again.`;
    case 'stopped':
      return `${goodbyeSentence(site.presence.goodbye)} Until it is back, the state of every device is unknown.`;
    case 'suspect':
      return 'The broker lost the connection to the hub a moment ago. It may come straight back; what follows was true then.';
    case 'online':
      return undefined;
  }
}

/** The whole home's router and internet in one clause each. */
export function pathWords(site: SiteView): string[] {
  const router = { up: 'router answers', down: 'router does not answer', suspect: 'router in doubt' } as Partial<
    Record<HealthState, string>
  >;
  const internet = {
    up: 'internet works',
    down: 'no internet',
    suspect: 'internet in doubt',
    unreachable: 'internet cannot be judged',
  } as Partial<Record<HealthState, string>>;
  return [router[site.gateway] ?? 'router unknown', internet[site.internet] ?? 'internet unknown'];
}

/** What the evidence rules out, as one sentence: the first question on the phone. */
export function ruledOut(evidence: Evidence): string | undefined {
  const { link, gateway, othersAnswering, eventLoopLagMs } = evidence.hub;
  const not: string[] = [];
  if (link === true) not.push("the hub's own cable (its link is up)");
  if (gateway === 'up') not.push('the router (it answers)');
  if (othersAnswering > 0) not.push(`the whole network (${plural(othersAnswering, 'other device answers', 'other devices answer')})`);
  if (eventLoopLagMs < 1000) not.push('a hub too busy to look (it was on time)');
  return not.length === 0 ? undefined : `${listed(not, 'or')}.`;
}

/** `a, b or c` */
export function listed(items: readonly string[], lastWord: 'and' | 'or'): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${lastWord} ${items.at(-1)}`;
}

/** What the evidence leaves in doubt about the observer itself. */
export function doubts(evidence: Evidence): string | undefined {
  const { link, gateway, othersAnswering, eventLoopLagMs } = evidence.hub;
  const doubt: string[] = [];
  if (link === false) doubt.push("the hub's own link was down, so it could not look");
  if (link === null) doubt.push('the hub cannot tell whether its own link is up');
  if (gateway === 'down' || gateway === 'suspect') doubt.push('the router did not answer either');
  if (othersAnswering === 0) doubt.push('no other device answered at that time');
  if (eventLoopLagMs >= 1000) doubt.push(`the hub was busy (${Math.round(eventLoopLagMs)} ms late)`);
  return doubt.length === 0 ? undefined : `${listed(doubt, 'and')}.`;
}

const METHODS: Readonly<Record<string, string>> = {
  neighbour: 'ARP table',
  icmp: 'ping',
  udp: 'UDP',
  tcp: 'TCP',
  arp: 'ARP',
  ssdp: 'SSDP',
  mdns: 'mDNS',
  upnp: 'UPnP description',
  dns: 'DNS',
};

export function methodWord(method: string): string {
  return Object.hasOwn(METHODS, method) ? METHODS[method]! : method;
}

export function attemptWord(attempt: Attempt): string {
  if (attempt.outcome === 'answered')
    return attempt.rttMs === undefined
      ? 'answered'
      : `answered in ${attempt.rttMs < 10 ? attempt.rttMs.toFixed(1) : Math.round(attempt.rttMs)} ms`;
  return attempt.outcome === 'silent' ? 'no answer' : 'could not be tried';
}
