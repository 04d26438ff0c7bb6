/**
 * LIFX lamps and switches (LIFX LAN Protocol, "Packet contents"): little-endian messages on UDP 56700. Asked for product and label; each
 * answer carries the sender's MAC as its target.
 */
import { hex, utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 56_700;
const HEADER_BYTES = 36;
const LABEL_BYTES = 32;
const GET_LABEL = 23;
const STATE_LABEL = 25;
const GET_VERSION = 32;
const STATE_VERSION = 33;
/** Protocol 1024, addressable, and to all (`tagged`). */
const TO_ALL = 0x3400;
/** Not zero: lamps answer the sender only then, else everyone. */
const SOURCE = 0x6862_6561;

function question(type: number): Uint8Array {
  const message = Buffer.alloc(HEADER_BYTES);
  message.writeUInt16LE(HEADER_BYTES, 0);
  message.writeUInt16LE(TO_ALL, 2);
  message.writeUInt32LE(SOURCE, 4);
  message.writeUInt16LE(type, 32);
  return message;
}

export function parseLifx(datagram: Uint8Array): Finding | undefined {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < HEADER_BYTES || bytes.length > 512 || bytes.readUInt16LE(0) !== bytes.length) return undefined;
  if ((bytes.readUInt16LE(2) & 0x0fff) !== 0x0400) return undefined;
  const payload = bytes.subarray(HEADER_BYTES);
  return { fields: factsIn(bytes.readUInt16LE(32), payload), identifiers: toldIdentifiers({ mac: hex(bytes.subarray(8, 14)) }) };
}

function factsIn(type: number, payload: Buffer): Record<string, string> {
  if (type === STATE_VERSION && payload.length >= 8)
    return toldFields({ maker: payload.readUInt32LE(0), product: payload.readUInt32LE(4) });
  if (type === STATE_LABEL && payload.length >= LABEL_BYTES)
    return toldFields({ name: utf8(payload.subarray(0, LABEL_BYTES)).replace(/\0+$/, '') });
  return {};
}

export const lifxReader: GroupReader = {
  name: 'lifx',
  method: 'api',
  about: 'Asks by broadcast for LIFX lamps and switches: product number and label.',
  questions: [
    { to: 'broadcast', port: PORT, payload: question(GET_VERSION) },
    { to: 'broadcast', port: PORT, payload: question(GET_LABEL) },
  ],
  listen: [],
  parse: parseLifx,
};
