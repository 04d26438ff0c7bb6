/**
 * One interface's listening: SSDP, mDNS (IPv4 and, for link-local addresses, IPv6) and the other groups, brought together with what remembers
 * them. Fetches and schedules nothing.
 */
import type { Trouble } from '../agent/discovery/coverage.ts';
import { browse, COMMON_TYPES, ENUMERATION, plausibleDns, type Question } from '../agent/discovery/dns-sd-names.ts';
import type { LanInterface } from '../agent/discovery/sighting.ts';
import { readSsdp, SEARCH_TARGETS, type SsdpMessage } from '../agent/discovery/ssdp-message.ts';
import { type GroupEar, openGroupEar } from './group-ear.ts';
import { gateOf, type Hearing } from './lan-hearing.ts';
import { type MdnsHandlers, type MdnsPort, openMdns } from './mdns.ts';
import { openSsdp, type SsdpPort } from './ssdp.ts';

export type LanEar = {
  readonly lan: LanInterface;
  readonly works: boolean;
  searchSsdp(): void;
  browse(): void;
  ask(questions: readonly Question[]): void;
  /** Asks everyone at once by what is spoken beside SSDP and mDNS. */
  askGroups(): void;
  /** Whether anything was heard since the last call. */
  heardSomething(): boolean;
  close(): void;
};

/** The lifetime a unicast answer is given: the next browse renews it. */
const UNICAST_TTL_FLOOR_S = 900;

export async function openEar(lan: LanInterface, hearing: Hearing): Promise<LanEar> {
  let heard = false;
  const met = (ip: string): void => {
    heard = true;
    hearing.met(lan, ip);
  };
  const ssdp = await openSsdp(lan.address, {
    admit: gateOf(lan, 'ssdp', hearing),
    hear: (datagram, from) => hearSsdp(datagram, from.ip, lan, hearing, met),
    failed: (error) => hearing.log.debug('SSDP socket', { interface: lan.name, error: error.message }),
  });
  const mdns = await openMdnsPorts(lan, hearing, met);
  const groups = await openGroupEar(lan, hearing, met);
  hearing.coverage.trouble(lan.name, 'ssdp', ssdp.trouble);
  hearing.coverage.trouble(lan.name, 'mdns', mdns[0]?.trouble);
  return earOf(lan, hearing, { ssdp, mdns, groups }, () => {
    const was = heard;
    heard = false;
    return was;
  });
}

type Ports = { readonly ssdp: SsdpPort; readonly mdns: readonly MdnsPort[]; readonly groups: GroupEar };

function earOf(lan: LanInterface, hearing: Hearing, { ssdp, mdns, groups }: Ports, heardSomething: () => boolean): LanEar {
  const ask = (questions: readonly Question[]): void => {
    if (questions.length > 0) for (const port of mdns) port.ask(questions);
  };
  return {
    lan,
    works: !needsMending(ssdp.trouble) && !needsMending(mdns[0]?.trouble),
    heardSomething,
    ask,
    askGroups: () => groups.ask(),
    searchSsdp() {
      hearing.coverage.asked(lan.name, 'ssdp', hearing.clock.now().monoMs);
      ssdp.search(SEARCH_TARGETS);
    },
    browse() {
      hearing.coverage.asked(lan.name, 'mdns', hearing.clock.now().monoMs);
      ask([ENUMERATION, ...new Set([...COMMON_TYPES, ...hearing.dnsSd.types(lan.name)])].map(browse));
    },
    close() {
      ssdp.close();
      groups.close();
      for (const port of mdns) port.close();
    },
  };
}

const needsMending = (trouble: Trouble | undefined): boolean => trouble !== undefined;

/** IPv4 first; IPv6 where the interface has a link-local address, and only when the system lets it. */
async function openMdnsPorts(lan: LanInterface, hearing: Hearing, met: (ip: string) => void): Promise<MdnsPort[]> {
  const place = { address: lan.address, interfaceName: lan.name };
  let unicast = false;
  const handlers: MdnsHandlers = {
    admit: gateOf(lan, 'mdns', hearing, plausibleDns),
    hear(records, from) {
      met(from.ip);
      hearing.coverage.answered(lan.name, 'mdns', from.ip, hearing.clock.now().monoMs);
      hearing.dnsSd.hear({ interface: lan.name, ip: from.ip }, records, hearing.clock.now().monoMs, unicast ? UNICAST_TTL_FLOOR_S : 0);
    },
    asked: (from) => met(from.ip),
    malformed: () => hearing.coverage.refused(lan.name, 'mdns'),
    failed: (error) => hearing.log.debug('mDNS socket', { interface: lan.name, error: error.message }),
  };
  const v4 = await openMdns({ ...place, family: 4 }, handlers);
  unicast = v4.unicast;
  if (!lan.ipv6.some((ip) => ip.startsWith('fe80:'))) return [v4];
  return [v4, await openMdns({ ...place, family: 6 }, handlers)];
}

function hearSsdp(datagram: Uint8Array, ip: string, lan: LanInterface, hearing: Hearing, met: (ip: string) => void): void {
  const reading = readSsdp(datagram);
  if (reading.outcome === 'malformed') hearing.coverage.refused(lan.name, 'ssdp');
  else met(ip);
  if (reading.outcome === 'message') takeMessage(reading.message, ip, lan, hearing);
}

function takeMessage(message: SsdpMessage, ip: string, lan: LanInterface, hearing: Hearing): void {
  const at = hearing.clock.now();
  hearing.coverage.answered(lan.name, 'ssdp', ip, at.monoMs);
  const verdict = hearing.ssdp.hear(`${lan.name} ${ip}`, message, at.monoMs);
  if (verdict === 'full') hearing.coverage.refused(lan.name, 'ssdp');
  if (verdict !== 'news') return;
  hearing.tell({ method: 'ssdp', at, interface: lan.name, ip, ...message });
  if (message.location !== undefined && message.kind !== 'byebye') hearing.described(lan, ip, message.location);
}
