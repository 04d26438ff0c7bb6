/**
 * What an integrator may turn in one home: how long a fault must last before people are asked to act, how sure a verdict must be, what counts as
 * coming and going, and what single kinds of devices are worth. One value, handed through the pipeline; `hearthbeat replay` tries another one on
 * the home's own past. Its standard is what the simulated months were tuned with (docs/decisions/0014).
 */
import { ALERT_CATALOGUE, type AlertCode } from '../protocol/alert-catalogue.ts';
import { DEVICE_KINDS, type DeviceKind, kindTraits, type PowerHabit } from './inventory/kinds.ts';

/** What may be left untold: nothing that says that a device, the router or the hub's own sight failed, and nobody who claims another's address. */
export const MAY_BE_UNTOLD = ['device-degraded', 'service-down', 'internet-down', 'dns-down', 'device-new', 'discovery-storm'] as const;

export type KindPolicy = {
  /** What its silence means, in place of what is usual of its kind: that it is broken, or that somebody switched it off. */
  readonly silence?: 'fault' | 'habit' | undefined;
  /** In place of the hold of its link, ms. */
  readonly holdMs?: number | undefined;
  /** How much the house needs it. */
  readonly worth?: 'core' | 'usual' | undefined;
  /** False: nothing is told of it, whatever it does. */
  readonly told?: boolean | undefined;
};

/** Durations in milliseconds. */
export type Policy = {
  /** How long a fault must last before people are asked to act; `wifi` is also of what nobody knows the link of. */
  readonly hold: {
    readonly wired: number;
    readonly wifi: number;
    readonly gateway: number;
    readonly internet: number;
    readonly names: number;
    readonly service: number;
    readonly degraded: number;
    readonly hub: number;
  };
  /** At least so many questions in a row stay unanswered before `down`. */
  readonly confirmations: number;
  /** So many falls within so long are one message, `device-unstable`. */
  readonly unstable: { readonly falls: number; readonly withinMs: number };
  readonly never: ReadonlySet<AlertCode>;
  readonly kinds: ReadonlyMap<DeviceKind, KindPolicy>;
};

export const STANDARD_POLICY: Policy = {
  hold: {
    wired: ALERT_CATALOGUE['device-down'].holdMs,
    // Wi-Fi falls silent for minutes and comes back (alerts/urgency.ts).
    wifi: 300_000,
    gateway: ALERT_CATALOGUE['gateway-unreachable'].holdMs,
    internet: ALERT_CATALOGUE['internet-down'].holdMs,
    names: ALERT_CATALOGUE['dns-down'].holdMs,
    service: ALERT_CATALOGUE['service-down'].holdMs,
    degraded: ALERT_CATALOGUE['device-degraded'].holdMs,
    hub: ALERT_CATALOGUE['hub-impaired'].holdMs,
  },
  confirmations: 6,
  // Reliability 3.3.
  unstable: { falls: 4, withinMs: 30 * 60_000 },
  never: new Set(),
  kinds: new Map(),
};

const HOLD_OF: Readonly<Partial<Record<AlertCode, keyof Policy['hold']>>> = {
  'gateway-unreachable': 'gateway',
  'internet-down': 'internet',
  'dns-down': 'names',
  'service-down': 'service',
  'device-degraded': 'degraded',
  'hub-impaired': 'hub',
};

/** Where nothing more is known than what kind of trouble it is. */
export function holdOf(code: AlertCode, policy: Policy): number {
  const hold = HOLD_OF[code];
  return hold === undefined ? ALERT_CATALOGUE[code].holdMs : policy.hold[hold];
}

/** How a kind of device leaves the network by itself, or is made to by people. */
export function powerOf(kind: DeviceKind, policy: Policy): PowerHabit {
  const { power } = kindTraits(kind);
  const silence = policy.kinds.get(kind)?.silence;
  if (silence === 'fault') return 'always';
  return silence === 'habit' && power === 'always' ? 'switched' : power;
}

/** Kinds that a policy may speak of: not what people carry, of which nothing is told anyway. */
export const KINDS_OF_THE_HOUSE = (Object.keys(DEVICE_KINDS) as DeviceKind[]).filter((kind) => !kindTraits(kind).personal);

/** What guards lives may be told sooner or later, and of more occasions, but never less. */
export function makesLess({ silence, worth, told }: KindPolicy): boolean {
  return silence === 'habit' || worth !== undefined || told === false;
}
