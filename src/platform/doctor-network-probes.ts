/**
 * Tries out, for `hearthbeat doctor`, what this machine can do in its network: neighbour table, ping, ports, routes. Every function answers
 * with facts and rejects for nothing the machine does; src/agent/diagnostics judges them.
 */
import { createSocket } from 'node:dgram';
import type { SourceCheck } from '../agent/diagnostics/doctor-interfaces.ts';
import type { NeighbourFacts } from '../agent/diagnostics/doctor-lan.ts';
import type { PortFacts } from '../agent/diagnostics/doctor-multicast.ts';
import { parseIpNeigh, parseProcArp } from '../agent/discovery/neighbour-parse.ts';
import { type DefaultRoute, parseDefaultRoutes } from '../agent/discovery/route-parse.ts';
import type { LanInterface } from '../agent/discovery/sighting.ts';
import { planSweep } from '../agent/discovery/sweep-plan.ts';
import type { Neighbour, Prober } from '../agent/ports.ts';
import { pingTrouble } from './ping-present.ts';
import { exists, outputOf, TOOL_TIMEOUT_MS, textOf } from './system-texts.ts';

/** What the kernel calls a Node process. */
const NODE_MAIN_THREAD = 'MainThread';
const IFF_MULTICAST = 0x1000;

/** The greater of what is set for all interfaces and for this one holds (kernel's ip-sysctl, rp_filter): 0 no check, 1 strict, 2 loose. */
export async function trySourceChecks(interfaces: readonly string[]): Promise<SourceCheck[]> {
  const setting = async (name: string): Promise<number> => Number(await textOf(`/proc/sys/net/ipv4/conf/${name}/rp_filter`));
  const all = await setting('all');
  return Promise.all(interfaces.map(async (name) => ({ interface: name, isStrict: Math.max(all, await setting(name)) === 1 })));
}

/** The marks of Docker and of Podman; systemd-nspawn and LXC have networks of their own that need none. */
export async function isInContainer(): Promise<boolean> {
  return (await exists('/.dockerenv')) || (await exists('/run/.containerenv'));
}

/** Default routes by these interfaces to another router than this one. */
export async function otherWaysOut(lans: readonly LanInterface[], gateway: string): Promise<DefaultRoute[]> {
  const routes = parseDefaultRoutes(await textOf('/proc/net/route'));
  return routes.filter((route) => route.gateway !== gateway && lans.some(({ name }) => name === route.interface));
}

/** Undefined where the system does not say. */
export async function takesMulticast(interfaceName: string): Promise<boolean | undefined> {
  const flags = Number.parseInt(await textOf(`/sys/class/net/${interfaceName}/flags`), 16);
  return Number.isNaN(flags) ? undefined : (flags & IFF_MULTICAST) !== 0;
}

/** Reads the neighbour table as the agent does, by iproute2, else from /proc; and how much the kernel keeps (only the first network namespace says). */
export async function tryNeighbourTable(lans: readonly LanInterface[]): Promise<NeighbourFacts> {
  const [shown, arp, limit] = await Promise.all([
    outputOf('ip', ['-s', '-j', 'neigh', 'show']),
    textOf('/proc/net/arp'),
    textOf('/proc/sys/net/ipv4/neigh/default/gc_thresh3'),
  ]);
  const capacity = { asked: Math.max(0, ...lans.map(askedAtOnce)), ...(Number(limit) > 0 ? { capacity: Number(limit) } : {}) };
  if (shown?.startsWith('[')) return { source: 'ip', devices: resolved(parseIpNeigh(shown).neighbours), ...capacity };
  return { source: arp === '' ? 'none' : 'proc', devices: resolved(parseProcArp(arp).neighbours), ...capacity };
}

function askedAtOnce(lan: LanInterface): number {
  const plan = planSweep(lan);
  return plan.ok ? Math.max(0, ...plan.value.map((batch) => batch.length)) : 0;
}

const resolved = (entries: readonly Neighbour[]): number => entries.filter(({ mac }) => mac !== undefined).length;

/** Loopback always answers, so that a failure is one of ping(8) itself. */
export async function tryPing(
  prober: Prober,
): Promise<{ isMissing: boolean; loopback?: { outcome: 'answered' | 'silent' | 'unable'; detail: string } }> {
  if ((await pingTrouble()) !== undefined) return { isMissing: true };
  const request = { deviceId: 'doctor', ip: '127.0.0.1', interface: 'lo', method: 'icmp', timeoutMs: TOOL_TIMEOUT_MS } as const;
  const { outcome, detail } = await prober.probe(request);
  return { isMissing: false, loopback: { outcome, detail } };
}

/** Opens each port the way discovery does: shared. */
export async function tryPorts(ports: readonly number[]): Promise<PortFacts[]> {
  return Promise.all(
    ports.map(async (port) => {
      const [error, holders] = await Promise.all([whyNotBound(port), holdersOf(port)]);
      return { port, holders, ...(error === undefined ? {} : { error }) };
    }),
  );
}

function whyNotBound(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', (error: NodeJS.ErrnoException) => socket.close(() => resolve(error.code ?? error.message)));
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(undefined)));
  });
}

/** The names in `users:(("avahi-daemon",pid=1,fd=12))`; only root sees those of other users. */
async function holdersOf(port: number): Promise<string[]> {
  const listing = await outputOf('ss', ['-lunpH', `sport = :${port}`]);
  const names = [...(listing ?? '').matchAll(/\("([^"]+)",pid=/g)].map((match) => match[1] as string);
  return [...new Set(names.map((name) => (name === NODE_MAIN_THREAD ? 'a Node program' : name)))];
}
