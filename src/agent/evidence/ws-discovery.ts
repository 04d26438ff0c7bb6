/**
 * WS-Discovery (the April 2005 draft that Windows, printers and ONVIF cameras speak): a probe to everyone, and what matches and hellos say.
 * ONVIF puts a camera's name, hardware and place into scopes (ONVIF Core Specification, 7.3.2.2).
 */
import { hex, utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';
import { elementText } from './xml-text.ts';

export const WSD_GROUP = '239.255.255.250';
export const WSD_PORT = 3702;

const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';
const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const MAX_BYTES = 16_384;
const MAX_SCOPES = 32;

/** What one message says of its sender's service; `xaddrs` are places to ask for more. */
export type WsdAnnouncement = {
  readonly address?: string;
  readonly types?: string;
  readonly scopes: readonly string[];
  readonly xaddrs: readonly string[];
};

/** With the prefixes that the specifications use: wsdd compares the text. */
const TYPES = {
  device: '<d:Types xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof">wsdp:Device</d:Types>',
  camera: '<d:Types xmlns:dn="http://www.onvif.org/ver10/network/wsdl">dn:NetworkVideoTransmitter</d:Types>',
} as const;

/**
 * Asked for by type, because wsdd ignores a question without one and cameras answer only to theirs. `device`: all of the Devices Profile
 * for Web Services (PCs, printers, scanners); `camera`: all of ONVIF (Core Specification, 7.3.3).
 */
export function wsdProbe(nonce: Uint8Array, wanted: keyof typeof TYPES): Uint8Array {
  return soap(`${DISCOVERY}/Probe`, 'urn:schemas-xmlsoap-org:ws:2005:04:discovery', nonce, `<d:Probe>${TYPES[wanted]}</d:Probe>`);
}

/** A SOAP 1.2 message as devices of this profile expect it. `to` and `body` must be XML already. */
export function soap(action: string, to: string, nonce: Uint8Array, body: string, replyTo = ''): Uint8Array {
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${ADDRESSING}" ` +
      `xmlns:d="${DISCOVERY}"><s:Header><a:Action>${action}</a:Action><a:MessageID>urn:uuid:${uuidOf(nonce)}</a:MessageID>` +
      `<a:To>${to}</a:To>${replyTo}</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
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

/** `other`: well formed, but a question of someone else or a goodbye. */
export function readWsd(datagram: Uint8Array): WsdAnnouncement | 'other' | undefined {
  if (datagram.length > MAX_BYTES) return undefined;
  const xml = utf8(datagram);
  const action = elementText(xml, 'Action') ?? '';
  const verb = /\/discovery\/(\w{1,32})$/.exec(action)?.[1];
  if (verb === undefined || !xml.includes('soap-envelope')) return undefined;
  if (verb !== 'Hello' && verb !== 'ProbeMatches' && verb !== 'ResolveMatches') return 'other';
  const body = bodyOf(xml);
  const [address, types] = [elementText(body, 'Address'), elementText(body, 'Types')];
  return {
    ...(address !== undefined && { address }),
    ...(types !== undefined && { types }),
    scopes: words(elementText(body, 'Scopes')),
    xaddrs: words(elementText(body, 'XAddrs')),
  };
}

/** The header has addresses of its own (ReplyTo), so only the body is looked at. */
function bodyOf(xml: string): string {
  const at = xml.search(/<(?:[\w.-]{1,32}:)?Body[\s>]/);
  return at === -1 ? '' : xml.slice(at);
}

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/, MAX_SCOPES).filter((word) => word !== '');

export function parseWsd(datagram: Uint8Array): Finding | undefined {
  const said = readWsd(datagram);
  if (said === undefined || said === 'other') return said && { fields: {} };
  const onvif = onvifScopes(said.scopes);
  return {
    fields: toldFields({
      types: said.types,
      scopes: said.scopes.join(' '),
      name: onvif.name,
      hardware: onvif.hardware,
      location: onvif.location,
      manufacturer: onvif.manufacturer ?? onvif.mfr,
    }),
    identifiers: toldIdentifiers({ udn: said.address, mac: onvif.mac }),
  };
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
    { to: WSD_GROUP, port: WSD_PORT, payload: (nonce) => wsdProbe(nonce, 'device') },
    { to: WSD_GROUP, port: WSD_PORT, payload: (nonce) => wsdProbe(nonce, 'camera') },
  ],
  listen: [{ port: WSD_PORT, group: WSD_GROUP }],
  parse: parseWsd,
};
