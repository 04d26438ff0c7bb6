/**
 * Asks one device along its path, hop by hop, for `hearthbeat trace`: tells each hop with the time it took as soon as it is known, and asks
 * nobody but the device (and, for its name, the home's own resolver). Ends where nothing behind can answer.
 */

import {
  type Hop,
  type HopName,
  judgeArp,
  judgeGatewayDns,
  judgeInternet,
  judgeLink,
  judgeName,
  judgePing,
  judgePorts,
  judgeRoute,
  type PortTry,
} from '../agent/diagnostics/trace.ts';
import type { DeviceView } from '../agent/diagnostics/view.ts';
import type { LanInterface } from '../agent/discovery/sighting.ts';
import type { Asker, Target } from '../agent/evidence/reader.ts';
import { Spending } from '../agent/evidence/spending.ts';
import { placesOf } from '../agent/health/captivity.ts';
import type { ProbeMethod, ProbeResult } from '../agent/health/probe.ts';
import { titleOf } from '../agent/inventory/describe.ts';
import { inSubnet } from '../base/ip-address.ts';
import { createAskers } from '../platform/asker.ts';
import { createInternetProbe } from '../platform/internet-probe.ts';
import { askNames } from '../platform/name-question.ts';
import { createNetwork, type LinuxNetwork } from '../platform/network.ts';
import { createProber } from '../platform/prober.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';

/** What is to be traced. `device` is left out for an address that the agent does not know. */
export type Course = {
  readonly ip: string;
  readonly device?: DeviceView;
  /** All known devices, to name whoever else answers. */
  readonly devices: readonly DeviceView[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly anchors: readonly string[];
};

export type TimedHop = Hop & { readonly tookMs?: number };

const TOOLS = { clock: systemClock, random: systemRandom };
/** A resolution that fails takes the kernel 3.1 s. */
const ARP_TIMEOUT_MS = 3500;
const ANSWER_TIMEOUT_MS = 1500;
const INTERNET_TIMEOUT_MS = 2500;
const MOST_PORTS = 6;
/** A device that drops what it does not like costs 900 ms a port. */
const SILENT_BEFORE_LEAVING = 2;
const READER = { name: 'trace', method: 'ports', budget: { packets: 32, bytes: 2_048 } } as const;

/** Calls `tell` with each hop as it is known; never rejects for what the network does. */
export async function tracePath(course: Course, tell: (hop: TimedHop) => void): Promise<TimedHop[]> {
  const network = createNetwork({ ...TOOLS, overrides: { include: course.include, exclude: course.exclude } });
  const hops: TimedHop[] = [];
  const add = async (name: HopName, judge: () => Promise<Omit<Hop, 'name'>> | Omit<Hop, 'name'>): Promise<boolean> => {
    const startedAtMs = systemClock.now().monoMs;
    const judged = await judge();
    const hop = { name, ...judged, ...(judged.outcome === 'skipped' ? {} : { tookMs: systemClock.now().monoMs - startedAtMs }) };
    hops.push(hop);
    tell(hop);
    return judged.outcome !== 'broken';
  };
  try {
    const { interfaces } = await network.view();
    const home = interfaces.find((lan) => inSubnet(course.ip, lan));
    const near = home ?? interfaces[0];
    if (!(await add('link', async () => judgeLink({ lan: near, hasLink: near && (await network.hasLink(near.name)) })))) return hops;
    if (!(await add('route', () => judgeRoute(course.ip, home))) || home === undefined) return hops;
    if (!(await add('arp', () => lookByArp(course, home, network)))) return hops;
    const hub: Hub = { lan: home, network };
    await add('ping', async () => judgePing(await probe(course.ip, 'icmp', ANSWER_TIMEOUT_MS, hub)));
    await add('ports', () => knock(course, hub));
    await add('name', async () => judgeName(await askNames(course.ip, home, systemRandom)));
    if (course.ip === home.gateway) await askBeyond(course, add);
    return hops;
  } finally {
    network.close();
  }
}

type Hub = { readonly lan: LanInterface; readonly network: LinuxNetwork };

function probe(ip: string, method: ProbeMethod, timeoutMs: number, { lan, network }: Hub): Promise<ProbeResult> {
  return createProber({ ...TOOLS, network }).probe({ deviceId: 'trace', ip, interface: lan.name, method, timeoutMs });
}

async function lookByArp({ ip, device, devices }: Course, lan: LanInterface, network: LinuxNetwork) {
  const answer = await probe(ip, 'arp', ARP_TIMEOUT_MS, { lan, network });
  const table = (await network.neighbours()).filter((entry) => entry.interface === lan.name);
  const entry = table.find((one) => one.ip === ip);
  const stranger = devices.find((other) => other.id !== device?.id && entry?.mac !== undefined && other.macs.includes(entry.mac));
  const contest = device?.conflicts.find((one) => one.ip === ip);
  return judgeArp({
    ip,
    answer,
    entry,
    knownMacs: device?.macs ?? [],
    ...(stranger && device ? { stranger: titleOf(stranger) } : {}),
    claimants: contest?.claimants.map(({ mac }) => mac) ?? [],
    othersHeard: table.filter((one) => one.ip !== ip && one.state === 'REACHABLE').length,
    isAsleep: device?.state === 'asleep',
  });
}

/** One port after the other, as a small device can bear it. */
async function knock({ ip, device }: Course, hub: Hub) {
  const closedPort = await probe(ip, 'udp', ANSWER_TIMEOUT_MS, hub);
  const ports = device?.ports.map(({ port }) => port) ?? [];
  const target: Target = { interface: hub.lan.name, ip, openPorts: ports, services: new Set() };
  const askers = createAskers({ clock: systemClock, interfaces: () => [hub.lan], spending: new Spending() });
  const asker = askers.askerFor(target, READER);
  const tries = asker ? await tryPorts(asker, ports.slice(0, MOST_PORTS), closedPort.outcome === 'answered') : [];
  return judgePorts(tries, closedPort, ports.length - tries.length);
}

async function tryPorts(asker: Asker, ports: readonly number[], isAlive: boolean): Promise<PortTry[]> {
  const tries: PortTry[] = [];
  for (const port of ports) {
    tries.push({ port, answer: await asker.connects(port) });
    const hasAnswered = isAlive || tries.some(({ answer }) => answer !== 'silent');
    if (!hasAnswered && tries.length >= SILENT_BEFORE_LEAVING) break;
  }
  return tries;
}

/** The path of the router goes on behind it. */
async function askBeyond({ ip, anchors }: Course, add: (name: HopName, judge: () => Promise<Omit<Hop, 'name'>>) => Promise<boolean>) {
  const internet = createInternetProbe(TOOLS);
  await add('dns', async () => judgeGatewayDns(await internet.ask(`dns://${ip}`, INTERNET_TIMEOUT_MS)));
  await add('internet', async () => {
    const answers = Promise.all(anchors.map((anchor) => internet.ask(anchor, INTERNET_TIMEOUT_MS)));
    const proofs = Promise.all(placesOf(anchors).map((place) => internet.prove(place, INTERNET_TIMEOUT_MS)));
    return judgeInternet(await answers, await proofs);
  });
}
