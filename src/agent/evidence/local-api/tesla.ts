/** Tesla Wall Connector, third generation: a local interface on port 80 that only reads. A Powerwall wants a login and is not asked further. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const teslaReader = localApiReader({
  name: 'tesla',
  about: 'Asks a Tesla Wall Connector for its part number, serial number and firmware.',
  signs: { makers: /^tesla/i },
  doors: [{ port: 80 }],
  paths: ['/api/1/version'],
  parse: parseTesla,
});

export function parseTesla(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (answer?.firmware_version === undefined || answer.part_number === undefined) return undefined;
  const { firmware_version, part_number, serial_number } = answer;
  return { fields: toldFields({ firmware_version, part_number, serial_number }), identifiers: toldIdentifiers({ serial: serial_number }) };
}
