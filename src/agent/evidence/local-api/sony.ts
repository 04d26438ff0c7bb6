/**
 * Sony televisions, projectors and receivers: `getInterfaceInformation` needs no key ("none" in the BRAVIA Professional Displays REST API and
 * the Audio Control API). A POST by its form, it only reads.
 */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const sonyReader = localApiReader({
  name: 'sony',
  about: 'Asks a Sony television or receiver for its model.',
  signs: { services: ['ssdp urn:schemas-sony-com:service:scalarwebapi:1'], makers: /^sony/i },
  // Televisions, then audio products.
  doors: [{ port: 80 }, { port: 10_000 }, { port: 54_480 }],
  paths: ['/sony/system'],
  request: {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"method":"getInterfaceInformation","params":[],"id":1,"version":"1.0"}',
  },
  parse: parseSony,
});

export function parseSony(body: Uint8Array): Finding | undefined {
  const result = jsonObject(utf8(body))?.result;
  const about = Array.isArray(result) ? jsonObject(result[0]) : undefined;
  if (about?.modelName === undefined) return undefined;
  const { productCategory, productName, modelName, serverName, interfaceVersion } = about;
  return { fields: toldFields({ productCategory, productName, modelName, serverName, interfaceVersion }) };
}
