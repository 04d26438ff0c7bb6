/** Shelly: `/shelly` answers without a password on every generation (Shelly API documentation, "Common HTTP API" and "HTTP Endpoints"). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const shellyReader = localApiReader({
  name: 'shelly',
  about: 'Asks a Shelly relay, plug or sensor for its model, firmware, id and name.',
  signs: { services: ['_shelly._tcp'], makers: /^(shelly|allterco)/i },
  doors: [{ port: 80 }],
  paths: ['/shelly'],
  parse: parseShelly,
});

/** The first generation says `type` and `fw`, the later ones `model`, `app` and `ver`. */
export function parseShelly(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (!answer || (answer.type === undefined && answer.model === undefined) || answer.mac === undefined) return undefined;
  const { name, id, model, type, app, gen, ver, fw, mac } = answer;
  return { fields: toldFields({ name, id, model, type, app, gen, ver, fw }), identifiers: toldIdentifiers({ mac, 'vendor-id': id }) };
}
