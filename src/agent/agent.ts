/**
 * The agent's composition root: listens, ticks, commits, asks and tells. Everything it needs is handed in; everything it starts it stops,
 * in reverse order.
 */

import { BoundedQueue } from '../base/bounded-queue.ts';
import { every, type Instant, type Timer } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { saysMore } from '../protocol/acknowledgement.ts';
import type { Acknowledgement, CommandMessage, HeartbeatMessage } from '../protocol/messages.ts';
import type { AlertAnswer, AlertOrder } from './alerts/alert-order.ts';
import { promisedFor } from './alerts/urgency.ts';
import { DayCounter } from './decay/day-counter.ts';
import { type AgentView, viewOf } from './diagnostics/view.ts';
import type { Sighting } from './discovery/sighting.ts';
import { AGENT_PACE, type ReadOutcome, type ReadPolicy, type ReadRequest } from './evidence/plan.ts';
import { readDevice } from './evidence/read.ts';
import { lastWord } from './health/absence.ts';
import { PROOF_TIMEOUT_MS } from './health/captivity.ts';
import { sinceLastLook } from './health/fitness.ts';
import type { HubCondition } from './health/health.ts';
import { ANCHOR_TIMEOUT_MS } from './health/internet.ts';
import { learnedIn } from './health/learning.ts';
import { decideLook, NO_LOOKS } from './health/looks.ts';
import type { ProbeRequest, ProbeResult } from './health/probe.ts';
import { savedServices } from './health/services.ts';
import { LOOK_TIMEOUT_MS } from './health/upstream.ts';
import type { Fingerprints } from './inventory/fingerprints.ts';
import type { Answer, Order } from './inventory/order.ts';
import { asNamedOutside } from './inventory/personal.ts';
import { JournalRecorder } from './journal/recorder.ts';
import { lookedOf } from './lifecycle/looked.ts';
import type { LookAnswer } from './lifecycle-watch.ts';
import type { Snapshot } from './outbox/snapshot-parts.ts';
import { deviceMessage, deviceStateMessage } from './outbox/state-messages.ts';
import type { Uplink } from './outbox/uplink.ts';
import { type TickContext, type TickInputs, type TickResult, tick } from './pipeline.ts';
import { type Policy, STANDARD_POLICY } from './policy.ts';
import type { AgentPlatform, AnchorResult, ProofResult, WayAnswer } from './ports.ts';
import { type AgentState, restoreState } from './state.ts';
import { type AgentStore, isEmpty, type TickChange } from './store/agent-store.ts';
import { pastOf } from './store/identity-log-store.ts';
import { ALL_SAVED } from './unsaved-devices.ts';

export type AgentDependencies = {
  readonly platform: AgentPlatform;
  readonly store: AgentStore;
  readonly vendorOf: (mac: string) => string | undefined;
  readonly fingerprints: Fingerprints;
  /** Who is asked for evidence, and who is not. */
  readonly identify: Pick<ReadPolicy, 'readers' | 'leaveAlone'>;
  readonly anchors: readonly string[];
  /** The homeowner wants the devices of persons told to the desk too. */
  readonly tellPersonal?: boolean;
  /** Whether what devices are there for is watched too, by a TCP connection a minute; unless said otherwise it is. */
  readonly watchServices?: boolean;
  /** What people turned in this home; the standard where they did not. */
  readonly policy?: Policy;
  readonly version: string;
  /** Makes the way to the desk, or none for a hub that works for its house alone. */
  readonly uplink?: (source: UplinkSource) => Uplink;
  /** A failure that no retry mends (a disk that refuses): the process should end and be restarted. */
  readonly onFatal: (error: unknown) => void;
};

/** What the uplink asks the agent for, and tells it. */
export type UplinkSource = {
  snapshot(): Snapshot;
  counts(): HeartbeatMessage['devices'];
  /** Somebody at the desk acknowledged an alert, at an instant of this hub's wall clock. False where it does not fire (any more). */
  acknowledge(alert: Pick<CommandMessage['d'], 'key' | 'raisedAt'>, acknowledged: Acknowledgement): boolean;
};

export type Agent = {
  start(): Promise<void>;
  stop(): Promise<void>;
  view(): AgentView;
  obey(order: Order): Answer;
  obeyAboutAlerts(order: AlertOrder): AlertAnswer;
};

const STOPPING = { problem: 'The agent is stopping.', fix: 'Try again when it runs.' } as const;

