/**
 * The reader `snmp`: one question to a device that may run an agent, and more only to those that answer and have more to tell (a printer, a
 * UPS, a NAS; the wiring from a switch). Read-only: it has no way to write. Communities and users come from the settings; `public`, which
 * agents are shipped with for reading, is the only one that is tried without being told.
 */
import { isLocallyAdministered } from '../../base/mac-address.ts';
import type { Random } from '../../base/random.ts';
import type { ToldIdentifier, ToldPort, ToldTopology } from '../discovery/sighting.ts';
import type { DeviceKind } from '../inventory/kinds.ts';
import type { IdentifySettings } from './identify-settings.ts';
import type { Asker, Finding, Reader, Target } from './reader.ts';
import { readDisks } from './snmp-disks.ts';
import { BRIDGE_PORTS, PORTS, toldPorts } from './snmp-ports.ts';
import {
  communitySession,
  discoverEngine,
  readObjects,
  readTable,
  readWhole,
  type Session,
  SNMP_PORT,
  userSession,
} from './snmp-session.ts';
import { SUPPLIES, supplyFields } from './snmp-supplies.ts';
import {
  deviceFields,
  ENGINE_ID,
  ENTITIES,
  enterpriseOf,
  entityFields,
  type Fields,
  FORWARDING,
  forwards,
  INTERFACES,
  interfaceNames,
  isPrinter,
  isUps,
  NEIGHBOURS,
  neighboursOf,
  type Objects,
  objectsFor,
  ownMacs,
  portsOf,
  type Subject,
  SYSTEM_OBJECTS,
  systemFields,
  warmest,
} from './snmp-tables.ts';
import { type Engine, type EngineFacts, engineFacts, keyOfPassword, userAtEngine } from './snmp-v3.ts';
import { warmestIn, warmthTables } from './snmp-warmth.ts';

type SnmpSettings = IdentifySettings['snmp'];

/** Kinds that mostly run an agent: worth the older and the newer version when version 2c is not answered. */
const MOSTLY_ANSWERS = new Set<DeviceKind>(['router', 'access-point', 'switch', 'firewall', 'nas', 'printer', 'ups', 'power']);
/** Kinds that do so now and then; light bulbs, locks and loudspeakers do not. */
const SOMETIMES_ANSWERS = new Set<DeviceKind>([
  ...(['modem', 'server', 'scanner', 'nvr', 'camera', 'voip-phone', 'intercom', 'media-server', 'projector', 'controller'] as const),
  ...(['hvac', 'generator', 'solar', 'energy'] as const),
]);
/** Others are plugged into these. */
const FORWARDS = new Set<DeviceKind>(['router', 'access-point', 'switch', 'modem', 'firewall']);
/** What announces itself so and no more is a consumer gadget without an agent. */
const GADGET_SERVICE = /^(_hap|_googlecast|_airplay|_raop|_sonos|_spotify-connect|_companion-link|_matter|_hue)\._/;

/** What agents are shipped with for reading: no secret. */
const PUBLIC = 'public';

/** More secrets than this in one home are a mistake in the settings; each is a packet to every device. */
const MAX_CREDENTIALS = 4;

export function snmpReader(settings: SnmpSettings, random: Random): Reader {
  const keyOf = remembering(keyOfPassword);
  return {
    name: 'snmp',
    method: 'snmp',
    about:
      'Asks the SNMP agent of wired devices for model, serial number, firmware, battery, warmth, damaged frames and wiring; one packet where there is none.',
    everyMs: 24 * 3_600_000,
    budget: { packets: 64, bytes: 16_384 },
    applies,
    read: async (target, ask) => {
      const contact = await reach(secretsFor(settings, target), { random, keyOf }, target, ask);
      return contact === undefined ? [] : [await tell(contact, target)];
    },
  };
}

/** What may be said to this device: a community is there for all to read on its way, and a liar that calls itself a printer is told it too. */
function secretsFor(settings: SnmpSettings, { ip, mac }: Target): SnmpSettings {
  const { communities, only } = settings;
  if (!only || only.includes(ip) || (mac !== undefined && only.includes(mac))) return settings;
  return { communities: communities.filter((community) => community === PUBLIC), users: [] };
}

