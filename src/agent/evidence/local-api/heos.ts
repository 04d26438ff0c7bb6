/**
 * HEOS command line (HEOS CLI Protocol Specification, 4.2.1): one line asked, one line of JSON answered. Any player of a home answers for all
 * of them, so only what it says of the address that was asked is taken.
 */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding, Reader } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { showsSign } from './local-api.ts';

const PORT = 1255;
const QUESTION = new TextEncoder().encode('heos://player/get_players\r\n');
const LINE_FEED = 10;
const SIGNS = { services: ['_heos-audio._tcp', 'ssdp urn:schemas-denon-com:device:aiosdevice:1'], ports: [PORT] };

export const heosReader: Reader = {
  name: 'heos',
  method: 'api',
  about: 'Asks a HEOS player for its model, serial number, software and name.',
  everyMs: 24 * 3_600_000,
  budget: { packets: 24, bytes: 2_048 },
  applies: (target) => showsSign(target, SIGNS),
  read: async (target, ask) => {
    const answer = await ask.conversation(PORT, { send: QUESTION, maxBytes: 16_384, until: (soFar) => soFar.includes(LINE_FEED) });
    const finding = answer && parseHeos(answer, target.ip);
    return finding ? [{ port: PORT, ...finding }] : [];
  },
};

const MOST_PLAYERS = 64;

export function parseHeos(answer: Uint8Array, ip: string): Finding | undefined {
  const players = jsonObject(utf8(answer))?.payload;
  if (!Array.isArray(players)) return undefined;
  const own = players
    .slice(0, MOST_PLAYERS)
    .map(jsonObject)
    .find((player) => player?.ip === ip);
  if (!own) return undefined;
  const { name, model, version, serial, network } = own;
  return { fields: toldFields({ name, model, version, serial, network }), identifiers: toldIdentifiers({ serial }) };
}
