/**
 * What the agent needs from the outside world, as interfaces: src/platform implements them on a real machine, src/simulation in memory.
 * Implementations never throw for what a LAN, a broker or a disk does; they answer with values.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Coverage, LanInterface, NetworkView, Sighting } from './discovery/sighting.ts';
import type { Asker, Reader, Target } from './evidence/reader.ts';
import type { ProbeRequest, ProbeResult } from './health/probe.ts';
import type { Look } from './lifecycle/look.ts';
import type { Looked } from './lifecycle/looked.ts';

/** One row of the kernel's neighbour table (ARP and NDP). */
export type Neighbour = {
  readonly ip: string;
  readonly interface: string;
  readonly mac?: string;
  readonly state: 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED' | 'INCOMPLETE' | 'PERMANENT' | 'NOARP' | 'UNKNOWN';
  /** Milliseconds since the kernel last had proof (resolution: 1 s); Infinity when never, undefined where the source cannot tell. */
  readonly confirmedAgoMs?: number;
  readonly isRouter: boolean;
};

export interface Network {
  view(): Promise<NetworkView>;
  /** Whether the interface has link (carrier); undefined when the system does not say. */
  hasLink(interfaceName: string): Promise<boolean | undefined>;
  neighbours(): Promise<readonly Neighbour[]>;
}

/** Listens and asks on the LAN; everything heard goes to `onSighting`. */
export interface Discovery {
  start(onSighting: (sighting: Sighting) => void): Promise<void>;
  stop(): Promise<void>;
  /** Asks again everywhere now (search, enumerate, sweep); resolves when answers have had their time. */
  refresh(): Promise<void>;
  /** Looks at every address now, so that a device which moved is found under its new one; resolves when all are decided. */
  look(): Promise<void>;
  coverage(): readonly Coverage[];
  interfaces(): readonly LanInterface[];
}

export interface Prober {
  probe(request: ProbeRequest): Promise<ProbeResult>;
}

/** Whether the world beyond the gateway answers: one anchor is one place to ask. */
export type AnchorResult = {
  readonly anchor: string;
  readonly outcome: 'answered' | 'silent' | 'no-route' | 'unable';
  readonly rttMs?: number;
  readonly detail: string;
};

/** Whether a place on the internet is itself, or something else answers for it. */
export type ProofResult = {
  readonly place: string;
  readonly outcome: 'proven' | 'impostor' | 'silent' | 'unable';
  /** What showed in its place, for people: a page, a certificate. */
  readonly instead?: string;
  readonly detail: string;
};

/** How far the way to the internet works. `farthest`: of the next routers, the last that answered. `refused`: a router says that there is no way on. */
export type WayAnswer = { readonly outcome: 'answered' | 'refused' | 'silent' | 'unable'; readonly farthest?: string };

export interface InternetProbe {
  /** Asks one anchor: `tcp://192.0.2.1:443` (open or refused is life) or `dns://192.0.2.1` (any DNS answer is life). */
  ask(anchor: string, timeoutMs: number): Promise<AnchorResult>;
  /** Asks `tls://192.0.2.1:443` for a certificate of its address, and what answers in its place for its page. */
  prove(place: string, timeoutMs: number): Promise<ProofResult>;
  /** Looks which of the next routers towards an IPv4 address answer. */
  look(ip: string, timeoutMs: number): Promise<WayAnswer>;
}

/** The hub's own condition, read each tick: when it is bad, silence of others proves nothing. */
export type Vitals = { readonly eventLoopLagMs: number; readonly rssBytes: number; readonly cpuFraction: number };

export interface VitalsProbe {
  read(): Vitals;
}

/** What is to be looked at: `at` by this machine's clock, `deskAheadMs` by how much the desk's is ahead of it, where that is known. */
export type LookRequest = { readonly at: number; readonly deskAheadMs?: number | undefined; readonly devices: readonly Looked[] };

/** Looks how near their end devices are: in a process of its own, because the catalogue and its tables are needed for a second a day. */
export interface LifecycleLooker {
  /** At most 10 s; `failed` where it cannot be had, with the reason in the log. */
  look(request: LookRequest): Promise<Look | 'failed'>;
  /** Another text when another catalogue is in use. */
  mark(): Promise<string>;
}

/** The start of the machine that the hub is. */
export type Boot = {
  /** By which the system names it, another one each time; undefined where it does not. */
  readonly id?: string;
  /** On the monotonic clock of this process, so before its zero. */
  readonly atMs: number;
};

/** Asks single devices who they are (src/agent/evidence). */
export interface Askers {
  /** Bound to that device and to the reader's budget; undefined for what is no neighbour of this hub. */
  askerFor(target: Target, reader: Pick<Reader, 'name' | 'method' | 'budget'>): Asker | undefined;
  /** Ends every question that is under way; those asked later have no answer. */
  close(): void;
}

export type AgentPlatform = {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly discovery: Discovery;
  readonly prober: Prober;
  /** Whether the kernel may be told to ask an address again (root): then a host that answers only ARP is found dead in seconds. */
  readonly canRevalidate: boolean;
  readonly internet: InternetProbe;
  readonly askers: Askers;
  readonly vitals: VitalsProbe;
  /** Undefined where nobody knows: then a restart is not explained. */
  readonly boot?: Boot;
  /** Undefined where nobody looks: then nothing is known of any end. */
  readonly lifecycle?: LifecycleLooker;
  readonly log: Log;
};
