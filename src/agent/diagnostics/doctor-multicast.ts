/** What `hearthbeat doctor` concludes about multicast: whether its ports are free, and who stops it, this machine or the network. Pure. */
import { type Finding, ok, problem, skipped } from './doctor-check.ts';

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
  return problem(
    `${held.map(heldWords).join(' ')} Announcements are not heard there.`,
    `Find it: sudo ss -lunp 'sport = :${held[0]?.port}'. Stop it, or set it to share the port (SO_REUSEADDR).`,
  );
}

const openWords = ({ port, holders }: PortFacts): string =>
  `${portWords(port)} is ${holders.length > 0 ? `shared with ${holders.join(', ')}` : 'free'}.`;
const heldWords = ({ port, holders, error }: PortFacts): string =>
  `${portWords(port)} is kept by ${holders.join(', ') || `a program that does not share it (${error})`}.`;
const portWords = (port: number): string => `Port ${port} (${PROTOCOLS[port]})`;

export type MulticastFacts = {
  readonly interface: string;
  /** Whether the interface is set to take multicast (IFF_MULTICAST); undefined where the system does not say. */
  readonly isTaken?: boolean;
  /** Other devices that were heard by each, within a few seconds of asking. */
  readonly mdns: number;
  readonly services: number;
  readonly ssdp: number;
  /** The protocols whose own question came back to this machine, as the kernel loops it. */
  readonly echoed: readonly ('mDNS' | 'SSDP')[];
  /** Devices that answered ARP in the same time. */
  readonly neighbours: number;
  readonly error?: string;
};

/** In a home of that size something always speaks. */
const TELLING_NEIGHBOURS = 5;

export function judgeMulticast(all: readonly MulticastFacts[]): Finding {
  if (all.length === 0) return skipped('There is no LAN interface to try it on.');
  const words = all.map(heardWords).join('; ');
  const unset = all.find(({ isTaken }) => isTaken === false);
  if (unset) {
    return problem(
      `${words}: ${unset.interface} is set to take no multicast, so devices are found without their names.`,
      `sudo ip link set dev ${unset.interface} multicast on`,
    );
  }
  const stopped = all.flatMap((facts) => stoppedHere(facts));
  if (stopped.length > 0) {
    return problem(
      `${words}: this machine does not even hear its own ${[...new Set(stopped)].join(' and ')} question, so its firewall stops it.`,
      'Let UDP 1900 and 5353 in and out: sudo nft list ruleset (or sudo iptables -S) shows the rule that drops them.',
      ['ports'],
    );
  }
  const deaf = all.filter(({ mdns, ssdp, neighbours }) => mdns + ssdp === 0 && neighbours >= TELLING_NEIGHBOURS);
  if (deaf.length === 0) return ok(`${words}.`);
  return problem(
    `${words}: multicast does not come through the network, so devices are found without their names.`,
    'Turn off client or AP isolation on the Wi-Fi, and IGMP snooping on the switch (or give it a querier).',
  );
}

/** Who hears others by a protocol hears it, whatever became of the own question. */
function stoppedHere({ mdns, ssdp, echoed }: MulticastFacts): string[] {
  return [...(mdns === 0 && !echoed.includes('mDNS') ? ['mDNS'] : []), ...(ssdp === 0 && !echoed.includes('SSDP') ? ['SSDP'] : [])];
}

function heardWords({ interface: name, mdns, services, ssdp, neighbours, error }: MulticastFacts): string {
  const heard = `${name}: ${mdns} of ${neighbours} devices answer mDNS (${services} services), ${ssdp} SSDP`;
  return error === undefined ? heard : `${heard} (${error})`;
}
