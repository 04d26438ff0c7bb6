/**
 * What is watched of a device beside whether it lives: the ports at which it does what it is there for. Those of its kind that are known to be
 * open, then those that it announces itself; three at most, because each is a connection a minute or so.
 */
import type { Device } from '../inventory/device.ts';
import { type DeviceKind, kindTraits } from '../inventory/kinds.ts';
import { kindOf } from '../inventory/summary.ts';

export type Service = { readonly port: number; readonly name: string };

export const MOST_SERVICES = 3;

/** TCP, as registered with IANA; Cast, Roku ECP, Sonos, Plex, Jellyfin, MiniDLNA and Home Assistant as their makers set them. */
const NAMES: Readonly<Record<number, string>> = {
  80: 'web page',
  139: 'file sharing (SMB)',
  443: 'secure web page',
  445: 'file sharing (SMB)',
  515: 'printing (LPD)',
  548: 'file sharing (AFP)',
  554: 'video stream (RTSP)',
  631: 'printing (IPP)',
  1400: 'control (Sonos)',
  1883: 'message broker (MQTT)',
  2049: 'file sharing (NFS)',
  5060: 'telephony (SIP)',
  7000: 'AirPlay',
  8008: 'Cast',
  8009: 'Cast',
  8060: 'control (Roku)',
  8096: 'media server (Jellyfin)',
  8123: 'web page (Home Assistant)',
  8200: 'media server (DLNA)',
  8443: 'secure web page',
  9100: 'raw printing',
  32400: 'media server (Plex)',
};

const VIDEO = [554, 443, 80];
const PAGE = [443, 80, 8443];

/** The ports that a kind is there for, the most telling first. Of routers and switches it is no port at all. */
const POINTS: Readonly<Partial<Record<DeviceKind, readonly number[]>>> = {
  printer: [631, 9100, 515],
  camera: VIDEO,
  nvr: VIDEO,
  doorbell: VIDEO,
  intercom: [...VIDEO, 5060],
  nas: [445, 2049, 548, 443, 5000],
  server: [445, 443, 80],
  'media-server': [32_400, 8096],
  controller: PAGE,
  hub: PAGE,
  'alarm-panel': PAGE,
  'access-control': PAGE,
  'voip-gateway': [5060, 443],
};

/** From here on ports are given out anew at each start (Linux: 32768 to 60999; IANA: from 49152). */
const FIRST_PASSING_PORT = 32_768;
/** For administrators; nobody's work hangs on them. */
const ADMINISTRATION = new Set([21, 22, 23]);

/**
 * Undefined where none are watched: of a person's device, of the router, of a thing that nobody knows, and of what closes its ports when it is
 * switched off or sleeps, as TVs do while they still answer; a printer's queue is there for those who print, so it is watched while the printer is awake.
 */
export function servicesOf(device: Device): readonly Service[] | undefined {
  const kind = kindOf(device);
  if (device.personal || device.isGateway || kind === undefined || !isForWork(kind)) return undefined;
  const points = (POINTS[kind] ?? []).filter((port) => device.ports.includes(port));
  const announced = device.ports.filter((port) => isAnnounced(device, port) && !ADMINISTRATION.has(port));
  return [...new Set([...points, ...announced])].slice(0, MOST_SERVICES).map((port) => ({ port, name: NAMES[port] ?? `port ${port}` }));
}

function isForWork(kind: DeviceKind): boolean {
  return kind === 'printer' || kindTraits(kind).power === 'always';
}

function isAnnounced({ portsBy }: Device, port: number): boolean {
  const by = portsBy[port]?.by;
  return port < FIRST_PASSING_PORT && (by === 'mdns' || by === 'ssdp' || by === 'upnp');
}
