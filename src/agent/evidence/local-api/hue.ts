/** Philips Hue bridge: `api/config` answers a stranger with its short form (Hue developer programme, "Configuration API", 7.2). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const hueReader = localApiReader({
  name: 'hue',
  about: 'Asks a Hue bridge for its model, software, bridge id and name.',
  signs: { services: ['_hue._tcp'], makers: /^(philips|signify)/i },
  doors: [{ port: 80 }, { port: 443, tls: true }],
  paths: ['/api/config'],
  parse: parseHue,
});

export function parseHue(body: Uint8Array): Finding | undefined {
  const config = jsonObject(utf8(body));
  if (config?.bridgeid === undefined) return undefined;
  const { name, modelid, swversion, apiversion, bridgeid, mac } = config;
  return {
    fields: toldFields({ name, modelid, swversion, apiversion, bridgeid }),
    identifiers: toldIdentifiers({ mac, 'vendor-id': bridgeid }),
  };
}
