/**
 * WS-Discovery (the April 2005 draft that Windows, printers and ONVIF cameras speak): a probe to everyone, and what matches and hellos say.
 * ONVIF puts a camera's name, hardware and place into scopes (ONVIF Core Specification, 7.3.2.2).
 */
import { hex, utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';
import { elementText } from './xml-text.ts';

const GROUP = '239.255.255.250';
const PORT = 3702;

const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';
const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const MAX_BYTES = 16_384;
const MAX_SCOPES = 32;
/** A question of someone else and a goodbye tell nothing. */
const TELLING = new Set(['Hello', 'ProbeMatches', 'ResolveMatches']);

/** With the prefixes that the specifications use: wsdd compares the text. */
const TYPES = {
  device: '<d:Types xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof">wsdp:Device</d:Types>',
  camera: '<d:Types xmlns:dn="http://www.onvif.org/ver10/network/wsdl">dn:NetworkVideoTransmitter</d:Types>',
} as const;

/**
 * Asked for by type, because wsdd ignores a question without one and cameras answer only to theirs. `device`: all of the Devices Profile
 * for Web Services (PCs, printers, scanners); `camera`: all of ONVIF (Core Specification, 7.3.3).
 */
function probe(nonce: Uint8Array, wanted: keyof typeof TYPES): Uint8Array {
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${ADDRESSING}" ` +
      `xmlns:d="${DISCOVERY}"><s:Header><a:Action>${DISCOVERY}/Probe</a:Action><a:MessageID>urn:uuid:${uuidOf(nonce)}</a:MessageID>` +
      `<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe>${TYPES[wanted]}</d:Probe></s:Body></s:Envelope>`,
  );
}

/** Sixteen random bytes as a version 4 UUID (RFC 9562, 5.4). */
export function uuidOf(nonce: Uint8Array): string {
  const bytes = Uint8Array.from(nonce.subarray(0, 16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

export function parseWsd(datagram: Uint8Array): Finding | undefined {
  if (datagram.length > MAX_BYTES) return undefined;
  const xml = utf8(datagram);
  const verb = /\/discovery\/(\w{1,32})$/.exec(elementText(xml, 'Action') ?? '')?.[1];
  if (verb === undefined || !xml.includes('soap-envelope')) return undefined;
  return TELLING.has(verb) ? findingIn(bodyOf(xml)) : { fields: {} };
}

/** The header has addresses of its own (ReplyTo), so only the body is looked at. */
function bodyOf(xml: string): string {
  const at = xml.search(/<(?:[\w.-]{1,32}:)?Body[\s>]/);
  return at === -1 ? '' : xml.slice(at);
}

function findingIn(body: string): Finding {
  const scopes = (elementText(body, 'Scopes') ?? '').split(/\s+/, MAX_SCOPES);
  const { name, hardware, location, manufacturer, mfr, mac } = onvifScopes(scopes);
  const told = { types: elementText(body, 'Types'), scopes: scopes.join(' '), name, hardware, location, manufacturer: manufacturer ?? mfr };
  return { fields: toldFields(told), identifiers: toldIdentifiers({ udn: elementText(body, 'Address'), mac }) };
}

/** `onvif://www.onvif.org/hardware/DS-2CD2143G2-I` as `hardware`; a place of several parts is joined. */
function onvifScopes(scopes: readonly string[]): Record<string, string | undefined> {
  const found: Record<string, string> = {};
  for (const scope of scopes) {
    const [, key, value] = /^onvif:\/\/www\.onvif\.org\/(name|hardware|location|manufacturer|mfr|mac)\/(.{1,256})$/i.exec(scope) ?? [];
    if (key === undefined || value === undefined) continue;
    const text = decoded(value);
    const name = key.toLowerCase();
    found[name] = name === 'location' && found[name] !== undefined ? `${found[name]}, ${text}` : (found[name] ?? text);
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

export const wsDiscoveryReader: GroupReader = {
  name: 'wsd',
  method: 'wsd',
  about: 'Asks by multicast who speaks WS-Discovery: cameras tell model and name, PCs and printers what they are.',
  questions: [
    { to: GROUP, port: PORT, payload: (nonce) => probe(nonce, 'device') },
    { to: GROUP, port: PORT, payload: (nonce) => probe(nonce, 'camera') },
  ],
  listen: [{ port: PORT, group: GROUP }],
  parse: parseWsd,
};
