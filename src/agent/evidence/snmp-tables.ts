/**
 * What is worth asking an SNMP agent, and what its objects mean: the MIBs that home devices have, as data, and pure functions from objects
 * and rows to fields, identifiers and topology. Names of fields are as in config/fingerprints.
 */
import { isLocallyAdministered, parseMac } from '../../base/mac-address.ts';
import { present } from '../../base/present.ts';
import { cleanText } from '../../base/text.ts';
import type { ToldTopology } from '../discovery/sighting.ts';
import type { SnmpValue } from './snmp-message.ts';
import type { Row } from './snmp-session.ts';
import { toldDay } from './told-day.ts';

/** One object and the field it becomes. */
type Scalar = { readonly field: string; readonly oid: string; readonly read?: (value: SnmpValue) => string | undefined };

export type Objects = ReadonlyMap<string, SnmpValue>;
export type Fields = Readonly<Record<string, string>>;

const MAX_TEXT = 255;

/**
 * Text of an OCTET STRING: UTF-8, or Latin-1 as older firmware has it, up to the first NUL. Undefined for what is bytes and no text (a MAC,
 * a DateAndTime): more than one in four characters are controls.
 */
export function textOf(value: SnmpValue, limit = MAX_TEXT): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  const nul = value.indexOf(0);
  const bytes = nul < 0 ? value : value.subarray(0, nul);
  const controls = bytes.reduce(
    (count, byte) => count + ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f ? 1 : 0),
    0,
  );
  if (controls * 4 > bytes.length) return undefined;
  const utf8 = new TextDecoder().decode(bytes);
  return cleanText(utf8.includes('\ufffd') ? Buffer.from(bytes).toString('latin1') : utf8, limit);
}

/** A MAC as six bytes or as text. */
export function macOf(value: SnmpValue): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return parseMac(value.length === 6 ? Buffer.from(value).toString('hex') : (textOf(value, 32) ?? ''));
}

const countOf = (value: SnmpValue): string | undefined =>
  (typeof value === 'number' || typeof value === 'bigint') && value >= 0 ? value.toString() : undefined;

const named =
  (names: Readonly<Record<number, string>>) =>
  (value: SnmpValue): string | undefined =>
    typeof value === 'number' ? names[value] : undefined;

const dateOf = (value: SnmpValue): string | undefined => toldDay(textOf(value, 10));

const ticksAsMinutes = (value: SnmpValue): string | undefined => (typeof value === 'number' ? `${Math.floor(value / 6_000)}` : undefined);

/** Degrees Celsius: a number, or text as QNAP has it (`44 C/111 F`). */
export function degreesOf(value: SnmpValue): number | undefined {
  const told = typeof value === 'number' ? value : Number(/^(-?\d{1,3}) ?°?C\b/.exec(textOf(value, 32) ?? '')?.[1] ?? Number.NaN);
  return Number.isNaN(told) ? undefined : told;
}

/** `parts`: of a degree. */
const warmth = (oid: string, parts = 1): Scalar => ({
  field: 'temperatureC',
  oid,
  read: (value) => {
    const degrees = degreesOf(value);
    return degrees === undefined ? undefined : warmest([degrees / parts]);
  },
});

const secondsAsMinutes = (value: SnmpValue): string | undefined =>
  typeof value === 'number' && value >= 0 ? `${Math.floor(value / 60)}` : undefined;

// ---- who it is (SNMPv2-MIB, RFC 3418; SNMP-FRAMEWORK-MIB, RFC 3411) ----

const SYSTEM = '1.3.6.1.2.1.1';
const SYS_OBJECT_ID = `${SYSTEM}.2.0`;
const SYS_SERVICES = `${SYSTEM}.7.0`;
export const ENGINE_ID = '1.3.6.1.6.3.10.2.1.1.0';

const SYSTEM_SCALARS: readonly Scalar[] = [
  { field: 'sysDescr', oid: `${SYSTEM}.1.0` },
  { field: 'sysObjectID', oid: SYS_OBJECT_ID, read: (value) => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : undefined) },
  { field: 'upTimeS', oid: `${SYSTEM}.3.0`, read: (value) => (typeof value === 'number' ? `${Math.floor(value / 100)}` : undefined) },
  { field: 'sysName', oid: `${SYSTEM}.5.0` },
  { field: 'sysLocation', oid: `${SYSTEM}.6.0` },
  { field: 'sysServices', oid: SYS_SERVICES, read: countOf },
];

