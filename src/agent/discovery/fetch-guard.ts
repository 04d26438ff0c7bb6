/**
 * Decides whether the hub may fetch the LOCATION of an SSDP message: only from the very sender, by its address literal. Anything else
 * would let a LAN device aim the hub at the internet, at other hosts or at the hub itself (libtorrent #8714, CVE-2020-12695).
 * Pure: resolves nothing and normalises nothing, a spelling that is not the plain one is refused.
 */
import { ipFamily } from '../../base/ip-address.ts';
import { originOf } from './on-link.ts';
import type { LanInterface } from './sighting.ts';

/** Where a description may be fetched. `path` starts with a slash and includes the query. */
export type FetchTarget = { readonly ip: string; readonly port: number; readonly path: string };

export type GuardContext = {
  /** Source address of the datagram that carried the LOCATION. */
  readonly sender: string;
  /** The interface that leads to the sender. */
  readonly interface: LanInterface;
};

export type GuardVerdict = { readonly ok: true; readonly target: FetchTarget } | { readonly ok: false; readonly why: string };

/**
 * Ports of programs that act on stray text lines or must never see a stranger's request (WHATWG Fetch "bad ports", and MQTT, SMB, RTSP, ADB,
 * databases, raw printing: a GET to 9100 is printed).
 */
const FORBIDDEN_PORTS: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 67, 68, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115,
  117, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 389, 427, 443, 445, 465, 502, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
  554, 556, 563, 587, 601, 623, 636, 853, 873, 989, 990, 992, 993, 995, 1080, 1433, 1521, 1719, 1720, 1723, 1883, 2049, 2375, 2376, 3306,
  3389, 3659, 4045, 4190, 5037, 5060, 5061, 5353, 5432, 5555, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 8883, 9100,
  9200, 10080, 11211, 27017,
]);

/**
 * A sender is only an address in a datagram, which anybody on the LAN can write: the path must not be an order. `/relay/0?turn=on` of a Shelly,
 * `/cm?cmnd=Power` of Tasmota and `/win&T=2` of WLED are. The queries of descriptions are ids: `?content=uuid:...` of Windows, `?uuid=...` of
 * Sony's cameras.
 */
const ORDER = /&|\?(?![a-z]{1,16}=(?:uuid:)?[0-9a-f]{8}[0-9a-f-]{0,56}$)/i;

const LOCATION =
  /^http:\/\/(\[[0-9a-f:]{2,39}\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::([1-9][0-9]{0,4}))?(\/[\x21-\x22\x24-\x5b\x5d-\x7e]{0,511})?$/i;

const refused = (why: string): GuardVerdict => ({ ok: false, why });

export function judgeLocation(location: string, context: GuardContext): GuardVerdict {
  const match = LOCATION.exec(location);
  if (!match) return refused('not a plain http URL of an address');
  const ip = match[1]!.replace(/^\[|\]$/g, '').toLowerCase();
  const port = Number(match[2] ?? 80);
  if (ipFamily(ip) === undefined) return refused('not an address');
  if (ip !== context.sender) return refused('not the address of the sender');
  const why = whyNotAsked(ip, context.interface);
  if (why !== undefined) return refused(why);
  if (isForbiddenPort(port)) return refused(`port ${port} is not for descriptions`);
  const path = match[3] ?? '/';
  return ORDER.test(path) ? refused('may be an order, not a description') : { ok: true, target: { ip, port, path } };
}

/** Why this hub sends no question to an address, in words; undefined for a neighbour on that interface. */
export function whyNotAsked(ip: string, lan: LanInterface): string | undefined {
  const origin = originOf(ip, [lan], lan.name);
  if (origin.from === 'own') return 'the hub itself';
  return origin.from === 'off-link' || isSpecial(ip) ? 'not on the LAN' : undefined;
}

/** Only the protocol that the port is for may send something there. */
export function isForbiddenPort(port: number): boolean {
  return !Number.isInteger(port) || port < 1 || port > 65_535 || FORBIDDEN_PORTS.has(port);
}

/** Never fetched from, whatever the subnet is said to be: this host, loopback, multicast, reserved; IPv6 with an embedded IPv4 address. */
function isSpecial(ip: string): boolean {
  if (ip.includes(':')) return ip.includes('.');
  const first = Number(ip.split('.')[0]);
  return first === 0 || first === 127 || first >= 224;
}
