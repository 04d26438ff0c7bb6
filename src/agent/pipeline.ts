/**
 * One tick: what was heard and answered since the last one goes through the stages, and out come the new state, what must be saved and told
 * in one transaction, and what to ask next. Pure: the shell (agent.ts) drains, commits and asks.
 */
import type { Instant } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { ClockQuality } from '../protocol/messages.ts';
import type { AlertAnswer, AlertOrder } from './alerts/alert-order.ts';
import { type AlertChange, reduceAlerts } from './alerts/alerts.ts';
import { findCommonCauses } from './alerts/common-cause.ts';
import { conditionsOf } from './alerts/conditions.ts';
import { countHolds } from './alerts/holds.ts';
import { digestNewDevices, noteNewDevices } from './alerts/new-devices.ts';
import { obeyAlertOrder } from './alerts/obey-alert-order.ts';
import { holdsBack, keepSilences } from './alerts/silences.ts';
import { rebuiltAlert } from './alerts/storage-rebuilt.ts';
import { noteFlaps, withoutExplained } from './alerts/unstable.ts';
import { mayRest } from './alerts/urgency.ts';
import type { Sighting } from './discovery/sighting.ts';
import { mayBeAsked, planReads, type ReadOutcome, type ReadPolicy, type ReadRequest, settleReads } from './evidence/plan.ts';
import { type DeskContact, keepAbsence } from './health/absence.ts';
import { judgeCaptivity, planProof } from './health/captivity.ts';
import { doubtHub, whyUnfit } from './health/doubt.ts';
import { evidenceOf, hubEvidence, type Surroundings } from './health/evidence.ts';
import { noteFalls } from './health/falls.ts';
import type { CheckRecord, HealthBook, HubCondition, Transition } from './health/health.ts';
import { type Hearing, listen } from './health/hearing.ts';
import { internetEvidence, judgeInternet, planInternet, wantsGatewayProof } from './health/internet.ts';
import { judge } from './health/judge.ts';
import { savedLearningAtMs } from './health/learning.ts';
import { believed, livesIn } from './health/life.ts';
import { judgeNames } from './health/names.ts';
import { planProbes, wantsLook, withProbing, witnessesFor } from './health/plan.ts';
import type { ProbeRequest, ProbeResult } from './health/probe.ts';
import { watchServices } from './health/services.ts';
import { isUsuallyAsleep, learnSleep } from './health/sleep.ts';
import { carriersToAsk, haveSilentCarrier, isHeardWithout } from './health/unreachable.ts';
import { judgeUpstream, planLook, whereWords } from './health/upstream.ts';
import { addedIds, summariesAfter } from './inventory/changes.ts';
import { contestedDevices } from './inventory/contested.ts';
import { type InventoryContext, type Reduced, reduceInventory } from './inventory/inventory.ts';
import type { Answer, Order, Past } from './inventory/order.ts';
import { obey } from './inventory/orders.ts';
import { learnWiring, withoutDisproved, withPlaces } from './inventory/wiring.ts';
import { type LookAnswer, watchLifecycle } from './lifecycle-watch.ts';
import { countPeople } from './outbox/people-count.ts';
import { nowToTell } from './outbox/told-devices.ts';
import type { Policy } from './policy.ts';
import type { AnchorResult, ProofResult, WayAnswer } from './ports.ts';
import type { Rebuilt } from './rebuilt.ts';
import { hubLinkOf, siteState } from './site-state.ts';
import type { AgentState } from './state.ts';
import type { TickChange } from './store/agent-store.ts';
import { devicesToSave } from './unsaved-devices.ts';
import { putOffHealth } from './waiting-health.ts';
import { whatToSave } from './what-to-save.ts';

export type TickInputs = {
  readonly sightings: readonly Sighting[];
  readonly results: readonly ProbeResult[];
  readonly reads: readonly ReadOutcome[];
  /** Answers to the questions about services. */
  readonly services?: readonly ProbeResult[];
  readonly anchor?: AnchorResult | undefined;
  /** What a name server answered. */
  readonly named?: AnchorResult | undefined;
  /** Whether a place on the internet was itself. */
  readonly proved?: ProofResult | undefined;
  /** Which routers on the way to the internet answered. */
  readonly way?: WayAnswer | undefined;
  /** What a look at how near their end devices are came to. */
  readonly lookedAtEnds?: LookAnswer | undefined;
  /** Another lifecycle catalogue is in use. */
  readonly isCatalogueNew?: boolean;
  readonly hub: HubCondition;
  /** Why nothing can be kept, in a sentence. */
  readonly storage?: string | undefined;
  /** What became of a damaged database, once. */
  readonly rebuilt?: Rebuilt | undefined;
  /** Whether the desk is reached; undefined for a hub without one. */
  readonly desk?: DeskContact | undefined;
  /** What a person orders, with what the log knows of it. */
  readonly told?: Told;
  readonly alertOrder?: AlertOrder;
  readonly now: Instant;
};

