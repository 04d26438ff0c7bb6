/**
 * What a Windows PC, printer or scanner says of itself to who knows its WS-Discovery address (Devices Profile for Web Services, 5: the
 * metadata sections ThisDevice, ThisModel and pub:Computer). Asked in two steps: a probe to the device itself, then one WS-Transfer Get at
 * the address it answered with, which must be its own.
 */
import type { Random } from '../../base/random.ts';
import { utf8 } from './byte-reader.ts';
import type { Asker, Finding, Reader, Target } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';
import { readWsd, soap, WSD_PORT, wsdProbe } from './ws-discovery.ts';
import { elementText } from './xml-text.ts';

const GET = 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get';
const ANONYMOUS = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous';
const REPLY_TO = `<a:ReplyTo><a:Address>${ANONYMOUS}</a:Address></a:ReplyTo>`;
const MAX_BYTES = 32_768;
const DPWS_PORTS = [5357, 5358];
const DPWS_KINDS = new Set(['computer', 'printer', 'scanner', 'nas', 'server']);

export const wsdMetadataReader = (random: Random): Reader => ({
  name: 'wsd',
  method: 'wsd',
  about: 'Asks a PC, printer or scanner by WS-Discovery for its maker, model, serial number and computer name.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 40, bytes: 16_384 },
  applies: ({ kind, openPorts, services }) =>
    DPWS_PORTS.some((port) => openPorts.includes(port)) || services.has('_smb._tcp') || (kind !== undefined && DPWS_KINDS.has(kind)),
  read: async (target, ask) => {
    const place = await placeOf(target, ask, random);
    if (place === undefined) return [];
    const answer = await ask.http({
      port: place.port,
      method: 'POST',
      path: place.path,
      headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
      body: soap(GET, escaped(place.address), random.bytes(16), '', REPLY_TO),
      maxBytes: MAX_BYTES,
    });
    const finding = answer?.status === 200 ? parseWsdMetadata(answer.body) : undefined;
    return finding === undefined ? [] : [{ port: place.port, ...finding }];
  },
});

type Place = { readonly address: string; readonly port: number; readonly path: string };

async function placeOf(target: Target, ask: Asker, random: Random): Promise<Place | undefined> {
  const reply = await ask.datagram(WSD_PORT, wsdProbe(random.bytes(16), 'device'), {
    accepts: (bytes) => typeof readWsd(bytes) === 'object',
  });
  const said = reply && readWsd(reply);
  if (said === undefined || said === 'other' || said.address === undefined) return undefined;
  const own = said.xaddrs.map((text) => URL.parse(text)).find((url) => url?.protocol === 'http:' && url.hostname === target.ip);
  return own ? { address: said.address, port: Number(own.port || 80), path: own.pathname } : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string): string => text.slice(0, 256).replace(/[&<>]/g, (character) => ENTITIES[character]!);

export function parseWsdMetadata(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, MAX_BYTES));
  if (!xml.includes('devprof')) return undefined;
  // `DESKTOP-7K2QF/Workgroup:WORKGROUP` or `/Domain:` (MS-PBSD 2.2.1).
  const [, computer, workgroup] = /^([^/\\]{1,64})[/\\](?:Workgroup|Domain):(.{1,64})$/i.exec(elementText(xml, 'Computer') ?? '') ?? [];
  const serial = elementText(xml, 'SerialNumber');
  const fields = toldFields({
    manufacturer: elementText(xml, 'Manufacturer'),
    modelName: elementText(xml, 'ModelName'),
    modelNumber: elementText(xml, 'ModelNumber'),
    friendlyName: elementText(xml, 'FriendlyName'),
    firmware: elementText(xml, 'FirmwareVersion'),
    serial,
    computer,
    workgroup,
  });
  return { fields, identifiers: toldIdentifiers({ serial, 'netbios-name': computer }) };
}
