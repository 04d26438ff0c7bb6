/** Elgato Key Light and its kin: `accessory-info` on their own port (as python-elgato reads it). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const elgatoReader = localApiReader({
  name: 'elgato',
  about: 'Asks an Elgato light for its product, serial number, firmware and name.',
  signs: { services: ['_elg._tcp'], ports: [9123], makers: /^elgato/i },
  doors: [{ port: 9123 }],
  paths: ['/elgato/accessory-info'],
  parse: parseElgato,
});

export function parseElgato(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (answer?.productName === undefined || answer.hardwareBoardType === undefined) return undefined;
  const { productName, displayName, hardwareBoardType, firmwareVersion, firmwareBuildNumber, serialNumber, macAddress } = answer;
  return {
    fields: toldFields({ productName, displayName, hardwareBoardType, firmwareVersion, firmwareBuildNumber, serialNumber }),
    identifiers: toldIdentifiers({ serial: serialNumber, mac: macAddress }),
  };
}
