/**
 * Control4's Simple Device Discovery Protocol on UDP 1902: controllers, and projectors, TVs and receivers made for them, announce maker and
 * model. Looks like SSDP, values are quoted. There is no public document; the shape is what devices and Control4's sample code for makers send.
 */
import { utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const GROUP = '239.255.255.250';
const PORT = 1902;
const MAX_BYTES = 4096;
const MAX_LINES = 32;
const SEARCH = ['SEARCH * SDDP/1.0', `Host: "${GROUP}:${PORT}"`, 'Man: "sddp:discover"', 'Type: "sddp:all"', '', ''].join('\r\n');

export function parseSddp(datagram: Uint8Array): Finding | undefined {
  if (datagram.length > MAX_BYTES) return undefined;
  const [start = '', ...lines] = utf8(datagram).split('\n', MAX_LINES);
  if (!/SDDP\/1\.\d\b/.test(start.slice(0, 64))) return undefined;
  if (!/^(SDDP\/1\.\d 200|NOTIFY (ALIVE|IDENTIFY))/i.test(start)) return { fields: {} };
  const said = headersOf(lines);
  const host = said.get('host');
  return {
    fields: toldFields({
      type: said.get('type'),
      manufacturer: said.get('manufacturer'),
      model: said.get('model'),
      driver: said.get('driver'),
      host,
      primaryProxy: said.get('primary-proxy'),
      proxies: said.get('proxies'),
    }),
    // `Living-EA3-000FFF9163CB`: what ends in a MAC was made of it.
    identifiers: toldIdentifiers({ mac: /[-_]([0-9a-f]{12})$/i.exec(host ?? '')?.[1], 'vendor-id': host && `sddp ${host}` }),
  };
}

function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([A-Za-z-]{1,32}):\s?(.{0,512})/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1'));
  }
  return headers;
}

export const sddpReader: GroupReader = {
  name: 'sddp',
  method: 'sddp',
  about: 'Asks by multicast who speaks SDDP: Control4 controllers, and devices made for them, tell maker and model.',
  questions: [{ to: GROUP, port: PORT, payload: Buffer.from(SEARCH) }],
  listen: [{ port: PORT, group: GROUP }],
  parse: parseSddp,
};