/** A key is dear to make, and there are few: one for each password in the settings. */
function remembering(make: typeof keyOfPassword): typeof keyOfPassword {
  const keys = new Map<string, Uint8Array>();
  return (protocol, password) => {
    const name = `${protocol} ${password}`;
    const key = keys.get(name) ?? make(protocol, password);
    keys.set(name, key);
    return key;
  };
}

function applies({ kind, services, mac }: Target): boolean {
  if (kind !== undefined) return MOSTLY_ANSWERS.has(kind) || SOMETIMES_ANSWERS.has(kind);
  if (mac !== undefined && isLocallyAdministered(mac)) return false;
  return ![...services].some((service) => GADGET_SERVICE.test(service));
}

/** The way in that worked, with the first answer; without a session an agent that only says who it is. */
type Contact = { readonly session?: Session; readonly system: Objects; readonly engine: EngineFacts | undefined };

type Means = { readonly random: Random; readonly keyOf: typeof keyOfPassword };

async function reach(settings: SnmpSettings, means: Means, { kind }: Target, ask: Asker): Promise<Contact | undefined> {
  const mostlyAnswers = kind !== undefined && MOSTLY_ANSWERS.has(kind);
  const hasUsers = settings.users.length > 0;
  const engine = hasUsers ? await discoverEngine(ask, means.random) : undefined;
  for (const session of waysIn(settings, means, ask, engine, mostlyAnswers)) {
    const system = await readObjects(session, SYSTEM_OBJECTS);
    if (system === undefined || system.size === 0) continue;
    const id = engine?.id ?? system.get(ENGINE_ID);
    return { session, system, engine: id instanceof Uint8Array ? engineFacts(id) : undefined };
  }
  const stranger = hasUsers ? engine : mostlyAnswers ? await discoverEngine(ask, means.random) : undefined;
  return stranger && { system: new Map(), engine: engineFacts(stranger.id) };
}

/** The surest first; each is made when those before it have failed. */
function* waysIn(
  { communities, users }: SnmpSettings,
  { random, keyOf }: Means,
  ask: Asker,
  engine: Engine | undefined,
  old: boolean,
): Generator<Session> {
  if (engine)
    for (const user of users.slice(0, MAX_CREDENTIALS)) yield userSession(ask, random, engine, userAtEngine(user, engine.id, keyOf));
  for (const community of communities.slice(0, MAX_CREDENTIALS)) yield communitySession(ask, random, 1, community);
  if (old) for (const community of communities.slice(0, 1)) yield communitySession(ask, random, 0, community);
}

async function tell({ session, system, engine }: Contact, target: Target): Promise<Finding> {
  const first = systemFields(system);
  const enterprise = enterpriseOf(first.sysObjectID) ?? engine?.enterprise;
  const subject: Subject = { enterprise, sysDescr: first.sysDescr, vendor: target.vendor, kind: target.kind };
  const isNode = forwards(first.sysServices) || (target.kind !== undefined && FORWARDS.has(target.kind));
  const { fields, macs, topology, ports = [] } = session ? await readMore(session, subject, isNode) : NO_MORE;
  const told: Fields = {
    ...first,
    ...fields,
    ...(enterprise !== undefined && { enterprise: `${enterprise}` }),
    ...(engine && { engineId: engine.hex }),
    snmpVersion: session?.version ?? '3',
  };
  const identifiers = identifiersOf(told, engine?.mac ? [...macs, engine.mac] : macs);
  return { port: SNMP_PORT, fields: told, identifiers, ...(topology && { topology }), ...(ports.length > 0 && { ports }) };
}

/** What an agent tells beyond its first answer. */
type More = {
  readonly fields: Fields;
  readonly macs: readonly string[];
  readonly topology?: ToldTopology;
  readonly ports?: readonly ToldPort[];
};
const NO_MORE: More = { fields: {}, macs: [] };

