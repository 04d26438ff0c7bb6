/** MikroTik's neighbour discovery (MNDP) on UDP 5678: routers and switches with RouterOS tell board, version and identity each minute and when asked. */
import { hex, typeLengthValues, utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 5678;
const HEADER_BYTES = 4;
const MAX_BYTES = 2048;
const T = { mac: 1, identity: 5, version: 7, platform: 8, softwareId: 11, board: 12 };

export function parseMikrotik(datagram: Uint8Array): Finding | undefined {
  if (datagram.length > MAX_BYTES || datagram.length < HEADER_BYTES) return undefined;
  if (datagram.length <= 9) return { fields: {} };
  const told = typeLengthValues(datagram.subarray(HEADER_BYTES), 2);
  const mac = told.get(T.mac);
  if (mac?.length !== 6) return undefined;
  const text = (type: number): string | undefined => (told.has(type) ? utf8(told.get(type)!) : undefined);
  const softwareId = text(T.softwareId);
  return {
    fields: toldFields({ name: text(T.identity), version: text(T.version), platform: text(T.platform), board: text(T.board), softwareId }),
    identifiers: toldIdentifiers({ mac: hex(mac), 'vendor-id': softwareId && `mikrotik ${softwareId}` }),
  };
}

export const mikrotikReader: GroupReader = {
  name: 'mikrotik',
  method: 'api',
  about: 'Asks by broadcast for MikroTik routers and switches: board, RouterOS version and identity.',
  questions: [{ to: 'broadcast', port: PORT, payload: Uint8Array.of(0, 0, 0, 0) }],
  listen: [{ port: PORT }],
  parse: parseMikrotik,
};
