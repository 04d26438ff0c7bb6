/**
 * Every reader there is, with those left out that the settings turn off. To add one: write `src/agent/evidence/<name>.ts`, put it into the
 * list below, and give its name to `identify.off` in config/settings.ts (a test compares the two).
 */

import type { Random } from '../../base/random.ts';
import { ftpReader, sshReader, telnetReader } from './greetings.ts';
import { hikvisionSearchReader } from './hikvision-search.ts';
import { httpReader } from './http-page.ts';
import type { IdentifySettings } from './identify-settings.ts';
import { ippReader } from './ipp.ts';
import { kasaReader } from './kasa.ts';
import { lifxReader } from './lifx.ts';
import { llmnrReader } from './llmnr.ts';
import { LOCAL_API_READERS } from './local-api/readers.ts';
import { mikrotikReader } from './mikrotik.ts';
import { netbiosReader } from './netbios.ts';
import { openPortsReader } from './open-ports.ts';
import { pjlReader } from './pjl.ts';
import type { GroupReader, Reader } from './reader.ts';
import { rtspReader } from './rtsp.ts';
import { sddpReader } from './sddp.ts';
import { sipReader } from './sip.ts';
import { snmpReader } from './snmp.ts';
import { tlsReader } from './tls-certificate.ts';
import { tuyaReader } from './tuya.ts';
import { ubiquitiReader } from './ubiquiti.ts';
import { wizReader } from './wiz.ts';
import { wsDiscoveryReader } from './ws-discovery.ts';
import { yeelightReader } from './yeelight.ts';

/** In the order in which one device is asked: `ports` first, because the others go by what it found. `random` numbers questions. */
export function readersFor(settings: IdentifySettings, random: Random): readonly Reader[] {
  const readers: readonly Reader[] = [
    openPortsReader,
    ...LOCAL_API_READERS,
    httpReader,
    tlsReader,
    netbiosReader,
    llmnrReader,
    ippReader,
    pjlReader,
    rtspReader,
    sshReader,
    ftpReader,
    telnetReader,
    sipReader,
    snmpReader(settings.snmp, random),
    // one line each
  ];
  return readers.filter(({ name }) => !settings.off.includes(name));
}

/** Protocols that are asked of everyone at once, or only overheard. */
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
    // one line each
  ];
  return readers.filter(({ name }) => !settings.off.includes(name));
}

/** The names in the settings of what is no reader of a protocol: the home's resolver is asked, and DHCP clients are overheard. */
export const DNS_NAME = 'dns-name';
export const DHCP = 'dhcp';
