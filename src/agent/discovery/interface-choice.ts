/**
 * Which of the machine's interfaces lead to the home's LAN, and for the others why not, in words. Pure: src/platform/network.ts gathers
 * the facts. A container bridge is told from a bridge that a home hub uses as its LAN by what hangs on it and where the default route goes.
 */
import { formatSubnet, inSubnet, isLinkLocal } from '../../base/ip-address.ts';
import type { DefaultRoute } from './route-parse.ts';
import type { InterfaceFault, LanInterface, NetworkView, SkippedInterface } from './sighting.ts';

/** What the system says of one interface; undefined where it does not say. */
export type InterfaceFacts = {
  readonly name: string;
  readonly mac: string;
  readonly ipv4: readonly { readonly address: string; readonly prefixLength: number }[];
  readonly ipv6: readonly string[];
  readonly isLoopback: boolean;
  readonly isUp?: boolean;
  readonly hasLink?: boolean;
  /** ARPHRD_* of if_arp.h; 1 is Ethernet, and Wi-Fi. */
  readonly hardwareType?: number;
  /** Has tun_flags: made by a program (OpenVPN, Tailscale, ZeroTier). */
  readonly isTunnel: boolean;
  /** The bridge or bond it is a port of. */
  readonly master?: string;
  /** For a bridge: its ports, and whether real hardware is behind each. */
  readonly ports?: readonly { readonly name: string; readonly isHardware: boolean }[];
};

export type SystemFacts = {
  readonly interfaces: readonly InterfaceFacts[];
  readonly defaultRoutes: readonly DefaultRoute[];
  readonly nameServers: readonly string[];
};

/** The configuration's word, which outweighs every rule about kinds; it cannot give an interface an address. */
export type InterfaceOverrides = { readonly include?: readonly string[]; readonly exclude?: readonly string[] };

const CONTAINER_NAME = /^(docker|br-[0-9a-f]{12}$|veth|virbr|vnet\d|cni|podman|lxc|lxd|incusbr|flannel|cali|kube|nerdctl|vmnet|vboxnet)/;
const VPN_NAME = /^(tun|tap|wg|tailscale|zt|ppp|ipsec|utun|nordlynx|proton|wt)\d*/;
const ETHERNET = 1;

export function chooseInterfaces(facts: SystemFacts, overrides: InterfaceOverrides = {}): NetworkView {
  const interfaces: LanInterface[] = [];
  const skipped: SkippedInterface[] = [];
  for (const one of byPreference(facts)) {
    const against = objectionTo(one, facts, overrides) ?? overlapOf(one, interfaces, facts, overrides);
    if (against === undefined) interfaces.push(asLan(one, facts));
    else skipped.push({ name: one.name, ...against });
  }
  return { interfaces, skipped };
}

/** Those with a default route first, in the kernel's order of preference: they win where two lead to the same network. */
function byPreference({ interfaces, defaultRoutes }: SystemFacts): InterfaceFacts[] {
  const rank = (name: string): number => defaultRoutes.findIndex((route) => route.interface === name) + 1 || Infinity;
  return [...interfaces].sort((a, b) => (rank(a.name) === rank(b.name) ? 0 : rank(a.name) - rank(b.name)));
}

type Objection = Omit<SkippedInterface, 'name'>;

const because = (reason: string, fault?: InterfaceFault): Objection => ({ reason, ...(fault === undefined ? {} : { fault }) });

function objectionTo(one: InterfaceFacts, facts: SystemFacts, { include = [], exclude = [] }: InterfaceOverrides): Objection | undefined {
  if (exclude.includes(one.name)) return because('is excluded in the configuration', 'excluded');
  if (one.isLoopback) return because('is the loopback interface');
  const ofKind = include.includes(one.name) ? undefined : reasonOfKind(one, facts);
  if (ofKind !== undefined) return because(ofKind);
  if (one.isUp === false) return because('is down', 'down');
  return one.hasLink === false ? because('has no link (cable or Wi-Fi)', 'no-link') : objectionToAddress(one, facts);
}

