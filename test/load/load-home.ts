/**
 * A home as the benches of the desk need thousands of: sixty devices of the makers that such homes have, what is known of their ends, what is wrong now, and what
 * changes in the course of a day. The same number gives the same home.
 */
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import type {
  AlertMessage,
  DeviceMessage,
  DeviceStateMessage,
  Evidence,
  HealthState,
  HeartbeatMessage,
  SnapshotMessage,
  VerdictMessage,
} from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';

export const DEVICES_OF_A_HOME = 60;

/** So many devices of each home near their end, and this share of all homes has a fault now. */
const ENDS_OF_A_HOME = 3;
const HOMES_WITH_A_FAULT = 0.03;
const PER_PART = 30;

type Model = readonly [name: string, vendor: string, model: string, kind: string, count: number];

const MODELS: readonly Model[] = [
  ['Sonos', 'Sonos', 'One SL', 'speaker', 9],
  ['Lutron bridge', 'Lutron', 'HQP7-2', 'lighting', 1],
  ['Keypad', 'Lutron', 'Palladiom', 'keypad', 6],
  ['Camera', 'Axis', 'M3086-V', 'camera', 8],
  ['Access point', 'Ubiquiti', 'U7 Pro', 'access-point', 4],
  ['Switch', 'Ubiquiti', 'USW-24-PoE', 'switch', 3],
  ['Apple TV', 'Apple', 'Apple TV 4K', 'media-player', 4],
  ['Television', 'Samsung', 'QE65Q80', 'tv', 5],
  ['Thermostat', 'Ecobee', 'Premium', 'thermostat', 4],
  ['Shade', 'Somfy', 'TaHoma', 'shade', 7],
  ['Printer', 'HP', 'OfficeJet 9010', 'printer', 1],
  ['Door station', 'DoorBird', 'D1101V', 'intercom', 2],
  ['Amplifier', 'Denon', 'AVR-X3800H', 'amplifier', 2],
  ['Light strip', 'Signify', 'Hue', 'light', 2],
  ['NAS', 'Synology', 'DS923+', 'storage', 1],
];
const FAMILIES = [
  'Lindgren',
  'Okafor',
  'Nguyễn',
  'García',
  'Müller',
  'Smith',
  'Kowalski',
  'Ó Briain',
  'Øster',
  'Tanaka',
  '山田',
  'Иванов',
  'Haddad',
  'Šimić',
];
const PLACES = ['residence', 'lake house', 'penthouse', 'villa', 'farm', 'loft', 'beach house', 'chalet'];
const ROOMS = ['Kitchen', 'Den', 'Cellar', 'Pool', 'Garage', 'Study', 'Wohnzimmer', 'Salon'];
const DAY_MS = 86_400_000;

export type LoadDevice = { readonly device: DeviceMessage; state: DeviceStateMessage; readonly lifecycle?: VerdictMessage };

export class LoadHome {
  readonly site: string;
  readonly name: string;
  readonly devices: readonly LoadDevice[];
  readonly alerts: readonly AlertMessage[];
  readonly #random: Random;

  /** `at`: Unix milliseconds, about when it all is. */
  constructor(number: number, at: number) {
    const random = seededRandom(`home ${number}`);
    this.#random = random;
    this.site = newRandomId(random);
    this.name = `${pick(random, FAMILIES)} ${pick(random, PLACES)} ${number}`;
    this.devices = devicesOf(random, at);
    this.alerts = [...endsIn(this.devices, at), ...(random.fraction() < HOMES_WITH_A_FAULT ? [downIn(this.devices, random, at)] : [])];
  }

