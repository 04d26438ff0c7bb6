/** UniFi OS consoles (Dream Machine, Cloud Key, NVR): the login page reads model and name from `api/system` before anyone has logged in. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const unifiReader = localApiReader({
  name: 'unifi',
  about: 'Asks a UniFi console for its model and name.',
  signs: { makers: /^ubiquiti/i },
  doors: [{ port: 443, tls: true }],
  paths: ['/api/system'],
  parse: parseUnifi,
});

export function parseUnifi(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  const shortname = jsonObject(answer?.hardware)?.shortname;
  if (!answer || shortname === undefined) return undefined;
  return { fields: toldFields({ shortname, name: answer.name }), identifiers: toldIdentifiers({ mac: answer.mac }) };
}
