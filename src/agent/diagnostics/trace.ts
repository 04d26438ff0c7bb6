/**
 * What `hearthbeat trace <device>` concludes from asking one device along its path: each hop in a sentence, the hop at which the path breaks,
 * and what to do about it. Pure; src/cli/trace-path.ts does the asking.
 */
import { duration } from '../../base/duration.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { LanInterface } from '../discovery/sighting.ts';
import { NOT_THE_INTERNET } from '../health/captivity.ts';
import type { ProbeResult } from '../health/probe.ts';
import type { AnchorResult, Neighbour, ProofResult } from '../ports.ts';
import { answersInstead } from './doctor-world.ts';

export type HopName = 'link' | 'route' | 'arp' | 'ping' | 'ports' | 'name' | 'dns' | 'internet';

/** `broken`: the path ends here for sure. `silent`: no answer, which alone proves nothing. `unable`: cannot be tried by this user or machine. */
export type HopOutcome = 'ok' | 'broken' | 'silent' | 'unable' | 'skipped';

/** One hop as it was found; `breaks` says what a broken one means, and what to do. */
export type Hop = { readonly name: HopName; readonly outcome: HopOutcome; readonly summary: string; readonly breaks?: Break };
export type Break = { readonly sentence: string; readonly advice: string; readonly isSilence?: boolean };

type Judged = Omit<Hop, 'name'>;
type Answer = Pick<ProbeResult, 'outcome' | 'detail' | 'rttMs'>;

const broken = (summary: string, sentence: string, advice: string): Judged => ({
  outcome: 'broken',
  summary,
  breaks: { sentence, advice },
});

export type LinkFacts = { readonly lan: LanInterface | undefined; readonly hasLink: boolean | undefined };

export function judgeLink({ lan, hasLink }: LinkFacts): Judged {
  if (lan === undefined) {
    const fix = 'See what the hub lacks: hearthbeat doctor';
    return broken('The hub is in no network.', 'The path breaks at the hub itself: it is in no network.', fix);
  }
  if (hasLink === false) {
    const summary = `${lan.name} has no link.`;
    return broken(summary, `The path breaks at the hub itself: ${summary}`, `Plug in the cable of ${lan.name}, or join the Wi-Fi.`);
  }
  return { outcome: 'ok', summary: `The hub is ${lan.address}/${lan.prefixLength} on ${lan.name}, link ${hasLink ? 'up' : 'not known'}.` };
}

/** `lan`: the hub's network that the address belongs to. */
export function judgeRoute(ip: string, lan: LanInterface | undefined): Judged {
  if (lan !== undefined && lan.address === ip)
    return broken(`${ip} is the hub itself.`, 'There is no path: this is the hub itself.', 'See how it is: hearthbeat doctor');
  if (lan !== undefined) return { outcome: 'ok', summary: `${ip} is in the hub's own network, so it is asked directly.` };
  return broken(
    `${ip} is in none of the hub's networks.`,
    `The path breaks before the device: ${ip} is in none of the hub's networks, where it cannot be watched.`,
    'Has it moved to another network (guest Wi-Fi, a second router)? Look where it is now: hearthbeat scan',
  );
}

export type ArpFacts = {
  readonly ip: string;
  readonly answer: Answer;
  /** What the kernel's table says after that. */
  readonly entry: Pick<Neighbour, 'mac' | 'confirmedAgoMs'> | undefined;
  /** MACs of the device; none where it is not known. */
  readonly knownMacs: readonly string[];
  /** What the device with the MAC that was seen is called, where it is another one. */
  readonly stranger?: string;
  /** MACs that claim the address, as the agent noted, where there is more than one. */
  readonly claimants: readonly string[];
  /** Other devices of this network that the kernel heard just now. */
  readonly othersHeard: number;
  readonly isAsleep: boolean;
};

export function judgeArp(facts: ArpFacts): Judged {
  const { ip, answer, entry, knownMacs, claimants } = facts;
  const seen = entry?.mac;
  if (seen !== undefined && knownMacs.length > 0 && !knownMacs.includes(seen)) return takenOver(facts, seen);
  if (claimants.length > 1) {
    return broken(
      `${seen ?? 'One of them'} answers for ${ip}, but ${claimants.join(' and ')} claim it.`,
      `Two devices use the address ${ip}: which of them answers changes from moment to moment.`,
      'Give one of the two another address: take its fixed address out of its settings, or reserve one for it in the router.',
    );
  }
  if (answer.outcome === 'silent') return unanswered(facts);
  if (answer.outcome === 'unable') {
    if (seen === undefined) return { outcome: 'unable', summary: `Whether anyone answers for ${ip} could not be seen (${answer.detail}).` };
    const age = entry?.confirmedAgoMs === undefined ? '' : `, proved ${provedWords(entry.confirmedAgoMs)}`;
    return { outcome: 'unable', summary: `The kernel remembers ${seen}${age}; to ask it anew needs root (sudo).` };
  }
  return { outcome: 'ok', summary: `${seen ?? 'Someone'} answers for ${ip}${knownMacs.length > 0 ? ', the MAC that we know' : ''}.` };
}

