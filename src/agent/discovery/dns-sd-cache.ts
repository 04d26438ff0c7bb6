/**
 * What DNS-SD responders have said and how long it holds (RFC 6762, 5.2 and 10; RFC 6763). Takes decoded records with the source address
 * of their packet, gives sightings that are due and questions that are due. A service lives as long as its longest record. Everything is
 * attributed to the sender; what a sender says of a host at another address (a reflector, a sleep proxy) is left out. Pure but for its own state.
 */
import { cleanText } from '../../base/text.ts';
import {
  browse,
  ENUMERATION,
  type InstanceName,
  instanceNameOf,
  type Question,
  questionKey,
  resolveHost,
  resolveInstance,
  serviceTypeOf,
} from './dns-sd-names.ts';
import type { MdnsSighting } from './sighting.ts';

/** A resource record as multicast-dns decodes it; `data` is whatever the type makes of it. */
export type DnsRecord = { readonly name: string; readonly type: string; readonly ttl: number; readonly data: unknown };

export type Responder = { readonly interface: string; readonly ip: string };

export type ResponderFacts = Responder & Pick<MdnsSighting, 'host' | 'services' | 'heardAgoMs'>;

export type DnsSdLimits = {
  readonly types: number;
  readonly services: number;
  readonly servicesPerSender: number;
  readonly responders: number;
};

export const DNS_SD_LIMITS: DnsSdLimits = { types: 256, services: 4096, servicesPerSender: 64, responders: 1024 };

const FIRST_SIGHTING_AFTER_MS = 200;
const BETWEEN_SIGHTINGS_MS = 2_000;
/** RFC 6762, 5.2: ask again when these parts of the lifetime have passed. */
const REFRESH_AT = [0.8, 0.85, 0.9, 0.95];
/** When to ask a responder that sent only a PTR for the rest, after it was heard. */
const FOLLOW_UP_AFTER_MS = [300, 1_500, 6_000];
/** RFC 6762, 10 recommends 75 minutes; more would only let a sender fill the table for longer. */
const MAX_TTL_S = 4500;
const MAX_HOSTS = 8;
const MAX_ADDRESSES = 16;
const MAX_TXT = 64;

type Service = InstanceName & {
  port?: number;
  host?: string;
  txt?: Readonly<Record<string, string>>;
  pointedAt: boolean;
  heardAtMs: number;
  expiresAtMs: number;
  refreshes: number;
  followUps: number;
  gone: boolean;
};

type Known = Responder & {
  /** Host names and the addresses the sender claims for them. */
  readonly hosts: Map<string, Set<string>>;
  readonly services: Map<string, Service>;
  sightingAtMs: number | undefined;
  sightedAtMs: number;
  heardAtMs: number;
};

export class DnsSdCache {
  readonly #limits: DnsSdLimits;
  readonly #responders = new Map<string, Known>();
  /** Per interface: every type heard of, and whether it was browsed since. */
  readonly #types = new Map<string, Map<string, boolean>>();
  #services = 0;
  #refused = 0;

  constructor(limits: DnsSdLimits = DNS_SD_LIMITS) {
    this.#limits = limits;
  }