function reasonOfKind(one: InterfaceFacts, facts: SystemFacts): string | undefined {
  if (one.master !== undefined) return `is a port of ${one.master}`;
  if (one.isTunnel || VPN_NAME.test(one.name)) return 'is a VPN or tunnel';
  if (one.hardwareType !== undefined && one.hardwareType !== ETHERNET) return 'is not Ethernet or Wi-Fi';
  if (facts.defaultRoutes.some((route) => route.interface === one.name)) return undefined;
  if (one.ports?.some((port) => port.isHardware)) return undefined;
  if (CONTAINER_NAME.test(one.name)) return 'belongs to containers or virtual machines on this hub';
  return one.ports === undefined ? undefined : 'is a bridge without a network port of its own, as containers use them';
}

function objectionToAddress(one: InterfaceFacts, facts: SystemFacts): Objection | undefined {
  const address = mainAddress(one, facts);
  if (address === undefined) {
    return one.ipv6.some((ip) => !isLinkLocal(ip))
      ? because('has an IPv6 address, but no IPv4 address', 'ipv6-only')
      : because('has no IPv4 address', 'no-address');
  }
  if (isLinkLocal(address.address)) return because('gave itself an address (169.254), because no DHCP server answered', 'self-assigned');
  return address.prefixLength >= 31 ? because(`is a point-to-point link (/${address.prefixLength})`) : undefined;
}

/** Packets to a network that two interfaces lead to leave by one of them only, so the other would look empty. */
function overlapOf(
  one: InterfaceFacts,
  chosen: readonly LanInterface[],
  facts: SystemFacts,
  { include = [] }: InterfaceOverrides,
): Objection | undefined {
  const address = mainAddress(one, facts);
  if (address === undefined || include.includes(one.name)) return undefined;
  const other = chosen.find((lan) => formatSubnet(lan) === formatSubnet(address));
  return other && because(`leads to the same network as ${other.name}`);
}

function asLan(one: InterfaceFacts, facts: SystemFacts): LanInterface {
  const main = mainAddress(one, facts) as InterfaceFacts['ipv4'][number];
  const gateway = gatewayOf(one, facts);
  return {
    name: one.name,
    mac: one.mac,
    address: main.address,
    prefixLength: main.prefixLength,
    ipv6: one.ipv6,
    ...(gateway === undefined ? {} : { gateway }),
    dnsServers: nameServersOf(one, facts),
  };
}

/** The address the gateway is reached from, else the first that no DHCP failure made up, else the first. */
function mainAddress({ name, ipv4 }: InterfaceFacts, { defaultRoutes }: SystemFacts): InterfaceFacts['ipv4'][number] | undefined {
  const gateways = defaultRoutes.filter((route) => route.interface === name).map((route) => route.gateway);
  return (
    ipv4.find((subnet) => gateways.some((gateway) => inSubnet(gateway, subnet))) ??
    ipv4.find(({ address }) => !isLinkLocal(address)) ??
    ipv4[0]
  );
}

function gatewayOf({ name }: InterfaceFacts, { defaultRoutes }: SystemFacts): string | undefined {
  return defaultRoutes.find((route) => route.interface === name)?.gateway;
}

/** A server on the interface's own network belongs to it; one elsewhere to the interface of the preferred default route. */
function nameServersOf(one: InterfaceFacts, { interfaces, defaultRoutes, nameServers }: SystemFacts): string[] {
  const isOn =
    (server: string) =>
    (other: InterfaceFacts): boolean =>
      other.ipv4.some((subnet) => inSubnet(server, subnet));
  return nameServers.filter((server) => isOn(server)(one) || (defaultRoutes[0]?.interface === one.name && !interfaces.some(isOn(server))));
}
