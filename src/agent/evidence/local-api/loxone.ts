/** Loxone Miniserver ("Communicating with the Miniserver", `jdev/cfg/api`: the one command before authentication). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const loxoneReader = localApiReader({
  name: 'loxone',
  about: 'Asks a Loxone Miniserver for its serial number and firmware.',
  signs: { makers: /^loxone/i },
  doors: [{ port: 80 }, { port: 443, tls: true }],
  paths: ['/jdev/cfg/api'],
  parse: parseLoxone,
});

/** The value is JSON with single quotes in a JSON text: `{'snr': '50:4F:94:10:B8:4A', 'version':'12.0.2.24'}`. The number is the MAC. */
export function parseLoxone(body: Uint8Array): Finding | undefined {
  const value = jsonObject(jsonObject(utf8(body))?.LL)?.value;
  if (typeof value !== 'string') return undefined;
  const [snr, version] = ['snr', 'version'].map((name) => new RegExp(`'${name}'\\s{0,4}:\\s{0,4}'([^']{1,64})'`).exec(value)?.[1]);
  return snr === undefined ? undefined : { fields: toldFields({ snr, version }), identifiers: toldIdentifiers({ mac: snr }) };
}
