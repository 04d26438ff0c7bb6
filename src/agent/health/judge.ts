/**
 * Turns answers and silences into states. Pure: (book, what happened, the hub's condition, now) -> (book, transitions).
 * One answer is life; `down` needs every confirmation to be silent, an independent witness among them, and a hub that could have heard.
 */
import type { Instant } from '../../base/clock.ts';
import type { Attempt, HealthState } from '../../protocol/messages.ts';
import { CONTESTED } from '../inventory/contested.ts';
import type { Device } from '../inventory/device.ts';
import type { Parents } from '../inventory/wiring.ts';
import type { Policy } from '../policy.ts';
import { fitted, lookedBackUpon, newRecord, quarterOf } from './check-record.ts';
import { slownessAfter } from './decline.ts';
import { type Doubt, whyUnfit, whyWaiting } from './doubt.ts';
import { blindness, downReason, evidenceOf, linkDown, type Surroundings, wayInWords } from './evidence.ts';
import { LAG_LIMIT_MS } from './fitness.ts';
import type { CheckRecord, HealthBook, HubCondition, Learned, LifeMethod, Transition } from './health.ts';
import type { Hearing } from './hearing.ts';
import { afterRun, isOtherHeard } from './losses.ts';
import { totalAsked } from './plan.ts';
import { ARP_FAILED, type ProbeResult } from './probe.ts';
import { adaptedTo } from './profiles.ts';
import { fellWithItsParent, type Trouble, troubleOnTheWay } from './unreachable.ts';

/** Something a device said by itself, or a fresh confirmation by the kernel. */
export type Life = { readonly deviceId: string; readonly at: Instant; readonly by: LifeMethod };

export type HealthInputs = {
  readonly devices: ReadonlyMap<string, Device>;
  readonly life: readonly Life[];
  readonly results: readonly ProbeResult[];
  readonly hub: HubCondition;
  readonly hearing: Hearing;
  /** Those whose address another device claims too, with the reason in words. */
  readonly contested?: ReadonlyMap<string, string>;
  /** Why the hub doubts itself, if it does. */
  readonly doubt?: Doubt | undefined;
  /** What hangs on what. */
  readonly parents?: Parents | undefined;
  readonly rests?: ((deviceId: string) => boolean) | undefined;
  readonly policy: Policy;
  readonly now: Instant;
};

/** What one answer or silence is judged by. */
export type Judging = Surroundings & { readonly policy: Policy };

/** Two good answers at least this far apart end `down`. */
const RECOVERY_SPACING_MS = 2_000;
/** A device that is down is asked this often, so that its return is told soon. */
export const DOWN_INTERVAL_MS = 5_000;
/** A device without an address is believed for this long: it may just be changing it. */
const ADDRESSLESS_MS = 60_000;
/** Questions of one tick go out within so long, paced. */
const EARLY_MS = 100;
export const KEPT_ATTEMPTS = 16;
export const KEPT_RTTS = 9;
/** By then the witnesses have been asked (plan.ts), so that it is known whether anybody is heard. */
const MISSES_WITH_WITNESSES = 4;

export type Judged = {
  readonly book: HealthBook;
  readonly transitions: readonly Transition[];
  /** Ids of the devices that are watched in another way than before, or whose decline began or ended: something else holds of them now. */
  readonly rewatched: readonly string[];
};

