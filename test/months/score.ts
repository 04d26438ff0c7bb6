/**
 * Alarms against the truth. An alarm counts when a person is asked to act: ours after its hold, if it is not over by then; a peer's at once.
 * Right: its device could not be reached at that time because something was broken. Repeated: right, but of a cause that another alarm had told. False: all
 * others. A fault is told when an alarm of its own device, of what carried it or of those that fell with it stands during it.
 */

import { kindTraits } from '../../src/agent/inventory/kinds.ts';
import type { AlertCode } from '../../src/protocol/alert-catalogue.ts';
import { type Fault, isFaulty, type Life, pathOf } from './life.ts';
import { askedTooSoon } from './patience.ts';
import type { Run } from './run.ts';
import { type Spell, spellAt } from './spells.ts';

export type Alarm = {
  readonly device?: string;
  readonly code: AlertCode;
  /** When the state was known, after how much more a person was to be asked to act, and when one was. */
  readonly noticedMs: number;
  readonly holdMs?: number;
  readonly atMs: number;
  readonly untilMs: number;
  readonly members?: readonly string[];
};

/** A fault that its own alarm told: from the fault to the state, and to the alarm. `of`: the kind of the device, or `internet`. */
export type Finding = { readonly of: string; readonly noticedAfterMs: number; readonly toldAfterMs: number };

export type Score = {
  readonly alarms: number;
  readonly right: number;
  /** Something was really silent, but had only restarted, and was back by itself. */
  readonly needless: number;
  readonly repeated: number;
  readonly falseDowns: number;
  readonly otherFalse: number;
  /** Faults that lasted long enough to be told, and those that were. */
  readonly faults: number;
  readonly told: number;
  readonly findings: readonly Finding[];
  readonly mistakes: readonly string[];
};

/** The longest that any of our alarms may take: Wi-Fi's 43 s and its hold of 5 minutes. */
const TELLS_WITHIN_MS = 43_000 + 300_000;
/** A verdict that is told when its fault has just ended was right when it was made. */
const JUST_OVER_MS = 15_000;

/** The alarms of ours that asked somebody to act: those that the hub told as held no more. */
export function alarmsIn({ heard }: Run, untilMs: number): Alarm[] {
  const open = new Map<string, Omit<Alarm, 'untilMs' | 'atMs'> & { readonly atMs?: number }>();
  const alarms: Alarm[] = [];
  const close = (key: string, untilMs: number): void => {
    const was = open.get(key);
    open.delete(key);
    if (was?.atMs !== undefined) alarms.push({ ...was, atMs: was.atMs, untilMs });
  };
  for (const { atMs, kind, alert, device } of heard) {
    if (alert.code === 'device-new') continue;
    if (kind === 'raised') {
      const holdMs = alert.actionableAt - alert.raisedAt;
      open.set(alert.key, { code: alert.code, noticedMs: atMs, holdMs, ...(device ? { device } : {}) });
    }
    const known = open.get(alert.key);
    if (known && known.atMs === undefined && !alert.held) open.set(alert.key, { ...known, atMs });
    if (kind === 'cleared') close(alert.key, atMs);
  }
  for (const key of [...open.keys()]) close(key, untilMs);
  return alarms.sort((a, b) => a.atMs - b.atMs);
}

