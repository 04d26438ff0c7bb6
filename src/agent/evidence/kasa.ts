/**
 * TP-Link Kasa and Tapo. Older devices answer a question on UDP 9999, hidden by an exclusive-or of each byte with the one before (key 171);
 * newer ones tell model and type in the clear behind a 16-byte header on UDP 20002, whatever they encrypt later (KLAP).
 */
import { utf8 } from './byte-reader.ts';
import { jsonObject } from './json-object.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const OLD_PORT = 9999;
const NEW_PORT = 20002;
const NEW_QUESTION = Buffer.from('020000010000000000000000463cb5d3', 'hex');
const NEW_HEADER_BYTES = 16;
const FIRST_KEY = 171;
const MAX_BYTES = 8192;

export function hideKasa(text: string): Uint8Array {
  let key = FIRST_KEY;
  return Uint8Array.from(Buffer.from(text), (byte) => (key ^= byte));
}

export function showKasa(bytes: Uint8Array): string {
  let key = FIRST_KEY;
  return utf8(
    bytes.map((byte) => {
      const shown = byte ^ key;
      key = byte;
      return shown;
    }),
  );
}

export function parseKasa(datagram: Uint8Array): Finding | undefined {
  if (datagram.length < NEW_HEADER_BYTES || datagram.length > MAX_BYTES) return undefined;
  return datagram[0] === NEW_QUESTION[0] ? parseNew(datagram) : parseOld(datagram);
}

function parseOld(datagram: Uint8Array): Finding | undefined {
  const system = jsonObject(jsonObject(showKasa(datagram))?.system);
  const info = jsonObject(system?.get_sysinfo);
  if (info === undefined) return undefined;
  return {
    fields: toldFields({
      model: info.model,
      type: info.type ?? info.mic_type,
      name: info.alias,
      description: info.dev_name ?? info.description,
      hardware: info.hw_ver,
      firmware: info.sw_ver,
    }),
    identifiers: toldIdentifiers({ mac: info.mac ?? info.mic_mac, 'vendor-id': info.deviceId }),
  };
}

function parseNew(datagram: Uint8Array): Finding | undefined {
  const result = jsonObject(jsonObject(utf8(datagram.subarray(NEW_HEADER_BYTES)))?.result);
  if (typeof result?.device_model !== 'string') return undefined;
  return {
    fields: toldFields({ model: result.device_model, type: result.device_type }),
    identifiers: toldIdentifiers({ mac: result.mac, 'vendor-id': result.device_id }),
  };
}

export const kasaReader: GroupReader = {
  name: 'kasa',
  method: 'api',
  about: 'Asks by broadcast for TP-Link Kasa and Tapo devices: model, name and firmware.',
  questions: [
    { to: 'broadcast', port: OLD_PORT, payload: hideKasa('{"system":{"get_sysinfo":{}}}') },
    { to: 'broadcast', port: NEW_PORT, payload: NEW_QUESTION },
  ],
  listen: [],
  parse: parseKasa,
};
