/**
 * The agent's composition root: listens, ticks, commits, asks and tells. Everything it needs is handed in; everything it starts it stops,
 * in reverse order.
 */

import { every, type Instant, type Timer } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { saysMore } from '../protocol/acknowledgement.ts';
import type { Acknowledgement, HeartbeatMessage, RememberedAlert } from '../protocol/messages.ts';
import type { AlertAnswer, AlertOrder } from './alerts/alert-order.ts';
import type { Alert } from './alerts/alerts.ts';
import { promisedFor } from './alerts/urgency.ts';
import { DayCounter } from './decay/day-counter.ts';
import { type AgentView, viewOf } from './diagnostics/view.ts';
import { AGENT_PACE, type ReadPolicy } from './evidence/plan.ts';
import { unsavedOutcomes } from './evidence/saved-readings.ts';
import { lastWord } from './health/absence.ts';
import { CLOCK_STEP_MS, sinceLastLook } from './health/fitness.ts';
import type { HubCondition } from './health/health.ts';
import { learnedIn } from './health/learning.ts';
import { savedServices } from './health/services.ts';
import type { Fingerprints } from './inventory/fingerprints.ts';
import type { Answer, Order } from './inventory/order.ts';
import { asNamedOutside } from './inventory/personal.ts';
import { JournalRecorder } from './journal/recorder.ts';
import { lookedOf } from './lifecycle/looked.ts';
import type { Mirror } from './mirror/mirror.ts';
import type { House } from './mirror/picture.ts';
import type { Snapshot } from './outbox/snapshot-parts.ts';
import { deviceMessage, deviceStateMessage } from './outbox/state-messages.ts';
import type { Uplink } from './outbox/uplink.ts';
import { type TickContext, type TickInputs, type TickResult, tick } from './pipeline.ts';
import { type Policy, STANDARD_POLICY } from './policy.ts';
import type { AgentPlatform } from './ports.ts';
import { Pulse } from './pulse.ts';
import { Questions } from './questions.ts';
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
  /** Why what is saved will not last, in a sentence; undefined where it will. */
  readonly storageTrouble?: () => string | undefined;
  /** Makes the way to the desk, or none for a hub that works for its house alone. */
  readonly uplink?: (source: UplinkSource) => Uplink;
  /** Makes what shows the present state on a broker of the house. Without a desk beside it nothing waits for one: what that broker has taken is told. */
  readonly mirror?: (house: () => House) => Mirror;
  /** A failure that no retry mends (a disk that refuses): the process should end and be restarted. */
  readonly onFatal: (error: unknown) => void;
};

/** What the uplink asks the agent for, and tells it. */
export type UplinkSource = {
  snapshot(): Snapshot;
  counts(): HeartbeatMessage['devices'];
  /** Somebody at the desk acknowledged an alert, at an instant of this hub's wall clock. False where it does not fire (any more). */
  acknowledge(alert: Pick<Alert, 'key' | 'raisedAt'>, acknowledged: Acknowledgement): boolean;
  /** The desk knows that this nears its end, and this hub has forgotten it; false where that cannot be. */
  remember(alert: RememberedAlert): boolean;
};

export type Agent = {
  start(): Promise<void>;
  stop(): Promise<void>;
  view(): AgentView;
  obey(order: Order): Answer;
  obeyAboutAlerts(order: AlertOrder): AlertAnswer;
  /** Why its work does not move any more, in words: time to start the process again. Undefined while it moves. */
  standstill(): string | undefined;
};

const STOPPING = { problem: 'The agent is stopping.', fix: 'Try again when it runs.' } as const;

export const TICK_MS = 250;
/** So many decisions about identity are shown; the store keeps more. */
const TOLD_ROWS = 200;
const LINK_CHECK_MS = 1_000;
const CATALOGUE_CHECK_MS = 60_000;
const CLOCK_STEPS_TOLD_EVERY_MS = 60_000;
/** So many changes may wait for a disk that refuses; beyond, the process ends and starts again from what was saved. */
const UNSAVED_LIMIT = 10_000;

