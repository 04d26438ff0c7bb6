/** A home with as many devices as a hub is built for: the sample home, and further boxes of the kinds in it that belong to a house. */
import type { Home, SimulatedDevice } from '../../src/simulation/home.ts';
import { SAMPLE_HOME } from '../../src/simulation/sample-home.ts';

const LAST_HOST = 250;

/** `count` devices in one /24: the sample home's own, then copies of those that do not sleep, with addresses and serial numbers of their own. */
export function fullHouse(count: number): Home {
  const own = SAMPLE_HOME.devices;
  const templates = own.filter(({ name, sleep }) => !sleep && name !== SAMPLE_HOME.gateway && !isCarrier(name));
  const taken = new Set(own.map(({ ip }) => hostOf(ip)));
  const free = Array.from({ length: LAST_HOST }, (_, i) => i + 1).filter((host) => !taken.has(host));
  const wanted = Math.max(0, count - own.length);
  if (wanted > free.length) throw new Error(`a full house has at most ${own.length + free.length} devices`);
  const copies = free.slice(0, wanted).map((host, i) => copyOf(templates[i % templates.length] as SimulatedDevice, host));
  return { ...SAMPLE_HOME, name: `full house of ${count}`, devices: [...own, ...copies] };
}

const isCarrier = (name: string): boolean => SAMPLE_HOME.devices.some(({ behind }) => behind === name);
const hostOf = (ip: string): number => Number(ip.split('.')[3]);

/** Every place where it says its own address says the new one. */
function copyOf(template: SimulatedDevice, host: number): SimulatedDevice {
  const { says, ...data } = template;
  const octet = host.toString(16).padStart(2, '0');
  const ip = template.ip.replace(/\d+$/, String(host));
  const mac = template.mac.replace(/..:..$/, `f0:${octet}`);
  const forms = (address: string): string[] => [
    address,
    address.toUpperCase(),
    address.replaceAll(':', ''),
    address.replaceAll(':', '').toUpperCase(),
    address.replaceAll(':', '-').toUpperCase(),
  ];
  const [before, after] = [forms(template.mac), forms(mac)];
  let text = JSON.stringify(data).replaceAll(template.ip, ip).replaceAll(`"${template.name}"`, `"${template.name} ${host}"`);
  for (const [i, form] of before.entries()) text = text.replaceAll(form, after[i] as string);
  const copy = JSON.parse(text) as SimulatedDevice;
  return { ...copy, ...(copy.mdns ? { mdns: { ...copy.mdns, host: `${copy.mdns.host}-${host}` } } : {}), ...(says ? { says } : {}) };
}
