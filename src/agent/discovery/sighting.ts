/**
 * A sighting: one piece of evidence that something is at an address at an instant. Discovery produces them, inventory consumes them.
 * Everything in a sighting came from the LAN: text has been cleaned and capped (base/text.ts) before it gets here, nothing else about it is trusted.
 */
import type { Instant } from '../../base/clock.ts';

/** How something was heard. Doubles as the name in coverage, in `seenBy` and in evidence. */
export type DiscoveryMethod = 'neighbour' | 'icmp' | 'udp' | 'tcp' | 'ssdp' | 'mdns' | 'upnp' | 'controller' | EvidenceMethod;

/**
 * How evidence was asked for or overheard beside discovery. `ports`: a short list of TCP ports; `api`: a vendor's open local interface;
 * `dns`: the name under which the home's resolver knows the address, so not said by the device itself.
 */
export type EvidenceMethod =
  | 'ports'
  | 'http'
  | 'tls'
  | 'snmp'
  | 'wsd'
  | 'sddp'
  | 'netbios'
  | 'llmnr'
  | 'ipp'
  | 'pjl'
  | 'rtsp'
  | 'ssh'
  | 'ftp'
  | 'telnet'
  | 'sip'
  | 'api'
  | 'dns'
  | 'dhcp';

type Heard = {
  readonly at: Instant;
  /** The hub's interface, e.g. `eth0`. */
  readonly interface: string;
  /** The sender's own address: the source of the datagram or the neighbour entry, never an address that a payload claims. */
  readonly ip: string;
};

/** The kernel resolved the address to a MAC, and confirmed it less than `confirmedAgoMs` before `at`. */
export type NeighbourSighting = Heard & {
  readonly method: 'neighbour';
  readonly mac: string;
  readonly confirmedAgoMs: number;
  readonly isRouter: boolean;
};

/** Something at the address answered a probe. */
export type AnswerSighting = Heard & { readonly method: 'icmp' | 'udp' | 'tcp'; readonly rttMs: number; readonly port?: number };

/** An SSDP response or NOTIFY (UPnP Device Architecture 2.0, 1.2 and 1.3). */
export type SsdpSighting = Heard & {
  readonly method: 'ssdp';
  readonly kind: 'response' | 'alive' | 'byebye';
  readonly usn: string;
  /** `uuid:...` taken out of the USN, lower case, when there is one. */
  readonly udn?: string;
  /** ST of a response, NT of a NOTIFY. */
  readonly target: string;
  readonly location?: string;
  readonly server?: string;
  readonly maxAgeS: number;
  /** Other headers, names in lower case; at most 32, values at most 256 characters. */
  readonly headers: Readonly<Record<string, string>>;
};

/** What DNS-SD says of one responder (RFC 6762, 6763). `ip` is the source address of the packet. */
export type MdnsSighting = Heard & {
  readonly method: 'mdns';
  /** How long before `at` the responder itself was last heard; a sighting may also tell that its records ran out. 0 when left out. */
  readonly heardAgoMs?: number;
  /** Host name without `.local`, where an SRV, A or AAAA record told it. */
  readonly host?: string;
  readonly services: readonly MdnsService[];
};

export type MdnsService = {
  /** Instance label, with its dots: `NAS v1.2 on nas01`. */
  readonly instance: string;
  /** `_airplay._tcp` */
  readonly type: string;
  readonly port?: number;
  /** TXT pairs, keys in lower case; at most 64. */
  readonly txt: Readonly<Record<string, string>>;
  /** True for a goodbye (TTL 0) or an entry that ran out unrefreshed. */
  readonly gone: boolean;
};

/** A UPnP device description that was fetched from the sender itself. */
export type UpnpSighting = Heard & {
  readonly method: 'upnp';
  readonly location: string;
  readonly udn?: string;
  readonly deviceType?: string;
  readonly friendlyName?: string;
  readonly manufacturer?: string;
  readonly modelName?: string;
  readonly modelNumber?: string;
  readonly modelDescription?: string;
  readonly serialNumber?: string;
  readonly firmware?: string;
  /** Vendor fields that help to name a device: `roomName`, `displayName`, `MACAddress`, `DMR`... Lower-case keys, at most 16. */
  readonly extra: Readonly<Record<string, string>>;
};

/** An identifier that a payload claims for its sender; how much it is worth is decided by the inventory. */
export type ToldIdentifier = {
  readonly kind:
    | 'mac'
    | 'udn'
    | 'serial'
    | 'mdns-host'
    | 'netbios-name'
    | 'dhcp-name'
    | 'homekit-id'
    | 'cast-id'
    | 'vendor-id'
    | 'certificate';
  readonly value: string;
};

