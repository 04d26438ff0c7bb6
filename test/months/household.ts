/**
 * A home of about sixty devices, made from a seed: what there is, how it is connected, what it answers and how lossy its link is. Data only; what
 * happens to it in a month is life.ts. Proportions follow custom-installed homes: a third on wires, a third on Wi-Fi mains, the rest sleeps or is
 * carried around.
 */

import type { ProbeMethod } from '../../src/agent/health/probe.ts';
import type { DeviceKind } from '../../src/agent/inventory/kinds.ts';
import type { Random } from '../../src/base/random.ts';
import { between } from '../../src/simulation/seeded-random.ts';

/** Round trips lost: `fraction` always and independently; and in bad states (Gilbert-Elliott), every `everyMs` for `lastMs` on average, `badFraction`. */
export type LinkLoss = { readonly fraction: number; readonly everyMs: number; readonly lastMs: number; readonly badFraction: number };

/** How it comes and goes by itself. */
export type Habit = 'always' | 'evenings' | 'now-and-then' | 'carried' | 'works-here' | 'wakes' | 'visits';

export type Resident = {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly mac: string;
  readonly ip: string;
  readonly link: 'wired' | 'wifi';
  /** The switch or access point it hangs on. */
  readonly behind?: string;
  readonly habit: Habit;
  /** Ways in which it answers besides ARP. */
  readonly answers: ReadonlySet<ProbeMethod>;
  readonly loss: LinkLoss;
  /** It says something unasked about so often. */
  readonly speaksEveryMs?: number;
};

/** `isDrawn`: people said what hangs on what. */
export type Household = {
  readonly residents: readonly Resident[];
  readonly gateway: string;
  readonly hubBehind: string;
  readonly isDrawn: boolean;
};

const MINUTE_MS = 60_000;
const NEVER: Pick<LinkLoss, 'everyMs' | 'lastMs' | 'badFraction'> = { everyMs: Number.POSITIVE_INFINITY, lastMs: 1, badFraction: 0 };
const WIRE: LinkLoss = { fraction: 0.0002, ...NEVER };
/** A worn cable: the design's 2 % of independent loss. */
const WORN_WIRE: LinkLoss = { fraction: 0.02, ...NEVER };
/** From the design's burst table: 80 % lost in the bad state. */
export const GOOD_WIFI: LinkLoss = { fraction: 0.002, everyMs: 20 * MINUTE_MS, lastMs: 1_000, badFraction: 0.8 };
const FAIR_WIFI: LinkLoss = { fraction: 0.005, everyMs: 10 * MINUTE_MS, lastMs: 3_000, badFraction: 0.8 };
const POOR_WIFI: LinkLoss = { fraction: 0.02, everyMs: 8 * MINUTE_MS, lastMs: 10_000, badFraction: 0.8 };

type Plan = { readonly name: string; readonly kind: DeviceKind; readonly many?: number; readonly habit?: Habit };

const IN_THE_RACK: readonly Plan[] = [
  { name: 'NVR', kind: 'nvr' },
  { name: 'NAS', kind: 'nas' },
  { name: 'Controller', kind: 'controller' },
  { name: 'Light bridge', kind: 'hub' },
  { name: 'Alarm panel', kind: 'alarm-panel' },
  { name: 'Desk phone', kind: 'voip-phone' },
  { name: 'UPS', kind: 'ups' },
  { name: 'Solar inverter', kind: 'solar' },
];
/** All behind one small switch. */
const BEHIND_MEDIA_SWITCH: readonly Plan[] = [
  { name: 'Camera', kind: 'camera', many: 6 },
  { name: 'Streamer', kind: 'media-server' },
  { name: 'Amplifier', kind: 'amplifier', habit: 'evenings' },
  { name: 'Receiver', kind: 'av-receiver', habit: 'evenings' },
  { name: 'TV lounge', kind: 'tv', habit: 'evenings' },
  { name: 'Wired speaker', kind: 'speaker', many: 3 },
];
const ON_WIFI: readonly Plan[] = [
  { name: 'Speaker', kind: 'speaker', many: 5 },
  { name: 'Thermostat', kind: 'thermostat', many: 2 },
  { name: 'Doorbell', kind: 'doorbell' },
  { name: 'Plug', kind: 'plug', many: 3 },
  { name: 'Wall switch', kind: 'wall-switch', many: 2 },
  { name: 'Charger', kind: 'ev-charger' },
  { name: 'Garage door', kind: 'garage-door' },
  { name: 'Irrigation', kind: 'irrigation' },
  { name: 'TV bedroom', kind: 'tv', habit: 'evenings' },
  { name: 'Printer', kind: 'printer', habit: 'now-and-then' },
  { name: 'Vacuum', kind: 'vacuum', habit: 'now-and-then' },
  { name: 'Lock', kind: 'lock', habit: 'wakes' },
  { name: 'Sensor', kind: 'sensor', many: 2, habit: 'wakes' },
  { name: 'Phone', kind: 'phone', many: 4, habit: 'carried' },
  { name: 'Watch', kind: 'wearable', habit: 'carried' },
  { name: 'Tablet', kind: 'tablet', many: 2, habit: 'now-and-then' },
  { name: 'Laptop', kind: 'computer', many: 2, habit: 'works-here' },
];

