/**
 * How long an alert that waits has been watched. People act on what outlives its hold, and of a hold only time counts in which the hub could have seen that the trouble
 * is over. So the hub counts, and tells the alert again when the hold is over, or will be much later than it said; until then it is `held`. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import { type Doubt, isSure } from '../health/doubt.ts';
import { STOOD_STILL_MS } from '../health/fitness.ts';
import type { HealthBook } from '../health/health.ts';
import { type Hearing, isHearing } from '../health/hearing.ts';
import type { Alert, AlertBook, AlertChange } from './alerts.ts';
import type { Condition, Conditions } from './conditions.ts';

/** While it counts it has `dueMs`, the monotonic instant at which it is over; else `leftMs`, or neither where all of it is left. */
type Hold = { readonly dueMs?: number; readonly leftMs?: number };

/** Of the alerts that are held, by key. */
export type Holds = ReadonlyMap<string, Hold>;

export type Watching = {
  readonly conditions: Conditions;
  readonly book: HealthBook;
  readonly doubt: Doubt;
  readonly hearing: Hearing;
  /** How long the hub did not look at all before this tick. */
  readonly stoodStillMs: number;
  readonly now: Instant;
};

export type Held = { readonly holds: Holds; readonly alerts: AlertBook; readonly changes: readonly AlertChange[] };

const WHOLE: Hold = {};
/** Nobody plans by less, and on a link that loses packets a hold may stop for seconds many times. */
const TOLD_LATER_MS = 60_000;
const NOTHING_TOLD: readonly AlertChange[] = [];

/** What an earlier process had counted is not known, nor when it ended: all of it is left. */
export function restoreHolds(alerts: AlertBook): Holds {
  return new Map([...alerts.values()].flatMap(({ key, held }) => (held ? [[key, WHOLE] as const] : [])));
}

/** `news`: what was just told. The same objects where nothing changed. */
export function countHolds(before: Holds, alerts: AlertBook, news: readonly AlertChange[], watching: Watching): Held {
  const added = news.flatMap(({ kind, alert }) => (kind === 'alert.raised' && alert.held ? [alert.key] : []));
  if (before.size + added.length === 0) return { holds: before, alerts, changes: NOTHING_TOLD };
  const holds = new Map<string, Hold>();
  const changes: AlertChange[] = [];
  let isSame = added.length === 0;
  for (const key of new Set([...before.keys(), ...added])) {
    const alert = alerts.get(key);
    const known = before.get(key);
    const next = alert?.held ? counted(known, alert, watching) : {};
    if (next.hold) holds.set(key, next.hold);
    if (next.told) changes.push({ kind: 'alert.updated', alert: next.told });
    if (next.hold !== known) isSame = false;
  }
  if (isSame) return { holds: before, alerts, changes: NOTHING_TOLD };
  if (changes.length === 0) return { holds, alerts, changes };
  return { holds, alerts: new Map([...alerts, ...changes.map(({ alert }) => [alert.key, alert] as const)]), changes };
}

/** The hold as it is now, none where it is over; and the alert where something else is to be told of it. `known`: undefined for one that was raised just now. */
function counted(known: Hold | undefined, alert: Alert, watching: Watching): { readonly hold?: Hold; readonly told?: Alert } {
  const { conditions, stoodStillMs, now } = watching;
  const condition = conditions.inDoubt.has(alert.key) ? undefined : conditions.firing.find(({ key }) => key === alert.key);
  if (!condition || !canLook(alert, watching)) {
    if (known?.dueMs === undefined) return { hold: known ?? WHOLE };
    return { hold: { leftMs: Math.max(0, known.dueMs - (now.monoMs - stoodStillMs)) } };
  }
  if (known?.dueMs !== undefined) return now.monoMs < known.dueMs ? { hold: known } : { told: due(alert, condition, now) };
  const leftMs = known?.leftMs ?? condition.holdMs ?? conditions.holdMsOf(alert.code);
  if (known && leftMs === 0) return { told: due(alert, condition, now) };
  const hold = { dueMs: now.monoMs + leftMs };
  const actionableAt = notBefore(alert, now.wallMs + leftMs);
  return known && actionableAt - alert.actionableAt >= TOLD_LATER_MS ? { hold, told: { ...alert, actionableAt } } : { hold };
}

/** Whether the hub could see now that this is over. How it is itself it knows as long as it runs. */
function canLook({ code, device }: Alert, { book, doubt, hearing, stoodStillMs, now }: Watching): boolean {
  if (code === 'hub-impaired' || code === 'storage-failed') return stoodStillMs <= STOOD_STILL_MS;
  return isSure(doubt, now.monoMs) && isHearing(hearing, book.get(device ?? '')?.interface, now.monoMs);
}

/** With how it is now: somebody is to act on it. */
function due({ held: _, ...alert }: Alert, condition: Condition, now: Instant): Alert {
  return { ...alert, actionableAt: notBefore(alert, now.wallMs), evidence: condition.evidence() };
}

/** The wall clock may have been set back since it was raised. */
function notBefore({ raisedAt }: Pick<Alert, 'raisedAt'>, wallMs: number): number {
  return Math.max(raisedAt, Math.round(wallMs));
}

/** When the first of them is over, or may go on although nothing happens: the hub trusts itself again, or the house had time to come back. */
export function holdsDueAtMs(holds: Holds, doubt: Doubt, hearing: Hearing, nowMs: number): number {
  if (holds.size === 0) return Number.POSITIVE_INFINITY;
  const waits = holds.values().some(({ dueMs }) => dueMs === undefined);
  const ends = [...holds.values()].flatMap(({ dueMs }) => dueMs ?? []);
  const sure = waits ? [doubt.trustedFromMs, ...Object.values(hearing).map(({ graceUntilMs }) => graceUntilMs)] : [];
  return Math.min(...ends, ...sure.filter((atMs) => atMs > nowMs), Number.POSITIVE_INFINITY);
}
