/** A small fleet as support staff would meet it on a bad night: one troubled home of 60 devices, one whose hub is silent, two quiet ones. */
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import type { AlertMessage, DeviceMessage, Evidence, HealthState } from '../../src/protocol/messages.ts';
import { device, deviceState, snapshot } from '../fakes/hub.ts';

const MINUTE = 60_000;

const MODELS: readonly [name: string, vendor: string, model: string, kind: string, count: number][] = [
  ['Sonos', 'Sonos', 'One SL', 'speaker', 9],
  ['Lutron bridge', 'Lutron', 'HQP7-2', 'lighting', 1],
  ['Keypad', 'Lutron', 'Palladiom', 'keypad', 6],
  ['Camera', 'Axis', 'M3086-V', 'camera', 8],
  ['Access point', 'Ubiquiti', 'U7 Pro', 'access point', 4],
  ['Switch', 'Ubiquiti', 'USW-24-PoE', 'switch', 3],
  ['Apple TV', 'Apple', 'Apple TV 4K', 'media player', 4],
  ['TV', 'Samsung', 'QE65Q80', 'TV', 5],
  ['Thermostat', 'Ecobee', 'Premium', 'thermostat', 4],
  ['Shade', 'Somfy', 'TaHoma', 'shade', 7],
  ['Printer', 'HP', 'OfficeJet 9010', 'printer', 1],
  ['Door station', 'DoorBird', 'D1101V', 'intercom', 2],
  ['Amplifier', 'Denon', 'AVR-X3800H', 'amplifier', 2],
  ['Light strip', 'Signify', 'Hue', 'light', 2],
];

export type SampleDevice = { device: DeviceMessage; state: HealthState };

/** The router, a NAS and 58 more. */
export function troubledHome(random: Random, now: number): SampleDevice[] {
  const at = { firstSeenAt: now - 40 * 86_400_000 };
  const id = (): string => newRandomId(random);
  const router = device(id(), {
    ...at,
    name: 'Router',
    vendor: 'Ubiquiti',
    model: 'UDM Pro',
    isGateway: true,
    ips: ['192.168.1.1'],
    macs: ['74:ac:b9:10:20:30'],
    seenBy: ['neighbour', 'ssdp', 'icmp'],
  });
  const nas = device(id(), {
    ...at,
    name: 'NAS cellar',
    vendor: 'Synology',
    model: 'DS923+',
    kind: 'storage',
    ips: ['192.168.1.20'],
    macs: ['00:11:32:aa:bb:cc'],
    firmware: 'DSM 7.2.2',
    serial: '2250SBR0XQ1',
    because: [
      { fact: 'name', source: 'mdns _http._tcp', confidence: 0.8 },
      { fact: 'kind', source: 'upnp Basic:1', confidence: 0.95 },
      { fact: 'vendor', source: 'mac registry', confidence: 0.4 },
      { fact: 'model', source: 'upnp Basic:1', confidence: 0.95, or: 'RackStation' },
      { fact: 'firmware', source: 'http :5000', confidence: 0.6 },
    ],
    talks: ['_http._tcp', '_smb._tcp', '_afpovertcp._tcp', 'ssdp urn:schemas-upnp-org:device:basic:1'],
    hint: 'What it shows at http://192.168.1.20/ may tell.',
  });
  const others = MODELS.flatMap(([name, vendor, model, kind, count]) =>
    Array.from({ length: count }, (_, i) =>
      device(id(), { ...at, name: count > 1 ? `${name} ${i + 1}` : name, vendor, model, kind, ips: [], macs: [] }),
    ),
  );
  const placed = others.map((other, i) => ({ ...other, ips: [`192.168.1.${30 + i}`], macs: [`b8:27:eb:00:00:${(i + 16).toString(16)}`] }));
  const idOf = (name: string): string => placed.find((each) => each.name === name)?.id ?? '';
  const behind = (name: string | undefined): DeviceMessage['behind'] =>
    name?.startsWith('Camera')
      ? { device: idOf('Switch 1'), by: 'bridge' }
      : name?.startsWith('Access point') || name === 'Switch 3'
        ? { device: idOf('Switch 2'), by: 'lldp' }
        : name?.startsWith('Shade')
          ? { device: idOf('Switch 3'), by: 'person' }
          : undefined;
  const state = (name: string | undefined): HealthState =>
    name === 'Camera 3' ? 'down' : name === 'Apple TV 2' ? 'asleep' : name === 'Shade 4' ? 'suspect' : 'up';
  return [
    { device: router, state: 'up' },
    { device: { ...nas, behind: { device: idOf('Switch 3'), by: 'bridge' } }, state: 'down' },
    ...placed.map((one) => ({ device: { ...one, ...(behind(one.name) && { behind: behind(one.name) }) }, state: state(one.name) })),
  ];
}

export function evidence(now: number, othersAnswering = 56): Evidence {
  const silent = (agoS: number, method: string, detail: string) => ({ at: now - agoS * 1000, method, outcome: 'silent' as const, detail });
  return {
    attempts: [
      silent(4, 'icmp', 'no echo reply in 1 s'),
      silent(7, 'arp', 'no answer to a unicast request'),
      silent(9, 'tcp', 'port 445: no answer in 1 s'),
      { at: now - 14_000, method: 'arp', outcome: 'answered', detail: 'answered by its own MAC', rttMs: 0.6 },
    ],
    lastAnswerAt: { arp: now - 14_000, tcp: now - 19_000, icmp: now - 74_000 },
    hub: { link: true, gateway: 'up', othersAnswering, eventLoopLagMs: 3 },
  };
}

export function downAlert(of: DeviceMessage, now: number, agoMin: number, text: string): AlertMessage {
  const raisedAt = now - agoMin * MINUTE;
  return {
    key: `device-down:${of.id}`,
    code: 'device-down',
    severity: 'error',
    title: `${of.name ?? 'A device'} does not answer`,
    text,
    device: of.id,
    raisedAt,
    actionableAt: raisedAt + 2 * MINUTE,
    evidence: evidence(raisedAt),
  };
}

export function internetDown(now: number, agoMin: number): AlertMessage {
  const raisedAt = now - agoMin * MINUTE;
  const text =
    'The router answers, but none of three places on the internet does. Devices in the home still work with each other; what needs the cloud does not. This hub reports through its own mobile link.';
  return {
    key: 'internet-down',
    code: 'internet-down',
    severity: 'critical',
    title: 'No internet: the router answers, the world beyond it does not',
    text,
    raisedAt,
    actionableAt: raisedAt + MINUTE,
    evidence: evidence(raisedAt),
  };
}

export function homeSnapshot(
  random: Random,
  devices: readonly SampleDevice[],
  alerts: readonly AlertMessage[],
  now: number,
  sinceMin = 300,
) {
  const rows = devices.map(({ device: one, state }, i) => {
    const since = state === 'up' ? now - (sinceMin + i * 37) * MINUTE : now - 12 * MINUTE;
    const reason = {
      up: 'it answers',
      down: 'no answer by three ways of asking',
      asleep: 'it announced that it sleeps',
      suspect: 'the newest two questions were not answered',
    } as Partial<Record<HealthState, string>>;
    return { device: one, state: deviceState(one.id, state, since, { reason: reason[state] ?? state, evidence: evidence(now) }) };
  });
  const told = snapshot(newRandomId(random), { devices: rows, alerts: [...alerts] });
  return alerts.some((alert) => alert.code === 'internet-down') ? { ...told, site: { ...told.site, internet: 'down' as const } } : told;
}
