/** The readers that are no HTTP and no SNMP, for the fuzz: each parser with what real devices answer. */
import { parseDhcpRequest } from '../../src/agent/evidence/dhcp-message.ts';
import { encodeAddressQuestion, encodePtrQuestion, parseAddressAnswer, parsePtrAnswer } from '../../src/agent/evidence/dns-message.ts';
import { parseFtp, parseSsh, parseTelnet } from '../../src/agent/evidence/greetings.ts';
import { parseHikvisionSearch } from '../../src/agent/evidence/hikvision-search.ts';
import { parseIpp } from '../../src/agent/evidence/ipp.ts';
import { hideKasa, parseKasa, showKasa } from '../../src/agent/evidence/kasa.ts';
import { parseLifx } from '../../src/agent/evidence/lifx.ts';
import { parseMikrotik } from '../../src/agent/evidence/mikrotik.ts';
import { parseNodeStatus } from '../../src/agent/evidence/netbios.ts';
import { parseUpsList, parseUpsVariables } from '../../src/agent/evidence/nut.ts';
import { parsePjl } from '../../src/agent/evidence/pjl.ts';
import { parsePjlink } from '../../src/agent/evidence/pjlink.ts';
import { findingOfName } from '../../src/agent/evidence/router-name.ts';
import { parseRtsp } from '../../src/agent/evidence/rtsp.ts';
import { parseSddp } from '../../src/agent/evidence/sddp.ts';
import { parseSip } from '../../src/agent/evidence/sip.ts';
import { parseTuya } from '../../src/agent/evidence/tuya.ts';
import { parseUbiquiti } from '../../src/agent/evidence/ubiquiti.ts';
import { parseWiz } from '../../src/agent/evidence/wiz.ts';
import { parseWsd } from '../../src/agent/evidence/ws-discovery.ts';
import { parseYeelight } from '../../src/agent/evidence/yeelight.ts';
import * as said from '../builders/device-answers.ts';
import type { FuzzTarget } from './targets.ts';

const QUESTION = encodePtrQuestion(0x1234, '192.168.77.41', { recurse: true });
const ADDRESS_QUESTION = encodeAddressQuestion(0x1234, 'broker.example') as Uint8Array;
const ADDRESS_ANSWER = addressAnswer();

function addressAnswer(): Uint8Array {
  const message = Buffer.concat([ADDRESS_QUESTION, Buffer.from('c00c000100010000003c0004c6336458', 'hex')]);
  message.writeUInt16BE(0x8180, 2);
  message.writeUInt16BE(1, 6);
  return message;
}

/** The mutations are made in the clear: behind the exclusive-or they would only be noise. */
const parseHiddenKasa = (clear: Uint8Array): unknown => parseKasa(hideKasa(Buffer.from(clear).toString('utf8')));

const orUndefined = (names: readonly string[]): readonly string[] | undefined => (names.length === 0 ? undefined : names);

export const EVIDENCE_TARGETS: readonly FuzzTarget[] = [
  { name: 'wsd', seeds: [said.WSD_CAMERA, said.WSD_COMPUTER, said.WSD_BYE], parse: parseWsd },
  { name: 'sddp', seeds: [said.SDDP_CONTROLLER, said.SDDP_PROJECTOR, said.SDDP_OFFLINE], parse: parseSddp },
  { name: 'kasa', seeds: [Buffer.from(showKasa(said.KASA_PLUG))], parse: parseHiddenKasa },
  { name: 'tapo', seeds: [said.TAPO_PLUG, said.KASA_PLUG], parse: parseKasa },
  { name: 'ubiquiti', seeds: [said.UBIQUITI_AP, said.UBIQUITI_SWITCH], parse: parseUbiquiti },
  { name: 'mikrotik', seeds: [said.MIKROTIK_ROUTER], parse: parseMikrotik },
  { name: 'hikvision', seeds: [said.HIKVISION_CAMERA], parse: parseHikvisionSearch },
  { name: 'lifx', seeds: [said.LIFX_VERSION, said.LIFX_LABEL], parse: parseLifx },
  { name: 'yeelight', seeds: [said.YEELIGHT_LAMP], parse: parseYeelight },
  { name: 'wiz', seeds: [said.WIZ_LAMP], parse: parseWiz },
  { name: 'tuya', seeds: [said.TUYA_IN_THE_CLEAR, said.TUYA_HIDDEN, said.TUYA_SIGNED], parse: parseTuya },
  { name: 'netbios', seeds: [said.NODE_STATUS, said.NODE_STATUS_WITH_MAC], parse: parseNodeStatus },
  {
    name: 'dns-name',
    seeds: [said.PTR_ANSWER],
    parse: (bytes) => parsePtrAnswer(bytes, QUESTION)?.map((name) => [name, findingOfName(name, '192.168.77.41')]),
  },
  { name: 'dns-address', seeds: [ADDRESS_ANSWER], parse: (bytes) => parseAddressAnswer(bytes, ADDRESS_QUESTION) },
  { name: 'dhcp', seeds: [said.DHCP_REQUEST], parse: parseDhcpRequest },
  { name: 'ipp', seeds: [said.IPP_PRINTER], parse: parseIpp },
  { name: 'pjl', seeds: [said.PJL_ID], parse: parsePjl },
  { name: 'pjlink', seeds: [said.PJLINK_ANSWERS], parse: parsePjlink },
  { name: 'nut-list', seeds: [said.NUT_UPS_LIST], parse: (bytes) => orUndefined(parseUpsList(bytes)) },
  { name: 'nut', seeds: [said.NUT_VARIABLES], parse: parseUpsVariables },
  { name: 'rtsp', seeds: [said.RTSP_REFUSAL], parse: parseRtsp },
  { name: 'sip', seeds: [said.SIP_OK], parse: parseSip },
  { name: 'ssh', seeds: [said.SSH_LINE], parse: parseSsh },
  { name: 'ftp', seeds: [said.FTP_GREETING], parse: parseFtp },
  { name: 'telnet', seeds: [said.TELNET_BANNER], parse: parseTelnet },
];
