/**
 * Bose SoundTouch (SoundTouch Web API, `GET /info`). The first component is the radio module with the software, the second the product.
 * `deviceID` is the MAC without colons.
 */
import { utf8 } from '../byte-reader.ts';
import { attributesIn } from '../html.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader } from './local-api.ts';

export const soundtouchReader = localApiReader({
  name: 'soundtouch',
  about: 'Asks a Bose SoundTouch speaker for its type, software and name.',
  signs: { services: ['_soundtouch._tcp'], ports: [8090], makers: /^bose/i },
  doors: [{ port: 8090 }],
  paths: ['/info'],
  parse: parseSoundtouch,
});

export function parseSoundtouch(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 8_192));
  const at = xml.indexOf('<info ');
  if (at < 0) return undefined;
  const { deviceid } = attributesIn(xml.slice(at, xml.indexOf('>', at) + 1));
  const told = (name: string) => elementText(xml, name);
  const fields = toldFields({
    name: told('name'),
    type: told('type'),
    variant: told('variant'),
    moduleType: told('moduleType'),
    softwareVersion: told('softwareVersion'),
  });
  if (fields.type === undefined) return undefined;
  return { fields, identifiers: toldIdentifiers({ mac: deviceid }) };
}