  snapshot(at: number): SnapshotMessage[] {
    const parts = Math.ceil(this.devices.length / PER_PART);
    const snapshot = newRandomId(this.#random);
    const site = { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 7 } as const;
    return Array.from({ length: parts }, (_, part) => ({
      snapshot,
      part,
      parts,
      site,
      devices: this.devices.slice(part * PER_PART, (part + 1) * PER_PART).map(({ device, state, lifecycle }) => ({
        device,
        state: { ...state, since: Math.min(state.since, at) },
        ...(lifecycle && { lifecycle }),
      })),
      alerts: part === 0 ? [...this.alerts] : [],
    }));
  }

  /** Any device, the next in turn. */
  device(n: number): LoadDevice {
    return this.devices[n % this.devices.length] as LoadDevice;
  }

  counts(): HeartbeatMessage['devices'] {
    const counts = { up: 0, suspect: 0, down: 0, unknown: 0, asleep: 0, unreachable: 0, personal: 7 };
    for (const { state } of this.devices) counts[state.state]++;
    return counts;
  }
}

/** A device goes down or comes up; its evidence as a hub sends it. */
export function stateOf({ device }: LoadDevice, state: HealthState, at: number): DeviceStateMessage {
  return {
    device: device.id,
    state,
    since: at,
    reason: state === 'down' ? 'no answer by three ways of asking' : 'it answers',
    detectWithinMs: 15_000,
    reportAfterMs: 120_000,
    evidence: evidenceAt(at),
  };
}

export function downAlert({ device }: LoadDevice, at: number): AlertMessage {
  return {
    key: `device-down:${device.id}`,
    code: 'device-down',
    severity: 'error',
    title: `${device.name} does not answer`,
    text: 'It answered ARP, ping and TCP until then. It was asked eight times in three ways, and others on the same switch answered meanwhile.',
    device: device.id,
    raisedAt: at,
    actionableAt: at + 120_000,
    evidence: evidenceAt(at),
  };
}

function devicesOf(random: Random, at: number): LoadDevice[] {
  const router = ['Router', 'Ubiquiti', 'UDM Pro', 'router', 1] as const;
  const kinds = [router, ...MODELS].flatMap((model) => Array.from({ length: model[4] }, (_, i) => ({ model, n: i + 1 })));
  return kinds.slice(0, DEVICES_OF_A_HOME).map(({ model, n }, i) => deviceOf(model, n, i, random, at));
}

function deviceOf([name, vendor, model, kind, count]: Model, n: number, i: number, random: Random, at: number): LoadDevice {
  const device: DeviceMessage = {
    id: newRandomId(random),
    name: count > 1 ? `${name} ${pick(random, ROOMS)} ${n}` : name,
    vendor,
    model,
    kind,
    firmware: `${i % 9}.${i % 7}.${n}`,
    ...(i % 4 === 0 ? { serial: newRandomId(random).slice(10, 22).toUpperCase() } : {}),
    ips: [`192.168.${i % 5 === 4 ? 20 : 1}.${i + 1}`],
    macs: [macOf(random)],
    seenBy: ['neighbour', 'mdns', 'icmp'],
    because: [
      { fact: 'name', source: 'mdns _http._tcp', confidence: 0.8 },
      { fact: 'kind', source: 'upnp Basic:1', confidence: 0.95 },
      { fact: 'vendor', source: 'mac registry', confidence: 0.4 },
      { fact: 'model', source: 'upnp Basic:1', confidence: 0.95 },
    ],
    talks: ['_http._tcp', '_airplay._tcp'],
    isGateway: i === 0,
    firstSeenAt: at - 200 * DAY_MS - i * 60_000,
  };
  const state = stateOf({ device } as LoadDevice, i % 12 === 7 ? 'asleep' : 'up', at - (i + 1) * 3_600_000);
  return { device, state, lifecycle: i % 4 === 1 ? verdictOf(device, i < ENDS_OF_A_HOME * 4 ? 'plan' : 'fine') : undefined } as LoadDevice;
}

function verdictOf({ name, vendor }: DeviceMessage, state: 'plan' | 'fine'): VerdictMessage {
  const ends = { what: 'security updates', on: state === 'plan' ? '2027-06' : '2031-01' };
  return {
    state,
    critical: false,
    tell: 'client',
    why: `${name}: ${vendor} looks after it until ${ends.on}.`,
    grade: 'announced date',
    ends,
    toDo: state === 'plan' ? 'Plan its replacement.' : 'Nothing.',
    source: { title: 'Support status of our products', url: 'https://maker.example/eol', readOn: '2026-10-01' },
    facts: ['maker-model'],
    timeline: [ends],
  };
}

function endsIn(devices: readonly LoadDevice[], at: number): AlertMessage[] {
  return devices
    .filter(({ lifecycle }) => lifecycle?.state === 'plan')
    .map(({ device, lifecycle }, i) => ({
      key: `support-ending:${device.id}:maker-model`,
      code: 'support-ending',
      severity: i === 0 ? 'warning' : 'info',
      title: `Its maker looks after ${device.name} not much longer`,
      text: `${lifecycle?.why} Plan its replacement.`,
      device: device.id,
      raisedAt: at - (20 + i) * DAY_MS,
      actionableAt: at - (20 + i) * DAY_MS,
      stage: 365,
      ends: '2027-06',
    }));
}

function downIn(devices: readonly LoadDevice[], random: Random, at: number): AlertMessage {
  const victim = devices[1 + Math.floor(random.fraction() * (devices.length - 1))] as LoadDevice;
  const since = at - Math.floor(random.fraction() * 6 * 3_600_000);
  victim.state = stateOf(victim, 'down', since);
  return downAlert(victim, since);
}

function evidenceAt(at: number): Evidence {
  const silent = (agoS: number, method: string, detail: string) => ({ at: at - agoS * 1000, method, outcome: 'silent' as const, detail });
  return {
    attempts: [
      silent(4, 'icmp', 'no echo reply in 1 s'),
      silent(7, 'arp', 'no answer to a unicast request'),
      { at: at - 14_000, method: 'arp', outcome: 'answered', detail: 'answered by its own MAC', rttMs: 0.6 },
    ],
    lastAnswerAt: { arp: at - 14_000, tcp: at - 19_000 },
    hub: { link: true, gateway: 'up', othersAnswering: 56, eventLoopLagMs: 3 },
  };
}

function macOf(random: Random): string {
  return ['b8', '27', 'eb', ...[...random.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random.fraction() * from.length)] as T;
}