export function judge(book: HealthBook, inputs: HealthInputs): Judged {
  const rewatched: string[] = [];
  const next = adopted(book, inputs, rewatched);
  const transitions: Transition[] = [];
  const gatewayId = inputs.devices.values().find((device) => device.isGateway)?.id;
  const { devices, hub, hearing, doubt, parents, rests, policy, now } = inputs;
  const around: Judging = { book: next, devices, hub, hearing, doubt, parents, rests, gatewayId, policy, now };
  const settle = (before: CheckRecord, after: CheckRecord): void => {
    if (after === before) return;
    next.set(after.deviceId, after);
    if (after.state !== before.state) transitions.push(transitionOf(before, after, around));
    if (after.profile !== before.profile || after.past.decline !== before.past.decline) rewatched.push(after.deviceId);
  };
  for (const life of inputs.life) {
    const record = next.get(life.deviceId);
    if (record) settle(record, alive(record, life, around));
  }
  for (const result of inputs.results) {
    const record = next.get(result.request.deviceId);
    if (record) settle(record, afterProbe(record, result, around));
  }
  const quarter = quarterOf(now);
  for (const record of next.values()) {
    const current = record.quarter === quarter ? record : lookedBackUpon(record, quarter, next.size, policy);
    settle(record, outOfSight(current, around, inputs.contested?.get(record.deviceId)));
  }
  for (const record of next.values())
    if (record.state === 'unreachable' || (record.state === 'down' && parents?.has(record.deviceId)))
      settle(record, followingItsParent(record, around));
  return { book: next, transitions, rewatched };
}

/** New devices get a record, forgotten ones lose theirs, and profiles follow what was learned. */
function adopted(book: HealthBook, { devices, policy, now }: HealthInputs, rewatched: string[]): Map<string, CheckRecord> {
  const next = new Map(book);
  for (const device of devices.values()) {
    const known = book.get(device.id);
    const record = fitted(known ?? newRecord(device, now, policy), device, devices.size, policy);
    if (record === known) continue;
    if (known && record.profile !== known.profile) rewatched.push(device.id);
    next.set(device.id, record);
  }
  if (next.size > devices.size) for (const id of book.keys()) if (!devices.has(id)) next.delete(id);
  return next;
}

export function afterProbe(record: CheckRecord, result: ProbeResult, around: Judging): CheckRecord {
  const attempted = noted(record, result);
  if (result.outcome === 'answered') {
    // A late reader measures itself, not the link.
    const rtts =
      result.rttMs === undefined || around.hub.eventLoopLagMs > LAG_LIMIT_MS
        ? record.rtts
        : [...record.rtts, result.rttMs].slice(-KEPT_RTTS);
    const rounds = record.state === 'up' && record.silentSinceMs === undefined ? record.rounds + 1 : record.rounds;
    const slowness = around.hub.eventLoopLagMs > LAG_LIMIT_MS ? record.slowness : slownessAfter(record, result.rttMs);
    const life: Life = { deviceId: record.deviceId, at: result.finishedAt, by: result.request.method };
    return alive({ ...attempted, rtts, rounds, slowness }, life, around, result.startedAt);
  }
  if (record.life && record.life.at.monoMs >= result.startedAt.monoMs) return attempted;
  if (counts(record, result, around)) return missed(attempted, result, around);
  const silentSinceMs = result.outcome === 'silent' ? (record.silentSinceMs ?? result.startedAt.monoMs) : record.silentSinceMs;
  return unseen({ ...attempted, silentSinceMs, nextProbeAtMs: againAtMs(result.startedAt.monoMs, record) }, around);
}

/** When to ask once more: as many ticks later as the spacing has, though the question went out a moment after its own. */
function againAtMs(askedAtMs: number, { profile }: CheckRecord): number {
  return askedAtMs + profile.spacingMs - EARLY_MS;
}

/** Silent for as long as would make a verdict, were the hub fit to make one: nobody knows how it is. */
function unseen(record: CheckRecord, { doubt, now }: Surroundings): CheckRecord {
  const unfit = whyUnfit(doubt);
  if (unfit === undefined || record.silentSinceMs === undefined || record.profile.silence === 'habit') return record;
  const { confirmations, spacingMs } = record.profile;
  const isLong = now.monoMs - record.silentSinceMs >= confirmations * spacingMs;
  return isLong && (record.state === 'up' || record.state === 'suspect') ? inState(record, 'unknown', unfit, now) : record;
}

/** Silence counts from a way that has worked before, from a failed ARP and from the last witness; never while the hub itself is slow or unfit. */
function counts(record: CheckRecord, result: ProbeResult, { hub, doubt }: Surroundings): boolean {
  if (hub.eventLoopLagMs > LAG_LIMIT_MS || result.startedAt.monoMs < (doubt?.trustedFromMs ?? 0)) return false;
  const lastWitness = record.misses === record.profile.confirmations - 1;
  if (result.outcome === 'unable') return lastWitness && result.request.method === 'icmp';
  return lastWitness || result.detail === ARP_FAILED || (record.methods[result.request.method]?.answered ?? 0) > 0;
}