export type Told = { readonly order: Order; readonly past: Past };

/** Facts about this process that the stages lean on. */
export type TickContext = {
  readonly inventory: InventoryContext;
  readonly reading: ReadPolicy;
  readonly random: Random;
  readonly clock: ClockQuality;
  /** The homeowner wants the devices of persons told to the desk too. */
  readonly tellPersonal: boolean;
  /** Whether the kernel may be told to ask an address again (root), which finds silent devices in seconds instead of a minute. */
  readonly canRevalidate: boolean;
  /** Whether what devices are there for is watched beside whether they live. */
  readonly watchServices?: boolean;
  /** What people turned in this home. */
  readonly policy: Policy;
};

export type TickResult = {
  readonly state: AgentState;
  readonly change: TickChange;
  readonly probes: readonly ProbeRequest[];
  readonly services: readonly ProbeRequest[];
  readonly reads: readonly ReadRequest[];
  readonly anchor?: string | undefined;
  /** A name server to ask, as `dns://192.168.1.1`. */
  readonly nameServer?: string | undefined;
  /** A place on the internet to ask for its certificate, as `tls://1.1.1.1:443`. */
  readonly proof?: string | undefined;
  /** An address on the internet to look towards. */
  readonly lookTowards?: string | undefined;
  /** A device fell silent that may have moved to another address. */
  readonly look: boolean;
  /** Somebody is to look how near their end the devices are. */
  readonly lookAtEnds: boolean;
  /** To the order of a person. */
  readonly answer?: Answer;
  readonly alertAnswer?: AlertAnswer;
};

const BUSY_LAG_MS = 250;
const LONG_MS = 3_600_000;
const NO_SERVERS: readonly string[] = [];

