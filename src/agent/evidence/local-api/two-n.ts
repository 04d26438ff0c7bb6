/** 2N intercoms and access units (2N HTTP API, 5.1.1 `api/system/info`: "available regardless of the set access rights"). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader, WEB } from './local-api.ts';

export const twoNReader = localApiReader({
  name: '2n',
  about: 'Asks a 2N intercom for its model, serial number, firmware and name.',
  signs: { makers: /^2n\b/i },
  doors: WEB,
  paths: ['/api/system/info'],
  parse: parseTwoN,
});

export function parseTwoN(body: Uint8Array): Finding | undefined {
  const about = jsonObject(jsonObject(utf8(body))?.result);
  if (about?.variant === undefined || about.devType === undefined) return undefined;
  const { variant, deviceName, serialNumber, hwVersion, swVersion, devType, macAddr } = about;
  return {
    fields: toldFields({ variant, deviceName, serialNumber, hwVersion, swVersion, devType }),
    identifiers: toldIdentifiers({ serial: serialNumber, mac: macAddr }),
  };
}