  /** Takes the records of one response. `ttlFloorS` lengthens the ten seconds that unicast answers are given (RFC 6762, 6.7). */
  hear(from: Responder, records: readonly DnsRecord[], nowMs: number, ttlFloorS = 0): void {
    const known = this.#responderOf(from);
    if (known === undefined) return;
    known.heardAtMs = nowMs;
    const used = records.filter((record) => this.#take(known, record, nowMs, ttlFloorS)).length;
    if (used > 0) known.sightingAtMs ??= Math.max(nowMs + FIRST_SIGHTING_AFTER_MS, known.sightedAtMs + BETWEEN_SIGHTINGS_MS);
    else if (known.services.size === 0 && known.hosts.size === 0) this.#responders.delete(keyOf(from));
  }

  /** Responders of which something is to be told now. */
  dueSightings(nowMs: number): ResponderFacts[] {
    const due: ResponderFacts[] = [];
    for (const known of this.#responders.values()) {
      this.#expire(known, nowMs);
      if (known.sightingAtMs === undefined || known.sightingAtMs > nowMs) continue;
      known.sightingAtMs = undefined;
      known.sightedAtMs = nowMs;
      due.push(factsOf(known, nowMs));
      this.#forgetGone(known);
    }
    return due;
  }

  /** Questions that are due on an interface: types not yet browsed, refreshes, and what PTR-only responders left out. */
  dueQuestions(interfaceName: string, nowMs: number): Question[] {
    const questions = this.#unbrowsed(interfaceName);
    for (const known of this.#responders.values()) {
      if (known.interface !== interfaceName) continue;
      for (const service of known.services.values()) questions.push(...refreshOf(service, nowMs), ...followUpOf(known, service, nowMs));
    }
    return [...new Map(questions.map((question) => [questionKey(question), question])).values()];
  }

  /** Every type known on an interface, to be browsed again. */
  types(interfaceName: string): string[] {
    return [...(this.#types.get(interfaceName)?.keys() ?? [])];
  }

  forgetInterface(interfaceName: string): void {
    this.#types.delete(interfaceName);
    for (const known of [...this.#responders.values()]) if (known.interface === interfaceName) this.#forget(known);
  }

  knows(responder: Responder): boolean {
    return this.#responders.has(keyOf(responder));
  }

  /** Records and responders that did not fit. */
  get refused(): number {
    return this.#refused;
  }

  get services(): number {
    return this.#services;
  }

  #responderOf(from: Responder): Known | undefined {
    const known = this.#responders.get(keyOf(from));
    if (known) return known;
    if (this.#responders.size >= this.#limits.responders && !this.#forgetAnEmptyOne()) return this.#refuse();
    const fresh: Known = {
      interface: from.interface,
      ip: from.ip,
      hosts: new Map(),
      services: new Map(),
      sightingAtMs: undefined,
      sightedAtMs: -BETWEEN_SIGHTINGS_MS,
      heardAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#responders.set(keyOf(from), fresh);
    return fresh;
  }

  #forgetAnEmptyOne(): boolean {
    for (const known of this.#responders.values())
      if (known.services.size === 0 && known.sightingAtMs === undefined) return this.#forget(known);
    return false;
  }

  #forget(known: Known): boolean {
    this.#services -= known.services.size;
    return this.#responders.delete(keyOf(known));
  }

  #refuse(): undefined {
    this.#refused++;
    return undefined;
  }

  #take(known: Known, record: DnsRecord, nowMs: number, ttlFloorS: number): boolean {
    if (typeof record?.name !== 'string' || typeof record.ttl !== 'number') return false;
    const ttlS = record.ttl === 0 ? 0 : Math.min(MAX_TTL_S, Math.max(record.ttl, ttlFloorS, 1));
    switch (record.type) {
      case 'PTR':
        return this.#takePointer(known, record, ttlS, nowMs);
      case 'SRV':
      case 'TXT':
        return this.#takeDetail(known, record, ttlS, nowMs);
      case 'A':
      case 'AAAA':
        return takeAddress(known, record);
      default:
        return false;
    }
  }

  #takePointer(known: Known, record: DnsRecord, ttlS: number, nowMs: number): boolean {
    if (typeof record.data !== 'string') return false;
    if (record.name.toLowerCase().startsWith(`${ENUMERATION}.`)) return this.#takeType(known.interface, serviceTypeOf(record.data));
    const name = serviceTypeOf(record.name) === undefined ? undefined : instanceNameOf(record.data);
    if (name === undefined || !this.#takeType(known.interface, name.type)) return false;
    const service = this.#serviceOf(known, name, nowMs);
    if (service === undefined) return false;
    service.pointedAt = true;
    renew(service, ttlS, nowMs);
    return true;
  }

  #takeDetail(known: Known, record: DnsRecord, ttlS: number, nowMs: number): boolean {
    const name = instanceNameOf(record.name);
    const service = name && this.#serviceOf(known, name, nowMs);
    if (service === undefined) return false;
    if (record.type === 'TXT') service.txt = txtOf(record.data);
    else readTarget(service, record.data);
    // A TXT record that ends says nothing of the service.
    if (ttlS > 0 || record.type === 'SRV') renew(service, ttlS, nowMs);
    return true;
  }

  #takeType(interfaceName: string, type: string | undefined): boolean {
    if (type === undefined) return false;
    const types = this.#types.get(interfaceName) ?? new Map<string, boolean>();
    this.#types.set(interfaceName, types);
    if (types.has(type)) return true;
    if (types.size >= this.#limits.types) return this.#refuse() ?? false;
    types.set(type, false);
    return true;
  }

  #serviceOf(known: Known, name: InstanceName, nowMs: number): Service | undefined {
    const instance = cleanText(name.instance, 63);
    if (instance === undefined) return undefined;
    const key = `${name.instance}.${name.type}`.toLowerCase();
    const service = known.services.get(key);
    if (service) return service;
    if (known.services.size >= this.#limits.servicesPerSender || this.#services >= this.#limits.services) return this.#refuse();
    const fresh: Service = { ...name, pointedAt: false, heardAtMs: nowMs, expiresAtMs: nowMs, refreshes: 0, followUps: 0, gone: false };
    known.services.set(key, fresh);
    this.#services++;
    return fresh;
  }

  #unbrowsed(interfaceName: string): Question[] {
    const types = this.#types.get(interfaceName) ?? new Map<string, boolean>();
    const fresh = [...types].filter(([, browsed]) => !browsed).map(([type]) => type);
    for (const type of fresh) types.set(type, true);
    return fresh.map(browse);
  }

  #expire(known: Known, nowMs: number): void {
    for (const service of known.services.values()) {
      if (service.gone || service.expiresAtMs > nowMs) continue;
      service.gone = true;
      known.sightingAtMs ??= nowMs;
    }
  }