/** The first question to every agent. sysContact is left out: it names a person. */
export const SYSTEM_OBJECTS: readonly string[] = [...SYSTEM_SCALARS.map(({ oid }) => oid), ENGINE_ID];

export const systemFields = (objects: Objects): Fields => fieldsOf(SYSTEM_SCALARS, objects);

/** The private enterprise number in a sysObjectID: who made the agent (IANA). */
export function enterpriseOf(sysObjectId: string | undefined): number | undefined {
  const digits = /^1\.3\.6\.1\.4\.1\.(\d{1,10})(?:\.|$)/.exec(sysObjectId ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether it forwards packets for others: a repeater, bridge or router by bits 0 to 2 of its sysServices (RFC 3418). */
export const forwards = (sysServices: string | undefined): boolean => (Number(sysServices ?? 0) & 0b111) !== 0;

// ---- what it is: objects of one kind of device ----

const UPS = '1.3.6.1.2.1.33.1';
const APC = '1.3.6.1.4.1.318.1.1.1';
const CYBERPOWER = '1.3.6.1.4.1.3808.1.1.1';
const EATON = '1.3.6.1.4.1.534.1';

/** UPS-MIB (RFC 1628). */
const UPS_SCALARS: readonly Scalar[] = [
  { field: 'upsVendor', oid: `${UPS}.1.1.0` },
  { field: 'upsModel', oid: `${UPS}.1.2.0` },
  { field: 'upsFirmware', oid: `${UPS}.1.3.0` },
  { field: 'batteryStatus', oid: `${UPS}.2.1.0`, read: named({ 2: 'normal', 3: 'low', 4: 'depleted' }) },
  { field: 'batteryMinutes', oid: `${UPS}.2.3.0`, read: countOf },
  { field: 'batteryChargePercent', oid: `${UPS}.2.4.0`, read: countOf },
  warmth(`${UPS}.2.7.0`),
  // A warning, an abort and a test that goes on say neither.
  { field: 'selfTest', oid: `${UPS}.7.3.0`, read: named({ 1: 'passed', 3: 'failed' }) },
];

/** PowerNet-MIB of APC and CPS-MIB of CyberPower, who follows it but for the number of the replace indicator. */
const powerNet = (root: string, replaceIndicator: number): readonly Scalar[] => [
  { field: 'upsModel', oid: `${root}.1.1.1.0` },
  { field: 'upsFirmware', oid: `${root}.1.2.1.0` },
  { field: 'upsSerial', oid: `${root}.1.2.3.0` },
  { field: 'batteryStatus', oid: `${root}.2.1.1.0`, read: named({ 2: 'normal', 3: 'low' }) },
  { field: 'batteryReplacedOn', oid: `${root}.2.1.3.0`, read: dateOf },
  { field: 'batteryChargePercent', oid: `${root}.2.2.1.0`, read: countOf },
  warmth(`${root}.2.2.${replaceIndicator - 2}.0`),
  { field: 'batteryMinutes', oid: `${root}.2.2.${replaceIndicator - 1}.0`, read: ticksAsMinutes },
  { field: 'batteryStatus', oid: `${root}.2.2.${replaceIndicator}.0`, read: named({ 2: 'replace' }) },
  { field: 'upsMadeOn', oid: `${root}.1.2.2.0`, read: dateOf },
  { field: 'selfTest', oid: `${root}.7.2.3.0`, read: named({ 1: 'passed', 2: 'failed' }) },
  { field: 'selfTestOn', oid: `${root}.7.2.4.0`, read: dateOf },
];

/** XUPS-MIB of Eaton and Powerware. */
const EATON_SCALARS: readonly Scalar[] = [
  { field: 'upsVendor', oid: `${EATON}.1.1.0` },
  { field: 'upsModel', oid: `${EATON}.1.2.0` },
  { field: 'upsFirmware', oid: `${EATON}.1.3.0` },
  { field: 'batteryMinutes', oid: `${EATON}.2.1.0`, read: secondsAsMinutes },
  { field: 'batteryReplacedOn', oid: `${EATON}.2.6.0`, read: dateOf },
  { field: 'batteryStatus', oid: `${EATON}.2.9.0`, read: named({ 1: 'replace' }) },
  { field: 'selfTest', oid: `${EATON}.8.2.0`, read: named({ 2: 'passed', 3: 'failed' }) },
];

const IEEE_1284 = 'ieee1284';

/** Printer-MIB (RFC 3805), HOST-RESOURCES-MIB (RFC 2790), PWG Port Monitor MIB (5107.1): each for its first printer, marker and port. */
const PRINTER_SCALARS: readonly Scalar[] = [
  { field: 'printerModel', oid: '1.3.6.1.2.1.25.3.2.1.3.1' },
  { field: 'printerSerial', oid: '1.3.6.1.2.1.43.5.1.1.17.1' },
  { field: 'pageCount', oid: '1.3.6.1.2.1.43.10.2.1.4.1.1', read: countOf },
  { field: IEEE_1284, oid: '1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1' },
];

/** The IEEE 1284 device id where a maker keeps it; JetDirect's place is taken by Brother under its own number. */
const deviceIdOf = (enterprise: number): readonly Scalar[] => [{ field: IEEE_1284, oid: `1.3.6.1.4.1.${enterprise}.2.3.9.1.1.7.0` }];

const vendorScalars = (model: string, serial?: string, firmware?: string): readonly Scalar[] => [
  { field: 'vendorModel', oid: `1.3.6.1.4.1.${model}` },
  ...(serial ? [{ field: 'vendorSerial', oid: `1.3.6.1.4.1.${serial}` }] : []),
  ...(firmware ? [{ field: 'vendorFirmware', oid: `1.3.6.1.4.1.${firmware}` }] : []),
];

/** The device as far as it is known when its objects are chosen: `vendor` and `kind` by the inventory, the rest by its first answer. */
export type Subject = {
  readonly enterprise: number | undefined;
  readonly sysDescr: string | undefined;
  readonly vendor: string | undefined;
  readonly kind: string | undefined;
};

/** Number in sysObjectID, or the maker's name where the agent is somebody else's (Net-SNMP on a NAS). */
const is =
  (enterprise: number, name: RegExp) =>
  (of: Subject): boolean =>
    of.enterprise === enterprise || name.test(of.vendor ?? '');

const UPS_MAKERS = new Set([318, 476, 534, 705, 850, 935, 2254, 3808, 5491]);
const PRINTER_MAKERS = new Set([253, 367, 641, 1129, 1248, 1347, 1602, 2001, 2385, 2435, 10642, 18334]);

export const isUps = (of: Subject): boolean => of.kind === 'ups' || UPS_MAKERS.has(of.enterprise ?? 0) || /\bUPS\b/.test(of.sysDescr ?? '');

export const isPrinter = (of: Subject): boolean =>
  of.kind === 'printer' || PRINTER_MAKERS.has(of.enterprise ?? 0) || /print|jetdirect|laserjet/i.test(of.sysDescr ?? '');

/**
 * Whose objects are worth one more question; all that fit are asked at once. Later ones win a field. Makers' objects are as their MIBs have
 * them: SYNOLOGY-SYSTEM-MIB, NAS-MIB (QNAP), UBNT-UniFi-MIB, MIKROTIK-MIB (the serial and version are of the board and RouterOS).
 */
const GROUPS: readonly { readonly applies: (of: Subject) => boolean; readonly scalars: readonly Scalar[] }[] = [
  { applies: isUps, scalars: UPS_SCALARS },
  { applies: is(318, /^APC\b|american power/i), scalars: powerNet(APC, 4) },
  { applies: is(3808, /^cyber ?power/i), scalars: powerNet(CYBERPOWER, 5) },
  { applies: is(534, /^(eaton|powerware)\b/i), scalars: EATON_SCALARS },
  { applies: isPrinter, scalars: PRINTER_SCALARS },
  { applies: (of) => isPrinter(of) && is(11, /^(hp|hewlett)/i)(of), scalars: deviceIdOf(11) },
  { applies: is(2435, /^brother\b/i), scalars: deviceIdOf(2435) },
  {
    applies: is(6574, /^synology\b/i),
    scalars: [...vendorScalars('6574.1.5.1.0', '6574.1.5.2.0', '6574.1.5.3.0'), warmth('1.3.6.1.4.1.6574.1.2.0')],
  },
  { applies: is(24681, /^qnap\b/i), scalars: [...vendorScalars('24681.1.2.12.0'), warmth('1.3.6.1.4.1.24681.1.2.6.0')] },
  { applies: is(41112, /^ubiquiti\b/i), scalars: vendorScalars('41112.1.6.3.3.0', undefined, '41112.1.6.3.6.0') },
  {
    applies: is(14988, /^mikrotik\b/i),
    scalars: [...vendorScalars('14988.1.1.7.8.0', '14988.1.1.7.3.0', '14988.1.1.4.4.0'), warmth('1.3.6.1.4.1.14988.1.1.3.10.0', 10)],
  },
];

const scalarsFor = (of: Subject): readonly Scalar[] => GROUPS.flatMap(({ applies, scalars }) => (applies(of) ? scalars : []));

/** What to ask of such a device beyond its system group; empty for a plain one. */
export const objectsFor = (of: Subject): readonly string[] => scalarsFor(of).map(({ oid }) => oid);

export function deviceFields(of: Subject, objects: Objects): Fields {
  const { [IEEE_1284]: deviceId, ...fields } = fieldsOf(scalarsFor(of), objects);
  return deviceId === undefined ? fields : { ...printerFields(deviceId), ...fields };
}

/** `MFG:HP;MDL:OfficeJet;SN:...;`, also with the long keys (IEEE 1284, 7.6). */
function printerFields(deviceId: string): Fields {
  const pairs = new Map(
    deviceId.split(';').map((pair) => [pair.slice(0, pair.indexOf(':')).trim().toUpperCase(), pair.slice(pair.indexOf(':') + 1).trim()]),
  );
  const first = (...keys: readonly string[]): string | undefined => keys.map((key) => pairs.get(key)).find(Boolean);
  return present({
    printerVendor: first('MFG', 'MANUFACTURER'),
    printerModel: first('MDL', 'MODEL'),
    printerSerial: first('SN', 'SERN', 'SERIALNUMBER'),
  });
}

function fieldsOf(scalars: readonly Scalar[], objects: Objects): Fields {
  return Object.assign({}, ...scalars.map(({ field, oid, read = textOf }) => present({ [field]: read(objects.get(oid)) })));
}

// ---- its interfaces (IF-MIB, RFC 2863) ----

const IF_DESCR = '1.3.6.1.2.1.2.2.1.2';
const IF_TYPE = '1.3.6.1.2.1.2.2.1.3';
const IF_PHYS_ADDRESS = '1.3.6.1.2.1.2.2.1.6';
export const INTERFACES = { columns: [IF_DESCR, IF_TYPE, IF_PHYS_ADDRESS], limit: 16 };

/** ethernetCsmacd and ieee80211 (IANAifType-MIB): bridges, tunnels and aggregates repeat or invent addresses. */
const HARDWARE = new Set<SnmpValue>([6, 71]);
/** VRRP (RFC 5798, 7.3) and HSRP: an address that moves between two routers says nothing of either. */
const SHARED_MAC = /^00:00:(5e|0c:07:ac)/;

/** The MACs that are burnt into it, each once. */
export function ownMacs(rows: readonly Row[]): readonly string[] {
  const macs = rows.filter(({ cells }) => HARDWARE.has(cells.get(IF_TYPE))).map(({ cells }) => macOf(cells.get(IF_PHYS_ADDRESS)));
  return [...new Set(macs.filter((mac) => mac !== undefined && !isLocallyAdministered(mac) && !SHARED_MAC.test(mac)))] as string[];
}

/** The names of its network interfaces, comma-separated: `eth0, wlan0`. */
export function interfaceNames(rows: readonly Row[]): string | undefined {
  const names = rows.filter(({ cells }) => HARDWARE.has(cells.get(IF_TYPE))).map(({ cells }) => textOf(cells.get(IF_DESCR), 32));
  return cleanText(names.filter(Boolean).join(', '), MAX_TEXT);
}

// ---- its hardware (ENTITY-MIB, RFC 6933) ----

const ENTITY = '1.3.6.1.2.1.47.1.1.1.1';
const ENTITY_CLASS = `${ENTITY}.5`;
const ENTITY_FIELDS = { entityHardware: '8', entityFirmware: '9', entitySoftware: '10', entitySerial: '11', entityModel: '13' };
/** The chassis stands first, or after the stack that it is part of; further rows are its fans and ports. */
export const ENTITIES = { columns: [ENTITY_CLASS, ...Object.values(ENTITY_FIELDS).map((column) => `${ENTITY}.${column}`)], limit: 4 };
const CHASSIS = 3;

export function entityFields(rows: readonly Row[]): Fields {
  const chassis = rows.find(({ cells }) => cells.get(ENTITY_CLASS) === CHASSIS);
  if (chassis === undefined) return {};
  const told = Object.entries(ENTITY_FIELDS).flatMap(([field, column]) => {
    const text = textOf(chassis.cells.get(`${ENTITY}.${column}`));
    return text === undefined ? [] : [[field, text] as const];
  });
  return Object.fromEntries(told);
}

// ---- whose disks are known, and how warm it is (snmp-disks.ts, snmp-warmth.ts) ----

export const isSynology = is(6574, /^synology\b/i);
export const isQnap = is(24681, /^qnap\b/i);

/** The warmest of what was told, as text; what is not there says 0, -1, 127 or 255. */
export function warmest(degrees: readonly (number | undefined)[]): string | undefined {
  const known = degrees.filter((each) => each !== undefined && each > 0 && each < 127) as number[];
  return known.length === 0 ? undefined : `${Math.round(Math.max(...known) * 10) / 10}`;
}

// ---- what is plugged into it (BRIDGE-MIB, RFC 4188; Q-BRIDGE-MIB, RFC 4363; LLDP-MIB, IEEE 802.1AB) ----

const BRIDGE_PORT = '1.3.6.1.2.1.17.4.3.1.2';
const VLAN_BRIDGE_PORT = '1.3.6.1.2.1.17.7.1.2.2.1.2';
/** Switches with VLANs may fill only the second. Both end their index with the MAC. */
export const FORWARDING = { columns: [BRIDGE_PORT], orElse: [VLAN_BRIDGE_PORT], limit: 512 };

const LLDP = '1.0.8802.1.1.2.1.4.1.1';
const LLDP_COLUMNS = { chassisType: `${LLDP}.4`, chassis: `${LLDP}.5`, portType: `${LLDP}.6`, port: `${LLDP}.7`, sysName: `${LLDP}.9` };
export const NEIGHBOURS = { columns: Object.values(LLDP_COLUMNS), limit: 32 };
/** lldpRemChassisIdSubtype and lldpRemPortIdSubtype where the id is a MAC. */
const CHASSIS_MAC = 4;
const PORT_MAC = 3;

/** `own`: MACs of the device itself, which it lists too. */
export function portsOf(rows: readonly Row[], own: readonly string[]): ToldTopology['ports'] {
  return rows.flatMap(({ index, cells }) => {
    const arcs = index.split('.').slice(-6).map(Number);
    const port = cells.get(BRIDGE_PORT) ?? cells.get(VLAN_BRIDGE_PORT);
    if (arcs.length !== 6 || arcs.some((arc) => arc > 255) || typeof port !== 'number' || port < 1) return [];
    const mac = macOf(Uint8Array.from(arcs));
    return mac === undefined || own.includes(mac) ? [] : [{ mac, port }];
  });
}

/** The index is time mark, local port, number (lldpRemEntry). */
export function neighboursOf(rows: readonly Row[]): ToldTopology['neighbours'] {
  return rows.flatMap(({ index, cells }) => {
    const localPort = Number(index.split('.')[1]);
    const id = (type: string, macType: number, value: string): string | undefined =>
      (cells.get(type) === macType ? macOf(cells.get(value)) : undefined) ?? textOf(cells.get(value), 64);
    const chassisId = id(LLDP_COLUMNS.chassisType, CHASSIS_MAC, LLDP_COLUMNS.chassis);
    if (chassisId === undefined || !(localPort > 0)) return [];
    const portId = id(LLDP_COLUMNS.portType, PORT_MAC, LLDP_COLUMNS.port);
    const sysName = textOf(cells.get(LLDP_COLUMNS.sysName), 64);
    return [{ localPort, chassisId, ...(portId !== undefined && { portId }), ...(sysName !== undefined && { sysName }) }];
  });
}
