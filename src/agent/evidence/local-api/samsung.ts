/** Samsung televisions since 2016: `api/v2/` of the Smart View SDK tells model and name before anything is paired. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const samsungReader = localApiReader({
  name: 'samsung',
  about: 'Asks a Samsung television for its model and name.',
  signs: { services: ['_samsungmsf._tcp', 'ssdp urn:samsung.com:device:remotecontrolreceiver:1'], ports: [8001] },
  doors: [{ port: 8001 }],
  paths: ['/api/v2/'],
  parse: parseSamsung,
});

export function parseSamsung(body: Uint8Array): Finding | undefined {
  const device = jsonObject(jsonObject(utf8(body))?.device);
  if (!device || device.modelName === undefined) return undefined;
  const { name, modelName, model, type, OS, FrameTVSupport, firmwareVersion, resolution, udn, wifiMac } = device;
  const fields = toldFields({ name, modelName, model, type, OS, FrameTVSupport, resolution });
  return {
    // `Unknown` is what every set says since 2017.
    fields: firmwareVersion === 'Unknown' ? fields : { ...fields, ...toldFields({ firmwareVersion }) },
    identifiers: toldIdentifiers({ udn, mac: wifiMac }),
  };
}