export const TICK_MS = 250;
/** So many decisions about identity are shown; the store keeps more. */
const TOLD_ROWS = 200;
const LINK_CHECK_MS = 1_000;
const CATALOGUE_CHECK_MS = 60_000;
/** Sightings that wait for a tick; a flood beyond is counted and dropped. */
const SIGHTINGS_LIMIT = 4_096;
/** So many changes may wait for a disk that refuses; beyond, the process ends and starts again from what was saved. */
const UNSAVED_LIMIT = 10_000;

export function createAgent(dependencies: AgentDependencies): Agent {
  const { platform, store, policy = STANDARD_POLICY } = dependencies;
  const { clock, random, log } = platform;
  const sightings = new BoundedQueue<Sighting>(SIGHTINGS_LIMIT);
  const results: ProbeResult[] = [];
  const services: ProbeResult[] = [];
  const reads: ReadOutcome[] = [];
  const reading: ReadPolicy = { ...AGENT_PACE, ...dependencies.identify };
  const stops: (() => void | Promise<void>)[] = [];
  let anchor: AnchorResult | undefined;
  let named: AnchorResult | undefined;
  let proved: ProofResult | undefined;
  let way: WayAnswer | undefined;
  let lookedAtEnds: LookAnswer | undefined;
  let catalogue: string | undefined;
  let isCatalogueNew = false;
  let links: HubCondition['links'] = {};
  let looks = NO_LOOKS;
  let lookedAt: Instant | undefined;
  const journal = new JournalRecorder(platform.canRevalidate);
  const counter = new DayCounter();
  let failed = false;
  const unsaved: TickChange[] = [];
  let storeProblem: string | undefined;
  let state: AgentState = restoreState(store.load(), dependencies.anchors, clock.now(), policy, platform.boot);
  const uplink = dependencies.uplink?.({ snapshot, counts: () => countByState(state), acknowledge });

  function context(): TickContext {
    return {
      inventory: {
        interfaces: platform.discovery.interfaces(),
        fingerprints: dependencies.fingerprints,
        vendorOf: dependencies.vendorOf,
        newDeviceId: () => newId(random, clock.now().wallMs),
      },
      reading,
      random,
      clock: uplink?.clockQuality() ?? 'unsynced',
      canRevalidate: platform.canRevalidate,
      tellPersonal: dependencies.tellPersonal ?? false,
      watchServices: dependencies.watchServices ?? true,
      policy,
    };
  }

  /** Carries out at once what a person orders. A log that cannot be read is no reason to stop watching the house. */
  function obey(order: Order): Answer {
    try {
      const past = pastOf(store.identity, order);
      return runTick({ told: { order, past } })?.answer ?? STOPPING;
    } catch (error) {
      log.error('The log of decisions cannot be read.', { cause: String(error) });
      const fix = error instanceof HearthbeatError ? error.fix : 'Try again, and see the log of the agent if it stays so.';
      return { problem: `The log of decisions cannot be read: ${error instanceof Error ? error.message : String(error)}`, fix };
    }
  }

  function obeyAboutAlerts(order: AlertOrder): AlertAnswer {
    return runTick({ alertOrder: order })?.alertAnswer ?? STOPPING;
  }

  /** Only what changes something costs a tick: the desk repeats itself until it has heard that it was understood. */
  function acknowledge({ key, raisedAt }: { key: string; raisedAt: number }, acknowledged: Acknowledgement): boolean {
    const alert = state.alerts.get(key);
    if (alert?.raisedAt !== raisedAt) return false;
    if (saysMore(alert.acknowledged, acknowledged)) obeyAboutAlerts({ do: 'acknowledge', key, raisedAt, acknowledged });
    return true;
  }

  function runTick(ordered: Pick<TickInputs, 'told' | 'alertOrder'> = {}): TickResult | undefined {
    if (failed) return undefined;
    try {
      const now = clock.now();
      const hub: HubCondition = { links, eventLoopLagMs: platform.vitals.read().eventLoopLagMs, ...sinceLastLook(lookedAt, now, TICK_MS) };
      lookedAt = now;
      const inputs = {
        sightings: sightings.drain(),
        results: results.splice(0),
        reads: reads.splice(0),
        services: services.splice(0),
        anchor,
        named,
        proved,
        way,
        lookedAtEnds,
        isCatalogueNew,
        hub,
        desk: uplink && { heard: uplink.isHeard(), aheadMs: uplink.deskOffset()?.offsetMs },
        now,
        ...ordered,
      };
      anchor = undefined;
      named = undefined;
      proved = undefined;
      way = undefined;
      lookedAtEnds = undefined;
      isCatalogueNew = false;
      const done = tick(state, inputs, context());
      state = done.state;
      save(withDays(withJournal(done, inputs), inputs));
      for (const request of done.probes) ask(request, results);
      for (const request of done.services) ask(request, services);
      for (const request of done.reads) void read(request);
      if (done.anchor !== undefined)
        askAnchor(done.anchor, (result) => {
          anchor = result;
        });
      if (done.nameServer !== undefined)
        askAnchor(done.nameServer, (result) => {
          named = result;
        });
      if (done.proof !== undefined) prove(done.proof);
      if (done.lookTowards !== undefined) lookTowards(done.lookTowards);
      lookAround(done.look, inputs.now.monoMs);
      if (done.lookAtEnds) lookAtEnds(now);
      return done;
    } catch (error) {
      failed = true;
      dependencies.onFatal(error);
      return undefined;
    }
  }

  /** With a part of the journal where one is due. A refused order changed nothing. */
  function withJournal({ change, alertAnswer }: TickResult, inputs: TickInputs): TickChange {
    const { alertOrder, ...heard } = inputs;
    journal.note(alertOrder && alertAnswer && 'done' in alertAnswer ? { ...heard, alertOrder } : heard, state);
    const part = journal.due(change, !isEmpty(change), inputs.now, state);
    return part ? { ...change, journal: part } : change;
  }

  /** With the day that is over, where one is. */
  function withDays(change: TickChange, inputs: TickInputs): TickChange {
    const days = counter.note(inputs, state);
    return days && days.length > 0 ? { ...change, days } : change;
  }

  /** In order, each in one transaction. What a full disk refuses waits in memory, and the house is watched all the same. */
  function save(change: TickChange): void {
    if (!isEmpty(change)) unsaved.push(change);
    try {
      for (let next = unsaved[0]; next; next = unsaved[0]) {
        if (store.commitTick(next).length > 0) uplink?.notify();
        unsaved.shift();
      }
      storeProblem = undefined;
    } catch (error) {
      if (!(error instanceof HearthbeatError && error.retryable) || unsaved.length > UNSAVED_LIMIT) throw error;
      if (storeProblem !== error.message) log.error(error.message, { code: error.code, fix: error.fix });
      storeProblem = error.message;
    }
  }

  /** What waited for others to be written with it. */
  function saveRest(): void {
    if (failed) return;
    const devices = [...state.unsaved.ids].flatMap((id) => state.inventory.devices.get(id) ?? []);
    state = { ...state, unsaved: ALL_SAVED };
    const part = journal.take(state);
    const life = lastWord(state.absence, clock.now());
    try {
      save({
        ...(life ? { life } : {}),
        devices,
        removedDevices: [],
        health: [],
        learned: learnedIn(state.book.values()),
        services: savedServices(state.services),
        sleep: [...state.sleep.hours],
        ...(part ? { journal: part } : {}),
        days: counter.take(state),
        readings: [],
        alerts: [],
        entries: [],
      });
    } catch (error) {
      log.error('The last changes could not be saved.', { cause: String(error) });
    }
  }

  function ask(request: ProbeRequest, answers: ProbeResult[]): void {
    platform.prober.probe(request).then(
      (result) => answers.push(result),
      (error: unknown) => answers.push(unableToAsk(request, error)),
    );
  }

  /** A prober answers with values; should it fail all the same, that says nothing of the device. */
  function unableToAsk(request: ProbeRequest, error: unknown): ProbeResult {
    log.error('A probe failed by itself.', { method: request.method, cause: String(error) });
    return { request, startedAt: clock.now(), finishedAt: clock.now(), outcome: 'unable', detail: 'the probe failed' };
  }

  async function read(request: ReadRequest): Promise<void> {
    const done = await readDevice(request, platform.askers, clock);
    for (const sighting of done.sightings) sightings.push(sighting);
    reads.push(done.outcome);
    if (done.failure !== undefined) log.error('A reader failed by itself.', { reader: request.reader.name, cause: String(done.failure) });
  }

  function askAnchor(name: string, answered: (result: AnchorResult) => void): void {
    platform.internet
      .ask(name, ANCHOR_TIMEOUT_MS)
      .then(answered, (error: unknown) => answered({ anchor: name, outcome: 'unable', detail: String(error) }));
  }

  function prove(place: string): void {
    const told = (result: ProofResult): void => {
      proved = result;
    };
    platform.internet
      .prove(place, PROOF_TIMEOUT_MS)
      .then(told, (error: unknown) => told({ place, outcome: 'unable', detail: String(error) }));
  }

  function lookTowards(ip: string): void {
    const told = (answer: WayAnswer): void => {
      way = answer;
    };
    platform.internet.look(ip, LOOK_TIMEOUT_MS).then(told, () => told({ outcome: 'unable' }));
  }

  function lookAround(isWanted: boolean, nowMs: number): void {
    const decided = decideLook(looks, isWanted, nowMs);
    looks = decided.looks;
    if (decided.look) void platform.discovery.look();
  }

  /** What of devices decides when they end, as they are named outside the house; those of persons stay in it. */
  function lookAtEnds({ wallMs }: Instant): void {
    const answered = (answer: LookAnswer): void => {
      lookedAtEnds = answer;
    };
    const told = [...state.summaries.values()].filter(({ personal }) => dependencies.tellPersonal || !personal);
    const devices = told.map((device) => lookedOf(asNamedOutside(device), state.inventory.devices.get(device.id)?.corrected));
    platform.lifecycle
      ?.look({ at: Math.round(wallMs), deskAheadMs: uplink?.deskOffset()?.offsetMs, devices })
      .then(answered, () => answered('failed'));
  }

  async function checkCatalogue(): Promise<void> {
    const mark = await platform.lifecycle?.mark();
    isCatalogueNew ||= catalogue !== undefined && mark !== catalogue;
    catalogue = mark;
  }

  async function checkLinks(): Promise<void> {
    const found = await Promise.all(
      platform.discovery.interfaces().map(async ({ name }) => [name, await platform.network.hasLink(name)] as const),
    );
    // An interface that had link and is not listed any more was unplugged or renamed: it stays known as down.
    const lost = Object.keys(links).filter((name) => !found.some(([known]) => known === name));
    links = Object.fromEntries([...lost.map((name) => [name, false] as const), ...found]);
  }

  function snapshot(): Snapshot {
    const devices = [...state.told.devices.values()].flatMap((device) => {
      const record = state.book.get(device.id);
      if (!record) return [];
      const promised = promisedFor(device, record, platform.canRevalidate, policy);
      const lifecycle = state.lifecycle.verdicts.get(device.id);
      return [{ device: deviceMessage(device), state: deviceStateMessage(record, promised), ...(lifecycle ? { lifecycle } : {}) }];
    });
    return { devices, alerts: [...state.alerts.values()], site: state.site };
  }

  return {
    async start() {
      stops.push(() => platform.askers.close());
      await platform.discovery.start((sighting) => sightings.push(sighting));
      stops.push(() => platform.discovery.stop());
      await checkLinks();
      await checkCatalogue();
      const timers: Timer[] = [
        every(clock, TICK_MS, () => void runTick()),
        every(clock, LINK_CHECK_MS, () => void checkLinks()),
        ...(platform.lifecycle ? [every(clock, CATALOGUE_CHECK_MS, () => void checkCatalogue())] : []),
      ];
      stops.push(() => {
        for (const timer of timers) timer.cancel();
      });
      if (uplink) {
        uplink.start();
        stops.push(() => uplink.stop());
      }
      log.info('The agent is watching.', {
        devices: state.summaries.size,
        interfaces: platform.discovery.interfaces().map((lan) => lan.name),
      });
    },
    async stop() {
      for (const stop of stops.splice(0).reverse()) await stop();
      saveRest();
    },
    obey,
    obeyAboutAlerts,
    view: () =>
      viewOf(state, {
        now: clock.now(),
        version: dependencies.version,
        interfaces: platform.discovery.interfaces(),
        coverage: platform.discovery.coverage(),
        droppedSightings: sightings.dropped,
        storeProblem,
        log: store.identity.told(TOLD_ROWS),
        uplink: uplink?.status(),
        canRevalidate: platform.canRevalidate,
        policy,
      }),
  };
}

function countByState(state: AgentState): HeartbeatMessage['devices'] {
  const counts = { up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: state.people.count };
  for (const record of state.book.values()) {
    if (!state.summaries.get(record.deviceId)?.personal) counts[record.state]++;
  }
  return counts;
}
