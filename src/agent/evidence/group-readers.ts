/**
 * Every protocol that is asked of all devices at once or only overheard, with those left out that the settings turn off. To add one: write
 * `src/agent/evidence/<name>.ts`, put it into the list below, and its name into config/reader-names.ts (a test compares the two).
 */
import { hikvisionSearchReader } from './hikvision-search.ts';
import type { IdentifySettings } from './identify-settings.ts';
import { kasaReader } from './kasa.ts';
import { lifxReader } from './lifx.ts';
import { mikrotikReader } from './mikrotik.ts';
import type { GroupReader } from './reader.ts';
import { sddpReader } from './sddp.ts';
import { tuyaReader } from './tuya.ts';
import { ubiquitiReader } from './ubiquiti.ts';
import { wizReader } from './wiz.ts';
import { wsDiscoveryReader } from './ws-discovery.ts';
import { yeelightReader } from './yeelight.ts';

export function groupReadersFor(settings: IdentifySettings): readonly GroupReader[] {
  const readers: readonly GroupReader[] = [
    wsDiscoveryReader,
    sddpReader,
    hikvisionSearchReader,
    kasaReader,
    ubiquitiReader,
    mikrotikReader,
    lifxReader,
    yeelightReader,
    wizReader,
    tuyaReader,
  ];
  return readers.filter(({ name }) => !settings.off.includes(name));
}

/** The names in the settings of what is no reader of a protocol: the home's resolver is asked, and DHCP clients are overheard. */
export const DNS_NAME = 'dns-name';
export const DHCP = 'dhcp';