function missed(record: CheckRecord, result: ProbeResult, around: Surroundings): CheckRecord {
  const misses = record.misses + 1;
  const askedAtMs = result.startedAt.monoMs;
  const waiting = {
    ...record,
    misses,
    silentSinceMs: record.silentSinceMs ?? askedAtMs,
    lastMissAtMs: askedAtMs,
    recoveringSinceMs: undefined,
    ...(misses < MISSES_WITH_WITNESSES ? {} : { wasDeaf: !isOtherHeard(around.book, record, askedAtMs) }),
  };
  if (isAbsent(record, askedAtMs) || (record.state === 'asleep' && restsNow(record, around)))
    return calmly({ ...waiting, misses: 0 }, around);
  // What was a fault is none any more when it turns out to be a thing that people switch off.
  if (record.state === 'down' && record.profile.silence === 'habit') return asleep({ ...waiting, misses: 0 }, around);
  if (record.state === 'down' || record.state === 'unreachable')
    return { ...waiting, misses: 0, nextProbeAtMs: around.now.monoMs + DOWN_INTERVAL_MS };
  if (misses < record.profile.confirmations) {
    const asked = { ...waiting, nextProbeAtMs: againAtMs(result.startedAt.monoMs, record) };
    if (record.state !== 'up') return asked;
    const doubted = inState(asked, 'suspect', 'It did not answer just now; asking again in other ways.', around.now);
    return { ...doubted, upSince: record.since };
  }
  const trouble = onTheWay(record, around);
  const wait = whyWaiting(around.doubt) ?? (trouble?.what === 'doubted' ? trouble.reason : undefined);
  if (wait !== undefined) {
    // One short of the last witness, so that the ways that work take turns with it for as long as it lasts.
    const asked = {
      ...waiting,
      misses: Math.max(1, record.profile.confirmations - 2),
      nextProbeAtMs: againAtMs(askedAtMs, record),
    };
    return record.state === 'unknown' ? asked : inState(asked, 'suspect', wait, around.now);
  }
  const verdict = { ...waiting, misses: 0, nextProbeAtMs: around.now.monoMs + DOWN_INTERVAL_MS };
  if (record.profile.name === 'personal') return asleep(verdict, around);
  if (!record.everHeard) return verdict;
  const blind = blindness(waiting, around);
  if (record.profile.silence === 'habit' && !blind) return asleep(verdict, around);
  if (!blind && trouble?.what === 'dead') return inState(verdict, 'unreachable', trouble.reason, around.now);
  if (!blind && restsNow(record, around)) return asleep(verdict, around);
  return blind ? inState(verdict, 'unknown', blind, around.now) : inState(verdict, 'down', downReason(waiting, misses, around), around.now);
}

function onTheWay(record: CheckRecord, { parents, devices, book, now }: Surroundings): Trouble | undefined {
  return parents && devices ? troubleOnTheWay(record, { parents, devices, book, now }) : undefined;
}

/** It is unreachable while its parent is dead and has not had time to start; then it is asked anew and judged by itself. */
function followingItsParent(record: CheckRecord, around: Surroundings): CheckRecord {
  const trouble = onTheWay(record, around);
  if (record.state === 'unreachable') {
    if (trouble) return trouble.reason === record.reason ? record : { ...record, reason: trouble.reason };
    const asked = { ...record, misses: 0, nextProbeAtMs: around.now.monoMs };
    return inState(asked, 'suspect', 'What it is behind is back, or not known any more; it is asked anew.', around.now);
  }
  const { parents, devices, book, now } = around;
  if (trouble?.what !== 'dead' || !parents || !devices || !fellWithItsParent(record, { parents, devices, book, now })) return record;
  return inState(record, 'unreachable', trouble.reason, now);
}

