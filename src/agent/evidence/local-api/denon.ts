/**
 * Denon and Marantz receivers: `goform/Deviceinfo.xml`, which their remote apps read first. Port 8080 since 2016 (HEOS models), 80 before;
 * 404 with an empty page on players that have no such interface.
 */
import { utf8 } from '../byte-reader.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader } from './local-api.ts';

const WANTED = ['BrandCode', 'CategoryName', 'ManualModelName', 'ModelName', 'DeviceInfoVers', 'CommApiVers', 'DeviceZones'];

export const denonReader = localApiReader({
  name: 'denon',
  about: 'Asks a Denon or Marantz receiver for its brand and model.',
  signs: { services: ['_heos-audio._tcp', 'ssdp urn:schemas-denon-com:device:aiosdevice:1'], makers: /^(denon|marantz|d.?m holdings)/i },
  doors: [{ port: 8080 }, { port: 80 }],
  paths: ['/goform/Deviceinfo.xml'],
  parse: parseDenon,
});

/** The answer goes on for 60 KiB of what each zone can do; where it was cut does not matter. */
export function parseDenon(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 8_192));
  const fields = toldFields(Object.fromEntries(WANTED.map((name) => [name, elementText(xml, name)])));
  if (fields.ModelName === undefined || fields.BrandCode === undefined) return undefined;
  return { fields, identifiers: toldIdentifiers({ mac: elementText(xml, 'MacAddress') }) };
}
