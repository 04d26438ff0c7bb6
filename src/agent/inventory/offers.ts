/** What a device offers: the services it announces and the TCP ports where it may be asked. Capped, because the LAN fills them. */
import type { Sighting } from '../discovery/sighting.ts';
import type { Device } from './device.ts';

const MOST_PORTS = 16;
const MOST_SERVICES = 24;
const MOST_SERVICE_LENGTH = 96;
const FORGET_AFTER_MS = 7 * 86_400_000;
/** A service that is announced again and again is written down anew at most once in this time. */
const RENEW_SERVICE_MS = 3_600_000;

type Offers = Pick<Device, 'ports' | 'portsBy' | 'services' | 'servicesAt'>;

export const NO_OFFERS: Offers = { ports: [], portsBy: {}, services: [], servicesAt: {} };

/** The offers after a sighting; the same objects where it says nothing new. */
export function withOffers<D extends Offers>(device: D, sighting: Sighting): D {
  return withServices(withPorts(device, sighting), sighting);
}

/** Both together, for two devices that turned out to be one. */
export function unitedOffers(one: Offers, other: Offers): Offers {
  const servicesAt = { ...other.servicesAt, ...one.servicesAt };
  return { ...keptPorts([...one.ports, ...other.ports], { ...other.portsBy, ...one.portsBy }), ...newestServices(servicesAt) };
}

/** A port that was found open is not tried again while it is known, so it is forgotten after a week and found anew if it still is. */
function withPorts<D extends Offers>(device: D, sighting: Sighting): D {
  const at = sighting.at.wallMs;
  const isStale = (port: number): boolean => device.portsBy[port]?.by === 'ports' && at - device.portsBy[port].at >= FORGET_AFTER_MS;
  const current = sighting.method === 'ports' ? device.ports.filter((port) => !isStale(port)) : device.ports;
  const added = [...new Set(portsIn(sighting))].filter((port) => port > 0 && port < 65536 && !current.includes(port));
  if (added.length === 0 && current.length === device.ports.length) return device;
  const portsBy = { ...device.portsBy, ...Object.fromEntries(added.map((port) => [port, { by: sighting.method, at }])) };
  return { ...device, ...keptPorts([...current, ...added], portsBy) };
}

function keptPorts(all: readonly number[], by: Offers['portsBy']): Pick<Offers, 'ports' | 'portsBy'> {
  const ports = [...new Set(all)].slice(0, MOST_PORTS);
  return { ports, portsBy: Object.fromEntries(ports.flatMap((port) => (by[port] === undefined ? [] : [[port, by[port]]]))) };
}

function portsIn(sighting: Sighting): readonly number[] {
  if (sighting.method === 'mdns')
    return sighting.services.filter((service) => !service.gone && service.type.endsWith('._tcp')).map((service) => service.port ?? 0);
  if (sighting.method === 'ssdp' || sighting.method === 'upnp') {
    const location = URL.parse(sighting.location ?? '');
    return location ? [Number(location.port || 80)] : [];
  }
  return 'openPorts' in sighting ? (sighting.openPorts ?? []) : [];
}

/** A service that a host takes back while it goes on offering others is gone; a host that falls silent as a whole may only sleep. */
function withServices<D extends Offers>(device: D, sighting: Sighting): D {
  const at = sighting.at.wallMs;
  const told = servicesIn(sighting).map((service) => service.toLowerCase().slice(0, MOST_SERVICE_LENGTH));
  const withdrawn = withdrawnIn(sighting).filter((service) => device.services.includes(service) && !told.includes(service));
  const news = told.filter((service) => Math.abs(at - (device.servicesAt[service] ?? 0)) >= RENEW_SERVICE_MS);
  if (news.length === 0 && withdrawn.length === 0) return device;
  const heardAt = { ...device.servicesAt, ...Object.fromEntries(news.map((service) => [service, at])) };
  const current = Object.entries(heardAt).filter(([service, last]) => at - last < FORGET_AFTER_MS && !withdrawn.includes(service));
  return { ...device, ...newestServices(Object.fromEntries(current)) };
}

function newestServices(heardAt: Readonly<Record<string, number>>): Pick<Offers, 'services' | 'servicesAt'> {
  const newest = Object.entries(heardAt)
    .sort(([a, atA], [b, atB]) => atB - atA || (a < b ? -1 : 1))
    .slice(0, MOST_SERVICES);
  return { services: newest.map(([service]) => service).sort(), servicesAt: Object.fromEntries(newest) };
}

function servicesIn(sighting: Sighting): string[] {
  if (sighting.method === 'mdns') return sighting.services.filter((service) => !service.gone).map((service) => service.type);
  if (sighting.method === 'upnp') return sighting.deviceType ? [`ssdp ${sighting.deviceType}`] : [];
  const isOffer = sighting.method === 'ssdp' && sighting.kind !== 'byebye' && !sighting.target.startsWith('uuid:');
  return isOffer ? [`ssdp ${sighting.target}`] : [];
}

function withdrawnIn(sighting: Sighting): string[] {
  if (sighting.method !== 'mdns') return [];
  return sighting.services.filter((service) => service.gone).map((service) => service.type.toLowerCase());
}
