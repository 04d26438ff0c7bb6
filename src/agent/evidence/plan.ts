/**
 * Which reader asks which device when: each new device once it has had time to speak for itself, `ports` before all others; again after the
 * reader's own interval, later and later where nothing answers, and soon where a device came back or changed. Pure; the shell asks.
 */
import type { Instant } from '../../base/clock.ts';
import { ipFamily } from '../../base/ip-address.ts';
import type { Random } from '../../base/random.ts';
import type { Device } from '../inventory/device.ts';
import { bestFact } from '../inventory/facts.ts';
import { hasUniversalMac } from '../inventory/identifiers.ts';
import { kindTraits } from '../inventory/kinds.ts';
import { kindOf, macsOf } from '../inventory/summary.ts';
import type { Reader, Target } from './reader.ts';

export type ReadPolicy = {
  readonly readers: readonly Reader[];
  /** MAC and IP addresses that are never asked. */
  readonly leaveAlone: readonly string[];
  /** Reads at a time, each of another device. */
  readonly atOnce: number;
  readonly perMinute: number;
  /** How long a new device is left to announce itself first. */
  readonly firstWaitMs: number;
};

/** The agent's pace: 120 reads of about ten packets a minute while a house is new to it, a few an hour afterwards. */
export const AGENT_PACE = { atOnce: 4, perMinute: 120, firstWaitMs: 8_000 } as const;

/** Of one device and one reader, on the monotonic clock. `askedAtMs`: undefined for never, minus infinity for by an earlier process. */
type Reading = { readonly dueAtMs: number; readonly failures: number; readonly askedAtMs?: number };

type DeviceReadings = {
  readonly byReader: Readonly<Record<string, Reading>>;
  /** The device as it was looked at last: while it is the same object, nothing new can be due before `nextAtMs`. */
  readonly device?: Device;
  readonly nextAtMs: number;
  /** Address and announcements at that time. */
  readonly mark?: string;
};

export type EvidenceBook = {
  /** At most one entry for each device of the inventory. */
  readonly devices: ReadonlyMap<string, DeviceReadings>;
  /** Ids of those that are being asked. */
  readonly asking: ReadonlySet<string>;
  /** When the next read may begin. */
  readonly nextStartMs: number;
};

export const EMPTY_EVIDENCE_BOOK: EvidenceBook = { devices: new Map(), asking: new Set(), nextStartMs: 0 };

export type ReadRequest = { readonly deviceId: string; readonly reader: Reader; readonly target: Target };
export type ReadOutcome = { readonly deviceId: string; readonly reader: string; readonly answered: boolean };

/** What outlives the process, of one device: when each reader is due, in Unix milliseconds. */
export type SavedReadings = {
  readonly deviceId: string;
  readonly readings: Readonly<Record<string, { readonly dueAt: number; readonly failures: number }>>;
};

export type Occasion = {
  readonly devices: ReadonlyMap<string, Device>;
  /** Whether a device is known to be there now; no other is asked. */
  readonly isUp: (deviceId: string) => boolean;
  /** Those that were gone for long and are back: their firmware may be new. */
  readonly back: ReadonlySet<string>;
  readonly now: Instant;
  readonly random: Random;
};

const DAY_MS = 86_400_000;
const FIRST_RETRY_MS = 10 * 60_000;
const RETRY_FACTOR = 6;
/** What was asked within this time is not asked again because something changed: announcements come in one by one. */
const FRESH_MS = 3_600_000;
/** Reads that fell behind the pace are made up for during this time at most. */
const CATCH_UP_MS = 1_000;

