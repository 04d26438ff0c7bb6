/** WiZ lamps and plugs answer JSON on UDP 38899; the module name tells what they are: `ESP01_SHRGB1C_31` is a colour lamp, `_SOCKET_` a plug. */
import { utf8 } from './byte-reader.ts';
import { jsonObject } from './json-object.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';

const PORT = 38_899;
const MAX_BYTES = 2048;

export function parseWiz(datagram: Uint8Array): Finding | undefined {
  if (datagram.length > MAX_BYTES) return undefined;
  const message = jsonObject(utf8(datagram));
  const result = jsonObject(message?.result);
  if (message?.method !== 'getSystemConfig' || result === undefined) return undefined;
  return {
    fields: toldFields({ module: result.moduleName, firmware: result.fwVersion }),
    identifiers: toldIdentifiers({ mac: result.mac }),
  };
}

export const wizReader: GroupReader = {
  name: 'wiz',
  method: 'api',
  about: 'Asks by broadcast for WiZ lamps and plugs: module and firmware.',
  questions: [{ to: 'broadcast', port: PORT, payload: Buffer.from('{"method":"getSystemConfig","params":{}}') }],
  listen: [],
  parse: parseWiz,
};