export function createAgent(dependencies: AgentDependencies): Agent {
  const { platform, store, policy = STANDARD_POLICY } = dependencies;
  const { clock, random, log } = platform;
  const reading: ReadPolicy = { ...AGENT_PACE, ...dependencies.identify };
  const stops: (() => void | Promise<void>)[] = [];
  let catalogue: string | undefined;
  let isCatalogueNew = false;
  let links: HubCondition['links'] = {};
  let lookedAt: Instant | undefined;
  let steppedAtMs = Number.NEGATIVE_INFINITY;
  const journal = new JournalRecorder(platform.canRevalidate);
  const saved = store.load();
  const counter = new DayCounter(saved.portCounts ?? [], clock.now());
  let failed = false;
  const pulse = new Pulse(clock.now().monoMs);
  const questions = new Questions(platform, pulse);
  const unsaved: TickChange[] = [];
  let storeProblem: string | undefined;
  let rebuilt = saved.rebuilt?.isTold === false ? saved.rebuilt : undefined;
  let state: AgentState = restoreState(saved, dependencies.anchors, clock.now(), policy, platform.boot);
  const uplink = dependencies.uplink?.({ snapshot, counts: () => countByState(state), acknowledge, remember });
  const mirror = dependencies.mirror?.(() => state);
  const isDeskExpected = uplink !== undefined || mirror === undefined;

  function storageTrouble(): string | undefined {
    return storeProblem ?? dependencies.storageTrouble?.();
  }

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

  function remember(alert: RememberedAlert): boolean {
    return 'done' in obeyAboutAlerts({ do: 'remember', alert });
  }

  function runTick(ordered: Pick<TickInputs, 'told' | 'alertOrder'> = {}): TickResult | undefined {
    if (failed) return undefined;
    try {
      const now = clock.now();
      const hub: HubCondition = { links, eventLoopLagMs: platform.vitals.read().eventLoopLagMs, ...sinceLastLook(lookedAt, now, TICK_MS) };
      lookedAt = now;
      noteClockStep(hub.clockStepMs, now.monoMs);
      const inputs = {
        ...questions.take(),
        isCatalogueNew,
        hub,
        storage: storageTrouble(),
        rebuilt,
        desk: uplink && { heard: uplink.isHeard(), aheadMs: uplink.deskOffset()?.offsetMs },
        now,
        ...ordered,
      };
      isCatalogueNew = false;
      rebuilt = undefined;
      const done = tick(state, inputs, context());
      state = done.state;
      save(withDays(withJournal(done, inputs), inputs));
      questions.ask(done, inputs.now.monoMs);
      if (done.lookAtEnds) lookAtEnds(now);
      pulse.round(now.monoMs, storeProblem !== undefined);
      return done;
    } catch (error) {
      failed = true;
      dependencies.onFatal(error);
      return undefined;
    }
  }

  /** Noted, and of no other effect: nothing is timed by the wall clock. */
  function noteClockStep(stepMs: number | undefined, nowMs: number): void {
    if (stepMs === undefined || Math.abs(stepMs) <= CLOCK_STEP_MS || nowMs - steppedAtMs < CLOCK_STEPS_TOLD_EVERY_MS) return;
    steppedAtMs = nowMs;
    log.warn('The clock of this machine was set while the agent ran.', { bySeconds: Math.round(stepMs / 1000) });
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
    const ended = counter.note(inputs, state);
    if (!ended || ended.days.length + ended.ports.length === 0) return change;
    return { ...change, days: ended.days, portDays: ended.ports, portCounts: counter.portCounts(inputs.now) };
  }

  /** In order, each in one transaction. What a full disk refuses waits in memory, and the house is watched all the same. */
  function save(found: TickChange): void {
    const change = isDeskExpected || found.entries.length === 0 ? found : { ...found, entries: [] };
    if (!isEmpty(change)) unsaved.push(change);
    try {
      for (let next = unsaved[0]; next; next = unsaved[0]) {
        if (store.commitTick(next).length > 0) uplink?.notify();
        unsaved.shift();
        pulse.committed(clock.now().monoMs);
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
    const ended = counter.take(state);
    try {
      save({
        ...(life ? { life } : {}),
        devices,
        removedDevices: [],
        health: [...state.waitingHealth.rows.values()],
        learned: learnedIn(state.book.values()),
        services: savedServices(state.services),
        sleep: [...state.sleep.hours],
        ...(part ? { journal: part } : {}),
        days: ended.days,
        portDays: ended.ports,
        portCounts: counter.portCounts(clock.now()),
        readings: unsavedOutcomes(state.evidence, clock.now()),
        alerts: [],
        entries: [],
      });
    } catch (error) {
      log.error('The last changes could not be saved.', { cause: String(error) });
    }
  }

  /** What of devices decides when they end, as they are named outside the house; those of persons stay in it. */
  function lookAtEnds({ wallMs }: Instant): void {
    const told = [...state.summaries.values()].filter(({ personal }) => dependencies.tellPersonal || !personal);
    const devices = told.map((device) => lookedOf(asNamedOutside(device), state.inventory.devices.get(device.id)?.corrected));
    questions.askAboutEnds({ at: Math.round(wallMs), deskAheadMs: uplink?.deskOffset()?.offsetMs, devices });
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
      await platform.discovery.start((sighting) => questions.hear(sighting));
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
      if (mirror) {
        mirror.start();
        stops.push(() => mirror.stop());
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
    standstill: () => pulse.standstill(clock.now().monoMs),
    view: () =>
      viewOf(state, {
        now: clock.now(),
        version: dependencies.version,
        interfaces: platform.discovery.interfaces(),
        coverage: platform.discovery.coverage(),
        droppedSightings: questions.dropped,
        storeProblem: storageTrouble(),
        log: store.identity.told(TOLD_ROWS),
        uplink: uplink?.status(),
        mirror: mirror?.status(),
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