/** Known to be silent by habit, or silent for a whole count with nobody who knew it before: it is not counted anew at every question. */
export function isAbsent({ state, profile, silentSinceMs }: CheckRecord, nowMs: number): boolean {
  if (profile.silence !== 'habit') return false;
  const isCounted = silentSinceMs !== undefined && nowMs - silentSinceMs > profile.confirmations * profile.spacingMs;
  return state === 'asleep' || (state === 'unknown' && isCounted);
}

/** Silent at a time at which it usually is (sleep.ts). */
function restsNow({ deviceId }: CheckRecord, { rests }: Surroundings): boolean {
  return rests?.(deviceId) ?? false;
}

/** What sleeps, is switched off or went out by habit and falls silent is no fault, and not worth its battery to ask often. */
function asleep(record: CheckRecord, around: Surroundings): CheckRecord {
  const calm = calmly(record, around);
  const reason = record.profile.silence === 'fault' ? USUAL : (ABSENCE[record.profile.name] ?? ABSENT);
  return record.state === 'unknown' ? calm : inState(calm, 'asleep', reason, around.now);
}

function calmly(record: CheckRecord, { now }: Surroundings): CheckRecord {
  return { ...record, nextProbeAtMs: now.monoMs + record.profile.intervalMs };
}

const USUAL = 'It does not answer, as usual at this time: it has fallen silent at these hours for days or weeks, and come back.';
const ABSENT = 'It does not answer: asleep or out of the house.';
const ABSENCE: Readonly<Partial<Record<CheckRecord['profile']['name'], string>>> = {
  resting: 'It does not answer: asleep or switched off, as such devices often are.',
  battery: 'It does not answer: it sleeps to spare its battery, as such devices do.',
};

/** Life of any kind; proof from before the newest miss is remembered but changes nothing. `askedAt` where a probe brought it. */
export function alive(record: CheckRecord, { at, by }: Life, around: Judging, askedAt?: Instant): CheckRecord {
  const { now } = around;
  // A wall clock that was set back must not keep an old time in front of new proof.
  const known = Math.min(record.lastAnswerAt[by] ?? 0, now.wallMs);
  const heard: CheckRecord = {
    ...record,
    everHeard: true,
    lastAnswerAt: at.wallMs > known ? { ...record.lastAnswerAt, [by]: at.wallMs } : record.lastAnswerAt,
    life: record.life && record.life.at.monoMs >= at.monoMs ? record.life : { at, by },
  };
  if (record.lastMissAtMs !== undefined && at.monoMs < record.lastMissAtMs) return heard;
  const calm = {
    ...heard,
    misses: 0,
    silentSinceMs: undefined,
    nextProbeAtMs: afterLife(record, at),
    ...(record.state === 'suspect' && record.misses > 0 ? learnedFromRun(record, around, askedAt) : {}),
  };
  if (record.state === 'up') return calm;
  if (record.state === 'down') return recovering(calm, at, by, now);
  const fresh = record.state === 'suspect' || record.state === 'asleep' ? calm : withoutUnanswered(calm);
  const up = inState(fresh, 'up', `It answered by ${wayInWords(by)}.`, now);
  return record.state === 'suspect' && record.upSince ? { ...up, since: record.upSince, upSince: undefined } : up;
}

/**
 * Who speaks need not be asked for a while; but until it has been asked once nobody knows a way to ask it, and its silence says little then
 * (found by its mDNS and unplugged within two seconds, a NAS was down after 18 s, with this after 15).
 */
function afterLife(record: CheckRecord, { monoMs }: Instant): number {
  return totalAsked(record) === 0 ? record.nextProbeAtMs : Math.max(record.nextProbeAtMs, monoMs + record.profile.intervalMs);
}

/**
 * What the losses that just ended without a verdict say of the link; nothing where the hub itself may not have heard. More confirmations are
 * asked for at once, fewer only when the record is looked back upon.
 */
