/**
 * A past month of a home before the real pipeline again, under this policy or another: the house answers as the journal says that it did (house.ts), and
 * the clock jumps over what changes nothing (rests.ts). What a replay cannot know is said in docs/decisions/0015.
 */
import { TICK_MS } from '../agent/agent.ts';
import { AGENT_PACE } from '../agent/evidence/plan.ts';
import { NOT_THE_INTERNET, WHAT_TO_DO } from '../agent/health/captivity.ts';
import type { InternetRecord } from '../agent/health/internet.ts';
import type { ProbeResult } from '../agent/health/probe.ts';
import type { Device } from '../agent/inventory/device.ts';
import { compileFingerprints } from '../agent/inventory/fingerprints.ts';
import { deviceAt, restoreInventory } from '../agent/inventory/inventory.ts';
import { summarise } from '../agent/inventory/summary.ts';
import { pastState } from '../agent/journal/recorder.ts';
import { type TickContext, type TickResult, tick } from '../agent/pipeline.ts';
import type { Policy } from '../agent/policy.ts';
import type { AnchorResult } from '../agent/ports.ts';
import { type AgentState, restoreState } from '../agent/state.ts';
import type { SavedState } from '../agent/store/agent-store.ts';
import type { Random } from '../base/random.ts';
import type { AlertMessage } from '../protocol/messages.ts';
import { dueAtMs } from './due.ts';
import { House, type Reply } from './house.ts';
import { instantOf, type Past } from './past.ts';
import { Rests } from './rests.ts';
import { onGrid } from './still.ts';

/** Who lives in the home, as it is known today. */
export type Home = Pick<SavedState, 'devices' | 'people' | 'wiring'>;

/** An alert that the desk would have had. Unix ms; still firing at the end where `clearedAt` is missing. */
export type Message = Pick<AlertMessage, 'key' | 'code' | 'severity' | 'title' | 'raisedAt' | 'actionableAt' | 'held' | 'device'> & {
  readonly clearedAt?: number;
};

export type ReplayOptions = { readonly policy: Policy; readonly random: Random };

/** After a fall verdicts on its companions come in by the second. */
const RESTLESS_MS = 20_000;
const PROGRESS_EVERY_MS = 3_600_000;
const SIGN_IN_WORDS = `${NOT_THE_INTERNET} a page. ${WHAT_TO_DO}`;
const FINGERPRINTS = compileFingerprints([]);

/** Yields now and then how far it is, from 0 to 1, because a month takes its time; returns all messages by when they were raised. */
export function replay(past: Past, home: Home, options: ReplayOptions): Generator<number, readonly Message[]> {
  return new Replay(past, home, options).run();
}

/** What hangs on answers and silences. Who comes, who claims an address and what devices say of themselves is not in the journal. */
const REPLAYED: ReadonlySet<AlertMessage['code']> = new Set([
  'device-down',
  'device-unstable',
  'device-degraded',
  'service-down',
  'devices-down',
  'gateway-unreachable',
  'internet-down',
  'dns-down',
  'hub-impaired',
]);
export const isReplayed = (code: AlertMessage['code']): boolean => REPLAYED.has(code);

class Replay {
  readonly #past: Past;
  readonly #home: Home;
  readonly #house: House;
  readonly #rests: Rests;
  readonly #context: TickContext;
  readonly #policy: Policy;
  readonly #firing = new Map<string, Message>();
  readonly #over: Message[] = [];
  #devices: readonly Device[];
  #state: AgentState;
  #results: readonly Reply<ProbeResult>[] = [];
  #services: readonly Reply<ProbeResult>[] = [];
  #anchor: Reply<AnchorResult> | undefined;
  #named: Reply<AnchorResult> | undefined;
  #restlessUntilMs = 0;

