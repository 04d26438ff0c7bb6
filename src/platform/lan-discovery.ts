/**
 * Discovery on every LAN interface of this machine: opens an ear for each, asks on a schedule (search, browse, sweep), reads the kernel's
 * neighbours and follows interfaces as they come and go. Parsing, remembering and judging is done by what it composes.
 */
import { CoverageBook } from '../agent/discovery/coverage.ts';
import { DnsSdCache } from '../agent/discovery/dns-sd-cache.ts';
import { FreshNeighbours } from '../agent/discovery/fresh-neighbours.ts';
import { GROUP_BUDGET, SenderBudget } from '../agent/discovery/sender-budget.ts';
import type { Coverage, LanInterface, Sighting, SkippedInterface } from '../agent/discovery/sighting.ts';
import { SsdpCache } from '../agent/discovery/ssdp-cache.ts';
import { FindingsHeard } from '../agent/evidence/findings-heard.ts';
import { DHCP, DNS_NAME, groupReadersFor } from '../agent/evidence/group-readers.ts';
import { IDENTIFY_DEFAULTS, type IdentifySettings } from '../agent/evidence/identify-settings.ts';
import type { Discovery, Network } from '../agent/ports.ts';
import { type Clock, every, sleep, type Timer } from '../base/clock.ts';
import { formatSubnet } from '../base/ip-address.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { createDescriptionReader, type DescriptionReader } from './description-reader.ts';
import { type DhcpEar, openDhcpEar } from './dhcp-ear.ts';
import { type LanEar, openEar } from './lan-ear.ts';
import type { Hearing } from './lan-hearing.ts';
import { pingTrouble } from './ping-present.ts';
import { openPoker, type Poker } from './poke.ts';
import { createRouterNames, type RouterNames } from './router-names.ts';
import type { Sweep } from './udp-sweep.ts';
import { openUnifiWatch, type UnifiWatch } from './unifi-watch.ts';

export type LanDiscoveryOptions = {
  /** Between two sweeps; by default as often as one packet per second allows. */
  readonly sweepEveryMs?: number;
  /** Also sweep subnets wider than /22. */
  readonly largeSubnets?: boolean;
  /** What is left out of the questions beside SSDP and mDNS. */
  readonly identify?: IdentifySettings;
  /** The console that says of the devices it manages how long they are looked after. */
  readonly unifi?: UnifiWatch;
};

export type LanDiscoveryTools = {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly sweep: Sweep;
  readonly log: Log;
  readonly options?: LanDiscoveryOptions;
};

/** UDP is lost: a search is made three times, so that one lost question or answer costs two seconds. */
const REPEATS_AFTER_MS = [0, 1_000, 2_000];
/** After the last question: SSDP answers take up to 2 s (MX), a description up to 3 s more on a slow device. */
const SETTLE_MS = 3_500;
const TICK_MS = 250;
const FOLLOW_INTERFACES_MS = 5_000;
const READ_NEIGHBOURS_MS = 10_000;
const ROUND_EVERY_MS = 5 * 60_000;
/** Some twenty datagrams, half of them broadcasts that wake every device on the Wi-Fi: what they tell seldom changes. */
const GROUPS_EVERY_MS = 60 * 60_000;
const SWEEP_DEADLINE_MS = 6_500;
const SWEEP_AT_MOST_EVERY_MS = 2 * 60_000;
/** The kernel asks three times for an address that does not answer (mcast_solicit); 0.8 a second leaves room for searches within 1 packet/s. */
const SWEEP_PACKETS_PER_ADDRESS = 3;
const SWEEP_PACKETS_PER_S = 0.8;

export function createLanDiscovery(tools: LanDiscoveryTools): Discovery {
  return new LanDiscovery(tools);
}

