/**
 * Ubiquiti's discovery on UDP 10001: UniFi, airMAX and EdgeMAX devices answer four bytes with a list of type, length, value, and call out by
 * themselves in a second version of it. Fresh devices do, adopted ones often keep still.
 */
import { hex, typeLengthValues, utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 10_001;
const GROUP = '233.89.188.1';
const HEADER_BYTES = 4;
const MAX_BYTES = 4096;

/** Types, as devices of either version use them. */
const T = {
  mac: 0x01,
  macAndIp: 0x02,
  firmware: 0x03,
  name: 0x0b,
  platform: 0x0c,
  sourceMac: 0x13,
  model: 0x14,
  model2: 0x15,
  version2: 0x16,
};

export function parseUbiquiti(datagram: Uint8Array): Finding | undefined {
  const [version, command, high, low] = datagram;
  if (datagram.length > MAX_BYTES || low === undefined) return undefined;
  if (datagram.length === HEADER_BYTES && version === 1) return { fields: {} };
  if ((version !== 1 && version !== 2) || high! * 256 + low !== datagram.length - HEADER_BYTES) return undefined;
  const told = typeLengthValues(datagram.subarray(HEADER_BYTES), 1);
  const text = (type: number): string | undefined => (told.has(type) ? utf8(told.get(type)!).replace(/\0+$/, '') : undefined);
  const mac = told.get(T.mac) ?? told.get(T.sourceMac) ?? told.get(T.macAndIp);
  if (mac === undefined || command === undefined) return undefined;
  return {
    fields: toldFields({
      model: version === 1 ? (text(T.model) ?? text(T.platform)) : text(T.model2),
      platform: text(T.platform),
      name: text(T.name),
      firmware: version === 1 ? text(T.firmware) : (text(T.version2) ?? text(T.firmware)),
    }),
    identifiers: toldIdentifiers({ mac: hex(mac.subarray(0, 6)) }),
  };
}

export const ubiquitiReader: GroupReader = {
  name: 'ubiquiti',
  method: 'api',
  about: 'Asks by broadcast for Ubiquiti devices: model, name and firmware.',
  questions: [
    { to: 'broadcast', port: PORT, payload: Uint8Array.of(1, 0, 0, 0) },
    { to: GROUP, port: PORT, payload: Uint8Array.of(1, 0, 0, 0) },
  ],
  listen: [{ port: PORT, group: GROUP }],
  parse: parseUbiquiti,
};