export function score(alarms: readonly Alarm[], life: Life): Score {
  const mistakes: string[] = [];
  let [right, needless, repeated, falseDowns, otherFalse] = [0, 0, 0, 0, 0];
  const toldFaults = new Set<Fault>();
  for (const alarm of alarms) {
    const cause = causeOf(alarm, life);
    if (cause === undefined) {
      if (alarm.code === 'device-down' || alarm.code === 'gateway-unreachable') falseDowns++;
      else otherFalse++;
      mistakes.push(`${hours(alarm.atMs)} false ${alarm.code} ${alarm.device ?? ''}`);
    } else if (cause === 'short') {
      needless++;
      mistakes.push(`${hours(alarm.atMs)} needless ${alarm.code} ${alarm.device ?? ''}`);
    } else if (cause !== 'own' && toldFaults.has(cause)) {
      repeated++;
      mistakes.push(`${hours(alarm.atMs)} repeated ${alarm.code} ${alarm.device ?? ''}`);
    } else {
      right++;
      if (cause !== 'own') toldFaults.add(cause);
    }
  }
  const findings: Finding[] = [];
  const due = life.faults.filter((fault) => isWorthTelling(fault, life));
  let told = 0;
  for (const fault of due) {
    const by = alarms.find((alarm) => tells(alarm, fault, life));
    if (!by)
      mistakes.push(
        `${hours(fault.fromMs)} untold ${fault.what} ${fault.device ?? ''} of ${Math.round((fault.toMs - fault.fromMs) / 1000)} s`,
      );
    else told++;
    const of = whatFailed(fault, life);
    if (by && of !== undefined && by.device === fault.device && by.noticedMs >= fault.fromMs)
      findings.push({ of, noticedAfterMs: by.noticedMs - fault.fromMs, toldAfterMs: by.atMs - fault.fromMs });
  }
  return {
    alarms: alarms.length,
    right,
    needless,
    repeated,
    falseDowns,
    otherFalse,
    faults: due.length,
    told,
    findings,
    mistakes,
  };
}

function whatFailed({ what, device }: Fault, { household }: Life): string | undefined {
  if (what === 'internet') return what;
  const kind = household.residents.find(({ name }) => name === device)?.kind;
  return what === 'service' && kind ? `${kind}, its work` : kind;
}

const hours = (ms: number): string => `${(ms / 3_600_000).toFixed(3)} h`;

/** The fault behind an alarm; `short` for a reboot or a power cut, which is nobody's fault but was a real outage; undefined when nothing was wrong. */
function causeOf(alarm: Alarm, life: Life): Fault | 'own' | 'short' | undefined {
  const atMs = alarm.noticedMs;
  if (alarm.code === 'internet-down')
    return life.faults.find(({ what, fromMs, toMs }) => what === 'internet' && fromMs <= atMs && atMs < toMs + JUST_OVER_MS);
  // The hub was right to doubt itself, and its own trouble is worth a message.
  if (alarm.code === 'hub-impaired')
    return hubTroubles(life).some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs + JUST_OVER_MS) ? 'own' : undefined;
  if (alarm.code === 'service-down')
    return life.faults.find((fault) => fault.what === 'service' && fault.device === alarm.device && isDuring(fault, atMs));
  if (alarm.device === undefined)
    return life.faults.find((fault) => fault.what === 'carrier' && isDuring(fault, atMs)) ?? anyFaulty(life, atMs);
  const wasFaulty = isFaulty(life, alarm.device, atMs) || isFaulty(life, alarm.device, atMs - JUST_OVER_MS);
  if (!wasFaulty) return undefined;
  const one = life.household.residents.find(({ name }) => name === alarm.device);
  const line = one ? [one.name, ...pathOf(life.household, one)] : [];
  const isOnTheWay = ({ what, device }: Fault): boolean => what !== 'service' && device !== undefined && line.includes(device);
  return life.faults.find((fault) => isOnTheWay(fault) && isDuring(fault, atMs)) ?? 'short';
}

const hubTroubles = ({ hubBusy, hubStopped, hubUnplugged, hubOff }: Life): readonly Spell[] => [
  ...hubBusy,
  ...hubStopped,
  ...hubUnplugged,
  ...hubOff,
];

const isDuring = ({ fromMs, toMs }: Fault, atMs: number): boolean => fromMs <= atMs && atMs < toMs + JUST_OVER_MS;

function anyFaulty(life: Life, atMs: number): 'short' | undefined {
  return life.household.residents.some(({ name }) => isFaulty(life, name, atMs) || isFaulty(life, name, atMs - JUST_OVER_MS))
    ? 'short'
    : undefined;
}

/**
 * It lasted long enough, by itself, while the hub could see it. A power cut takes the hub along, and so does the switch that it is plugged into: what that was, the
 * desk tells from the hub's silence.
 */
