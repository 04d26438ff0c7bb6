/** Axis cameras and door stations (VAPIX, "Basic device information"): getAllUnrestrictedProperties asks for no login unless that is turned off. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader, WEB } from './local-api.ts';

export const axisReader = localApiReader({
  name: 'axis',
  about: 'Asks an Axis device for its model, serial number and firmware.',
  signs: { services: ['_axis-video._tcp'], makers: /^axis/i },
  doors: WEB,
  paths: ['/axis-cgi/basicdeviceinfo.cgi'],
  request: {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"apiVersion":"1.0","method":"getAllUnrestrictedProperties"}',
  },
  parse: parseAxis,
});

export function parseAxis(body: Uint8Array): Finding | undefined {
  const about = jsonObject(jsonObject(jsonObject(utf8(body))?.data)?.propertyList);
  if (about?.ProdNbr === undefined) return undefined;
  const { Brand, ProdFullName, ProdNbr, ProdShortName, ProdType, ProdVariant, SerialNumber, Version, HardwareID } = about;
  return {
    fields: toldFields({ Brand, ProdFullName, ProdNbr, ProdShortName, ProdType, ProdVariant, SerialNumber, Version, HardwareID }),
    // The serial number of an Axis product is its MAC.
    identifiers: toldIdentifiers({ serial: SerialNumber, mac: SerialNumber }),
  };
}
