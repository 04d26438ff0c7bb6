/**
 * A past month of a home before the real pipeline again, under this policy or another: devices answer as the journal says that they did, the hub is as
 * late, blind or away as it was, and the clock jumps over what changes nothing (still.ts). What it cannot know is said in docs/decisions/0015.
 */
import { TICK_MS } from '../agent/agent.ts';
import type { LanInterface, NeighbourSighting } from '../agent/discovery/sighting.ts';
import { AGENT_PACE } from '../agent/evidence/plan.ts';
import type { CheckRecord } from '../agent/health/health.ts';
import { ANCHOR_TIMEOUT_MS, type InternetRecord } from '../agent/health/internet.ts';
import { addressOf } from '../agent/health/plan.ts';
import { ARP_FAILED, type ProbeRequest, type ProbeResult } from '../agent/health/probe.ts';
import type { Services } from '../agent/health/services.ts';
import type { Device } from '../agent/inventory/device.ts';
import { compileFingerprints } from '../agent/inventory/fingerprints.ts';
import { restoreInventory } from '../agent/inventory/inventory.ts';
import { summarise } from '../agent/inventory/summary.ts';
import { namesSubject, serviceSubject } from '../agent/journal/journal.ts';
import { pastState } from '../agent/journal/recorder.ts';
import { type TickContext, type TickResult, tick } from '../agent/pipeline.ts';
import type { Policy } from '../agent/policy.ts';
import type { AnchorResult } from '../agent/ports.ts';
import { type AgentState, restoreState } from '../agent/state.ts';
import type { SavedState } from '../agent/store/agent-store.ts';
import type { Random } from '../base/random.ts';
import type { AlertMessage } from '../protocol/messages.ts';
import type { Course } from './course.ts';
import { dueAtMs } from './due.ts';
import { instantOf, type Past, type Span } from './past.ts';
import { lineSetForward, lineStillUntilMs, onGrid, servicesSetForward, servicesStillUntilMs, setForward, stillUntilMs } from './still.ts';

/** Who lives in the home, as it is known today. */
export type Home = Pick<SavedState, 'devices' | 'people' | 'wiring'>;

/** An alert that the desk would have had. Unix ms; still firing at the end where `clearedAt` is missing. */
export type Message = Pick<AlertMessage, 'key' | 'code' | 'severity' | 'title' | 'raisedAt' | 'actionableAt' | 'device'> & {
  readonly clearedAt?: number;
};

export type ReplayOptions = {
  readonly policy: Policy;
  readonly random: Random;
};

const IDLE_LAG_MS = 2;
/** After a fall verdicts on its companions come in by the second. */
const RESTLESS_MS = 20_000;
const PROGRESS_EVERY_MS = 3_600_000;
const UNTIMED_MS = 1;
const FINGERPRINTS = compileFingerprints([]);

/** Yields now and then how far it is, from 0 to 1, because a month takes its time; returns all messages by when they were raised. */
export function replay(past: Past, home: Home, options: ReplayOptions): Generator<number, readonly Message[]> {
  return new Replay(past, home, options).run();
}

class Replay {
  readonly #past: Past;
  readonly #home: Home;
  readonly #options: ReplayOptions;
  readonly #context: TickContext;
  readonly #messages = new Map<string, Message>();
  readonly #told: Message[] = [];
  readonly #anchors: readonly string[];
  /** What is still to come, newest last. */
  readonly #births: { readonly atMs: number; readonly device: Device }[];
  readonly #speeches: { readonly atMs: number; readonly deviceId: string }[];
  readonly #orders: Past['orders'][number][];
  readonly #links: Past['links'][number][];
  readonly #linkNames: readonly string[];
  readonly #gatewayId: string | undefined;
  #state: AgentState;
  #devices: readonly Device[];
  #isLinked: Record<string, boolean> = {};
  /** Until when each device needs nothing but to be set forward. */
  readonly #rests = new Map<string, { readonly record: CheckRecord; readonly untilMs: number }>();
  #lineRestsMs = 0;
  #namesRestMs = 0;
  #servicesRestMs = 0;
  #restingServices: Services | undefined;
  #results: { readonly readyMs: number; readonly result: ProbeResult }[] = [];
  #services: { readonly readyMs: number; readonly result: ProbeResult }[] = [];
  #anchor: { readonly readyMs: number; readonly result: AnchorResult } | undefined;
  #named: { readonly readyMs: number; readonly result: AnchorResult } | undefined;
  #restlessUntilMs = 0;

