/**
 * What `hearthbeat doctor` concludes about this machine's place in the network: which interface leads to the home, whether that is a home at
 * all and not a container's own network, and whether one network can speak for another. Pure.
 */
import { inSubnet } from '../../base/ip-address.ts';
import type { InterfaceFault, LanInterface, NetworkView, SkippedInterface } from '../discovery/sighting.ts';
import { type Finding, ok, problem, skipped, warning } from './doctor-check.ts';

/** What tells a container's own network from a home. */
export type ContainerFacts = {
  /** Whether this process runs in a container, by the mark that its engine leaves. */
  readonly isContainer: boolean;
  /** Devices besides the router that were heard, by interface; only told of those whose range a container engine could have given. */
  readonly others: ReadonlyMap<string, number>;
};

export function judgeInterfaces({ interfaces, skipped: left }: NetworkView, containers: ContainerFacts): Finding {
  const others = left.filter(({ name }) => name !== 'lo');
  const leftOut = others.length === 0 ? '' : ` Left out: ${others.map(reasonWords).join('; ')}.`;
  if (interfaces.length === 0) return problem(`There is no LAN interface to look at.${leftOut}`, wayToAnInterface(others));
  const inside = interfaces.filter((lan) => isContainersOwn(lan, containers));
  if (inside.length === interfaces.length) return shutIn(inside);
  return ok(`${interfaces.map(placeWords).join(', ')}.${leftOut}`);
}

const reasonWords = ({ name, reason }: SkippedInterface): string => `${name} ${reason}`;
const placeWords = ({ name, address, prefixLength }: LanInterface): string => `${name} ${address}/${prefixLength}`;

/** What to do for an interface that could be of use, the one that is nearest to working first. */
const MENDING: Readonly<Record<InterfaceFault, (name: string) => string>> = {
  'self-assigned': (name) =>
    `Switch the router off and on, and see in its settings that DHCP is on and has addresses left. Then pull the cable of ${name} and plug it in, or join the Wi-Fi again.`,
  'ipv6-only': (name) =>
    `Turn on IPv4 and its DHCP server in the router's settings: devices are found by IPv4. Then pull the cable of ${name} and plug it in.`,
  'no-address': (name) => `Ask for an address: sudo nmcli device reapply ${name} (or sudo dhcpcd -n ${name}), and see: ip -br address`,
  'no-link': (name) =>
    `Plug the cable of ${name} in at both ends, try another cable and another port of the router, or join the Wi-Fi; a lamp beside the socket tells.`,
  excluded: (name) => `Take ${name} out of lan.exclude in the configuration file.`,
  down: (name) => `Switch it on: sudo ip link set ${name} up`,
};

function wayToAnInterface(left: readonly SkippedInterface[]): string {
  for (const [fault, mend] of Object.entries(MENDING)) {
    const one = left.find((other) => other.fault === fault);
    if (one) return mend(one.name);
  }
  return 'Plug in the cable or join the Wi-Fi, wait for an address, and see: ip -br address. One left out wrongly is named under lan.include.';
}

/** Networks that container engines give out: Docker's default-address-pools, and Podman's bridge. */
const CONTAINER_POOLS = [
  { address: '172.16.0.0', prefixLength: 12, of: 16 },
  { address: '192.168.0.0', prefixLength: 16, of: 20 },
  { address: '10.88.0.0', prefixLength: 16, of: 16 },
] as const;

/** A home may use such a range too, so the range alone decides nothing. */
export const isOfContainerPool = (lan: LanInterface): boolean =>
  CONTAINER_POOLS.some((pool) => lan.prefixLength === pool.of && inSubnet(lan.address, pool));

function isContainersOwn(lan: LanInterface, { isContainer, others }: ContainerFacts): boolean {
  return isOfContainerPool(lan) && (isContainer || isDockersMac(lan) || others.get(lan.name) === 0);
}

/** Docker made the MAC of its address until version 28: 02:42 and the four octets. */
function isDockersMac({ mac, address }: LanInterface): boolean {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return mac.toLowerCase() === ['02', '42', ...octets].join(':');
}

function shutIn(inside: readonly LanInterface[]): Finding {
  const gateway = inside[0]?.gateway;
  const behind = gateway === undefined ? '' : ` behind ${gateway}`;
  return problem(
    `${inside.map(placeWords).join(', ')} looks like a container's own network${behind}, not like the home: no device of the home can be seen from here.`,
    "Give the container the host's network: docker run --network host (in a compose file: network_mode: host).",
  );
}

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