export function planReads(
  book: EvidenceBook,
  policy: ReadPolicy,
  occasion: Occasion,
): { book: EvidenceBook; reads: readonly ReadRequest[] } {
  const nowMs = occasion.now.monoMs;
  if (policy.readers.length === 0) return { book, reads: [] };
  const noticed = withReturned(withoutGone(book, occasion.devices), occasion);
  if (noticed.asking.size >= policy.atOnce || noticed.nextStartMs > nowMs) return { book: noticed, reads: [] };

  const looked = new Map<string, DeviceReadings>();
  const due: { readonly request: ReadRequest; readonly dueAtMs: number }[] = [];
  for (const device of occasion.devices.values()) {
    const known = noticed.devices.get(device.id);
    if (noticed.asking.has(device.id) || !occasion.isUp(device.id)) continue;
    if (known?.device === device && known.nextAtMs > nowMs) continue;
    const { readings, first } = look(device, known, policy, nowMs);
    looked.set(device.id, readings);
    if (first && readings.nextAtMs <= nowMs) due.push({ request: first, dueAtMs: readings.nextAtMs });
  }
  if (looked.size === 0) return { book: noticed, reads: [] };

  const spacingMs = 60_000 / policy.perMinute;
  const earliestMs = Math.max(noticed.nextStartMs, nowMs - CATCH_UP_MS);
  const byPace = 1 + Math.floor((nowMs - earliestMs) / spacingMs);
  due.sort((a, b) => a.dueAtMs - b.dueAtMs);
  const reads = due.slice(0, Math.min(policy.atOnce - noticed.asking.size, byPace)).map(({ request }) => request);
  const next: EvidenceBook = {
    devices: new Map([...noticed.devices, ...looked]),
    asking: reads.length === 0 ? noticed.asking : new Set([...noticed.asking, ...reads.map(({ deviceId }) => deviceId)]),
    nextStartMs: reads.length === 0 ? noticed.nextStartMs : earliestMs + reads.length * spacingMs,
  };
  return { book: next, reads };
}

/** Enters what came of reads; `settled` are the devices whose plan is to be saved. */
export function settleReads(
  book: EvidenceBook,
  outcomes: readonly ReadOutcome[],
  policy: ReadPolicy,
  now: Instant,
  random: Random,
): { book: EvidenceBook; settled: readonly SavedReadings[] } {
  if (outcomes.length === 0) return { book, settled: [] };
  const devices = new Map(book.devices);
  const asking = new Set(book.asking);
  for (const outcome of outcomes) {
    asking.delete(outcome.deviceId);
    const known = devices.get(outcome.deviceId);
    const reader = policy.readers.find(({ name }) => name === outcome.reader);
    if (!known || !reader) continue;
    const failures = outcome.answered ? 0 : (known.byReader[reader.name]?.failures ?? 0) + 1;
    const waitMs = outcome.answered ? reader.everyMs : Math.min(DAY_MS, FIRST_RETRY_MS * RETRY_FACTOR ** (failures - 1));
    const reading: Reading = { dueAtMs: now.monoMs + waitMs * (0.9 + 0.2 * random.fraction()), failures, askedAtMs: now.monoMs };
    // No longer looked at: what else is due is to be found anew.
    const { device: _, ...rest } = known;
    devices.set(outcome.deviceId, { ...rest, byReader: { ...known.byReader, [reader.name]: reading } });
  }
  const ids = new Set(outcomes.map(({ deviceId }) => deviceId));
  const settled = [...ids].flatMap((id) => savedReadings(id, devices.get(id), now));
  return { book: { ...book, devices, asking }, settled };
}

/** The book again after a restart. A clock that stepped meanwhile delays a read by two days at most. */
export function restoreEvidenceBook(saved: readonly SavedReadings[], now: Instant): EvidenceBook {
  const devices = saved.map(({ deviceId, readings }): [string, DeviceReadings] => {
    const byReader = Object.entries(readings).map(([name, { dueAt, failures }]): [string, Reading] => [
      name,
      { dueAtMs: now.monoMs + Math.min(Math.max(0, dueAt - now.wallMs), 2 * DAY_MS), failures, askedAtMs: Number.NEGATIVE_INFINITY },
    ]);
    return [deviceId, { byReader: Object.fromEntries(byReader), nextAtMs: 0 }];
  });
  return { ...EMPTY_EVIDENCE_BOOK, devices: new Map(devices) };
}

/** How many devices that are up have a reader that applies and was never asked: `scan --deep` waits until there are none. */
export function countUnasked(book: EvidenceBook, policy: ReadPolicy, occasion: Pick<Occasion, 'devices' | 'isUp'>): number {
  return [...occasion.devices.values()].filter((device) => {
    if (!occasion.isUp(device.id) || !mayBeAsked(device, policy)) return false;
    const target = targetOf(device);
    const asked = book.devices.get(device.id)?.byReader ?? {};
    return target !== undefined && policy.readers.some((reader) => asked[reader.name]?.askedAtMs === undefined && reader.applies(target));
  }).length;
}

/** What a reader is told of a device; undefined for one without an IPv4 address. */
export function targetOf(device: Device): Target | undefined {
  const address = device.addresses.find(({ ip }) => ipFamily(ip) === 4);
  if (!address) return undefined;
  const [vendor, kind] = [bestFact(device.facts, 'vendor'), kindOf(device)];
  return {
    interface: address.interface,
    ip: address.ip,
    mac: address.mac,
    ...(vendor === undefined ? {} : { vendor }),
    ...(kind === undefined ? {} : { kind }),
    openPorts: device.ports,
    services: new Set(device.services),
  };
}

