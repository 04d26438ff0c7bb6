/** SNMP answers for the fuzz: each is read as far as the reader would, down to fields, rows and neighbours. */
import { readCommunityMessage, type VarBind } from '../../src/agent/evidence/snmp-message.ts';
import { toldPorts } from '../../src/agent/evidence/snmp-ports.ts';
import type { Row } from '../../src/agent/evidence/snmp-session.ts';
import { supplyFields } from '../../src/agent/evidence/snmp-supplies.ts';
import {
  deviceFields,
  ENGINE_ID,
  entityFields,
  interfaceNames,
  neighboursOf,
  ownMacs,
  portsOf,
  type Subject,
  systemFields,
} from '../../src/agent/evidence/snmp-tables.ts';
import { engineFacts, keyOfPassword, readSecured, userAtEngine } from '../../src/agent/evidence/snmp-v3.ts';
import { warmestIn } from '../../src/agent/evidence/snmp-warmth.ts';
import { PACKETS, REQUEST_ID, USERS } from '../builders/snmp-packets.ts';
import { encoded, response } from '../fakes/snmp-agent.ts';
import type { FuzzTarget } from './targets.ts';

const BRIDGE: Subject = { enterprise: 318, sysDescr: 'UPS with a printer', vendor: 'Synology', kind: 'printer' };

const DEVICE = response({ version: 1, requestId: REQUEST_ID }, [
  ['1.3.6.1.2.1.25.3.2.1.3.1', encoded('Brother DCP-L3550CDW series')],
  ['1.3.6.1.2.1.43.10.2.1.4.1.1', encoded(4711)],
  ['1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1', encoded('MFG:Brother;CMD:PJL;MDL:DCP-L3550CDW series;SN:E78098A0N123456;')],
  ['1.3.6.1.4.1.318.1.1.1.2.1.3.0', encoded('08/15/14')],
  ['1.3.6.1.4.1.6574.1.5.1.0', encoded('DS418play')],
]);

const INTERFACES = response(
  { version: 1, requestId: REQUEST_ID },
  ['1', '2'].flatMap((index) => [
    [`1.3.6.1.2.1.2.2.1.2.${index}`, encoded(`eth${index}`)] as const,
    [`1.3.6.1.2.1.2.2.1.3.${index}`, encoded(6)] as const,
    [`1.3.6.1.2.1.2.2.1.6.${index}`, encoded(Buffer.from(`001132aabbc${index}`, 'hex'))] as const,
  ]),
);

/** All that may be a cell is put into every column of its own name, whatever its index looks like. */
function rowsOf(varBinds: readonly VarBind[]): Row[] {
  return varBinds.map(({ oid, value }) => {
    const arcs = oid.split('.');
    const index = arcs.slice(11).join('.');
    return { index, cells: new Map([...Array(arcs.length).keys()].map((length) => [arcs.slice(0, length).join('.'), value])) };
  });
}

function tell(varBinds: readonly VarBind[]): unknown {
  const objects = new Map(varBinds.map(({ oid, value }) => [oid, value]));
  const rows = rowsOf(varBinds);
  const engine = objects.get(ENGINE_ID);
  return [
    systemFields(objects),
    deviceFields(BRIDGE, objects),
    entityFields(rows),
    supplyFields(rows),
    ownMacs(rows),
    interfaceNames(rows),
    portsOf(rows, []),
    neighboursOf(rows),
    toldPorts(rows, rows),
    warmestIn(rows),
    engine instanceof Uint8Array && engineFacts(engine),
  ];
}

const ENGINE = readSecured(PACKETS.DISCOVERY, REQUEST_ID, { name: '' })!.engine;
const USERS_HERE = [{ name: '' }, ...Object.values(USERS).map((user) => userAtEngine(user, ENGINE.id, keyOfPassword))];

export const SNMP_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'snmp',
    seeds: [
      PACKETS.SYSTEM_V1,
      PACKETS.SYSTEM_V2C,
      PACKETS.NO_SUCH_NAME_V1,
      PACKETS.FORWARDING_BULK,
      PACKETS.NEIGHBOURS_BULK,
      PACKETS.ENTITY_BULK,
      DEVICE,
      INTERFACES,
    ],
    parse: (bytes) => {
      const answer = readCommunityMessage(bytes, 1, 'public') ?? readCommunityMessage(bytes, 0, 'public');
      return answer && tell(answer.varBinds);
    },
  },
  {
    name: 'snmp-v3',
    seeds: [
      PACKETS.DISCOVERY,
      PACKETS.SIGNED,
      PACKETS.ENCRYPTED_AES,
      PACKETS.ENCRYPTED_DES,
      PACKETS.NOT_IN_TIME_WINDOW,
      PACKETS.UNKNOWN_USER,
    ],
    parse: (bytes) => {
      const read = USERS_HERE.map((user) => readSecured(bytes, REQUEST_ID, user)).find(Boolean);
      return read && [engineFacts(read.engine.id), tell(read.answer.varBinds)];
    },
  },
];