export const LAN = { name: 'lan0', prefix: '192.168.20.' } as const;

export function makeHousehold(random: Random): Household {
  const residents: Resident[] = [];
  const add = (plan: Pick<Plan, 'name' | 'kind' | 'habit'>, link: Resident['link'], behind?: string): void => {
    residents.push(resident(random, residents.length + 1, { habit: 'always', ...plan }, link, behind));
  };
  add({ name: 'Router', kind: 'router' }, 'wired');
  add({ name: 'Rack switch', kind: 'switch' }, 'wired', 'Router');
  add({ name: 'Media switch', kind: 'switch' }, 'wired', 'Rack switch');
  const points = ['Access point ground', 'Access point upstairs', 'Access point garden'];
  for (const name of points) add({ name, kind: 'access-point' }, 'wired', 'Rack switch');
  for (const plan of numbered(IN_THE_RACK)) add(plan, 'wired', 'Rack switch');
  for (const plan of numbered(BEHIND_MEDIA_SWITCH)) add(plan, 'wired', 'Media switch');
  for (const plan of numbered(ON_WIFI)) add(plan, 'wifi', points[Math.floor(random.fraction() * points.length)]);
  return { residents, gateway: 'Router', hubBehind: 'Rack switch', isDrawn: random.fraction() < 0.25 };
}

function numbered(plans: readonly Plan[]): Plan[] {
  return plans.flatMap(({ many = 1, ...plan }) =>
    Array.from({ length: many }, (_, i) => (many === 1 ? plan : { ...plan, name: `${plan.name} ${i + 1}` })),
  );
}

/** Prefixes of makers of infrastructure, speakers and modules in the IEEE registry; a private one for what people carry. */
const PREFIXES = ['00:0e:58', '00:1c:2e', '00:0b:82', '00:40:8c', '00:11:32'] as const;

function resident(
  random: Random,
  number: number,
  { name, kind, habit }: Required<Pick<Plan, 'name' | 'kind' | 'habit'>>,
  link: Resident['link'],
  behind?: string,
): Resident {
  const tail = [random.bytes(1)[0], random.bytes(1)[0], number].map((byte) => (byte ?? 0).toString(16).padStart(2, '0')).join(':');
  const prefix = habit === 'carried' ? '02:5a:10' : (PREFIXES[number % PREFIXES.length] as string);
  const speaks = random.fraction() < 0.2 ? { speaksEveryMs: between(random, [20 * MINUTE_MS, 60 * MINUTE_MS]) } : {};
  return {
    name,
    kind,
    mac: `${prefix}:${tail}`,
    ip: `${LAN.prefix}${number}`,
    link,
    ...(behind === undefined ? {} : { behind }),
    habit,
    answers: answersOf(random),
    loss: lossOf(random, link),
    ...speaks,
  };
}

/** Three in four refuse closed ports and answer ping; some only ping, some only ARP. */
function answersOf(random: Random): ReadonlySet<ProbeMethod> {
  const dice = random.fraction();
  if (dice < 0.75) return new Set<ProbeMethod>(['udp', 'tcp', 'icmp', 'arp']);
  if (dice < 0.85) return new Set<ProbeMethod>(['icmp', 'arp']);
  if (dice < 0.95) return new Set<ProbeMethod>(['tcp', 'arp']);
  return new Set<ProbeMethod>(['arp']);
}

function lossOf(random: Random, link: Resident['link']): LinkLoss {
  const dice = random.fraction();
  if (link === 'wired') return dice < 0.95 ? WIRE : WORN_WIRE;
  return dice < 0.6 ? GOOD_WIFI : dice < 0.9 ? FAIR_WIFI : POOR_WIFI;
}
