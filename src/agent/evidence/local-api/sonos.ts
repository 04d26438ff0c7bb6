/**
 * Sonos players: `info` (JSON, all that run S2) or the older `status/zp` (XML), both on the port of their UPnP description. The serial number
 * begins with the MAC: `78-28-CA-1A-2B-3C:9`.
 */
import { utf8 } from '../byte-reader.ts';
import { type JsonObject, jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader } from './local-api.ts';

export const sonosReader = localApiReader({
  name: 'sonos',
  about: 'Asks a Sonos player for its model, serial number, software and room.',
  signs: { services: ['_sonos._tcp', 'ssdp urn:schemas-upnp-org:device:zoneplayer:1'], ports: [1400], makers: /^sonos/i },
  doors: [{ port: 1400 }],
  paths: ['/info', '/status/zp'],
  parse: parseSonos,
});

export function parseSonos(body: Uint8Array): Finding | undefined {
  const text = utf8(body);
  const device = jsonObject(jsonObject(text)?.device) ?? zonePlayer(text);
  if (!device || typeof device.id !== 'string' || !/^RINCON_/i.test(device.id)) return undefined;
  const { id, serialNumber, model, modelDisplayName, name, softwareVersion, swVersion, hwVersion } = device;
  return {
    fields: toldFields({ id, serialNumber, model, modelDisplayName, name, softwareVersion: softwareVersion ?? swVersion, hwVersion }),
    identifiers: toldIdentifiers({
      'vendor-id': id,
      serial: serialNumber,
      mac: typeof serialNumber === 'string' ? serialNumber.slice(0, 17) : undefined,
    }),
  };
}

/** The older answer under the names of the newer one. It knows no model. */
function zonePlayer(xml: string): JsonObject | undefined {
  if (!xml.includes('<ZPSupportInfo')) return undefined;
  return {
    id: elementText(xml, 'LocalUID'),
    serialNumber: elementText(xml, 'SerialNumber'),
    name: elementText(xml, 'ZoneName'),
    softwareVersion: elementText(xml, 'SoftwareVersion'),
    hwVersion: elementText(xml, 'HardwareVersion'),
  };
}
