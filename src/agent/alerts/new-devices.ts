/**
 * New devices are told in digests: one message for a whole first inventory, one for whatever comes within a few minutes later.
 * Devices of persons are counted in the first one and not mentioned later, when the message would tell at what time a guest came.
 */
import type { Instant } from '../../base/clock.ts';
import { ALERT_CATALOGUE } from '../../protocol/alert-catalogue.ts';
import { titleAndPlace } from '../inventory/describe.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { asNamedOutside } from '../inventory/personal.ts';
import type { Alert } from './alerts.ts';

/** Devices that wait to be told; `initial` until the first digest has gone out. */
export type NewDevices = {
  readonly waiting: readonly string[];
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly initial: boolean;
};

/** The first inventory is told when nothing new came for this long ... */
const INITIAL_QUIET_MS = 60_000;
/** ... or at the latest after this long. */
const INITIAL_LIMIT_MS = 10 * 60_000;
/** Later arrivals are gathered for this long. */
const DIGEST_MS = 5 * 60_000;
/** So many names in the text; the rest is a number. */
const NAMED = 12;

export function noteNewDevices(state: NewDevices, deviceIds: readonly string[], nowMs: number): NewDevices {
  if (deviceIds.length === 0) return state;
  const firstAtMs = state.waiting.length === 0 ? nowMs : state.firstAtMs;
  return { ...state, waiting: [...state.waiting, ...deviceIds], firstAtMs, lastAtMs: nowMs };
}

/** The digest, when it is due. It is raised and over in one message, for there is nothing to wait for. */
export function digestNewDevices(
  state: NewDevices,
  devices: ReadonlyMap<string, DeviceSummary>,
  now: Instant,
): { state: NewDevices; digest?: Alert } {
  if (now.monoMs < digestDueAtMs(state)) return { state };
  const done: NewDevices = { ...state, waiting: [], initial: false };
  const present = state.waiting.flatMap((id) => devices.get(id) ?? []);
  const named = present.filter((device) => !device.personal).map(asNamedOutside);
  const first = named[0];
  if (!first && !state.initial) return { state: done };
  return { state: done, digest: digestOf(named, present.length - named.length, state.initial, now) };
}

/** When it is due at the earliest, should nothing new come until then; Infinity while nothing waits. */
export function digestDueAtMs({ waiting, initial, firstAtMs, lastAtMs }: NewDevices): number {
  if (waiting.length === 0) return Number.POSITIVE_INFINITY;
  return initial ? Math.min(lastAtMs + INITIAL_QUIET_MS, firstAtMs + INITIAL_LIMIT_MS) : firstAtMs + DIGEST_MS;
}

function digestOf(named: readonly DeviceSummary[], personal: number, initial: boolean, now: Instant): Alert {
  const definition = ALERT_CATALOGUE['device-new'];
  const at = Math.round(now.wallMs);
  const what = named.length === 1 && !initial ? titleAndPlace(named[0]!) : `${named.length} ${named.length === 1 ? 'device' : 'devices'}`;
  return {
    key: `device-new:${named[0]?.id ?? at}`,
    code: 'device-new',
    severity: definition.severity,
    title: definition.title(initial ? `first inventory, ${what}` : what).slice(0, 160),
    text: textOf(named, initial ? personal : 0),
    raisedAt: at,
    actionableAt: at,
    clearedAt: at,
    ...(named.length === 1 ? { device: named[0]!.id } : {}),
  };
}

function textOf(named: readonly DeviceSummary[], personal: number): string {
  const names = named.slice(0, NAMED).map(titleAndPlace);
  const more = named.length > NAMED ? [`and ${named.length - NAMED} more`] : [];
  const people = personal > 0 ? [`${personal} personal ${personal === 1 ? 'device is' : 'devices are'} counted only`] : [];
  return `${[...names, ...more, ...people].join('; ')}.`.slice(0, 2048);
}