function isWorthTelling(fault: Fault, life: Life): boolean {
  if (fault.what === 'power' || fault.device === life.household.hubBehind || fault.toMs > life.untilMs) return false;
  const one = life.household.residents.find(({ name }) => name === fault.device);
  if (fault.what === 'service') return isServiceWorthTelling(fault, life);
  if (one && kindTraits(one.kind).power !== 'always') return false;
  const hidden = [...life.hubOff, ...life.hubUnplugged, ...life.hubStopped, ...life.hubBusy];
  const isHidden = hidden.some(({ fromMs, toMs }) => fromMs < fault.toMs && fault.fromMs < toMs);
  const path = one ? pathOf(life.household, one) : [life.household.gateway];
  const isBehindAnother = path.some((carrier) =>
    (life.off.get(carrier) ?? []).some(({ fromMs, toMs }) => fromMs < fault.toMs && fault.fromMs < toMs),
  );
  const isAlone = !life.faults.some(
    (other) => other !== fault && other.device === fault.device && other.fromMs < fault.toMs && fault.fromMs < other.toMs,
  );
  return fault.toMs - fault.fromMs > TELLS_WITHIN_MS + JUST_OVER_MS && !isHidden && !isBehindAnother && isAlone;
}

/** Of several that a device offers each is asked every few minutes; what was open for less than an hour, or is behind a restart, is nobody's loss yet. */
const SERVICE_TOLD_WITHIN_MS = 25 * 60_000;
const SERVICE_PROVEN_MS = 90 * 60_000;

function isServiceWorthTelling(fault: Fault, life: Life): boolean {
  const seen = { fromMs: fault.fromMs - SERVICE_PROVEN_MS, toMs: fault.fromMs + SERVICE_TOLD_WITHIN_MS };
  const isOver = ({ fromMs, toMs }: Spell): boolean => fromMs < seen.toMs && seen.fromMs < toMs;
  const others = life.faults.filter((other) => other !== fault && other.what === 'service' && other.device === fault.device);
  const gone = life.silent.get(fault.device ?? '') ?? [];
  return fault.toMs > seen.toMs && ![...gone, ...others, ...hubTroubles(life)].some(isOver);
}

function tells(alarm: Alarm, fault: Fault, { household }: Life): boolean {
  if (alarm.untilMs < fault.fromMs || alarm.atMs > fault.toMs + JUST_OVER_MS) return false;
  if (fault.what === 'internet') return alarm.code === 'internet-down' || alarm.device === household.gateway;
  if (fault.what === 'service' || alarm.code === 'service-down')
    return fault.what === 'service' && alarm.code === 'service-down' && alarm.device === fault.device;
  if (alarm.code === 'devices-down') return fault.what === 'carrier';
  return alarm.device === fault.device;
}

/** What the hub could not see: of each device that is always on, the share of time for which it said `unknown`. */
export function unknownShare({ verdicts }: Run, life: Life): number {
  let sumMs = 0;
  const watched = new Set(life.household.residents.filter(({ habit }) => habit === 'always').map(({ name }) => name));
  const since = new Map<string, number>();
  for (const { atMs, device, state } of verdicts) {
    const from = since.get(device);
    if (from !== undefined) sumMs += atMs - from;
    since.delete(device);
    if (state === 'unknown' && watched.has(device)) since.set(device, atMs);
  }
  for (const from of since.values()) sumMs += life.untilMs - from;
  return sumMs / (watched.size * life.untilMs);
}

/** Verdicts `down` on what could be reached all the while: bursts of loss, or the hub's own fault. */
export function falseDownStates({ verdicts }: Run, life: Life): number {
  return verdicts.filter(({ atMs, device, state }) => state === 'down' && !isSilentAround(life, device, atMs)).length;
}

function isSilentAround(life: Life, device: string, atMs: number): boolean {
  const silent = life.silent.get(device) ?? [];
  return spellAt(silent, atMs) !== undefined || spellAt(silent, atMs - JUST_OVER_MS) !== undefined;
}

