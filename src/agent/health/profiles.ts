/**
 * How each device is watched. Detection speed is bought on state, precision by confirmations: worst case to `down` is interval +
 * (confirmations - 1) x spacing + timeout, spacing counted from question to question, and two ticks, one to ask at and one to read the answer at
 * (reliability maths: 5 + 6 x 1 + 1 = 12 s at 0.0005 false downs per home-year under 2 % independent loss, 60 devices). The confirmations given
 * here are what a device begins with; its own losses decide (losses.ts).
 */
import type { Device } from '../inventory/device.ts';
import type { PowerHabit } from '../inventory/kinds.ts';
import { isPassing } from '../inventory/passing.ts';
import { kindOf } from '../inventory/summary.ts';
import { type Policy, powerOf } from '../policy.ts';
import type { CheckProfile, CheckRecord, Learned } from './health.ts';
import { confirmationsFor } from './losses.ts';
import { ignores, LEARNING_ANSWERS } from './plan.ts';

export const PROFILES: Readonly<Record<CheckProfile['name'], CheckProfile>> = {
  gateway: { name: 'gateway', intervalMs: 5_000, confirmations: 7, spacingMs: 1_000, timeoutMs: 900, silence: 'fault' },
  wired: { name: 'wired', intervalMs: 5_000, confirmations: 7, spacingMs: 1_000, timeoutMs: 900, silence: 'fault' },
  other: { name: 'other', intervalMs: 15_000, confirmations: 10, spacingMs: 3_000, timeoutMs: 1_000, silence: 'fault' },
  // Answers nothing but ARP, so there is no other witness.
  quiet: { name: 'quiet', intervalMs: 5_000, confirmations: 6, spacingMs: 1_000, timeoutMs: 900, silence: 'fault' },
  // People switch it off, or it goes to sleep: its silence is told, and nobody is woken for it.
  resting: { name: 'resting', intervalMs: 15_000, confirmations: 10, spacingMs: 3_000, timeoutMs: 1_000, silence: 'habit' },
  // Asked rarely, to spare what it runs on.
  battery: { name: 'battery', intervalMs: 60_000, confirmations: 10, spacingMs: 15_000, timeoutMs: 2_000, silence: 'habit' },
  personal: { name: 'personal', intervalMs: 60_000, confirmations: 10, spacingMs: 15_000, timeoutMs: 2_000, silence: 'habit' },
};

/** Round trips over Ethernet stay below this; Wi-Fi's contention and power save put its median above (2 to 40 ms). */
const WIRED_MS = 1.5;
/** So many of the newest nine make a wire, and so many keep it one. */
const FAST_OF_A_WIRE = 5;
const FAST_TO_STAY = 3;

/** A question waits for a tick of the agent, and so does its answer. */
const TICKS_MS = 500;

/** Longest time from failure to `down` with this profile. The kernel alone needs up to 53 s to notice a host that only answers ARP, unless it may be told to look. */
export function detectWithinMs(profile: CheckProfile, canRevalidate: boolean): number {
  if (profile.name === 'quiet' && !canRevalidate)
    return 75_000 + Math.max(0, profile.confirmations - PROFILES.quiet.confirmations) * profile.spacingMs;
  return profile.intervalMs + (profile.confirmations - 1) * profile.spacingMs + profile.timeoutMs + TICKS_MS;
}

const PROMISES_S = [15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 180];

/**
 * The same as people are promised it, rounded up to what they count in: the bound itself moves with every few packets that a link loses, and each new promise is a
 * message to the desk and a write to the card (57 devices under 2 % loss: 50 an hour, of 12.4 s instead of 13.4 or back).
 */
export function promisedWithinMs(profile: CheckProfile, canRevalidate: boolean): number {
  const seconds = detectWithinMs(profile, canRevalidate) / 1000;
  return 1000 * (PROMISES_S.find((each) => each >= seconds) ?? 60 * Math.ceil(seconds / 60));
}

/** What a profile follows from; `profile` is the one so far. */
type Known = Pick<CheckRecord, 'methods' | 'rtts'> & Partial<Pick<CheckRecord, 'profile'>>;

/** What a device begins with. */
export function profileFor(device: Device, record: Known, policy: Policy): CheckProfile {
  return withAtLeast(plainProfileFor(device, record, policy), policy);
}

function plainProfileFor(device: Device, record: Known, policy: Policy): CheckProfile {
  if (device.isGateway) return PROFILES.gateway;
  if (device.personal) return PROFILES.personal;
  const power = powerHabit(device, policy);
  if (power === 'battery') return PROFILES.battery;
  if (power !== 'always') return PROFILES.resting;
  if (answersOnlyArp(record)) return PROFILES.quiet;
  // Until its link can be judged a device is watched like a wired one, to learn it quickly.
  if (record.rtts.length < LEARNING_ANSWERS) return PROFILES.wired;
  return isWire(record) ? PROFILES.wired : PROFILES.other;
}

/**
 * A hub with more to do reads some answers of its wires 2 to 5 ms late (two of sixty wired devices were taken for Wi-Fi in a lab whose other
 * core was busy); Wi-Fi is slow nearly always. So what was a wire is one until hardly any answer is as fast.
 */
function isWire({ rtts, profile }: Known): boolean {
  let fast = 0;
  for (const rtt of rtts) if (rtt <= WIRED_MS) fast++;
  return fast >= (profile?.name === 'wired' ? FAST_TO_STAY : FAST_OF_A_WIRE);
}

/** Profiles with other confirmations than they begin with: a few objects that all devices share, so that what is watched alike compares equal. */
const adapted = new Map<string, CheckProfile>();

/** The profile with as many confirmations as the losses of one device demand. What may be silent by habit is never called down, so it needs none. */
export function adaptedTo(profile: CheckProfile, learned: Learned, devices: number, policy: Policy): CheckProfile {
  const start = PROFILES[profile.name];
  const confirmations = start.silence === 'habit' ? start.confirmations : confirmationsFor(start, learned, devices, policy.confirmations);
  return confirmations === profile.confirmations ? profile : withConfirmations(start, confirmations);
}

/** With as many confirmations as the policy wants at least. */
export function withAtLeast(start: CheckProfile, { confirmations }: Policy): CheckProfile {
  return start.silence === 'habit' || start.confirmations >= confirmations ? start : withConfirmations(start, confirmations);
}

function withConfirmations(start: CheckProfile, confirmations: number): CheckProfile {
  if (confirmations === start.confirmations) return start;
  const key = `${start.name} ${confirmations}`;
  const known = adapted.get(key) ?? { ...start, confirmations };
  adapted.set(key, known);
  return known;
}

/** As its kind does; what people call critical is expected to be there always, and so is what nobody knows unless it may only be passing through. */
function powerHabit(device: Device, policy: Policy): PowerHabit {
  const kind = device.corrected?.critical?.value === 'yes' ? undefined : kindOf(device);
  if (kind === undefined) return isPassing(device) ? 'sleeps' : 'always';
  return powerOf(kind, policy);
}

function answersOnlyArp(record: Pick<CheckRecord, 'methods'>): boolean {
  return (['udp', 'tcp', 'icmp'] as const).every((method) => ignores(record, method));
}