  constructor(past: Past, home: Home, options: ReplayOptions) {
    this.#past = past;
    this.#options = options;
    const mine = home.devices.filter(({ personal }) => !personal);
    this.#home = { ...home, devices: mine };
    const beginsAt = instantOf(past, 0).wallMs;
    const isBorn = ({ firstSeenAt }: Device): boolean => firstSeenAt <= beginsAt;
    this.#devices = mine.filter(isBorn);
    this.#births = latestFirst(mine.filter((device) => !isBorn(device)).map((device) => ({ atMs: this.#birthMs(device), device })));
    this.#speeches = latestFirst(
      mine.flatMap(({ id: deviceId }) => (past.courses.get(deviceId)?.spokenAtMs() ?? []).map((atMs) => ({ atMs, deviceId }))),
    );
    this.#orders = latestFirst(past.orders);
    this.#links = latestFirst(past.links);
    this.#anchors = [...past.courses.keys()].filter((subject) => /^(tcp|dns):/.test(subject));
    const gateway = mine.find(({ isGateway }) => isGateway);
    this.#gatewayId = gateway?.id;
    this.#linkNames = [...new Set(mine.flatMap((device) => addressOf(device)?.interface ?? []))];
    this.#context = {
      inventory: {
        interfaces: this.#linkNames.map((name) => this.#interface(name, gateway && addressOf(gateway)?.ip)),
        fingerprints: FINGERPRINTS,
        vendorOf: () => undefined,
        newDeviceId: () => 'unknown to the journal',
      },
      reading: { ...AGENT_PACE, readers: [], leaveAlone: [] },
      random: options.random,
      clock: 'desk',
      canRevalidate: past.canRevalidate,
      tellPersonal: false,
      watchServices: [...past.courses.keys()].some(isService),
      policy: options.policy,
    };
    const { alerts, ...state } = past.state;
    const firing = alerts.filter(({ code, device }) => isReplayed(code) && (device === undefined || this.#isHere(device)));
    this.#state = this.#restored({ ...state, alerts: firing }, 0);
    for (const alert of firing) this.#messages.set(alert.key, messageOf(alert));
  }

  *run(): Generator<number, readonly Message[]> {
    let progressMs = 0;
    for (let nowMs = 0; nowMs < this.#past.untilMs; ) {
      nowMs = this.#afterGap(nowMs);
      this.#tick(nowMs);
      nowMs = this.#next(nowMs);
      if (nowMs < progressMs) continue;
      progressMs = nowMs + PROGRESS_EVERY_MS;
      yield Math.min(1, nowMs / this.#past.untilMs);
    }
    return [...this.#told, ...this.#messages.values()].sort((a, b) => a.raisedAt - b.raisedAt);
  }

  #isHere(id: string): boolean {
    return this.#devices.some((device) => device.id === id);
  }

  #birthMs({ id, firstSeenAt }: Device): number {
    const firstMs = firstSeenAt - instantOf(this.#past, 0).wallMs;
    return Math.max(0, Math.min(firstMs, this.#past.courses.get(id)?.beginsAtMs ?? firstMs));
  }

  #interface(name: string, gateway: string | undefined): LanInterface {
    const servers = [...this.#past.courses.keys()].flatMap((subject) => /^names dns:\/\/\[?([^\]]+)\]?$/.exec(subject)?.[1] ?? []);
    const nowhere = { mac: '00:00:00:00:00:00', address: '0.0.0.0', prefixLength: 32, ipv6: [] };
    return { name, ...nowhere, ...(gateway === undefined ? {} : { gateway }), dnsServers: servers };
  }

  #restored(state: Omit<SavedState, 'devices' | 'readings'>, nowMs: number): AgentState {
    const saved: SavedState = { ...this.#home, ...state, devices: this.#devices, readings: [] };
    return restoreState(saved, this.#anchors, instantOf(this.#past, nowMs), this.#options.policy);
  }

  /** A hub that was away starts again from what it knew. */
  #afterGap(nowMs: number): number {
    const gap = spanAt(this.#past.gaps, nowMs);
    if (gap) {
      this.#results = [];
      this.#services = [];
      this.#anchor = undefined;
      this.#named = undefined;
      this.#rests.clear();
      [this.#lineRestsMs, this.#namesRestMs, this.#servicesRestMs] = [0, 0, 0];
      this.#state = this.#restored(pastState(this.#state, instantOf(this.#past, nowMs)), onGrid(gap.toMs));
      return onGrid(gap.toMs);
    }
    const stop = spanAt(this.#past.stops, nowMs);
    return stop ? onGrid(stop.toMs) : nowMs;
  }

  #tick(nowMs: number): void {
    this.#bear(nowMs);
    this.#setForward(nowMs);
    const now = instantOf(this.#past, nowMs);
    const stop = this.#past.stops.find(({ toMs }) => onGrid(toMs) === nowMs);
    for (let link = this.#links.at(-1); link && link.atMs <= nowMs; link = this.#links.at(-1)) {
      this.#isLinked = { ...this.#isLinked, [link.name]: link.isUp };
      this.#links.pop();
    }
    const hub = {
      links: Object.fromEntries(this.#linkNames.map((name) => [name, this.#isLinked[name] ?? true])),
      eventLoopLagMs: spanAt(this.#past.late, nowMs)?.lagMs ?? (stop ? stop.toMs - stop.fromMs : IDLE_LAG_MS),
      stoodStillMs: stop ? stop.toMs - stop.fromMs : 0,
    };
    const order = (this.#orders.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs ? this.#orders.pop()?.order : undefined;
    const anchor = this.#anchor && this.#anchor.readyMs <= nowMs ? this.#anchor.result : undefined;
    const named = this.#named && this.#named.readyMs <= nowMs ? this.#named.result : undefined;
    if (anchor) this.#anchor = undefined;
    if (named) this.#named = undefined;
    const done = tick(
      this.#state,
      {
        sightings: this.#speeches.length > 0 ? this.#heardBy(nowMs) : [],
        results: ready(this.#results, nowMs),
        services: ready(this.#services, nowMs),
        reads: [],
        anchor,
        named,
        hub,
        now,
        ...(order ? { alertOrder: order } : {}),
      },
      this.#context,
    );
    this.#results = this.#results.filter(({ readyMs }) => readyMs > nowMs);
    this.#services = this.#services.filter(({ readyMs }) => readyMs > nowMs);
    this.#state = done.state;
    this.#note(done, nowMs);
    this.#ask(done, nowMs);
  }

  /** Devices come into the home as they were found. */
  #bear(nowMs: number): void {
    const born: Device[] = [];
    for (let next = this.#births.at(-1); next && next.atMs <= nowMs; next = this.#births.at(-1)) {
      born.push(next.device);
      this.#births.pop();
    }
    if (born.length === 0) return;
    this.#devices = [...this.#devices, ...born];
    const { devices, ...indexed } = restoreInventory({ ...this.#home, devices: this.#devices });
    const summaries = new Map([...this.#state.summaries, ...born.map((device) => [device.id, summarise(device)] as const)]);
    this.#state = { ...this.#state, inventory: { ...this.#state.inventory, ...indexed, devices }, summaries };
  }

  #setForward(nowMs: number): void {
    const clock = (ms: number) => instantOf(this.#past, ms);
    for (const record of this.#state.book.values()) {
      const rest = this.#rests.get(record.deviceId);
      if (rest?.record === record) setForward(record, this.#past.courses.get(record.deviceId), nowMs, rest.untilMs, clock);
    }
    const { internet, names, services } = this.#state;
    this.#state = {
      ...this.#state,
      ...(this.#lineRestsMs > 0 ? { internet: lineSetForward(internet, this.#courseOf, nowMs, this.#lineRestsMs, clock) } : {}),
      ...(this.#namesRestMs > 0 ? { names: lineSetForward(names, this.#namesCourseOf, nowMs, this.#namesRestMs, clock) } : {}),
      ...(this.#servicesRestMs > 0 && nowMs >= this.#servicesRestMs
        ? { services: servicesSetForward({ ...services, dueAtMs: nowMs }, this.#courseOf, nowMs) }
        : {}),
    };
  }

  #courseOf = (subject: string): Course | undefined => this.#past.courses.get(subject);
  #namesCourseOf = (server: string): Course | undefined => this.#past.courses.get(namesSubject(server));

  #isUp = (deviceId: string): boolean => this.#state.book.get(deviceId)?.state === 'up';

  #heardBy(nowMs: number): NeighbourSighting[] {
    const heard: NeighbourSighting[] = [];
    for (let next = this.#speeches.at(-1); next && next.atMs <= nowMs; next = this.#speeches.at(-1)) {
      this.#speeches.pop();
      const device = this.#state.inventory.devices.get(next.deviceId);
      const address = device && addressOf(device);
      if (!address || spanAt(this.#past.gaps, next.atMs)) continue;
      const { ip, mac, interface: name } = address;
      heard.push({
        method: 'neighbour',
        at: instantOf(this.#past, next.atMs),
        interface: name,
        ip,
        mac,
        confirmedAgoMs: 0,
        isRouter: device.isGateway,
      });
    }
    return heard;
  }

  #note({ change }: TickResult, nowMs: number): void {
    if (change.health.some(({ state }) => state === 'down')) this.#restlessUntilMs = nowMs + RESTLESS_MS;
    for (const entry of change.entries) {
      if (entry.kind !== 'alert.raised' && entry.kind !== 'alert.cleared') continue;
      const alert = entry.body as AlertMessage;
      if (!isReplayed(alert.code)) continue;
      this.#messages.delete(alert.key);
      if (alert.clearedAt === undefined) this.#messages.set(alert.key, messageOf(alert));
      else this.#told.push({ ...messageOf(alert), clearedAt: alert.clearedAt });
    }
  }

  #ask({ probes, services, anchor, nameServer }: TickResult, nowMs: number): void {
    for (const request of probes) {
      const result = this.#answer(request, this.#past.courses.get(request.deviceId), nowMs, true);
      this.#results.push({ readyMs: result.finishedAt.monoMs, result });
    }
    for (const request of services) {
      const result = this.#answer(request, this.#past.courses.get(serviceSubject(request.deviceId, request.port)), nowMs, false);
      this.#services.push({ readyMs: result.finishedAt.monoMs, result });
    }
    if (anchor !== undefined) this.#anchor = this.#answerLine(anchor, this.#courseOf(anchor), nowMs);
    if (nameServer !== undefined) this.#named = this.#answerLine(nameServer, this.#namesCourseOf(nameServer), nowMs);
  }

  #answer(request: ProbeRequest, course: Course | undefined, nowMs: number, isDevice: boolean): ProbeResult {
    const startedAt = instantOf(this.#past, nowMs);
    const after = (ms: number) => instantOf(this.#past, nowMs + ms);
    const condition = course?.conditionAt(nowMs) ?? (isDevice ? 'silent' : 'unknown');
    if (condition === 'unknown') return { request, startedAt, finishedAt: startedAt, outcome: 'unable', detail: 'not in the journal' };
    const isRefused = course?.at(nowMs)?.outcome === 'refused';
    if (condition === 'alive' && (!isDevice || course?.answersBy(request.method))) {
      const rttMs = course?.rttMsAt(nowMs) ?? UNTIMED_MS;
      const told = request.method === 'arp' ? {} : { rttMs };
      return { request, startedAt, finishedAt: after(rttMs), outcome: 'answered', detail: isDevice ? 'answered' : 'open', ...told };
    }
    if (!isDevice && isRefused) return { request, startedAt, finishedAt: after(UNTIMED_MS), outcome: 'answered', detail: 'refused' };
    const detail = isRefused ? ARP_FAILED : 'no reply';
    return { request, startedAt, finishedAt: after(request.timeoutMs), outcome: 'silent', detail };
  }

  #answerLine(anchor: string, course: Course | undefined, nowMs: number): { readyMs: number; result: AnchorResult } {
    const condition = course?.conditionAt(nowMs) ?? 'unknown';
    if (condition === 'alive') return { readyMs: nowMs + UNTIMED_MS, result: { anchor, outcome: 'answered', detail: 'answered' } };
    if (condition === 'unknown') return { readyMs: nowMs, result: { anchor, outcome: 'unable', detail: 'not in the journal' } };
    const outcome = course?.at(nowMs)?.outcome === 'refused' ? 'no-route' : 'silent';
    return { readyMs: nowMs + ANCHOR_TIMEOUT_MS, result: { anchor, outcome, detail: 'no reply' } };
  }

  /** The next instant on the grid at which something happens. */
  #next(nowMs: number): number {
    const devicesMs = this.#rest(nowMs);
    const soonMs = nowMs + TICK_MS;
    if (nowMs < this.#restlessUntilMs || spanAt(this.#past.late, nowMs)) return soonMs;
    let nextMs = Math.min(
      devicesMs,
      dueAtMs(this.#state, nowMs, this.#options.policy),
      this.#births.at(-1)?.atMs ?? Number.POSITIVE_INFINITY,
      this.#speeches.at(-1)?.atMs ?? Number.POSITIVE_INFINITY,
      this.#orders.at(-1)?.atMs ?? Number.POSITIVE_INFINITY,
      this.#links.at(-1)?.atMs ?? Number.POSITIVE_INFINITY,
      changeAfter(this.#past.gaps, nowMs),
      changeAfter(this.#past.stops, nowMs),
      changeAfter(this.#past.late, nowMs),
      this.#anchor?.readyMs ?? askedAtMs(this.#state.internet),
      this.#named?.readyMs ?? askedAtMs(this.#state.names),
      this.#context.watchServices ? this.#state.services.dueAtMs : Number.POSITIVE_INFINITY,
      this.#past.untilMs,
    );
    for (const { readyMs } of this.#results) nextMs = Math.min(nextMs, readyMs);
    for (const { readyMs } of this.#services) nextMs = Math.min(nextMs, readyMs);
    return Math.max(soonMs, onGrid(nextMs));
  }

  /** Lets rest what needs nothing for a while; answers when the first device is to be asked. */
  #rest(nowMs: number): number {
    const isLinked = !Object.values(this.#isLinked).includes(false);
    let firstMs = Number.POSITIVE_INFINITY;
    if (!isLinked) this.#rests.clear();
    for (const record of this.#state.book.values()) {
      const untilMs = isLinked ? this.#deviceRestsMs(record, nowMs) : nowMs;
      const nextMs = untilMs > nowMs ? untilMs : record.nextProbeAtMs;
      if (nextMs < firstMs && !record.probing && this.#isLinked[record.interface ?? ''] !== false) firstMs = nextMs;
    }
    this.#restTheRest(nowMs);
    return firstMs;
  }

  #deviceRestsMs(record: CheckRecord, nowMs: number): number {
    const { deviceId } = record;
    const known = this.#rests.get(deviceId);
    if (known?.record === record && known.untilMs > nowMs && !record.probing) return known.untilMs;
    const untilMs = stillUntilMs(record, this.#past.courses.get(deviceId), nowMs);
    if (untilMs > nowMs) this.#rests.set(deviceId, { record, untilMs });
    else this.#rests.delete(deviceId);
    return untilMs;
  }

  #restTheRest(nowMs: number): void {
    const gateway = this.#gatewayId === undefined ? undefined : this.#state.book.get(this.#gatewayId)?.state;
    const isOffline = this.#state.internet.state !== 'up';
    const [wasLineResting, wereNamesResting] = [this.#lineRestsMs > 0, this.#namesRestMs > 0];
    this.#lineRestsMs = later(
      lineStillUntilMs(this.#state.internet, this.#courseOf, gateway !== 'up' && gateway !== 'suspect', nowMs),
      nowMs,
    );
    this.#namesRestMs = later(lineStillUntilMs(this.#state.names, this.#namesCourseOf, isOffline, nowMs), nowMs);
    const areServicesResting = this.#restingServices === this.#state.services && this.#servicesRestMs > nowMs;
    if (!areServicesResting)
      this.#servicesRestMs = later(servicesStillUntilMs(this.#state.services, this.#courseOf, this.#isUp, nowMs), nowMs);
    const { internet, names, services } = this.#state;
    this.#state = {
      ...this.#state,
      ...(this.#lineRestsMs > 0 || wasLineResting ? { internet: { ...internet, nextAskAtMs: this.#lineRestsMs || nowMs } } : {}),
      ...(this.#namesRestMs > 0 || wereNamesResting ? { names: { ...names, nextAskAtMs: this.#namesRestMs || nowMs } } : {}),
      ...(this.#servicesRestMs > 0 && !areServicesResting ? { services: { ...services, dueAtMs: this.#servicesRestMs } } : {}),
    };
    this.#restingServices = this.#state.services;
  }
}

/** What hangs on who comes and claims is not in the journal. */
export const isReplayed = (code: AlertMessage['code']): boolean =>
  code !== 'device-new' && code !== 'identity-conflict' && code !== 'discovery-storm' && code !== 'hub-silent';

function messageOf({ key, code, severity, title, raisedAt, actionableAt, device }: AlertMessage): Message {
  return { key, code, severity, title, raisedAt, actionableAt, ...(device === undefined ? {} : { device }) };
}

const askedAtMs = ({ anchors, nextAskAtMs }: InternetRecord): number => (anchors.length > 0 ? nextAskAtMs : Number.POSITIVE_INFINITY);
const isService = (subject: string): boolean => /^[^:/]+:\d+$/.test(subject);
const later = (untilMs: number, nowMs: number): number => (untilMs > nowMs ? untilMs : 0);
const latestFirst = <T extends { readonly atMs: number }>(list: readonly T[]): T[] => [...list].sort((a, b) => b.atMs - a.atMs);
const ready = <T>(waiting: readonly { readonly readyMs: number; readonly result: T }[], nowMs: number): T[] =>
  waiting.filter(({ readyMs }) => readyMs <= nowMs).map(({ result }) => result);

function spanAt<T extends Span>(spans: readonly T[], nowMs: number): T | undefined {
  return spans.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
}

function changeAfter(spans: readonly Span[], nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const { fromMs, toMs } of spans) {
    if (fromMs > nowMs) nextMs = Math.min(nextMs, fromMs);
    else if (toMs > nowMs) nextMs = Math.min(nextMs, toMs);
  }
  return nextMs;
}
