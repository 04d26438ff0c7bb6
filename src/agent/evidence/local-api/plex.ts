/** Plex Media Server: `/identity` is open to all (Plex API). Its id moves with the software to another box, so it identifies none. */
import { utf8 } from '../byte-reader.ts';
import { attributesIn } from '../html.ts';
import type { Finding } from '../reader.ts';
import { toldFields } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const plexReader = localApiReader({
  name: 'plex',
  about: 'Asks a Plex media server for its version.',
  signs: { services: ['_plexmediasvr._tcp', 'ssdp urn:plex-tv:device:plexmediaserver:1'], ports: [32_400] },
  doors: [{ port: 32_400 }],
  paths: ['/identity'],
  parse: parsePlex,
});

export function parsePlex(body: Uint8Array): Finding | undefined {
  const xml = utf8(body.subarray(0, 4_096));
  const at = xml.indexOf('<MediaContainer ');
  if (at < 0) return undefined;
  const { machineidentifier, version } = attributesIn(xml.slice(at, xml.indexOf('>', at) + 1));
  return machineidentifier === undefined || version === undefined ? undefined : { fields: toldFields({ product: 'Plex', version }) };
}