/**
 * What the design promises of every life, in words where it is broken. I7: a device that dies where the hub can see it is called down, or unreachable, within its
 * promised time. I11: nobody is asked about what people switch off, or what was back before its hold was over. I12: what carried others is told once, and they are not.
 */
export function brokenPromises(run: Run, alarms: readonly Alarm[], life: Life): string[] {
  return [
    ...run.broken,
    ...lateVerdicts(run, life),
    ...habitsTold(alarms, life),
    ...guestsTold(run, life),
    ...askedTooSoon(alarms, life),
    ...carriersToldTwice(alarms, life),
  ];
}

/** A doubt about the whole house, or about what carries the device, may take this much longer. */
const DOUBT_MS = 20_000;
const GRACE_MS = 130_000;

function lateVerdicts({ verdicts, promises }: Run, life: Life): string[] {
  return life.faults.flatMap((fault): string[] => {
    if (fault.what !== 'device' || !isWorthTelling(fault, life) || isNear(fault, life)) return [];
    const promise = promises.findLast(({ device, atMs }) => device === fault.device && atMs <= fault.fromMs)?.detectWithinMs;
    const found = verdicts.find(
      ({ device, atMs, state }) => device === fault.device && atMs >= fault.fromMs && (state === 'down' || state === 'unreachable'),
    );
    const withinMs = (promise ?? 0) + DOUBT_MS;
    if (promise === undefined || (found && found.atMs - fault.fromMs <= withinMs)) return [];
    return [
      `I7: ${fault.device} died at ${Math.round(fault.fromMs)} ms and was ${found ? `found after ${Math.round(found.atMs - fault.fromMs)}` : 'not found'}; promised ${promise} ms.`,
    ];
  });
}

/** The house was just coming back, or the hub itself. */
function isNear({ fromMs }: Fault, life: Life): boolean {
  const others = [...hubTroubles(life), ...life.faults.filter(({ what }) => what === 'power')];
  return others.some((other) => other.fromMs < fromMs + GRACE_MS && fromMs < other.toMs + GRACE_MS);
}

function habitsTold(alarms: readonly Alarm[], { household }: Life): string[] {
  const rests = new Set(household.residents.filter(({ kind }) => kindTraits(kind).power !== 'always').map(({ name }) => name));
  return alarms
    .filter(({ code, device }) => code !== 'service-down' && device !== undefined && rests.has(device))
    .map(({ code, device }) => `I11: ${code} was told of ${device}, which people switch off.`);
}

/** Of every message, whether or not anybody is asked to act. */
function guestsTold({ heard }: Run, { guests }: Life): string[] {
  return heard
    .filter(({ kind, alert, device }) => kind === 'raised' && alert.code !== 'device-new' && device !== undefined && guests.has(device))
    .map(({ alert, device, atMs }) => `${alert.code} was told of ${device} at ${Math.round(atMs)} ms.`);
}

function carriersToldTwice(alarms: readonly Alarm[], life: Life): string[] {
  return life.faults.flatMap((fault): string[] => {
    if (fault.what !== 'carrier' || !isWorthTelling(fault, life) || isNear(fault, life)) return [];
    const own = alarms.filter((alarm) => alarm.noticedMs >= fault.fromMs && alarm.noticedMs < fault.toMs && isBehind(alarm, fault, life));
    return own.length === 1
      ? []
      : [
          `I12: ${fault.device} died at ${Math.round(fault.fromMs)} ms, and ${own.length} messages tell of it: ${own.map(({ device, code }) => device ?? code).join(', ')}.`,
        ];
  });
}

/** Told of the carrier, or of what fell silent with it. */
function isBehind(alarm: Alarm, fault: Fault, { household, faults }: Life): boolean {
  if (alarm.device === undefined) return alarm.code === 'devices-down';
  if (alarm.device === fault.device) return true;
  const one = household.residents.find(({ name }) => name === alarm.device);
  const hasOwn = faults.some((other) => other.device === alarm.device && isDuring(other, alarm.noticedMs));
  return one !== undefined && !hasOwn && pathOf(household, one).includes(fault.device as string);
}
