/** Roku External Control Protocol: `query/device-info` needs no pairing (Roku developer documentation, "External Control Protocol"). */
import { utf8 } from '../byte-reader.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader } from './local-api.ts';

const WANTED = [
  'vendor-name',
  'model-name',
  'model-number',
  'model-region',
  'friendly-model-name',
  'friendly-device-name',
  'user-device-name',
  'user-device-location',
  'serial-number',
  'software-version',
  'software-build',
  'is-tv',
  'is-stick',
  'screen-size',
  'network-type',
];

export const rokuReader = localApiReader({
  name: 'roku',
  about: 'Asks a Roku player or television for its model, serial number, software and name.',
  signs: { services: ['ssdp roku:ecp'], ports: [8060], makers: /^roku/i },
  doors: [{ port: 8060 }],
  paths: ['/query/device-info'],
  parse: parseRoku,
});

export function parseRoku(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 16_384));
  if (!xml.includes('<device-info')) return undefined;
  const told = (name: string) => elementText(xml, name);
  const fields = toldFields(Object.fromEntries(WANTED.map((name) => [name, told(name)])));
  const identifiers = [
    ...toldIdentifiers({ serial: told('serial-number'), udn: `uuid:${told('udn')}`, mac: told('ethernet-mac') }),
    ...toldIdentifiers({ mac: told('wifi-mac') }),
  ];
  return { fields, identifiers };
}
