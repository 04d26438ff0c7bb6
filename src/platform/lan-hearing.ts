/**
 * What the ears of all interfaces share, and the gate that every datagram passes before it is read: sent from this LAN, not by the hub,
 * within its sender's budget.
 */
import type { RemoteInfo } from 'node:dgram';
import type { CoverageBook } from '../agent/discovery/coverage.ts';
import type { DnsSdCache } from '../agent/discovery/dns-sd-cache.ts';
import { originOf } from '../agent/discovery/on-link.ts';
import type { SenderBudget } from '../agent/discovery/sender-budget.ts';
import type { DiscoveryMethod, LanInterface, Sighting } from '../agent/discovery/sighting.ts';
import type { SsdpCache } from '../agent/discovery/ssdp-cache.ts';
import type { FindingsHeard } from '../agent/evidence/findings-heard.ts';
import type { GroupReader } from '../agent/evidence/reader.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Gate } from './guarded-socket.ts';
import { withoutZone } from './mdns.ts';

export type Hearing = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly coverage: CoverageBook;
  readonly budget: SenderBudget;
  /** Of its own, so that a flood there does not make the hub deaf to SSDP and mDNS. */
  readonly groupBudget: SenderBudget;
  readonly ssdp: SsdpCache;
  readonly dnsSd: DnsSdCache;
  readonly findings: FindingsHeard;
  /** What is asked of everyone beside SSDP and mDNS, or overheard. */
  readonly groups: readonly GroupReader[];
  interfaces(): readonly LanInterface[];
  tell(sighting: Sighting): void;
  /** Something was heard from this address. */
  met(lan: LanInterface, ip: string): void;
  /** A device said where its description is. */
  described(lan: LanInterface, ip: string, location: string): void;
};

/** `looksRight` is asked last and must be cheap; what is turned away is counted under `method`. */
export function gateOf(
  lan: LanInterface,
  method: DiscoveryMethod,
  hearing: Pick<Hearing, 'clock' | 'coverage' | 'budget' | 'interfaces'>,
  looksRight: (datagram: Buffer) => boolean = () => true,
): Gate {
  const refuse = (): boolean => {
    hearing.coverage.refused(lan.name, method);
    return false;
  };
  return (datagram: Buffer, from: RemoteInfo) => {
    const ip = withoutZone(from.address);
    const origin = originOf(ip, hearing.interfaces(), lan.name);
    if (origin.from === 'own') return false;
    if (origin.from === 'off-link') return refuse();
    // Every socket of a group hears every interface; the ear of the sender's own interface reads it.
    if (origin.interface.name !== lan.name) return false;
    return (hearing.budget.admit(`${method} ${ip}`, hearing.clock.now().monoMs) && looksRight(datagram)) || refuse();
  };
}
