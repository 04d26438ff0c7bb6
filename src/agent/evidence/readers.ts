/**
 * Every reader there is, with those left out that the settings turn off. To add one: write `src/agent/evidence/<name>.ts`, put it into the
 * list below, and its name into config/reader-names.ts (a test compares the two).
 */
import type { Random } from '../../base/random.ts';
import { ftpReader, sshReader, telnetReader } from './greetings.ts';
import { httpReader } from './http-page.ts';
import type { IdentifySettings } from './identify-settings.ts';
import { ippReader } from './ipp.ts';
import { llmnrReader } from './llmnr.ts';
import { LOCAL_API_READERS } from './local-api/readers.ts';
import { netbiosReader } from './netbios.ts';
import { nutReader } from './nut.ts';
import { openPortsReader } from './open-ports.ts';
import { pjlReader } from './pjl.ts';
import { pjlinkReader } from './pjlink.ts';
import type { Reader } from './reader.ts';
import { rtspReader } from './rtsp.ts';
import { sipReader } from './sip.ts';
import { snmpReader } from './snmp.ts';
import { tlsReader } from './tls-certificate.ts';

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
    pjlinkReader,
    nutReader,
    rtspReader,
    sshReader,
    ftpReader,
    telnetReader,
    sipReader,
    snmpReader(settings.snmp, random),
  ];
  return readers.filter(({ name }) => !settings.off.includes(name));
}
