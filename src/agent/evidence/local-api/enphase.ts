/** Enphase Envoy and IQ Gateway: `/info` is the one page that never wants a token (as pyenphase reads it before it logs in). */
import { utf8 } from '../byte-reader.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader, WEB } from './local-api.ts';

export const enphaseReader = localApiReader({
  name: 'enphase',
  about: 'Asks an Enphase gateway for its serial number, part number and software.',
  signs: { services: ['_enphase-envoy._tcp'], makers: /^enphase/i },
  doors: WEB,
  paths: ['/info'],
  parse: parseEnphase,
});

export function parseEnphase(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 8_192));
  if (!xml.includes('<envoy_info')) return undefined;
  const [sn, pn, software] = ['sn', 'pn', 'software'].map((name) => elementText(xml, name));
  return sn === undefined ? undefined : { fields: toldFields({ sn, pn, software }), identifiers: toldIdentifiers({ serial: sn }) };
}
