/** NETGEAR routers: `currentsetting.htm`, the page by which the maker's Genie and Nighthawk apps find them; no login. Lines of `Key=value`. */
import { utf8 } from '../byte-reader.ts';
import type { Finding } from '../reader.ts';
import { toldFields } from '../told.ts';
import { localApiReader, WEB } from './local-api.ts';

const WANTED = new Set(['Firmware', 'RegionTag', 'Model', 'DeviceMode', 'SmartAgent']);
const MOST_LINES = 64;

export const netgearReader = localApiReader({
  name: 'netgear',
  about: 'Asks a NETGEAR router or access point for its model and firmware.',
  signs: { makers: /^netgear/i },
  doors: WEB,
  paths: ['/currentsetting.htm'],
  parse: parseNetgear,
});

export function parseNetgear(body: Uint8Array): Finding | undefined {
  const lines = utf8(body.subarray(0, 4_096)).split(/\r?\n/, MOST_LINES);
  const pairs = lines.map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)] as const);
  const fields = toldFields(Object.fromEntries(pairs.filter(([key]) => WANTED.has(key))));
  return fields.Model === undefined || fields.Firmware === undefined ? undefined : { fields };
}
