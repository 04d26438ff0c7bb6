/**
 * Hikvision's search (SADP) on UDP 37020: cameras and recorders of that maker, and those it makes for others, answer with model, serial number
 * and firmware to the whole group.
 */
import { utf8 } from './byte-reader.ts';
import type { Finding, GroupReader } from './reader.ts';
import { toldFields, toldIdentifiers } from './told.ts';
import { uuidOf } from './ws-discovery.ts';
import { elementText } from './xml-text.ts';

const GROUP = '239.255.255.250';
const PORT = 37_020;
const MAX_BYTES = 8192;

const question = (nonce: Uint8Array): Uint8Array =>
  Buffer.from(`<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>${uuidOf(nonce).toUpperCase()}</Uuid><Types>inquiry</Types></Probe>`);

export function parseHikvisionSearch(datagram: Uint8Array): Finding | undefined {
  if (datagram.length > MAX_BYTES) return undefined;
  const xml = utf8(datagram);
  if (/<Probe>/.test(xml)) return { fields: {} };
  if (!/<ProbeMatch>/.test(xml)) return undefined;
  const serial = elementText(xml, 'DeviceSN');
  return {
    fields: toldFields({
      model: elementText(xml, 'DeviceDescription'),
      serial,
      firmware: elementText(xml, 'SoftwareVersion'),
      isActivated: elementText(xml, 'Activated'),
    }),
    identifiers: toldIdentifiers({ mac: elementText(xml, 'MAC'), serial }),
  };
}

export const hikvisionSearchReader: GroupReader = {
  name: 'hikvision',
  method: 'api',
  about: 'Asks by multicast for Hikvision cameras and recorders: model, serial number and firmware.',
  questions: [{ to: GROUP, port: PORT, payload: question }],
  listen: [{ port: PORT, group: GROUP }],
  parse: parseHikvisionSearch,
};
