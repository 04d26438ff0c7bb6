/** What `hearthbeat doctor` concludes about the means to ask the LAN: router, neighbour table, revalidation, ping. Pure. */
import type { DefaultRoute } from '../discovery/route-parse.ts';
import type { ProbeResult } from '../health/probe.ts';
import { type Finding, ok, problem, skipped, warning } from './doctor-check.ts';

export type Answer = Pick<ProbeResult, 'outcome' | 'detail' | 'rttMs'> & { readonly method: ProbeResult['request']['method'] };

export type GatewayFacts = {
  readonly ip: string;
  readonly interface: string;
  readonly answers: readonly Answer[];
  /** Whether anything beyond it answered: then it works, whatever it keeps silent about. */
  readonly internetAnswers: boolean;
  /** Default routes that lead to another router; the kernel takes them only when this one is taken away. */
  readonly otherWays: readonly DefaultRoute[];
};

export function judgeGateway(facts: GatewayFacts | undefined): Finding {
  if (facts === undefined) {
    return problem(
      'No router is known: there is no default route.',
      'Renew the lease (sudo dhcpcd -n, or pull and plug the cable) and see: ip route',
      ['interfaces'],
    );
  }
  const state = judgeAnswers(facts);
  return facts.otherWays.length === 0 || state.status !== 'ok' ? state : twoWays(facts, state.summary);
}

function judgeAnswers(facts: GatewayFacts): Finding {
  const { ip, answers, internetAnswers } = facts;
  const answered = answers.filter(({ outcome }) => outcome === 'answered');
  const times = answered.flatMap(({ rttMs }) => rttMs ?? []);
  if (answered.length > 0) {
    const soon = times.length > 0 ? ` in ${Math.min(...times).toFixed(1)} ms` : '';
    return ok(`${ip} answers ${answered.map(({ method }) => method.toUpperCase()).join(', ')}${soon}.`);
  }
  if (internetAnswers) return ok(`${ip} answers no question itself, but passes on to the internet.`);
  if (answers.every(({ outcome }) => outcome === 'unable')) {
    return problem(
      `${ip} could not be asked: ${answers.map(({ detail }) => detail).join(', ')}.`,
      'See what stops this machine: ip route; sudo nft list ruleset',
      ['interfaces'],
    );
  }
  const isGone = answers.some(({ detail }) => detail === 'ARP failed');
  return problem(
    `${ip} on ${facts.interface} does not answer${isGone ? ', not even ARP: it is off, hung, or not on this network' : ''}.`,
    facts.otherWays.length === 0
      ? 'Look at the router: power, lights, the cable to it. Then switch it off, wait 30 s, switch it on, and run this again.'
      : `If ${facts.otherWays[0]?.gateway} is the router to use, take this way out: ${removal(facts)}. Else look at ${ip}: power, lights, cable.`,
    ['interfaces'],
  );
}

/** Nothing falls back from a router that died to the other one: the kernel goes by the metric, not by who answers. */
function twoWays(facts: GatewayFacts, summary: string): Finding {
  const others = facts.otherWays.map(({ gateway, interface: name }) => `${gateway} on ${name}`).join(' and ');
  const [other] = facts.otherWays as [DefaultRoute];
  return warning(
    `${summary} There is a second default route, to ${others}: should ${facts.ip} die, the hub would not change over.`,
    `Keep one. To drop the second: ${removal({ ip: other.gateway, interface: other.interface })}, and in the settings of ${other.interface} no gateway (nmcli: ipv4.never-default yes; dhcpcd.conf: nogateway).`,
  );
}

const removal = ({ ip, interface: name }: Pick<GatewayFacts, 'ip' | 'interface'>): string =>
  `sudo ip route del default via ${ip} dev ${name}`;

/** `capacity`: how many neighbours the kernel keeps (gc_thresh3), where it says; `asked`: how many it is made to ask at once. */
export type NeighbourFacts = {
  readonly source: 'ip' | 'proc' | 'none';
  readonly devices: number;
  readonly capacity?: number;
  readonly asked: number;
};

export function judgeNeighbours({ source, devices, capacity, asked }: NeighbourFacts): Finding {
  const fix = 'Install iproute2: sudo apt-get install iproute2';
  if (source === 'none') return problem('The neighbour table cannot be read: no device can be found.', fix);
  if (capacity !== undefined && capacity < asked + devices) {
    return warning(
      `The kernel keeps at most ${capacity} neighbours, and looking at this home takes ${asked + devices}: it drops some without a word.`,
      'sudo sysctl -w net.ipv4.neigh.default.gc_thresh3=4096, and the same line without "sudo sysctl -w" in /etc/sysctl.d/60-hearthbeat.conf',
    );
  }
  if (source === 'ip') return ok(`The kernel's neighbour table can be read with ages (devices in it: ${devices}).`);
  return warning(`Only /proc/net/arp can be read (devices in it: ${devices}): it has no ages, so a pulled cable is noticed later.`, fix);
}

/** `isAsked`: the kernel took the request to ask the router again; undefined where there was no router to ask. */
export function judgeRevalidation({ isAllowed, isAsked }: { readonly isAllowed: boolean; readonly isAsked?: boolean }): Finding {
  if (!isAllowed) {
    return warning(
      'This user may not make the kernel ask by ARP again: a device that answers nothing else is found dead in a minute instead of seconds.',
      'Run the agent as root where such devices matter: sudo hearthbeat agent',
    );
  }
  if (isAsked === undefined) return skipped('There was no router to try it on.');
  return isAsked ? ok('The kernel asks by ARP again when told to.') : skipped('The router had no resolved entry to try it on.');
}

/** `missing`: ping is not installed. `loopback`: what ping(8) said of 127.0.0.1. */
export function judgePing({
  isMissing,
  loopback,
}: {
  readonly isMissing: boolean;
  readonly loopback?: Pick<Answer, 'outcome' | 'detail'>;
}): Finding {
  if (isMissing)
    return warning('ping is not installed: devices that answer only echo have one witness less.', 'sudo apt-get install iputils-ping');
  if (loopback?.outcome === 'answered') return ok('ping works for this user.');
  const detail = loopback?.detail ?? 'no answer';
  const fix =
    detail === 'EPERM'
      ? 'sudo sysctl -w net.ipv4.ping_group_range="0 2147483647", and the same line without "sudo sysctl -w" in /etc/sysctl.d/60-hearthbeat.conf; in a container: --cap-add NET_RAW'
      : 'See what it says: ping -c 1 127.0.0.1';
  return warning(`ping does not work for this user (${detail}).`, fix);
}
