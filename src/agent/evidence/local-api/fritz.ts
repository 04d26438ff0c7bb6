/** FRITZ!Box, repeaters and powerline of AVM: `jason_boxinfo.xml`, by which AVM's own tools find them, needs no login. */
import { utf8 } from '../byte-reader.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader, WEB } from './local-api.ts';

const WANTED = ['Name', 'HW', 'Version', 'Revision', 'OEM', 'Lang', 'Country'];

export const fritzReader = localApiReader({
  name: 'fritz',
  about: 'Asks a FRITZ! device for its model and FRITZ!OS version.',
  signs: { makers: /^(avm|fritz)/i },
  doors: WEB,
  paths: ['/jason_boxinfo.xml'],
  parse: parseFritz,
});

export function parseFritz(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 8_192));
  if (!/<(?:j:)?BoxInfo/.test(xml)) return undefined;
  const fields = toldFields(Object.fromEntries(WANTED.map((name) => [name, elementText(xml, name)])));
  // The serial number is the MAC of the box without colons.
  return fields.Name === undefined ? undefined : { fields, identifiers: toldIdentifiers({ mac: elementText(xml, 'Serial') }) };
}
