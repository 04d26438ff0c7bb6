/**
 * How much the silence of a device weighs, and how long it must last before people are asked to act: by what it is, what people said of it, and
 * how often its link loses packets. Wi-Fi falls silent for minutes and comes back (reliability maths: a hold of 300 s makes of 1e6 false
 * verdicts a year in long bursts fewer than one). Nothing waits less than a restart takes: with one minute for what matters most, nine of ten alerts of a
 * simulated month were of boxes that had just restarted by themselves (`npm run simulate`).
 */
import { ALERT_CATALOGUE, type AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { CheckProfile, CheckRecord } from '../health/health.ts';
import { linkWords } from '../health/losses.ts';
import { detectWithinMs, PROFILES } from '../health/profiles.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { type Criticality, kindTraits } from '../inventory/kinds.ts';

type Weighed = Pick<DeviceSummary, 'kind' | 'critical' | 'isGateway'>;

const SEVERITY: Readonly<Record<Criticality, AlertSeverity>> = { safety: 'critical', core: 'error', usual: 'warning' };

const WIFI_HOLD_MS = 300_000;

/** What people say of a device counts before what its kind says. */
export function criticalityOf({ kind, critical }: Weighed): Criticality {
  const usually = kind === undefined ? 'usual' : kindTraits(kind).criticality;
  if (critical === undefined) return usually;
  if (!critical) return 'usual';
  return usually === 'safety' ? 'safety' : 'core';
}

/** Whether its silence may come to be taken for sleep where it is usual at some hours: not of what the house cannot do without. */
export function mayRest(device: (Weighed & Pick<DeviceSummary, 'personal'>) | undefined): boolean {
  return device !== undefined && !device.personal && !device.isGateway && criticalityOf(device) === 'usual';
}

/** What nobody knows may be the switch that everything hangs on, and is not made less of. */
export function severityOf(device: Weighed): AlertSeverity {
  const isUnknown = device.kind === undefined && device.critical === undefined;
  return isUnknown ? ALERT_CATALOGUE['device-down'].severity : SEVERITY[criticalityOf(device)];
}

/** Undefined for a device whose silence is nobody's business. */
export function holdMsOf(device: Weighed, profile: CheckProfile): number | undefined {
  if (profile.silence === 'habit') return undefined;
  if (device.isGateway) return ALERT_CATALOGUE['gateway-unreachable'].holdMs;
  if (mayBeWifi(profile)) return WIFI_HOLD_MS;
  return ALERT_CATALOGUE['device-down'].holdMs;
}

/** What answers nothing but ARP has no round trip that tells its link. */
function mayBeWifi({ name }: CheckProfile): boolean {
  return name === 'other' || name === 'quiet';
}

/** The two figures that are promised of a device: how soon its failure is noticed (and why not sooner), and after how much more people are asked to act. */
export type Promised = { readonly detectWithinMs: number; readonly detectBecause?: string; readonly reportAfterMs?: number };

export function promisedFor(
  device: Weighed | undefined,
  { profile, losses }: Pick<CheckRecord, 'profile' | 'losses'>,
  canRevalidate: boolean,
): Promised {
  const holdMs = device && holdMsOf(device, profile);
  const because = linkWords(profile, PROFILES[profile.name], losses);
  return {
    detectWithinMs: detectWithinMs(profile, canRevalidate),
    ...(because === undefined ? {} : { detectBecause: because }),
    ...(holdMs === undefined ? {} : { reportAfterMs: holdMs }),
  };
}
