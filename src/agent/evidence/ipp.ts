/**
 * IPP Get-Printer-Attributes (RFC 8011, 4.2.5; encoding RFC 8010): one HTTP request, answered by every printer of the last fifteen years
 * with make, model, IEEE 1284 device id, UUID and firmware. Asks for nothing that costs a printer work.
 */
import { ByteReader, utf8 } from './byte-reader.ts';
import type { Asker, Finding, Reader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 631;
/** `/ipp/print` is what IPP Everywhere asks for (PWG 5100.14, 4.2); older HP printers and print servers know another. */
const PATHS = ['/ipp/print', '/ipp/printer', '/ipp'];
const MAX_BYTES = 16_384;
const MAX_ATTRIBUTES = 128;
const PRINTER_SERVICES = ['_ipp._tcp', '_ipps._tcp', '_printer._tcp', '_pdl-datastream._tcp'];

const WANTED = {
  'printer-make-and-model': 'makeAndModel',
  'printer-device-id': 'deviceId',
  'printer-info': 'info',
  'printer-name': 'name',
  'printer-location': 'location',
  'printer-uuid': 'uuid',
  'printer-firmware-string-version': 'firmware',
  'printer-uri-supported': 'uri',
  'printer-dns-sd-name': 'serviceName',
} as const;

const TAG = { operation: 0x01, end: 0x03, firstValue: 0x10, uri: 0x45, keyword: 0x44, charset: 0x47, language: 0x48 };
const GET_PRINTER_ATTRIBUTES = 0x000b;
const CLIENT_ERROR = 0x0400;

/** `uri` of the printer as the printer knows it: `ipp://192.168.1.9:631/ipp/print`. */
export function printerQuestion(uri: string): Uint8Array {
  const names = Object.keys(WANTED);
  return Buffer.concat([
    // IPP 1.1, which every printer takes; the request's number.
    Buffer.from([1, 1, 0, GET_PRINTER_ATTRIBUTES, 0, 0, 0, 1, TAG.operation]),
    attribute(TAG.charset, 'attributes-charset', 'utf-8'),
    attribute(TAG.language, 'attributes-natural-language', 'en'),
    attribute(TAG.uri, 'printer-uri', uri),
    ...names.map((name, i) => attribute(TAG.keyword, i === 0 ? 'requested-attributes' : '', name)),
    Buffer.from([TAG.end]),
  ]);
}

/** A further value of the attribute before has no name of its own (RFC 8010, 3.1.5). */
function attribute(tag: number, name: string, value: string): Buffer {
  const length = (text: string): Buffer => Buffer.from([Buffer.byteLength(text) >> 8, Buffer.byteLength(text) & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length(name), Buffer.from(name), length(value), Buffer.from(value)]);
}

/** `not-here`: a printer that wants another path. */
export function parseIpp(body: Uint8Array): Finding | 'not-here' | undefined {
  const reader = new ByteReader(body.subarray(0, MAX_BYTES));
  const [version, status] = [reader.number(2), reader.number(2)];
  reader.take(4);
  if (version === undefined || version < 0x0100 || version > 0x02ff || status === undefined) return undefined;
  if (status >= CLIENT_ERROR) return 'not-here';
  const said = firstValues(reader);
  const fields = toldFields(said);
  if (Object.keys(fields).length === 0) return undefined;
  // IEEE 1284.4: `SN:` or `SERN:` in the device id.
  const serial = /(?:^|;)\s?(?:SN|SERN|SERIALNUMBER):([^;]{1,64})/i.exec(said.deviceId ?? '')?.[1];
  return { fields, identifiers: toldIdentifiers({ udn: said.uuid, serial }) };
}

function firstValues(reader: ByteReader): Record<string, string> {
  const said: Record<string, string> = {};
  for (let i = 0; i < MAX_ATTRIBUTES; i++) {
    const tag = reader.number(1);
    if (tag === undefined || tag === TAG.end) break;
    if (tag < TAG.firstValue) continue;
    const name = sized(reader);
    const value = sized(reader);
    if (name === undefined || value === undefined) break;
    const field = Object.hasOwn(WANTED, utf8(name)) ? WANTED[utf8(name) as keyof typeof WANTED] : undefined;
    // Tags below 0x40 are numbers and `unknown`; a text with language (0x35) is left out too.
    if (field !== undefined && tag >= 0x40) said[field] ??= utf8(value);
  }
  return said;
}

function sized(reader: ByteReader): Uint8Array | undefined {
  const length = reader.number(2);
  return length === undefined ? undefined : reader.take(length);
}

export const ippReader: Reader = {
  name: 'ipp',
  method: 'ipp',
  about: 'Asks a printer by IPP for make, model, serial number and firmware.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 48, bytes: 8_192 },
  applies: ({ openPorts, services }) => openPorts.includes(PORT) || PRINTER_SERVICES.some((service) => services.has(service)),
  read: async ({ ip }, ask) => {
    for (const path of PATHS) {
      const finding = await askAt(ask, ip, path);
      if (finding === undefined) return [];
      if (finding !== 'not-here') return [{ port: PORT, ...finding }];
    }
    return [];
  },
};

async function askAt(ask: Asker, ip: string, path: string): Promise<Finding | 'not-here' | undefined> {
  const answer = await ask.http({
    port: PORT,
    method: 'POST',
    path,
    headers: { 'content-type': 'application/ipp', accept: 'application/ipp' },
    body: printerQuestion(`ipp://${ip}:${PORT}${path}`),
    maxBytes: MAX_BYTES,
  });
  if (answer?.status === 404) return 'not-here';
  return answer?.status === 200 ? parseIpp(answer.body) : undefined;
}
