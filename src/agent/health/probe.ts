/** A probe is one question to one address; its result is a value, also when nothing answered. */
import type { Instant } from '../../base/clock.ts';

/** `udp`: connected datagram to a closed port, an ICMP refusal is life. `tcp`: connect, open or refused is life. `icmp`: echo by ping(8). `arp`: unicast neighbour revalidation by the kernel. */
export type ProbeMethod = 'udp' | 'tcp' | 'icmp' | 'arp';

export type ProbeRequest = {
  readonly deviceId: string;
  readonly ip: string;
  readonly interface: string;
  readonly method: ProbeMethod;
  /** For `tcp`: the port to connect to. */
  readonly port?: number;
  readonly timeoutMs: number;
};

export type ProbeResult = {
  readonly request: ProbeRequest;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  /** `unable`: the probe itself could not be made (no permission, no socket, no route on the hub): says nothing of the device. */
  readonly outcome: 'answered' | 'silent' | 'unable';
  readonly rttMs?: number;
  /** In a word or two, for evidence: `port unreachable`, `open`, `refused`, `echo reply`, `no reply`, `ARP failed`, `EMFILE`. */
  readonly detail: string;
};

/** The `detail` of a silent probe when the kernel's own address resolution gave up: several unanswered requests in one. */
export const ARP_FAILED = 'ARP failed';