class LanDiscovery implements Discovery {
  readonly #tools: LanDiscoveryTools;
  readonly #coverage = new CoverageBook();
  readonly #neighbours = new FreshNeighbours();
  readonly #ssdp = new SsdpCache();
  readonly #dnsSd = new DnsSdCache();
  readonly #budget = new SenderBudget();
  readonly #groupBudget = new SenderBudget(GROUP_BUDGET);
  readonly #findings = new FindingsHeard();
  readonly #identify: IdentifySettings;
  readonly #descriptions: DescriptionReader;
  readonly #ears = new Map<string, LanEar>();
  readonly #searches = new Map<string, Promise<void>>();
  readonly #sweeps = new Map<string, Promise<void>>();
  #onSighting: (sighting: Sighting) => void = () => {};
  #skipped: readonly SkippedInterface[] = [];
  #timers: Timer[] = [];
  #stopping = new AbortController();
  #following: Promise<void> | undefined;
  #poker: Poker | undefined;
  #names: RouterNames | undefined;
  #dhcp: DhcpEar | undefined;
  #unifi: { close(): void } | undefined;

  constructor(tools: LanDiscoveryTools) {
    this.#tools = tools;
    this.#identify = tools.options?.identify ?? IDENTIFY_DEFAULTS;
    this.#descriptions = createDescriptionReader({
      clock: tools.clock,
      log: tools.log,
      coverage: this.#coverage,
      tell: (sighting) => this.#onSighting(sighting),
    });
  }

  async start(onSighting: (sighting: Sighting) => void): Promise<void> {
    const { clock } = this.#tools;
    this.#stopping = new AbortController();
    this.#onSighting = onSighting;
    this.#poker = openPoker(clock, () => void this.#readNeighbours());
    await this.#openBeside();
    await this.#followInterfaces();
    this.#timers = [
      every(clock, TICK_MS, () => this.#tick()),
      every(clock, READ_NEIGHBOURS_MS, () => void this.#readNeighbours()),
      every(clock, FOLLOW_INTERFACES_MS, () => void this.#followInterfaces()),
    ];
    void this.#repeat(
      () => ROUND_EVERY_MS,
      () => this.#round(),
    );
    void this.#repeat(
      () => GROUPS_EVERY_MS,
      async () => {
        for (const ear of this.#ears.values()) ear.askGroups();
      },
    );
    void this.#repeat(
      () => this.#sweepEveryMs(),
      () => this.#sweepAll(),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#onSighting = () => {};
    await this.#following;
    for (const ear of this.#ears.values()) ear.close();
    this.#ears.clear();
    this.#descriptions.clear();
    this.#poker?.close();
    this.#names?.close();
    this.#dhcp?.close();
    this.#unifi?.close();
    await Promise.all([...this.#searches.values(), ...this.#sweeps.values()]);
  }

  async refresh(): Promise<void> {
    await this.#followInterfaces();
    await Promise.all([...this.#ears.values()].map((ear) => this.#search(ear)));
  }

  look(): Promise<void> {
    return this.#sweepAll();
  }

  coverage(): readonly Coverage[] {
    const skipped = this.#skipped.map(
      ({ name, reason }): Coverage => ({
        interface: name,
        method: 'neighbour',
        status: 'skipped',
        asked: 0,
        answered: 0,
        refused: 0,
        problem: reason,
      }),
    );
    return [...this.#coverage.rows(this.#tools.clock.now().monoMs), ...skipped];
  }

  interfaces(): readonly LanInterface[] {
    return [...this.#ears.values()].map((ear) => ear.lan);
  }

  /** What listens and asks for all interfaces together, where the settings let it. */
  async #openBeside(): Promise<void> {
    const { clock, random, log } = this.#tools;
    const tools = { clock, random, log, coverage: this.#coverage, budget: this.#groupBudget, interfaces: () => this.interfaces() };
    const tell = (sighting: Sighting): void => this.#onSighting(sighting);
    if (!this.#identify.off.includes(DNS_NAME)) this.#names = createRouterNames({ ...tools, tell });
    if (!this.#identify.off.includes(DHCP)) this.#dhcp = await openDhcpEar({ ...tools, tell });
    const unifi = this.#tools.options?.unifi;
    if (unifi) this.#unifi = openUnifiWatch(unifi, { ...tools, tell });
  }

  /** Runs `task` again and again, a little earlier or later each time so that many hubs do not ask in step. */
  async #repeat(intervalMs: () => number, task: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(this.#tools.clock, intervalMs() * (0.9 + 0.2 * this.#tools.random.fraction()), signal);
      if (!signal.aborted) await task();
    }
  }

  #tick(): void {
    const at = this.#tools.clock.now();
    for (const ear of this.#ears.values()) ear.ask(this.#dnsSd.dueQuestions(ear.lan.name, at.monoMs));
    for (const facts of this.#dnsSd.dueSightings(at.monoMs)) this.#onSighting({ method: 'mdns', at, ...facts });
  }

  /** Ears that heard nothing since the last round, or could not open all, are opened anew: a group membership dies with its interface. */
  async #round(): Promise<void> {
    this.#ssdp.expire(this.#tools.clock.now().monoMs);
    for (const ear of [...this.#ears.values()]) if (!ear.heardSomething() || !ear.works) await this.#open(ear.lan);
    await Promise.all([...this.#ears.values()].map((ear) => this.#ask(ear, [0, 1_000])));
  }

  async #sweepAll(): Promise<void> {
    await Promise.all([...this.#ears.values()].map((ear) => this.#sweep(ear.lan)));
  }

  #sweepEveryMs(): number {
    const addresses = [...this.#ears.values()].reduce((sum, ear) => Math.max(sum, 2 ** (32 - ear.lan.prefixLength)), 0);
    const affordableMs = (addresses * SWEEP_PACKETS_PER_ADDRESS * 1000) / SWEEP_PACKETS_PER_S;
    return this.#tools.options?.sweepEveryMs ?? Math.max(SWEEP_AT_MOST_EVERY_MS, affordableMs);
  }

  /** Everything that can be asked on one interface; whoever asks while it runs waits for the same one. */
  #search(ear: LanEar): Promise<void> {
    return once(this.#searches, ear.lan.name, async () => {
      const sweep = this.#sweep(ear.lan);
      ear.askGroups();
      await this.#ask(ear, REPEATS_AFTER_MS);
      ear.askGroups();
      await sleep(this.#tools.clock, SETTLE_MS, this.#stopping.signal);
      await sweep;
      await this.#readNeighbours();
      this.#tick();
    });
  }

  async #ask(ear: LanEar, afterMs: readonly number[]): Promise<void> {
    for (const waitMs of afterMs) {
      if (waitMs > 0) await sleep(this.#tools.clock, waitMs, this.#stopping.signal);
      if (this.#ears.get(ear.lan.name) !== ear) return;
      ear.searchSsdp();
      ear.browse();
      void this.#readNeighbours();
    }
  }

  #sweep(lan: LanInterface): Promise<void> {
    return once(this.#sweeps, lan.name, async () => {
      const options = { signal: this.#stopping.signal, deadlineMs: SWEEP_DEADLINE_MS, large: this.#tools.options?.largeSubnets ?? false };
      const report = await this.#tools.sweep(lan, { onSighting: (sighting) => this.#tellAnswer(sighting) }, options);
      this.#coverage.asked(lan.name, 'neighbour', this.#tools.clock.now().monoMs, report.asked);
      this.#coverage.trouble(lan.name, 'neighbour', troubleOf(report, lan));
    });
  }

  /** What a sweep finds by other means than ARP is its own second opinion, not a method with a coverage of its own. */
  #tellAnswer(sighting: Sighting): void {
    if (sighting.method === 'neighbour') this.#coverage.answered(sighting.interface, 'neighbour', sighting.ip, sighting.at.monoMs);
    this.#onSighting(sighting);
  }

  async #readNeighbours(): Promise<void> {
    const table = await this.#tools.network.neighbours();
    const at = this.#tools.clock.now();
    const fresh = this.#neighbours.pick(table, at.monoMs).filter((neighbour) => this.#ears.has(neighbour.interface));
    for (const neighbour of fresh) {
      this.#tellAnswer({ method: 'neighbour', at, ...neighbour });
      const lan = this.#ears.get(neighbour.interface)?.lan;
      if (lan) this.#names?.want(lan, neighbour.ip, neighbour.mac);
    }
  }

  #followInterfaces(): Promise<void> {
    this.#following ??= this.#openAndClose().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #openAndClose(): Promise<void> {
    const view = await this.#tools.network.view();
    this.#skipped = view.skipped;
    for (const name of [...this.#ears.keys()]) if (!view.interfaces.some((lan) => lan.name === name)) this.#close(name);
    for (const lan of view.interfaces) {
      const known = this.#ears.get(lan.name)?.lan;
      if (this.#stopping.signal.aborted || (known !== undefined && isSamePlace(known, lan))) continue;
      const ear = await this.#open(lan);
      const noPing = await pingTrouble();
      if (noPing) this.#coverage.trouble(lan.name, 'icmp', noPing);
      if (this.#dhcp) this.#coverage.trouble(lan.name, 'dhcp', this.#dhcp.trouble);
      void this.#search(ear);
    }
  }

  async #open(lan: LanInterface): Promise<LanEar> {
    const before = this.#ears.get(lan.name);
    if (before !== undefined && !isSamePlace(before.lan, lan)) this.#close(lan.name);
    before?.close();
    const ear = await openEar(lan, this.#hearing());
    // Stopped meanwhile: nobody would close this one.
    if (this.#stopping.signal.aborted) ear.close();
    else this.#ears.set(lan.name, ear);
    this.#tools.log.info('listening', { interface: lan.name, subnet: formatSubnet(lan) });
    return ear;
  }

  #close(name: string): void {
    this.#ears.get(name)?.close();
    this.#ears.delete(name);
    this.#dnsSd.forgetInterface(name);
    this.#names?.forgetInterface(name);
    this.#coverage.forget(name);
    this.#tools.log.info('no longer listening', { interface: name });
  }

  #hearing(): Hearing {
    return {
      clock: this.#tools.clock,
      random: this.#tools.random,
      log: this.#tools.log,
      coverage: this.#coverage,
      budget: this.#budget,
      groupBudget: this.#groupBudget,
      findings: this.#findings,
      groups: groupReadersFor(this.#identify),
      ssdp: this.#ssdp,
      dnsSd: this.#dnsSd,
      interfaces: () => this.interfaces(),
      tell: (sighting) => this.#onSighting(sighting),
      met: (lan, ip) => this.#poker?.poke(lan.name, ip),
      described: (lan, ip, location) => this.#descriptions.want(lan, ip, location),
    };
  }
}

/** Starts `task` unless one of that name is under way; all wait for the same one. */
function once(running: Map<string, Promise<void>>, name: string, task: () => Promise<void>): Promise<void> {
  const current = running.get(name);
  if (current) return current;
  const promise = task().finally(() => running.delete(name));
  running.set(name, promise);
  return promise;
}

const isSamePlace = (a: LanInterface, b: LanInterface): boolean =>
  a.address === b.address && a.prefixLength === b.prefixLength && a.mac === b.mac && a.ipv6.join() === b.ipv6.join();

type SweepReport = Awaited<ReturnType<Sweep>>;

function troubleOf(report: SweepReport, lan: LanInterface): Parameters<CoverageBook['trouble']>[2] {
  if (report.refusedBecause !== undefined) {
    return {
      status: 'skipped',
      problem: `not swept: ${report.refusedBecause}`,
      fix: 'Allow large subnets in the settings if this network is meant.',
    };
  }
  if (report.unsent === 0) return undefined;
  const problem = `${report.unsent} of ${report.asked} addresses of ${formatSubnet(lan)} could not be asked: this machine did not send`;
  return { status: 'degraded', problem, fix: 'Look at the firewall rules of this machine for outgoing UDP.' };
}
