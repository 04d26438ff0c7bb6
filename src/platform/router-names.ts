/**
 * Asks the home's own resolver for the names of addresses (agent/evidence/router-name.ts): one datagram a device, to a resolver on this very
 * link, never to one on the internet. What it answers belongs to the device, but is not said by it.
 */
import type { CoverageBook } from '../agent/discovery/coverage.ts';
import { originOf } from '../agent/discovery/on-link.ts';
import type { EvidenceSighting, LanInterface } from '../agent/discovery/sighting.ts';
import { encodePtrQuestion, parsePtrAnswer } from '../agent/evidence/dns-message.ts';
import { DNS_NAME } from '../agent/evidence/group-readers.ts';
import { NamePlan, type NameWanted } from '../agent/evidence/name-plan.ts';
import { findingOfName } from '../agent/evidence/router-name.ts';
import type { Clock } from '../base/clock.ts';
import { ipFamily } from '../base/ip-address.ts';
import type { Random } from '../base/random.ts';
import { exchangeDatagram } from './asker-questions.ts';

export type RouterNames = {
  /** `mac` lives at `ip`. */
  want(lan: LanInterface, ip: string, mac: string): void;
  forgetInterface(name: string): void;
  close(): void;
};

type Tools = {
  readonly clock: Clock;
  readonly random: Random;
  readonly coverage: CoverageBook;
  interfaces(): readonly LanInterface[];
  tell(sighting: EvidenceSighting): void;
};

const DNS_PORT = 53;
const TIMEOUT_MS = 1_500;
/** A home has one resolver, or a filter (Pi-hole) beside the router. */
const MOST_RESOLVERS = 2;

export function createRouterNames(tools: Tools): RouterNames {
  const plan = new NamePlan();
  const stopping = new AbortController();
  const askNext = (): void => {
    for (let wanted = plan.next(); wanted; wanted = plan.next()) {
      const one = wanted;
      void nameOf(one, tools, stopping.signal).then((found) => {
        plan.done(one, found, tools.clock.now().monoMs);
        if (!stopping.signal.aborted) askNext();
      });
    }
  };
  return {
    want(lan, ip, mac) {
      if (ipFamily(ip) !== 4 || stopping.signal.aborted) return;
      if (plan.want({ interface: lan.name, ip }, mac, tools.clock.now().monoMs)) askNext();
    },
    forgetInterface: (name) => plan.forgetInterface(name),
    close: () => stopping.abort(),
  };
}

/** The resolvers that this link itself has; others would learn from the question who is at home. */
export function resolversOf(lan: LanInterface): string[] {
  const known = [...lan.dnsServers, ...(lan.gateway === undefined ? [] : [lan.gateway])];
  return [...new Set(known)].filter((ip) => ipFamily(ip) === 4 && originOf(ip, [lan]).from === 'lan').slice(0, MOST_RESOLVERS);
}

async function nameOf(wanted: NameWanted, tools: Tools, signal: AbortSignal): Promise<'named' | 'unnamed'> {
  const lan = tools.interfaces().find(({ name }) => name === wanted.interface);
  for (const resolver of lan ? resolversOf(lan) : []) {
    const finding = await askResolver(resolver, wanted.ip, lan!, tools, signal);
    if (finding === undefined || signal.aborted) continue;
    const { fields, identifiers = [] } = finding;
    const at = tools.clock.now();
    tools.tell({ method: 'dns', at, ...wanted, reader: DNS_NAME, fields, identifiers });
    return 'named';
  }
  return 'unnamed';
}

async function askResolver(resolver: string, ip: string, lan: LanInterface, tools: Tools, signal: AbortSignal) {
  const [high = 0, low = 0] = tools.random.bytes(2);
  const question = encodePtrQuestion(high * 256 + low, ip, { recurse: true });
  tools.coverage.asked(lan.name, 'dns', tools.clock.now().monoMs);
  const place = { ip: resolver, port: DNS_PORT, localAddress: lan.address, connectMs: TIMEOUT_MS, deadlineMs: TIMEOUT_MS, signal };
  const accepts = (reply: Uint8Array): boolean => parsePtrAnswer(reply, question) !== undefined;
  const reply = await exchangeDatagram(place, { payload: question, timeoutMs: TIMEOUT_MS, accepts });
  if (typeof reply === 'string') return undefined;
  tools.coverage.answered(lan.name, 'dns', resolver, tools.clock.now().monoMs);
  return parsePtrAnswer(reply, question)
    ?.map((name) => findingOfName(name, ip))
    .find((finding) => finding !== undefined);
}
