/**
 * How much the silence of a device weighs, and how long it must last before people are asked to act: by what it is, what people said of it, and
 * how often its link loses packets. Wi-Fi falls silent for minutes and comes back (reliability maths: a hold of 300 s makes of 1e6 false
 * verdicts a year in long bursts fewer than one). Nothing waits less than a restart takes: with one minute for what matters most, nine of ten alerts of a
 * simulated month were of boxes that had just restarted by themselves (`npm run simulate`).
 */
import { ALERT_CATALOGUE, type AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { CheckProfile, CheckRecord } from '../health/health.ts';
import { linkWords } from '../health/losses.ts';
import { PROFILES, promisedWithinMs, withAtLeast } from '../health/profiles.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import { type Criticality, kindTraits } from '../inventory/kinds.ts';
import { type Policy, STANDARD_POLICY } from '../policy.ts';

type Weighed = Pick<DeviceSummary, 'kind' | 'critical' | 'isGateway'>;

const SEVERITY: Readonly<Record<Criticality, AlertSeverity>> = { safety: 'critical', core: 'error', usual: 'warning' };

/** What people say of a device counts before what its kind says. */
export function criticalityOf({ kind, critical }: Weighed, policy: Policy): Criticality {
  const usually = kind === undefined ? 'usual' : (policy.kinds.get(kind)?.worth ?? kindTraits(kind).criticality);
  if (critical === undefined) return usually;
  if (!critical) return 'usual';
  return usually === 'safety' ? 'safety' : 'core';
}

/** Whether lives may hang on it, whatever an integrator thinks of its kind: nobody may hide it behind a forged carrier, or silence it with the house. */
export function guardsLives(device: Weighed): boolean {
  return criticalityOf(device, STANDARD_POLICY) === 'safety';
}

/** Whether its silence may come to be taken for sleep where it is usual at some hours: not of what the house cannot do without. */
export function mayRest(device: (Weighed & Pick<DeviceSummary, 'personal'>) | undefined, policy: Policy): boolean {
  return device !== undefined && !device.personal && !device.isGateway && criticalityOf(device, policy) === 'usual';
}

/** What nobody knows may be the switch that everything hangs on, and is not made less of. */
export function severityOf(device: Weighed, policy: Policy): AlertSeverity {
  const isUnknown = device.kind === undefined && device.critical === undefined;
  return isUnknown ? ALERT_CATALOGUE['device-down'].severity : SEVERITY[criticalityOf(device, policy)];
}

/** Undefined for a device whose silence is nobody's business. */
export function holdMsOf(device: Weighed, profile: CheckProfile, policy: Policy): number | undefined {
  if (profile.silence === 'habit' || !isTold(device, policy)) return undefined;
  const { hold, kinds } = policy;
  if (device.isGateway) return hold.gateway;
  const ofKind = device.kind === undefined ? undefined : kinds.get(device.kind)?.holdMs;
  return ofKind ?? (mayBeWifi(profile) ? hold.wifi : hold.wired);
}

/** What people call critical is told whatever is said of its kind. */
export function isTold({ kind, critical, isGateway }: Weighed, policy: Policy): boolean {
  return kind === undefined || critical === true || isGateway || policy.kinds.get(kind)?.told !== false;
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
  policy: Policy,
): Promised {
  const holdMs = device && holdMsOf(device, profile, policy);
  const because = linkWords(profile, withAtLeast(PROFILES[profile.name], policy), losses);
  return {
    detectWithinMs: promisedWithinMs(profile, canRevalidate),
    ...(because === undefined ? {} : { detectBecause: because }),
    ...(holdMs === undefined ? {} : { reportAfterMs: holdMs }),
  };
}