/** `isNode`: others are plugged into it, so it has hardware worth an inventory and knows the wiring. */
async function readMore(session: Session, subject: Subject, isNode: boolean): Promise<More> {
  const objects = objectsFor(subject);
  const own = objects.length > 0 ? deviceFields(subject, (await readObjects(session, objects)) ?? new Map()) : {};
  const disks = await readDisks(session, subject);
  // One network port each, whose MAC the hub has seen.
  if (isPrinter(subject)) return { fields: { ...own, ...disks, ...(await readSupplies(session)) }, macs: [] };
  if (isUps(subject)) return { fields: { ...own, ...disks }, macs: [] };
  const interfaces = await readTable(session, INTERFACES.columns, INTERFACES.limit);
  const names = interfaceNames(interfaces);
  const macs = ownMacs(interfaces);
  const entity = isNode ? entityFields(await readTable(session, ENTITIES.columns, ENTITIES.limit)) : {};
  const topology = isNode ? await readTopology(session, macs) : NO_TOPOLOGY;
  const temperatureC = warmest([own, disks].map((each) => Number(each.temperatureC))) ?? (await readWarmth(session, subject));
  const fields = {
    ...own,
    ...disks,
    ...(names !== undefined && { interfaces: names }),
    ...entity,
    ...(temperatureC !== undefined && { temperatureC }),
  };
  const ports = await readPorts(session, isNode);
  return { fields, macs, ports, ...(topology.ports.length + topology.neighbours.length > 0 && { topology }) };
}

async function readSupplies(session: Session): Promise<Fields> {
  const { told, isWhole } = await readWhole(session, () => readTable(session, SUPPLIES.columns, SUPPLIES.limit));
  return isWhole ? supplyFields(told) : { ...supplyFields(told), suppliesUnheard: 'yes' };
}

async function readWarmth(session: Session, { enterprise }: Subject): Promise<string | undefined> {
  for (const { columns, limit } of warmthTables(enterprise)) {
    const told = warmestIn(await readTable(session, columns, limit));
    if (told !== undefined) return told;
  }
  return undefined;
}

async function readPorts(session: Session, isNode: boolean): Promise<readonly ToldPort[]> {
  const rows = await readTable(session, PORTS.columns, isNode ? PORTS.limit : PORTS.ofPlainHost, PORTS.cellsPerAnswer);
  const isBridge = isNode && rows.length > 0;
  return toldPorts(rows, isBridge ? await readTable(session, BRIDGE_PORTS.columns, BRIDGE_PORTS.limit) : []);
}

const NO_TOPOLOGY: ToldTopology = { ports: [], neighbours: [] };

async function readTopology(session: Session, own: readonly string[]): Promise<ToldTopology> {
  const { columns, orElse, limit } = FORWARDING;
  const forwarding = await readTable(session, columns, limit);
  const ports = portsOf(forwarding.length > 0 ? forwarding : await readTable(session, orElse, limit), own);
  return { ports, neighbours: neighboursOf(await readTable(session, NEIGHBOURS.columns, NEIGHBOURS.limit)) };
}

const SERIAL_FIELDS = ['entitySerial', 'printerSerial', 'upsSerial', 'vendorSerial'] as const;
/** What firmware has in the place of a serial number that nobody wrote. */
const NO_SERIAL = /^(?:(.)\1*|n\/?a|none|unknown|default.*|to be filled.*|not (?:set|specified|available)|0123456789?.*|123456789?0?)$/i;

function identifiersOf(fields: Fields, macs: readonly string[]): readonly ToldIdentifier[] {
  const serials = SERIAL_FIELDS.flatMap((field) => fields[field] ?? []).filter((serial) => serial.length >= 4 && !NO_SERIAL.test(serial));
  return [
    ...[...new Set(serials)].map((value) => ({ kind: 'serial', value }) as const),
    ...[...new Set(macs)].map((value) => ({ kind: 'mac', value }) as const),
  ];
}
