/** Jellyfin and Emby: `System/Info/Public` is open to all (Jellyfin API, GetPublicSystemInfo). */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const jellyfinReader = localApiReader({
  name: 'jellyfin',
  about: 'Asks a Jellyfin or Emby media server for its product, version and name.',
  signs: { ports: [8096] },
  doors: [{ port: 8096 }],
  paths: ['/System/Info/Public'],
  parse: parseJellyfin,
});

export function parseJellyfin(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (answer?.ServerName === undefined || answer.Version === undefined) return undefined;
  // Emby leaves the product out.
  const { ServerName, Version, ProductName = 'Emby Server', OperatingSystem } = answer;
  return { fields: toldFields({ ServerName, Version, ProductName, OperatingSystem }) };
}