export function tick(state: AgentState, inputs: TickInputs, context: TickContext): TickResult {
  const { now, hub } = inputs;
  const { policy } = context;
  const heard = reduceInventory(state.inventory, inputs.sightings, now, context.inventory);
  const found: Reduced & { readonly answer?: Answer } = inputs.told ? afterOrder(heard, inputs.told, now, context.inventory) : heard;
  const { devices } = found.inventory;
  const contested = contestedDevices(found.inventory);

  const hearing: Hearing = listen(state.hearing, state.book, hub, now.monoMs);
  const gateway = devices.values().find((device) => device.isGateway);
  const learned = learnWiring(state.wiring, {
    sightings: inputs.sightings,
    inventory: found.inventory,
    isChanged: found.changes.length > 0 || found.inventory.people !== state.inventory.people,
    hub: context.inventory.interfaces,
    now,
  });
  const wiring = withoutDisproved(learned, (child, parent) => isHeardWithout(state.book, child, parent), now.wallMs);
  const { parents } = wiring;
  const known = summariesAfter(state.summaries, found.changes);
  const isPlaced = known === state.summaries && wiring.towardsRouter === state.wiring.towardsRouter;
  const summaries = isPlaced ? known : withPlaces(known, wiring);
  const { doubt, ask } = doubtHub(state.doubt, {
    book: state.book,
    gatewayId: gateway?.id,
    hasSilentCarrier: (ids) => haveSilentCarrier(parents, state.book, ids),
    results: inputs.results,
    hub,
    now,
  });
  const judged = judge(state.book, {
    devices,
    doubt,
    parents,
    rests: (id) => isUsuallyAsleep(state.sleep.hours.get(id), now.wallMs),
    life: livesIn(inputs.sightings, found.inventory).filter(({ deviceId }) => !contested.has(deviceId)),
    results: believed(inputs.results, found.inventory),
    contested,
    hub,
    hearing,
    policy,
    now,
  });
  const around: Surroundings = { book: judged.book, devices, hub, hearing, doubt, gatewayId: gateway?.id, now };
  const gatewayRecord = gateway && judged.book.get(gateway.id);
  const captivity = judgeCaptivity(state.captivity, { result: inputs.proved, heard: inputs.desk?.heard, now });
  const internet = judgeInternet(state.internet, {
    result: whyUnfit(doubt) ? unheard(inputs.anchor) : inputs.anchor,
    gateway: gatewayRecord,
    captive: captivity.captive,
    around,
  });

  const upstream = judgeUpstream(state.upstream, { result: inputs.way, internet, isCaptive: captivity.captive !== undefined, now });
  const names = judgeNames(state.names, {
    servers: context.inventory.interfaces.find(({ dnsServers }) => dnsServers.length > 0)?.dnsServers ?? NO_SERVERS,
    result: whyUnfit(doubt) ? unheard(inputs.named) : inputs.named,
    internet,
    around,
  });

  const causes = findCommonCauses(state.causes, { devices: summaries, book: judged.book, nowMs: now.monoMs });
  const flaps = withoutExplained(noteFlaps(state.flaps, judged.transitions, now.monoMs, policy.unstable), causes.outages);
  const sleep = learnSleep(state.sleep, {
    before: state.book,
    transitions: judged.transitions,
    mayRest: (id) => mayRest(summaries.get(id), policy),
    devices: summaries,
    wallMs: now.wallMs,
  });
  const serving =
    context.watchServices === false
      ? { services: state.services, requests: [] }
      : watchServices(state.services, {
          results: inputs.services ?? [],
          transitions: judged.transitions,
          devices,
          book: judged.book,
          mayAsk: (device) => mayBeAsked(device, context.reading),
          isTrusted: (id) => hub.eventLoopLagMs < BUSY_LAG_MS && !whyUnfit(doubt) && !contested.has(id),
          now,
        });
  const conditions = conditionsOf({
    devices: summaries,
    book: judged.book,
    internet,
    names,
    captive: captivity.captive,
    where: whereWords(upstream),
    contests: found.inventory.contests,
    flaps,
    causes,
    parents,
    services: serving.services,
    storm: found.inventory.newcomers.storm,
    doubt,
    storage: inputs.storage,
    links: hub.links,
    policy,
    vendorOf: context.inventory.vendorOf,
    evidence: (record) => evidenceOf(record, around),
    internetEvidence: () => internetEvidence(internet, { gateway: gatewayRecord, around }, captivity.attempts),
    hubEvidence: () => ({ attempts: [], lastAnswerAt: {}, hub: hubEvidence(gatewayRecord, around) }),
  });
  const silent = keepSilences(state.silences, summaries, found.changes, now.monoMs);
  const ordered =
    inputs.alertOrder && obeyAlertOrder({ alerts: state.alerts, silences: silent, devices: summaries }, inputs.alertOrder, now);
  const silences = ordered?.silences ?? silent;
  const isSilenced = (what: { deviceId?: string; members?: readonly string[] }): boolean => holdsBack(silences, what, summaries);
  const alerts = reduceAlerts(ordered?.alerts ?? state.alerts, conditions, now, isSilenced);
  const stoodStillMs = hub.stoodStillMs ?? 0;
  const held = countHolds(state.holds, alerts.book, alerts.changes, { conditions, book: judged.book, doubt, hearing, stoodStillMs, now });
  const noted = noteNewDevices(state.newDevices, addedIds(found.changes), now.monoMs);
  const told = isSilenced({}) ? { state: noted } : digestNewDevices(noted, summaries, now);
  const ending = watchLifecycle(state.lifecycle, {
    alerts: held.alerts,
    looked: inputs.lookedAtEnds,
    changes: found.changes,
    isDifferent: inputs.told !== undefined || inputs.isCatalogueNew === true,
    isDecided: inputs.alertOrder !== undefined,
    isSilenceNew: silences !== state.silences,
    devices: summaries,
    isHeldBack: (deviceId) => isSilenced({ deviceId }),
    hasDesk: inputs.desk !== undefined,
    tellPersonal: context.tellPersonal,
    policy,
    now,
  });
  const changes: AlertChange[] = [
    ...(ordered?.changes ?? []),
    ...alerts.changes,
    ...held.changes,
    ...ending.changes,
    ...(inputs.rebuilt && !policy.never.has('storage-rebuilt')
      ? [{ kind: 'alert.raised' as const, alert: rebuiltAlert(inputs.rebuilt, now) }]
      : []),
    ...(told.digest && !policy.never.has('device-new') ? [{ kind: 'alert.raised' as const, alert: told.digest }] : []),
  ];

  const absence = keepAbsence(state.absence, {
    sightings: inputs.sightings,
    transitions: judged.transitions,
    before: state.book,
    book: judged.book,
    inventory: found.inventory,
    desk: inputs.desk,
    clock: context.clock,
    hubLink: hubLinkOf(hub),
    gateway: gatewayRecord?.state,
    internet: internet.state,
    isCaptive: captivity.captive !== undefined,
    now,
  });
  const people = countPeople(state.people, summaries, now.monoMs);
  const site = siteState(
    state.site,
    { people: people.count, gateway: gatewayRecord, internet: internet.state, hub, silences, absence: absence.told },
    now,
  );
  const witness = wantsGatewayProof(internet, gatewayRecord) && gateway ? [gateway.id] : [];
  const pressed = hurried(
    judged.book,
    [...witness, ...witnessesFor(state.book, judged.book), ...ask, ...carriersToAsk(parents, state.book, judged.book)],
    now,
  );
  const probes = planProbes(pressed, devices, { ...hub, canRevalidate: context.canRevalidate }, now.monoMs);
  const anchor = planInternet(internet, now.monoMs);
  const nameServer = planInternet(names, now.monoMs);
  const lookTowards = planLook(upstream, internet, now.monoMs);
  const proof = planProof(
    captivity,
    internet.lastAnswerAt !== undefined && internet.silentSinceMs === undefined,
    inputs.desk?.heard,
    now.monoMs,
  );
  const asked = settleReads(state.evidence, inputs.reads, context.reading, now);
  const reading = planReads(asked, context.reading, {
    devices,
    // A hub that cannot keep up asks nobody who they are.
    isUp: (id) => hub.eventLoopLagMs < BUSY_LAG_MS && judged.book.get(id)?.state === 'up',
    back: backAfterLong(state.book, judged.transitions, now),
    now,
  });

  const isDecided = inputs.told !== undefined || found.rows.length > 0 || found.inventory.people !== state.inventory.people;
  const toSave = devicesToSave(state.unsaved, found.changes, now.monoMs, isDecided);
  const next: AgentState = {
    inventory: found.inventory,
    summaries,
    unsaved: toSave.unsaved,
    waitingHealth: state.waitingHealth,
    told:
      summaries === state.summaries && now.monoMs < state.told.dueAtMs
        ? state.told
        : nowToTell(state.told, summaries, now.monoMs, context.tellPersonal),
    book: withProbing(pressed, probes),
    learnedSavedAtMs: savedLearningAtMs(state.learnedSavedAtMs, now.monoMs),
    internet: anchor === undefined ? internet : { ...internet, asking: true },
    captivity: proof === undefined ? captivity : { ...captivity, asking: true },
    upstream: lookTowards === undefined ? upstream : { ...upstream, asking: true },
    names: nameServer === undefined ? names : { ...names, asking: true },
    evidence: reading.book,
    hub,
    falls: noteFalls(state.falls, judged.transitions),
    wiring,
    doubt,
    hearing,
    alerts: ending.alerts,
    holds: held.holds,
    silences,
    flaps,
    causes,
    services: serving.services,
    sleep,
    newDevices: told.state,
    lifecycle: ending.watch,
    people,
    site,
    absence,
  };
  const change = whatToSave(
    state,
    next,
    {
      found: found.changes,
      toSave: toSave.now,
      rows: found.rows,
      transitions: judged.transitions,
      rewatched: judged.rewatched,
      alerts: changes,
      readings: reading.toSave,
    },
    now,
    context,
  );
  const { waiting: waitingHealth, change: saving } = putOffHealth(state.waitingHealth, change, now.monoMs);
  return {
    state: waitingHealth === state.waitingHealth ? next : { ...next, waitingHealth },
    change: inputs.rebuilt ? { ...saving, rebuilt: { ...inputs.rebuilt, isTold: true } } : saving,
    probes,
    services: serving.requests,
    reads: reading.reads,
    anchor,
    nameServer,
    proof,
    lookTowards,
    look: wantsLook(state.book, judged.book, judged.transitions),
    lookAtEnds: ending.look,
    ...(found.answer ? { answer: found.answer } : {}),
    ...(ordered ? { alertAnswer: ordered.answer } : {}),
  };
}