const provedWords = (agoMs: number): string => (Number.isFinite(agoMs) ? `${duration(agoMs)} ago` : 'never');

function takenOver({ ip, knownMacs, stranger }: ArpFacts, seen: string): Judged {
  const who = stranger === undefined ? `a device with the MAC ${seen}` : `${stranger} (${seen})`;
  return broken(
    `${seen} answers for ${ip}, but the device is ${knownMacs.slice(0, 3).join(' or ')}.`,
    `Another device has the address now: ${ip} is answered by ${who}.`,
    `If the device was replaced, join the two: hearthbeat device merge. Else two devices want one address: give one another, and look where this one is: hearthbeat scan`,
  );
}

function unanswered(facts: ArpFacts): Judged {
  const summary = `Nobody answers for ${facts.ip}: it is off, unplugged, out of reach, or has another address.`;
  return { outcome: 'broken', summary, breaks: { ...silenceWords(facts), isSilence: true } };
}

function silenceWords({ ip, othersHeard, isAsleep }: ArpFacts): Break {
  if (isAsleep) {
    return {
      sentence: 'The device does not answer, as when it sleeps or is switched off.',
      advice: 'Wake it (its button or remote) and run this again.',
    };
  }
  if (othersHeard === 0) {
    return {
      sentence: 'The path breaks right behind the hub: no other device of this network is heard either.',
      advice: "Look at the hub's own cable and at the switch or access point it hangs on, then at the device.",
    };
  }
  return {
    sentence: `The path breaks at the device or its cable: nobody answers for ${ip}, while the hub hears ${othersHeard} other device${othersHeard === 1 ? '' : 's'}.`,
    advice: 'Look at its power, its lights and its cable or Wi-Fi. If it is on, see whether it has a new address: hearthbeat scan',
  };
}

export function judgePing({ outcome, detail, rttMs }: Answer): Judged {
  if (outcome === 'answered') return { outcome: 'ok', summary: `It answers${rttMs === undefined ? '' : ` in ${rttMs.toFixed(1)} ms`}.` };
  if (outcome === 'silent') return { outcome: 'silent', summary: 'It does not answer ping; many phones and computers never do.' };
  return { outcome: 'unable', summary: `ping cannot be used here (${detail}); see: hearthbeat doctor` };
}

export type PortTry = { readonly port: number; readonly answer: 'open' | 'closed' | 'silent' };

/** `closedPort`: a datagram to a port that nothing has open, which a living device refuses. */
export function judgePorts(tries: readonly PortTry[], closedPort: Answer, untried: number): Judged {
  const isAlive = closedPort.outcome === 'answered' || tries.some(({ answer }) => answer !== 'silent');
  const words = [
    ...tries.map(({ port, answer }) => `${port} ${PORT_WORDS[answer]}`),
    ...(untried > 0 ? [`${untried} more not tried`] : []),
    `UDP ${closedPort.outcome === 'answered' ? 'answered' : 'unanswered'}`,
  ];
  const summary = `${tries.length === 0 ? 'No port of it is known' : 'Known ports'}: ${words.join(', ')}.`;
  const shut = tries.filter(({ answer }) => answer !== 'open').map(({ port }) => port);
  if (!isAlive) return { outcome: 'silent', summary };
  if (shut.length === 0) return { outcome: 'ok', summary };
  return broken(
    summary,
    shut.length === 1
      ? `The device is there, but port ${shut[0]}, which it had open, is not: what works there has stopped.`
      : `The device is there, but ports ${shut.join(', ')}, which it had open, are not: what works there has stopped.`,
    'Restart the device. If that service was turned off on purpose, all is well.',
  );
}

const PORT_WORDS: Readonly<Record<PortTry['answer'], string>> = { open: 'open', closed: 'refused', silent: 'silent' };