  #forgetGone(known: Known): void {
    for (const [key, service] of known.services) if (service.gone && known.services.delete(key)) this.#services--;
  }
}

const keyOf = (responder: Responder): string => `${responder.interface} ${responder.ip}`;

/** TTL 0 is a goodbye; otherwise the service lives at least as long as it would have. */
function renew(service: Service, ttlS: number, nowMs: number): void {
  service.gone = ttlS === 0;
  if (ttlS === 0 || nowMs + ttlS * 1000 <= service.expiresAtMs) return;
  service.heardAtMs = nowMs;
  service.expiresAtMs = nowMs + ttlS * 1000;
  service.refreshes = 0;
}

function readTarget(service: Service, data: unknown): void {
  const { port, target } = (typeof data === 'object' && data !== null ? data : {}) as { port?: unknown; target?: unknown };
  if (typeof port === 'number' && port > 0) service.port = port;
  const host = hostNameOf(target);
  if (host !== undefined) service.host = host;
}

function takeAddress(known: Known, record: DnsRecord): boolean {
  const host = hostNameOf(record.name);
  if (host === undefined || typeof record.data !== 'string' || record.ttl === 0) return false;
  const addresses = known.hosts.get(host) ?? new Set<string>();
  if (!known.hosts.has(host) && known.hosts.size >= MAX_HOSTS) return false;
  known.hosts.set(host, addresses);
  if (addresses.size < MAX_ADDRESSES) addresses.add(record.data);
  return true;
}

/** `printer` of `printer.local`. */
function hostNameOf(name: unknown): string | undefined {
  return typeof name === 'string' ? cleanText(name.replace(/\.local\.?$/i, ''), 63) : undefined;
}

function txtOf(data: unknown): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const entry of Array.isArray(data) ? data.slice(0, 2 * MAX_TXT) : []) {
    if (!(entry instanceof Uint8Array) || pairs.size >= MAX_TXT) continue;
    const text = Buffer.from(entry).toString('utf8');
    const equals = text.indexOf('=');
    const key = cleanText(equals < 0 ? text : text.slice(0, equals), 64)?.toLowerCase();
    if (key !== undefined && !pairs.has(key)) pairs.set(key, (equals < 0 ? undefined : cleanText(text.slice(equals + 1), 255)) ?? '');
  }
  return Object.fromEntries(pairs);
}

function refreshOf(service: Service, nowMs: number): Question[] {
  const at = REFRESH_AT[service.refreshes];
  if (service.gone || at === undefined) return [];
  if (nowMs < service.heardAtMs + at * (service.expiresAtMs - service.heardAtMs)) return [];
  service.refreshes++;
  return [browse(service.type), resolveInstance(service, 'SRV')];
}

function followUpOf(known: Known, service: Service, nowMs: number): Question[] {
  const after = FOLLOW_UP_AFTER_MS[service.followUps];
  if (service.gone || !service.pointedAt || after === undefined || nowMs < service.heardAtMs + after) return [];
  const missing: Question[] = [];
  if (service.port === undefined) missing.push(resolveInstance(service, 'SRV'));
  if (service.txt === undefined) missing.push(resolveInstance(service, 'TXT'));
  if (service.host !== undefined && !known.hosts.has(service.host))
    missing.push(resolveHost(service.host, 'A'), resolveHost(service.host, 'AAAA'));
  service.followUps++;
  return missing;
}

function factsOf(known: Known, nowMs: number): ResponderFacts {
  const own = [...known.services.values()].filter((service) => !isElsewhere(known, service.host));
  const host = hostOf(known, own);
  const services = own.map((service) => ({
    instance: cleanText(service.instance, 63) ?? '',
    type: service.type,
    txt: service.txt ?? {},
    gone: service.gone,
    ...(service.port !== undefined && { port: service.port }),
  }));
  return { interface: known.interface, ip: known.ip, services, heardAgoMs: nowMs - known.heardAtMs, ...(host !== undefined && { host }) };
}

/** The sender told an address of this host of its own family, and it is not the sender's. */
function isElsewhere(known: Known, host: string | undefined): boolean {
  const isV6 = known.ip.includes(':');
  const same = [...((host !== undefined && known.hosts.get(host)) || [])].filter((address) => address.includes(':') === isV6);
  return same.length > 0 && !same.includes(known.ip);
}

function hostOf(known: Known, services: readonly Service[]): string | undefined {
  const proven = [...known.hosts].find(([, addresses]) => addresses.has(known.ip));
  if (proven) return proven[0];
  return services.find((service) => service.host !== undefined)?.host ?? [...known.hosts.keys()].find((host) => !isElsewhere(known, host));
}
