/** WLED light controllers (WLED knowledge base, "JSON API", `/json/info`). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const wledReader = localApiReader({
  name: 'wled',
  about: 'Asks a WLED light controller for its software, board and name.',
  signs: { services: ['_wled._tcp'] },
  doors: [{ port: 80 }],
  paths: ['/json/info'],
  parse: parseWled,
});

export function parseWled(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (answer?.brand !== 'WLED') return undefined;
  const { brand, product, name, ver, arch, mac } = answer;
  return { fields: toldFields({ brand, product, name, ver, arch }), identifiers: toldIdentifiers({ mac }) };
}
