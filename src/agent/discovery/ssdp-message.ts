/**
 * Reads one SSDP datagram (UPnP Device Architecture 2.0, 1.2 and 1.3) and writes the search. Works line by line on a capped prefix:
 * its time is linear in the input, whatever the input is. Does not remember anything and does not judge the LOCATION.
 */

import { cleanText } from '../../base/text.ts';
import type { SsdpSighting } from './sighting.ts';

export const SSDP_GROUP = '239.255.255.250';
export const SSDP_PORT = 1900;

const MAX_BYTES = 8192;
const MAX_LINES = 64;
const MAX_HEADERS = 32;
const MAX_VALUE = 256;
const MAX_LOCATION = 512;
/** UDA 2.0 1.2.2 asks for at least 1800 s; a day bounds what a device can make the hub believe. */
const MAX_AGE_S = { default: 1800, cap: 86_400 };

/** What one datagram says; the sighting adds who sent it, where and when. */
export type SsdpMessage = Omit<SsdpSighting, 'method' | 'at' | 'interface' | 'ip'>;

/** `other`: well formed but not for us (a search by someone else, ssdp:update). */
export type SsdpReading =
  | { readonly outcome: 'message'; readonly message: SsdpMessage }
  | { readonly outcome: 'other' }
  | { readonly outcome: 'malformed'; readonly why: string };

const malformed = (why: string): SsdpReading => ({ outcome: 'malformed', why });

export function readSsdp(datagram: Uint8Array): SsdpReading {
  if (datagram.length > MAX_BYTES) return malformed('too long');
  const lines = new TextDecoder().decode(datagram).split('\n', MAX_LINES);
  const kind = kindOf(lines[0] ?? '');
  if (kind === undefined) return malformed('not SSDP');
  if (kind === 'search') return { outcome: 'other' };
  const headers = headersOf(lines);
  return kind === 'response' ? messageOf('response', headers, headers.get('st')) : notifyOf(headers);
}

function kindOf(startLine: string): 'response' | 'notify' | 'search' | undefined {
  if (/^HTTP\/1\.[01] 200\b/i.test(startLine)) return 'response';
  if (/^NOTIFY \* HTTP\/1\.[01]/i.test(startLine)) return 'notify';
  return /^M-SEARCH \* HTTP\/1\.[01]/i.test(startLine) ? 'search' : undefined;
}

function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 1 || colon > 64 || headers.size >= MAX_HEADERS) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = cleanText(line.slice(colon + 1), name === 'location' ? MAX_LOCATION : MAX_VALUE);
    if (/^[a-z0-9._-]+$/.test(name) && value !== undefined && !headers.has(name)) headers.set(name, value);
  }
  return headers;
}

function notifyOf(headers: Map<string, string>): SsdpReading {
  const subtype = headers.get('nts')?.toLowerCase();
  // Some media players of the UPnP 1.0 years announce themselves with ST where NT belongs.
  const target = headers.get('nt') ?? headers.get('st');
  if (subtype === 'ssdp:alive') return messageOf('alive', headers, target);
  if (subtype === 'ssdp:byebye') return messageOf('byebye', headers, target);
  return subtype === undefined ? malformed('NOTIFY without NTS') : { outcome: 'other' };
}

const OWN_FIELDS = new Set(['usn', 'st', 'nt', 'nts', 'location', 'server', 'cache-control', 'host', 'ext', 'date', 'man', 'mx']);

function messageOf(kind: SsdpMessage['kind'], headers: Map<string, string>, target: string | undefined): SsdpReading {
  const usn = headers.get('usn') ?? target;
  if (usn === undefined || target === undefined) return malformed('no USN and no target');
  const udn = /^uuid:[^:\s]{1,128}/i.exec(usn)?.[0].toLowerCase();
  const location = headers.get('location');
  const server = headers.get('server');
  return {
    outcome: 'message',
    message: {
      kind,
      usn,
      target,
      maxAgeS: maxAgeOf(headers.get('cache-control')),
      headers: Object.fromEntries([...headers].filter(([name]) => !OWN_FIELDS.has(name))),
      ...(udn !== undefined && { udn }),
      ...(location !== undefined && { location }),
      ...(server !== undefined && { server }),
    },
  };
}

function maxAgeOf(cacheControl: string | undefined): number {
  const digits = /max-age\s?=\s?"?(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  return digits === undefined ? MAX_AGE_S.default : Math.min(Number(digits), MAX_AGE_S.cap);
}

/** The search for `target`; a device answers within a random part of `mxS` seconds (UDA 2.0, 1.3.2). */
export function searchMessage(target: string, mxS: number): string {
  return [`M-SEARCH * HTTP/1.1`, `HOST: ${SSDP_GROUP}:${SSDP_PORT}`, 'MAN: "ssdp:discover"', `MX: ${mxS}`, `ST: ${target}`, '', ''].join(
    '\r\n',
  );
}

/** What is asked for by name because some makes are silent to `ssdp:all` (Roku ECP, DIAL) or answer it late and in part. */
export const SEARCH_TARGETS: readonly string[] = [
  'ssdp:all',
  'upnp:rootdevice',
  'roku:ecp',
  'urn:dial-multiscreen-org:service:dial:1',
  'urn:schemas-upnp-org:device:MediaRenderer:1',
  'urn:schemas-upnp-org:device:MediaServer:1',
  'urn:schemas-upnp-org:device:ZonePlayer:1',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'urn:schemas-upnp-org:device:Basic:1',
];