  constructor(past: Past, home: Home, { policy, random }: ReplayOptions) {
    this.#past = past;
    this.#policy = policy;
    this.#home = { ...home, devices: home.devices.filter(({ personal }) => !personal) };
    this.#house = new House(past, this.#home.devices);
    this.#rests = new Rests(this.#house, (ms) => instantOf(past, ms));
    this.#devices = this.#house.born(0);
    this.#context = {
      inventory: {
        interfaces: this.#house.interfaces,
        fingerprints: FINGERPRINTS,
        vendorOf: () => undefined,
        newDeviceId: () => 'unknown to the journal',
      },
      reading: { ...AGENT_PACE, readers: [], leaveAlone: [] },
      random,
      clock: 'desk',
      canRevalidate: past.canRevalidate,
      tellPersonal: false,
      watchServices: this.#house.hasServices,
      policy,
    };
    const isHere = (id: string | undefined): boolean => id === undefined || this.#devices.some((device) => device.id === id);
    const alerts = past.state.alerts.filter(({ code, device }) => isReplayed(code) && isHere(device));
    this.#state = this.#restored({ ...past.state, alerts }, 0);
    for (const alert of alerts) this.#firing.set(alert.key, messageOf(alert));
  }

  *run(): Generator<number, readonly Message[]> {
    const { untilMs } = this.#past;
    let toldMs = 0;
    for (let nowMs = 0; nowMs < untilMs; nowMs = this.#next(nowMs)) {
      nowMs = this.#afterAbsence(nowMs);
      this.#tick(nowMs);
      if (nowMs < toldMs) continue;
      toldMs = nowMs + PROGRESS_EVERY_MS;
      yield Math.min(1, nowMs / untilMs);
    }
    return [...this.#over, ...this.#firing.values()].sort((a, b) => a.raisedAt - b.raisedAt);
  }

  #restored(state: Omit<SavedState, 'devices' | 'readings'>, nowMs: number): AgentState {
    const saved: SavedState = { ...this.#home, ...state, devices: this.#devices, readings: [] };
    return restoreState(saved, this.#house.anchors, instantOf(this.#past, nowMs), this.#policy);
  }

  /** A hub that was away starts again from what it knew; one that stood still goes on. */
  #afterAbsence(nowMs: number): number {
    const back = this.#house.backAtMs(nowMs);
    if (!back?.isNew) return back?.toMs ?? nowMs;
    [this.#results, this.#services, this.#anchor, this.#named] = [[], [], undefined, undefined];
    this.#rests.end();
    this.#state = this.#restored(pastState(this.#state, instantOf(this.#past, nowMs)), back.toMs);
    return back.toMs;
  }

  #tick(nowMs: number): void {
    this.#bear(nowMs);
    const state = this.#withSignIn(this.#rests.setForward(this.#state, nowMs), nowMs);
    const order = this.#house.ordered(nowMs);
    const inputs = {
      // Of one that is somebody else today nothing is made.
      sightings: this.#house.heard(nowMs).filter((sighting) => deviceAt(state.inventory, sighting) !== undefined),
      results: ready(this.#results, nowMs),
      services: ready(this.#services, nowMs),
      reads: [],
      anchor: ready(this.#anchor ? [this.#anchor] : [], nowMs)[0],
      named: ready(this.#named ? [this.#named] : [], nowMs)[0],
      hub: this.#house.hubAt(nowMs),
      now: instantOf(this.#past, nowMs),
      ...(order ? { alertOrder: order } : {}),
    };
    this.#results = this.#results.filter(({ readyMs }) => readyMs > nowMs);
    this.#services = this.#services.filter(({ readyMs }) => readyMs > nowMs);
    if (inputs.anchor) this.#anchor = undefined;
    if (inputs.named) this.#named = undefined;
    const done = tick(state, inputs, this.#context);
    this.#state = done.state;
    this.#note(done, nowMs);
    this.#ask(done, nowMs);
  }

  /** That something answered in the place of the internet is taken as it was found, and not proved again. */
  #withSignIn(state: AgentState, nowMs: number): AgentState {
    const captive = this.#house.isCaptive(nowMs) ? SIGN_IN_WORDS : undefined;
    const { captivity } = state;
    if (captivity.captive === captive && captivity.places.length === 0) return state;
    return { ...state, captivity: { ...captivity, places: [], captive } };
  }

  /** Devices come into the home as they were found. */
  #bear(nowMs: number): void {
    const born = this.#house.born(nowMs);
    if (born.length === 0) return;
    this.#devices = [...this.#devices, ...born];
    const { devices, holders, tellers, residents } = restoreInventory({ ...this.#home, devices: this.#devices });
    const summaries = new Map([...this.#state.summaries, ...born.map((device) => [device.id, summarise(device)] as const)]);
    const inventory = { ...this.#state.inventory, devices, holders, tellers, residents };
    this.#state = { ...this.#state, inventory, summaries };
  }

  #note({ change }: TickResult, nowMs: number): void {
    if (change.health.some(({ state }) => state === 'down')) this.#restlessUntilMs = nowMs + RESTLESS_MS;
    for (const { kind, body } of change.entries) {
      if (!kind.startsWith('alert.')) continue;
      const alert = body as AlertMessage;
      if (!isReplayed(alert.code)) continue;
      this.#firing.delete(alert.key);
      if (alert.clearedAt === undefined) this.#firing.set(alert.key, messageOf(alert));
      else this.#over.push({ ...messageOf(alert), clearedAt: alert.clearedAt });
    }
  }

  #ask({ probes, services, anchor, nameServer }: TickResult, nowMs: number): void {
    const house = this.#house;
    if (probes.length > 0) this.#results = [...this.#results, ...probes.map((request) => house.askDevice(request, nowMs))];
    if (services.length > 0) this.#services = [...this.#services, ...services.map((request) => house.askService(request, nowMs))];
    if (anchor !== undefined) this.#anchor = house.askLine(anchor, house.courseOf(anchor), nowMs);
    if (nameServer !== undefined) this.#named = house.askLine(nameServer, house.namesCourseOf(nameServer), nowMs);
  }

  /** The next instant on the grid at which something happens. */
  #next(nowMs: number): number {
    const soonMs = nowMs + TICK_MS;
    const devicesMs = this.#rests.restDevices(this.#state, nowMs);
    this.#state = this.#rests.restOthers(this.#state, nowMs);
    if (nowMs < this.#restlessUntilMs || this.#house.isLate(nowMs)) return soonMs;
    let nextMs = Math.min(
      devicesMs,
      dueAtMs(this.#state, nowMs, this.#policy),
      this.#house.changesAtMs(nowMs),
      this.#anchor?.readyMs ?? askedAtMs(this.#state.internet),
      this.#named?.readyMs ?? askedAtMs(this.#state.names),
      this.#house.hasServices ? this.#state.services.dueAtMs : Number.POSITIVE_INFINITY,
      this.#past.untilMs,
    );
    for (const { readyMs } of this.#results) nextMs = Math.min(nextMs, readyMs);
    for (const { readyMs } of this.#services) nextMs = Math.min(nextMs, readyMs);
    return Math.max(soonMs, onGrid(nextMs));
  }
}

function messageOf({ key, code, severity, title, raisedAt, actionableAt, held, device }: AlertMessage): Message {
  return { key, code, severity, title, raisedAt, actionableAt, ...(held ? { held } : {}), ...(device === undefined ? {} : { device }) };
}

const askedAtMs = ({ anchors, nextAskAtMs }: InternetRecord): number => (anchors.length > 0 ? nextAskAtMs : Number.POSITIVE_INFINITY);

function ready<T>(replies: readonly Reply<T>[], nowMs: number): T[] {
  return replies.filter(({ readyMs }) => readyMs <= nowMs).map(({ result }) => result);
}
