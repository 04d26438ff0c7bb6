/**
 * The record of a device that is checked: how it begins or comes back from what was saved, how it follows what is learned of its device, and how each quarter of an hour is
 * looked back upon. Pure; judge.ts decides by it who lives.
 */
import type { Instant } from '../../base/clock.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { Device } from '../inventory/device.ts';
import type { Policy } from '../policy.ts';
import { afterQuarter, begun, NO_PAST } from './decline.ts';
import type { CheckRecord, Learning } from './health.ts';
import { faded, NO_LOSSES } from './losses.ts';
import { interfaceOf } from './plan.ts';
import { adaptedTo, profileFor } from './profiles.ts';

const FIRST_PROBE_SPREAD_MS = 2_000;
/** All are looked back upon at the same instants, so that those on one interface can be compared. */
export const QUARTER_MS = 15 * 60_000;

/** The record that was last fitted to each device, which changes less often: four times a second nearly all of both are the same objects as before. */
const fittedTo = new WeakMap<Device, CheckRecord>();

export function fitted(record: CheckRecord, device: Device, devices: number, policy: Policy): CheckRecord {
  if (fittedTo.get(device) === record) return record;
  const start = profileFor(device, record, policy);
  const profile = start.name === record.profile.name ? record.profile : adaptedTo(start, record, devices, policy);
  const place = interfaceOf(device);
  const fits = profile === record.profile && place === record.interface ? record : { ...record, profile, interface: place };
  fittedTo.set(device, fits);
  return fits;
}

export function newRecord(device: Device, now: Instant, policy: Policy): CheckRecord {
  return {
    deviceId: device.id,
    state: 'unknown',
    since: now,
    reason: 'Found, not checked yet.',
    profile: profileFor(device, { methods: {}, rtts: [] }, policy),
    interface: interfaceOf(device),
    everHeard: false,
    lastAnswerAt: {},
    misses: 0,
    attempts: [],
    methods: {},
    rtts: [],
    rounds: 0,
    losses: NO_LOSSES,
    slowness: 0,
    past: NO_PAST,
    quarter: quarterOf(now),
    nextProbeAtMs: now.monoMs + phase(device.id) * FIRST_PROBE_SPREAD_MS,
    probing: false,
  };
}

export function quarterOf({ monoMs }: Instant): number {
  return Math.floor(monoMs / QUARTER_MS);
}

/** A fixed place in [0, 1) for each device, so that a whole house is not asked in the same instant. */
function phase(deviceId: string): number {
  let hash = 0;
  for (const character of deviceId) hash = (hash * 31 + character.charCodeAt(0)) % 1009;
  return hash / 1009;
}

export type SavedRecord = {
  readonly state: HealthState;
  readonly sinceAt: number;
  readonly reason: string;
  readonly learning?: Learning | undefined;
};

/** A record from what was saved: the state holds on until this process has evidence of its own; all but what takes days is learned again. */
export function restoreRecord(device: Device, saved: SavedRecord, now: Instant, devices: number, policy: Policy): CheckRecord {
  const since = { wallMs: saved.sinceAt, monoMs: now.monoMs - Math.max(0, now.wallMs - saved.sinceAt) };
  const everHeard = device.lastSeenAt > 0;
  // When its silence began is not saved; it is not the start of this process, in which all that are down would fall silent together.
  const silence = saved.state === 'down' ? { silentSinceMs: now.monoMs - (now.wallMs - saved.sinceAt) } : {};
  const { rounds, losses, past } = saved.learning ?? { rounds: 0, losses: NO_LOSSES, past: NO_PAST };
  const fresh = { ...newRecord(device, now, policy), rounds, losses, past: begun({ ...NO_PAST, ...past }, rounds, losses) };
  const profile = adaptedTo(fresh.profile, fresh, devices, policy);
  return { ...fresh, profile, state: saved.state, since, reason: saved.reason, everHeard, ...silence };
}

/** Every quarter of an hour: what it says of the link, old losses weigh less, and the confirmations follow. Not while a silence is being counted. */
export function lookedBackUpon(record: CheckRecord, quarter: number, devices: number, policy: Policy): CheckRecord {
  if (record.misses > 0) return record;
  if (record.profile.silence === 'habit') return { ...record, quarter };
  const past = afterQuarter(record);
  if (past === record.past) return { ...record, quarter };
  const current = faded(record, record.profile.intervalMs);
  const { rounds, losses } = current;
  return {
    ...current,
    quarter,
    slowness: 0,
    past: begun(past, rounds, losses),
    profile: adaptedTo(record.profile, current, devices, policy),
  };
}
