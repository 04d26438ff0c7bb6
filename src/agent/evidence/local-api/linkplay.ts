/**
 * Players with a Linkplay module (WiiM, Arylic, Audio Pro): `getStatusEx` of their HTTP API only reads ("HTTP API for WiiM Products"). The
 * answer names the home's Wi-Fi too; that is not kept.
 */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const linkplayReader = localApiReader({
  name: 'linkplay',
  about: 'Asks a WiiM, Arylic or other Linkplay player for its project, firmware and name.',
  signs: { services: ['_linkplay._tcp'], makers: /^(linkplay|wiim|arylic|audio pro)/i },
  doors: [{ port: 80 }, { port: 443, tls: true }],
  paths: ['/httpapi.asp?command=getStatusEx'],
  parse: parseLinkplay,
});

export function parseLinkplay(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (!answer || answer.uuid === undefined || answer.project === undefined) return undefined;
  const { DeviceName, project, priv_prj, hardware, firmware, Release, uuid, upnp_uuid, MAC, STA_MAC, ETH_MAC } = answer;
  return {
    fields: toldFields({ DeviceName, project, priv_prj, hardware, firmware, Release, uuid }),
    identifiers: [
      ...toldIdentifiers({ 'vendor-id': uuid, udn: upnp_uuid, mac: MAC }),
      ...[STA_MAC, ETH_MAC].flatMap((mac) => toldIdentifiers({ mac })),
    ],
  };
}