/**
 * What a switch, router or access point tells of the wiring around it (BRIDGE-MIB, LLDP-MIB). For the topology, not for fingerprints:
 * behind one port there may be one device or half the house.
 */
export type ToldTopology = {
  /** Which MACs it hears on which of its ports; at most 512. */
  readonly ports: readonly { readonly mac: string; readonly port: number }[];
  /** What is plugged into its ports by their own word; at most 32. A MAC is in our normal form, other text is cleaned. */
  readonly neighbours: readonly {
    readonly localPort: number;
    readonly chassisId: string;
    readonly portId?: string;
    readonly sysName?: string;
  }[];
};

/** What an SNMP agent has counted on one of its wired ports. Counters are 32 bits wide and wrap. */
export type ToldPort = {
  /** Its maker's name for it (`gi7`), or its number among the interfaces (`#7`). */
  readonly port: string;
  /** Its number in the topology. */
  readonly bridgePort?: number;
  /** When the agent last lost count on it, in hundredths of a second since it runs (ifCounterDiscontinuityTime). */
  readonly discontinuity?: number;
  readonly counts: {
    readonly inFrames: number;
    readonly outFrames: number;
    readonly inErrors: number;
    readonly outErrors?: number;
    /** Came with a wrong checksum: surely damaged. */
    readonly fcsErrors?: number;
    /** Were whole, and thrown away all the same. */
    readonly inDiscards?: number;
  };
};

/** What a device answered to a reader, or shouted by itself (src/agent/evidence). */
export type EvidenceSighting = Heard & {
  readonly method: Exclude<EvidenceMethod, 'dhcp'>;
  /** The reader's name; the `on` of the fingerprints: `http`, `roku`. */
  readonly reader: string;
  readonly port?: number;
  /** At most 48, values at most 512 characters. */
  readonly fields: Readonly<Record<string, string>>;
  readonly identifiers: readonly ToldIdentifier[];
  /** TCP ports found open, of the reader `ports`. */
  readonly openPorts?: readonly number[];
  /** Only the reader `snmp` tells this. */
  readonly topology?: ToldTopology;
  /** At most 56; only the reader `snmp` tells them. */
  readonly ports?: readonly ToldPort[];
};

/** What a DHCP client said when it asked for an address (RFC 2131). `mac` is its claim (chaddr), `ip` may still be 0.0.0.0. */
export type DhcpSighting = Heard & {
  readonly method: 'dhcp';
  readonly mac: string;
  /** `hostname` (option 12), `vendorClass` (60), `fqdn` (81), `parameters` (55, decimal, comma-separated). */
  readonly fields: Readonly<Record<string, string>>;
};

/**
 * What the software that manages devices says of one of them, whose MACs are `macs`. It proves neither its place nor that it lives; `ip` and `interface` are those
 * of the software.
 */
export type ControllerSighting = Heard & {
  readonly method: 'controller';
  /** As in an EvidenceSighting. */
  readonly reader: string;
  /** In our normal form, at most four. */
  readonly macs: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
};

export type Sighting =
  | NeighbourSighting
  | AnswerSighting
  | SsdpSighting
  | MdnsSighting
  | UpnpSighting
  | EvidenceSighting
  | DhcpSighting
  | ControllerSighting;

/** The hub's own place on one LAN interface. */
export type LanInterface = {
  readonly name: string;
  /** The hub's own MAC and IPv4 address there. */
  readonly mac: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly ipv6: readonly string[];
  readonly gateway?: string;
  readonly dnsServers: readonly string[];
};

/** An interface that is left out, and why in words: `docker0` is a container bridge. `fault` where it could be of use once mended. */
export type SkippedInterface = { readonly name: string; readonly reason: string; readonly fault?: InterfaceFault };
export type InterfaceFault = 'self-assigned' | 'ipv6-only' | 'no-address' | 'no-link' | 'excluded' | 'down';

/** What the system says about its networks at one moment. */
export type NetworkView = { readonly interfaces: readonly LanInterface[]; readonly skipped: readonly SkippedInterface[] };

/**
 * What was asked on one interface by one method, what answered, and what could not be tried with how to enable it.
 * Absence of a device means little where coverage is poor, so coverage is part of every result.
 */
export type Coverage = {
  readonly interface: string;
  readonly method: DiscoveryMethod;
  /** `ok`: asked and able to hear. `degraded`: works in part. `unavailable`: could not be tried. `skipped`: left out on purpose. */
  readonly status: 'ok' | 'degraded' | 'unavailable' | 'skipped';
  readonly asked: number;
  /** Distinct senders that answered. */
  readonly answered: number;
  /** Input that was refused or dropped: malformed, over a cap, off-link. */
  readonly refused: number;
  readonly problem?: string;
  readonly fix?: string;
};
