/**
 * Devices with Tuya's module (hundreds of brands) shout their id every few seconds: in the clear on UDP 6666 (protocol 3.1), under a key that
 * is the same for all of them and public on UDP 6667 (3.3, 3.4). Never asked, only heard.
 */
import { createDecipheriv, createHash } from 'node:crypto';
import { utf8 } from './byte-reader.ts';
import { type JsonObject, jsonObject } from './json-object.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PREFIX = 0x0000_55aa;
const HEADER_BYTES = 20;
const TRAILER_BYTES = 8;
const MAX_BYTES = 1024;
/** Not a secret: every device and every app holds it. */
const KEY = createHash('md5').update('yGAdlopoPVldABfn').digest();

export function parseTuya(datagram: Uint8Array): Finding | undefined {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES || bytes.length > MAX_BYTES || bytes.readUInt32BE(0) !== PREFIX) return undefined;
  const payload = bytes.subarray(HEADER_BYTES, bytes.length - TRAILER_BYTES);
  const said = jsonObject(utf8(payload)) ?? decrypted(payload);
  if (typeof said?.gwId !== 'string') return undefined;
  return {
    fields: toldFields({ productKey: said.productKey, version: said.version }),
    identifiers: toldIdentifiers({ 'vendor-id': `tuya ${said.gwId}` }),
  };
}

function decrypted(payload: Buffer): JsonObject | undefined {
  if (payload.length === 0 || payload.length % 16 !== 0) return undefined;
  try {
    const decipher = createDecipheriv('aes-128-ecb', KEY, null);
    return jsonObject(Buffer.concat([decipher.update(payload), decipher.final()]).toString('utf8'));
  } catch {
    return undefined;
  }
}

export const tuyaReader: GroupReader = {
  name: 'tuya',
  method: 'api',
  about: 'Hears devices with a Tuya module, which announce themselves by broadcast.',
  questions: [],
  listen: [{ port: 6666 }, { port: 6667 }],
  parse: parseTuya,
};