/** What is a person's, or could be for all that its MAC tells, is not asked anything; nor is what the house wants left alone. */
function mayBeAsked(device: Device, { leaveAlone }: Pick<ReadPolicy, 'leaveAlone'>): boolean {
  if (isSomebodys(device)) return false;
  return ![...macsOf(device), ...device.addresses.map(({ ip }) => ip)].some((address) => leaveAlone.includes(address));
}

function isSomebodys(device: Device): boolean {
  const said = device.corrected?.personal?.value;
  if (said !== undefined) return said === 'yes';
  const kind = kindOf(device);
  return kind === undefined ? !device.isGateway && !hasUniversalMac(device) : kindTraits(kind).personal;
}

/** The plan for one device as it is now, and the read that is due first. */
function look(
  device: Device,
  known: DeviceReadings | undefined,
  policy: ReadPolicy,
  nowMs: number,
): { readings: DeviceReadings; first?: ReadRequest } {
  const target = mayBeAsked(device, policy) ? targetOf(device) : undefined;
  if (!target) return { readings: { byReader: known?.byReader ?? {}, device, nextAtMs: Number.POSITIVE_INFINITY } };
  const mark = `${target.ip} ${[...target.services].sort().join(' ')}`;
  const changed = known?.mark !== undefined && known.mark !== mark;
  const before = changed ? dueAgain(known.byReader, nowMs) : (known?.byReader ?? {});
  const wanted = policy.readers.filter((reader) => reader.applies(target));
  const newDueMs = known === undefined ? nowMs + policy.firstWaitMs : nowMs;
  const byReader = { ...before };
  for (const { name } of wanted) byReader[name] ??= { dueAtMs: newDueMs, failures: 0 };

  // The others go by what `ports` finds.
  const portsFirst = wanted.filter(({ name }) => name === 'ports' && byReader[name]?.askedAtMs === undefined);
  const dueOf = ({ name }: Reader): number => byReader[name]!.dueAtMs;
  const [reader] = (portsFirst.length > 0 ? portsFirst : wanted).toSorted((a, b) => dueOf(a) - dueOf(b));
  const nextAtMs = reader ? dueOf(reader) : Number.POSITIVE_INFINITY;
  return { readings: { byReader, device, nextAtMs, mark }, ...(reader ? { first: { deviceId: device.id, reader, target } } : {}) };
}

/** Everything that was not asked a moment ago is due, with its failures forgiven. */
function dueAgain(byReader: DeviceReadings['byReader'], nowMs: number): Record<string, Reading> {
  const entries = Object.entries(byReader).map(([name, reading]): [string, Reading] => {
    const isFresh = reading.askedAtMs !== undefined && nowMs - reading.askedAtMs < FRESH_MS;
    return [name, isFresh ? reading : { ...reading, dueAtMs: Math.min(reading.dueAtMs, nowMs), failures: 0 }];
  });
  return Object.fromEntries(entries);
}

function withReturned(book: EvidenceBook, { back, now }: Occasion): EvidenceBook {
  const returned = [...back].flatMap((id): [string, DeviceReadings][] => {
    const known = book.devices.get(id);
    if (!known) return [];
    const { device: _, ...rest } = known;
    return [[id, { ...rest, byReader: dueAgain(known.byReader, now.monoMs) }]];
  });
  return returned.length === 0 ? book : { ...book, devices: new Map([...book.devices, ...returned]) };
}

/** Forgets the devices that the inventory forgot. */
function withoutGone(book: EvidenceBook, devices: Occasion['devices']): EvidenceBook {
  for (const id of book.devices.keys()) {
    if (!devices.has(id)) return { ...book, devices: new Map([...book.devices].filter(([each]) => devices.has(each))) };
  }
  return book;
}

function savedReadings(deviceId: string, known: DeviceReadings | undefined, now: Instant): SavedReadings[] {
  if (!known) return [];
  const readings = Object.entries(known.byReader).flatMap(([name, { dueAtMs, failures, askedAtMs }]) =>
    askedAtMs === undefined ? [] : [[name, { dueAt: Math.round(now.wallMs + dueAtMs - now.monoMs), failures }] as const],
  );
  return [{ deviceId, readings: Object.fromEntries(readings) }];
}
