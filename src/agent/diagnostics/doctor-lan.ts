/** What `hearthbeat doctor` concludes about the LAN: interfaces, router, neighbour table, ping, multicast and its ports. Pure. */
import type { NetworkView, SkippedInterface } from '../discovery/sighting.ts';
import type { ProbeResult } from '../health/probe.ts';
import { type Finding, ok, problem, skipped, warning } from './doctor-check.ts';

export function judgeInterfaces({ interfaces, skipped: left }: NetworkView): Finding {
  const others = left.filter(({ name }) => name !== 'lo');
  const leftOut = others.length === 0 ? '' : ` Left out: ${others.map(reasonWords).join('; ')}.`;
  if (interfaces.length > 0)
    return ok(`${interfaces.map((lan) => `${lan.name} ${lan.address}/${lan.prefixLength}`).join(', ')}.${leftOut}`);
  return problem(
    `There is no LAN interface to look at.${leftOut}`,
    'Plug in the cable or join the Wi-Fi, wait for an address, and see: ip -br address. One left out wrongly is named under lan.include.',
  );
}

const reasonWords = ({ name, reason }: SkippedInterface): string => `${name} ${reason}`;

/** Whether the kernel drops packets of an interface whose sender it would not answer there (RFC 3704, strict mode). */
export type SourceCheck = { readonly interface: string; readonly isStrict: boolean };

/** A hub in one network has nothing to confuse; in two, each could speak for devices of the other. */
export function judgeSourceChecks(checks: readonly SourceCheck[]): Finding {
  if (checks.length < 2) return skipped('This machine is in one network only.');
  const loose = checks.filter(({ isStrict }) => !isStrict).map((check) => check.interface);
  if (loose.length === 0) return ok(`Each of ${checks.length} networks can only speak for itself.`);
  return warning(
    `A device on ${loose.join(' or ')} can answer in the name of one in another network: the kernel does not check where packets come from.`,
    'sudo sysctl -w net.ipv4.conf.all.rp_filter=1, and the same line without "sudo sysctl -w" in /etc/sysctl.d/60-hearthbeat.conf',
  );
}

export type Answer = Pick<ProbeResult, 'outcome' | 'detail' | 'rttMs'> & { readonly method: ProbeResult['request']['method'] };

export type GatewayFacts = {
  readonly ip: string;
  readonly interface: string;
  readonly answers: readonly Answer[];
  /** Whether anything beyond it answered: then it works, whatever it keeps silent about. */
  readonly internetAnswers: boolean;
};

export function judgeGateway(facts: GatewayFacts | undefined): Finding {
  if (facts === undefined) {
    return problem(
      'No router is known: there is no default route.',
      'Renew the lease (sudo dhcpcd -n, or pull and plug the cable) and see: ip route',
      ['interfaces'],
    );
  }
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
    'Look at the router: power, lights, the cable to it. Then switch it off, wait 30 s, switch it on, and run this again.',
    ['interfaces'],
  );
}

export type NeighbourFacts = { readonly source: 'ip' | 'proc' | 'none'; readonly devices: number };

export function judgeNeighbours({ source, devices }: NeighbourFacts): Finding {
  const fix = 'Install iproute2: sudo apt-get install iproute2';
  if (source === 'ip') return ok(`The kernel's neighbour table can be read with ages (devices in it: ${devices}).`);
  if (source === 'proc') {
    return warning(`Only /proc/net/arp can be read (devices in it: ${devices}): it has no ages, so a pulled cable is noticed later.`, fix);
  }
  return problem('The neighbour table cannot be read: no device can be found.', fix);
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
  const fix = detail === 'EPERM' ? 'sudo sysctl -w net.ipv4.ping_group_range="0 2147483647"' : 'See what it says: ping -c 1 127.0.0.1';
  return warning(`ping does not work for this user (${detail}).`, fix);
}

export type PortFacts = {
  readonly port: number;
  /** Why the port could not be opened to share, such as EADDRINUSE. */
  readonly error?: string;
  /** Programs that have it open, where this user may see them. */
  readonly holders: readonly string[];
};

const PROTOCOLS: Readonly<Record<number, string>> = { 1900: 'SSDP', 5353: 'mDNS' };

export function judgePorts(ports: readonly PortFacts[]): Finding {
  const held = ports.filter(({ error }) => error !== undefined);
  if (held.length === 0) return ok(ports.map(openWords).join(' '));
  return warning(
    `${held.map(heldWords).join(' ')} Announcements are not heard there.`,
    `Find it: sudo ss -lunp 'sport = :${held[0]?.port}'`,
  );
}

const openWords = ({ port, holders }: PortFacts): string =>
  `${portWords(port)} is ${holders.length > 0 ? `shared with ${holders.join(', ')}` : 'free'}.`;
const heldWords = ({ port, holders, error }: PortFacts): string =>
  `${portWords(port)} is kept by ${holders.join(', ') || `a program that does not share it (${error})`}.`;
const portWords = (port: number): string => `Port ${port} (${PROTOCOLS[port]})`;

export type MulticastFacts = {
  readonly interface: string;
  /** Other devices that were heard by each, within a few seconds of asking. */
  readonly mdns: number;
  readonly services: number;
  readonly ssdp: number;
  /** Devices that answered ARP in the same time. */
  readonly neighbours: number;
  readonly error?: string;
};

/** In a home of that size something always speaks. */
const TELLING_NEIGHBOURS = 5;

export function judgeMulticast(all: readonly MulticastFacts[]): Finding {
  if (all.length === 0) return skipped('There is no LAN interface to try it on.');
  const words = all.map(heardWords).join('; ');
  const deaf = all.filter(
    (facts) => facts.mdns + facts.ssdp === 0 && (facts.neighbours >= TELLING_NEIGHBOURS || facts.error !== undefined),
  );
  if (deaf.length === 0) return ok(`${words}.`);
  return problem(
    `${words}: multicast does not come through, so devices are found without their names.`,
    'Turn off client or AP isolation on the Wi-Fi and IGMP snooping on the switch (or give it a querier), and let UDP 1900 and 5353 in: sudo nft list ruleset',
  );
}

function heardWords({ interface: name, mdns, services, ssdp, neighbours, error }: MulticastFacts): string {
  const heard = `${name}: ${mdns} of ${neighbours} devices answer mDNS (${services} services), ${ssdp} SSDP`;
  return error === undefined ? heard : `${heard} (${error})`;
}