/** `mdns`: the name the device gives itself; `dns`: the name that the home's name server has for it. */
export function judgeName({ mdns, dns }: { readonly mdns?: string; readonly dns?: string }): Judged {
  const said = [
    ...(mdns === undefined ? [] : [`it calls itself ${mdns} (mDNS)`]),
    ...(dns === undefined ? [] : [`the router calls it ${dns} (DNS)`]),
  ];
  if (said.length > 0) return { outcome: 'ok', summary: capital(`${said.join(', ')}.`) };
  return { outcome: 'silent', summary: 'It tells no name by mDNS and the router knows none; many devices have none.' };
}

export function judgeGatewayDns({ outcome, detail }: AnchorResult): Judged {
  if (outcome === 'answered') return { outcome: 'ok', summary: 'It looks names up.' };
  return broken(
    `It looks no name up (${detail}).`,
    'The router is there, but looks no names up.',
    'Switch the router off, wait 30 s, switch it on. If that does not help, set another name server in its settings, such as 9.9.9.9.',
  );
}

export function judgeInternet(anchors: readonly AnchorResult[], proofs: readonly ProofResult[] = []): Judged {
  if (anchors.length === 0) return { outcome: 'skipped', summary: 'Not tried: no anchors are set (internet.anchors).' };
  const answered = anchors.filter(({ outcome }) => outcome === 'answered');
  const instead = answersInstead(proofs);
  if (answered.length > 0 && instead !== undefined) {
    return broken(
      `${NOT_THE_INTERNET} ${instead}.`,
      'The path breaks behind the router: a sign-in or pay page answers for the internet.',
      'Open any http:// page in a browser of this home and do what it asks; else ask the internet provider.',
    );
  }
  if (answered.length > 0) return { outcome: 'ok', summary: `${answered.length} of ${anchors.length} places on the internet answer.` };
  return broken(
    `None of ${anchors.length} places on the internet answers.`,
    'The path breaks behind the router: the home is without internet.',
    "Look at the modem's lights, switch it off and on, then ask the internet provider.",
  );
}

/** `isSilence`: nobody answers at all, which the agent will notice too. */
export type Conclusion = {
  readonly breaksAt: HopName | null;
  readonly sentence: string;
  readonly advice?: string;
  readonly isSilence?: boolean;
};

/** The first hop that is broken says it; where none is, whether anything above ARP answered. */
export function conclude(hops: readonly Hop[]): Conclusion {
  const breaks = hops.filter((hop) => hop.breaks !== undefined);
  // A router whose line is cut looks no names up either.
  const decisive = breaks[0]?.name === 'dns' ? breaks.at(-1) : breaks[0];
  if (decisive?.breaks) return { breaksAt: decisive.name, ...decisive.breaks };
  const outcomeOf = (name: HopName): HopOutcome | undefined => hops.find((hop) => hop.name === name)?.outcome;
  const isHeard = ABOVE_ARP.some((name) => outcomeOf(name) === 'ok');
  if (isHeard) return { breaksAt: null, sentence: 'The path is whole: the device answers.' };
  if (outcomeOf('arp') === 'ok') {
    return {
      breaksAt: 'ping',
      sentence: 'Its network card answers, but nothing above it: a firewall keeps all else out, or the device hangs.',
      advice: 'For a phone or a computer that is usual. If it should serve something, restart it.',
    };
  }
  return {
    breaksAt: 'arp',
    sentence: 'Nothing answers, and whether it is still plugged in cannot be told by this user.',
    advice: 'Run this again with sudo.',
  };
}

/** The router may know a name of a device that is long gone, so a name by itself is no sign of life. */
const ABOVE_ARP: readonly HopName[] = ['ping', 'ports'];

export type Verdict = {
  readonly state: HealthState;
  /** Unix milliseconds. */
  readonly since: number;
  readonly reason: string;
  readonly detectWithinMs: number;
  /** False for what a stopped agent saved last. */
  readonly isLive: boolean;
};

/** What the agent says at present, and how that goes with what was found. */
export function verdictWords(
  { state, since, reason, detectWithinMs, isLive }: Verdict,
  { breaksAt, isSilence = false }: Conclusion,
  now: number,
): string {
  const says = `The agent ${isLive ? 'says' : 'does not run; it said last'}: ${state} for ${duration(now - since)}. ${reason}`;
  if (!isLive) return says;
  if (breaksAt === null && (state === 'down' || state === 'suspect' || state === 'unreachable'))
    return `${says} It will be up again at the next question.`;
  return isSilence && state === 'up' ? `${says} It notices silence within ${duration(detectWithinMs)}.` : says;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