/** What a person ordered comes after what was heard. */
function afterOrder(heard: Reduced, { order, past }: Told, now: Instant, context: InventoryContext): Reduced & { readonly answer: Answer } {
  const done = obey(heard.inventory, order, past, now, context);
  return { ...done, changes: [...heard.changes, ...done.changes], rows: [...heard.rows, ...done.rows] };
}

/** What an unfit hub takes for silence of the internet says nothing of it. */
function unheard(result: AnchorResult | undefined): AnchorResult | undefined {
  return result?.outcome === 'silent' ? { ...result, outcome: 'unable' } : result;
}

/** These are asked at once, because a verdict on something else depends on their word. */
function hurried(book: HealthBook, deviceIds: readonly string[], now: Instant): HealthBook {
  if (deviceIds.length === 0) return book;
  const next = new Map(book);
  for (const id of deviceIds) next.set(id, { ...(next.get(id) as CheckRecord), nextProbeAtMs: now.monoMs });
  return next;
}

/** Those that come back after an hour or more: whoever repaired them may have changed them. */
function backAfterLong(before: HealthBook, transitions: readonly Transition[], now: Instant): Set<string> {
  const back = transitions.filter(({ deviceId, from, to }) => from === 'down' && to === 'up' && wasSo(before.get(deviceId), now));
  return new Set(back.map(({ deviceId }) => deviceId));
}

function wasSo(record: CheckRecord | undefined, now: Instant): boolean {
  return record !== undefined && now.monoMs - record.since.monoMs >= LONG_MS;
}
