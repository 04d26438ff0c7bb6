/** Bluesound and NAD players with BluOS (BluOS Custom Integration API 1.7, `/SyncStatus`). */
import { utf8 } from '../byte-reader.ts';
import { attributesIn } from '../html.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const bluesoundReader = localApiReader({
  name: 'bluesound',
  about: 'Asks a BluOS player for its brand, model and name.',
  signs: { services: ['_musc._tcp', '_musp._tcp'], ports: [11_000], makers: /^(bluesound|lenbrook)/i },
  doors: [{ port: 11_000 }],
  paths: ['/SyncStatus'],
  parse: parseBluesound,
});

export function parseBluesound(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 8_192));
  const at = xml.indexOf('<SyncStatus ');
  if (at < 0) return undefined;
  const { brand, model, modelname: modelName, name, class: kind, mac } = attributesIn(xml.slice(at, xml.indexOf('>', at) + 1));
  if (brand === undefined && model === undefined) return undefined;
  return { fields: toldFields({ brand, model, modelName, name, class: kind }), identifiers: toldIdentifiers({ mac }) };
}
