/**
 * The reader `snmp`: one question to a device that may run an agent, and more only to those that answer and have more to tell (a printer, a
 * UPS, a NAS; the wiring from a switch). Read-only: it has no way to write. Communities and users come from the settings; `public`, which
 * agents are shipped with for reading, is the only one that is tried without being told.
 */
import type { Random } from '../../base/random.ts';
import type { ToldIdentifier, ToldTopology } from '../discovery/sighting.ts';
import { type DeviceKind, kindTraits } from '../inventory/kinds.ts';
import type { IdentifySettings } from './identify-settings.ts';
import type { Asker, Finding, Reader, Target } from './reader.ts';
import { communitySession, discoverEngine, readObjects, readTable, type Session, SNMP_PORT, userSession } from './snmp-session.ts';
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
} from './snmp-tables.ts';
import { type EngineFacts, engineFacts, keyOfPassword, userAtEngine } from './snmp-v3.ts';

type SnmpSettings = IdentifySettings['snmp'];

/** Kinds that run an agent now and then; light bulbs, locks and loudspeakers do not. */
const MAY_ANSWER = new Set<DeviceKind>([
  ...(['router', 'access-point', 'switch', 'modem', 'firewall', 'nas', 'server', 'printer', 'scanner', 'ups', 'power'] as const),
  ...([
    'nvr',
    'camera',
    'voip-phone',
    'intercom',
    'media-server',
    'projector',
    'controller',
    'hvac',
    'generator',
    'solar',
    'energy',
  ] as const),
]);
/** Kinds that mostly do: worth the older and the newer version when version 2c is not answered. */
const MOSTLY_ANSWERS = new Set<DeviceKind>(['router', 'access-point', 'switch', 'firewall', 'nas', 'printer', 'ups', 'power']);
const FORWARDS = new Set<DeviceKind>(['router', 'access-point', 'switch', 'modem', 'firewall']);
/** What announces itself so and no more is a consumer gadget without an agent. */
const GADGET_SERVICE = /^(_hap|_googlecast|_airplay|_raop|_sonos|_spotify-connect|_companion-link|_matter|_hue)\._/;

/** More secrets than this in one home are a mistake in the settings; each is a packet to every device. */
const MAX_CREDENTIALS = 4;

export function snmpReader(settings: SnmpSettings, random: Random): Reader {
  const keys = new Map<string, Uint8Array>();
  const remembered: typeof keyOfPassword = (protocol, password) => {
    const name = `${protocol} ${password}`;
    const key = keys.get(name) ?? keyOfPassword(protocol, password);
    keys.set(name, key);
    return key;
  };
  return {
    name: 'snmp',
    method: 'snmp',
    about: 'Asks the SNMP agent of wired devices for model, serial number, firmware, battery and wiring; one packet where there is none.',
    everyMs: 24 * 3_600_000,
    budget: { packets: 64, bytes: 16_384 },
    applies,
    read: async (target, ask) => {
      const contact = await reach(settings, random, remembered, target, ask);
      return contact === undefined ? [] : [await tell(contact, target)];
    },
  };
}

function applies({ kind, services, mac }: Target): boolean {
  if (kind !== undefined) return MAY_ANSWER.has(kind) && !kindTraits(kind).personal;
  const madeUpMac = mac !== undefined && (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
  return !madeUpMac && ![...services].some((service) => GADGET_SERVICE.test(service));
}

/** The way in that worked, with the first answer; without a session an agent that only says who it is. */
type Contact = { readonly session?: Session; readonly system: Objects; readonly engine?: EngineFacts };

async function reach(
  { communities, users }: SnmpSettings,
  random: Random,
  keyOf: typeof keyOfPassword,
  target: Target,
  ask: Asker,
): Promise<Contact | undefined> {
  const mostlyAnswers = target.kind !== undefined && MOSTLY_ANSWERS.has(target.kind);
  let engine = users.length > 0 ? await discoverEngine(ask, random) : undefined;
  const known = engine;
  const sessions: (() => Session)[] = [
    ...(known
      ? users.slice(0, MAX_CREDENTIALS).map((user) => () => userSession(ask, random, known, userAtEngine(user, known.id, keyOf)))
      : []),
    ...communities.slice(0, MAX_CREDENTIALS).map((community) => () => communitySession(ask, random, 1, community)),
    ...(mostlyAnswers ? communities.slice(0, 1).map((community) => () => communitySession(ask, random, 0, community)) : []),
  ];
  for (const open of sessions) {
    const session = open();
    const system = await readObjects(session, SYSTEM_OBJECTS);
    if (system === undefined || system.size === 0) continue;
    const told = system.get(ENGINE_ID);
    const facts = engine ? engineFacts(engine.id) : told instanceof Uint8Array ? engineFacts(told) : undefined;
    return { session, system, ...(facts && { engine: facts }) };
  }
  if (users.length === 0 && mostlyAnswers) engine = await discoverEngine(ask, random);
  const facts = engine && engineFacts(engine.id);
  return facts && { system: new Map(), engine: facts };
}

async function tell({ session, system, engine }: Contact, target: Target): Promise<Finding> {
  const first = systemFields(system);
  const enterprise = enterpriseOf(first.sysObjectID) ?? engine?.enterprise;
  const subject: Subject = { enterprise, sysDescr: first.sysDescr, vendor: target.vendor, kind: target.kind };
  const isNode = forwards(first.sysServices) || (target.kind !== undefined && FORWARDS.has(target.kind));
  const { fields, macs, topology } = session ? await readMore(session, subject, isNode) : NO_MORE;
  const told: Fields = {
    ...first,
    ...fields,
    ...(enterprise !== undefined && { enterprise: `${enterprise}` }),
    ...(engine && { engineId: engine.hex }),
    snmpVersion: session?.version ?? '3',
  };
  const identifiers = identifiersOf(told, engine?.mac ? [...macs, engine.mac] : macs);
  return { port: SNMP_PORT, fields: told, identifiers, ...(topology && { topology }) };
}

/** What an agent tells beyond its first answer. */
type More = { readonly fields: Fields; readonly macs: readonly string[]; readonly topology?: ToldTopology };
const NO_MORE: More = { fields: {}, macs: [] };

/** `isNode`: others are plugged into it, so it has hardware worth an inventory and knows the wiring. */
async function readMore(session: Session, subject: Subject, isNode: boolean): Promise<More> {
  const objects = objectsFor(subject);
  const device = objects.length > 0 ? deviceFields(subject, (await readObjects(session, objects)) ?? new Map()) : {};
  // One network port each, whose MAC the hub has seen.
  if (isPrinter(subject) || isUps(subject)) return { fields: device, macs: [] };
  const interfaces = await readTable(session, INTERFACES.columns, INTERFACES.limit);
  const names = interfaceNames(interfaces);
  const fields = { ...device, ...(names !== undefined && { interfaces: names }) };
  const macs = ownMacs(interfaces);
  if (!isNode) return { fields, macs };
  const entity = entityFields(await readTable(session, ENTITIES.columns, ENTITIES.limit));
  const topology = await readTopology(session, macs);
  return { fields: { ...fields, ...entity }, macs, ...(topology.ports.length + topology.neighbours.length > 0 && { topology }) };
}

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
