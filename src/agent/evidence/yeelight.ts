/** Yeelight's search (Yeelight WiFi Light Inter-Operation Specification, 3): SSDP's words on a port of its own, with model and name as headers. */
import { utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const GROUP = '239.255.255.250';
const PORT = 1982;
const MAX_BYTES = 4096;
const MAX_LINES = 48;
const SEARCH = ['M-SEARCH * HTTP/1.1', `HOST: ${GROUP}:${PORT}`, 'MAN: "ssdp:discover"', 'ST: wifi_bulb', '', ''].join('\r\n');

export function parseYeelight(datagram: Uint8Array): Finding | undefined {
  if (datagram.length > MAX_BYTES) return undefined;
  const lines = utf8(datagram).split('\r\n', MAX_LINES);
  if (/^M-SEARCH/.test(lines[0]!)) return { fields: {} };
  const said = (name: string): string | undefined => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  if (!said('Location')?.startsWith('yeelight://')) return undefined;
  const id = said('id');
  return {
    fields: toldFields({ model: said('model'), firmware: said('fw_ver'), name: said('name') }),
    identifiers: toldIdentifiers({ 'vendor-id': id && `yeelight ${id}` }),
  };
}

export const yeelightReader: GroupReader = {
  name: 'yeelight',
  method: 'api',
  about: 'Asks by multicast for Yeelight lamps: model, name and firmware.',
  questions: [{ to: GROUP, port: PORT, payload: Buffer.from(SEARCH) }],
  listen: [{ port: PORT, group: GROUP }],
  parse: parseYeelight,
};