function learnedFromRun(record: CheckRecord, { hub, doubt, book, policy }: Judging, askedAt?: Instant): Partial<CheckRecord> {
  if (hub.eventLoopLagMs > LAG_LIMIT_MS || doubt?.mass || whyUnfit(doubt)) return {};
  if (record.misses >= MISSES_WITH_WITNESSES && record.wasDeaf) return {};
  const { spacingMs, timeoutMs } = record.profile;
  const wasInTime = askedAt !== undefined && askedAt.monoMs - (record.lastMissAtMs ?? 0) <= spacingMs + timeoutMs;
  const learned: Learned = afterRun(record, record.misses, wasInTime);
  const profile = adaptedTo(record.profile, learned, book.size, policy);
  return { ...learned, ...(profile.confirmations > record.profile.confirmations ? { profile } : {}) };
}

/** What it left unanswered while it could not be reached does not tell what it ignores. */
function withoutUnanswered(record: CheckRecord): CheckRecord {
  return { ...record, methods: Object.fromEntries(Object.entries(record.methods).filter(([, { answered }]) => answered > 0)) };
}

function recovering(record: CheckRecord, at: Instant, by: LifeMethod, now: Instant): CheckRecord {
  const since = record.recoveringSinceMs ?? at.monoMs;
  if (at.monoMs - since >= RECOVERY_SPACING_MS) {
    return inState({ ...withoutUnanswered(record), recoveringSinceMs: undefined }, 'up', `It answers again (${wayInWords(by)}).`, now);
  }
  return { ...record, recoveringSinceMs: since, nextProbeAtMs: since + RECOVERY_SPACING_MS };
}

/** Without the hub's own link, or without an address to ask at that is its own, nothing is known of a device. */
function outOfSight(record: CheckRecord, { hub, now }: Surroundings, contested?: string): CheckRecord {
  const reason = contested ?? whyOutOfSight(record, hub, now);
  if (reason !== undefined)
    return record.reason === reason ? record : inState({ ...record, misses: 0, recoveringSinceMs: undefined }, 'unknown', reason, now);
  if (record.state === 'unknown' && record.reason.startsWith(CONTESTED))
    return { ...record, reason: 'Only one device claims its address now; this one has not been heard since.' };
  const isOver = record.state === 'unknown' && record.interface !== undefined && record.reason === linkDown(record.interface);
  return isOver ? { ...record, reason: "The hub's link is back; this device has not been heard since." } : record;
}

function whyOutOfSight(record: CheckRecord, hub: HubCondition, now: Instant): string | undefined {
  if (record.interface !== undefined) return hub.links[record.interface] === false ? linkDown(record.interface) : undefined;
  const isRecent = record.life !== undefined && now.monoMs - record.life.at.monoMs < ADDRESSLESS_MS;
  return isRecent ? undefined : 'No address of it is known: another device took the one it had.';
}

function inState(record: CheckRecord, state: HealthState, reason: string, now: Instant): CheckRecord {
  return record.state === state ? { ...record, reason } : { ...record, state, reason, since: now };
}

function transitionOf(before: CheckRecord, after: CheckRecord, around: Surroundings): Transition {
  return {
    deviceId: after.deviceId,
    from: before.state,
    to: after.state,
    at: around.now,
    reason: after.reason,
    evidence: evidenceOf(after, around),
  };
}

/** The attempt in the record's memory: the newest attempts, and how often each way was asked and answered. */
function noted(record: CheckRecord, result: ProbeResult): CheckRecord {
  const { method } = result.request;
  const known = record.methods[method] ?? { asked: 0, answered: 0 };
  const methods = {
    ...record.methods,
    [method]: { asked: known.asked + 1, answered: known.answered + (result.outcome === 'answered' ? 1 : 0) },
  };
  return { ...record, probing: false, methods, attempts: [...record.attempts, attemptOf(result)].slice(-KEPT_ATTEMPTS) };
}

export function attemptOf({ request, startedAt, outcome, detail, rttMs }: ProbeResult): Attempt {
  return {
    at: Math.round(startedAt.wallMs),
    method: request.method,
    outcome,
    detail: detail.slice(0, 64),
    ...(rttMs === undefined ? {} : { rttMs: Math.round(rttMs * 100) / 100 }),
  };
}
