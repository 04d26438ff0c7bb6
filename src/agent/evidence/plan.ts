/**
 * Which reader asks which device when: each new device once it has had time to speak for itself, `ports` before all others; again after the
 * reader's own interval, later and later where nothing answers, and soon where a device came back or changed. Pure; the shell asks.
 */
import type { Instant } from '../../base/clock.ts';
import { ipFamily } from '../../base/ip-address.ts';
import type { Device } from '../inventory/device.ts';
import { bestFact } from '../inventory/facts.ts';
import { hasUniversalMac } from '../inventory/identifiers.ts';
import { kindTraits } from '../inventory/kinds.ts';
import { kindThatTellsWhose } from '../inventory/personal.ts';
import { kindOf, macsOf } from '../inventory/summary.ts';
import { BEFORE_START, type DeviceReadings, type EvidenceBook, type Reading, retryMs } from './evidence-book.ts';
import type { Reader, Target } from './reader.ts';
import { beginReads, noteEnded, outcomesDue, type SavedReadings } from './saved-readings.ts';

export type ReadPolicy = {
  readonly readers: readonly Reader[];
  /** MAC and IP addresses that are never asked. */
  readonly leaveAlone: readonly string[];
  /** Reads at a time, each of another device. */
  readonly atOnce: number;
  readonly perMinute: number;
  /** How long a new device is left to announce itself first. */
  readonly firstWaitMs: number;
  /** How often all devices are looked at for what is new. */
  readonly noticeEveryMs: number;
};

/** The agent's pace: 120 reads of about ten packets a minute while a house is new to it, a few an hour afterwards. */
export const AGENT_PACE = { atOnce: 4, perMinute: 120, firstWaitMs: 8_000, noticeEveryMs: 5_000 } as const;

export type ReadRequest = { readonly deviceId: string; readonly reader: Reader; readonly target: Target };
export type ReadOutcome = { readonly deviceId: string; readonly reader: string; readonly answered: boolean };

export type Occasion = {
  readonly devices: ReadonlyMap<string, Device>;
  /** Whether a device is known to be there now; no other is asked. */
  readonly isUp: (deviceId: string) => boolean;
  /** Those that were gone for long and are back: their firmware may be new. */
  readonly back: ReadonlySet<string>;
  readonly now: Instant;
};

/** What was asked within this time is not asked again because something changed: announcements come in one by one. */
const FRESH_MS = 3_600_000;
/** Reads that fell behind the pace are made up for during this time at most. */
const CATCH_UP_MS = 1_000;

/** `toSave` is to be saved before anything is sent. */
export function planReads(
  book: EvidenceBook,
  policy: ReadPolicy,
  occasion: Occasion,
): { book: EvidenceBook; reads: readonly ReadRequest[]; toSave: readonly SavedReadings[] } {
  const nowMs = occasion.now.monoMs;
  if (policy.readers.length === 0) return { book, reads: [], toSave: [] };
  const isNoticing = book.nextNoticeMs <= nowMs;
  const known = withReturned(isNoticing ? withoutGone(book, occasion.devices) : book, occasion);
  const room = roomFor(known, policy, nowMs);
  const turns = isNoticing ? [...occasion.devices.values()] : room === 0 ? [] : dueDevices(known, occasion.devices, nowMs);
  if (turns.length === 0 && !isNoticing) return { book: known, reads: [], toSave: [] };

  const looked = new Map<string, DeviceReadings>();
  const due: { readonly request: ReadRequest; readonly dueAtMs: number }[] = [];
  for (const device of turns) {
    if (!isNoticing && due.length >= room) break;
    if (known.asking.has(device.id) || !occasion.isUp(device.id)) continue;
    const before = known.devices.get(device.id);
    const { readings, first } = look(device, before, policy, nowMs);
    if (readings !== before) looked.set(device.id, readings);
    if (first && readings.nextAtMs <= nowMs) due.push({ request: first, dueAtMs: readings.nextAtMs });
  }
  const reads = due
    .sort((a, b) => a.dueAtMs - b.dueAtMs)
    .slice(0, room)
    .map(({ request }) => request);
  const planned = withLooked(known, looked, isNoticing ? nowMs + policy.noticeEveryMs : undefined);
  const begun = beginReads(planned, reads, occasion.now);
  const ended = isNoticing ? outcomesDue(begun.book, occasion.now) : { book: begun.book, toSave: [] };
  return { book: withBegun(ended.book, reads, policy, nowMs), reads, toSave: [...begun.toSave, ...ended.toSave] };
}

/** How many reads may begin now, by number and by pace. */
function roomFor({ asking, nextStartMs }: EvidenceBook, { atOnce, perMinute }: ReadPolicy, nowMs: number): number {
  if (nextStartMs > nowMs) return 0;
  const behindMs = nowMs - Math.max(nextStartMs, nowMs - CATCH_UP_MS);
  return Math.max(0, Math.min(atOnce - asking.size, 1 + Math.floor((behindMs * perMinute) / 60_000)));
}

/** Those whose turn has come, the longest waiting first. */
function dueDevices({ devices }: EvidenceBook, all: Occasion['devices'], nowMs: number): Device[] {
  const due: { readonly device: Device; readonly atMs: number }[] = [];
  // On most ticks there is none: an iterator would make two objects for each device all the same.
  devices.forEach(({ nextAtMs: atMs }, id) => {
    const device = atMs <= nowMs ? all.get(id) : undefined;
    if (device) due.push({ device, atMs });
  });
  return due.sort((a, b) => a.atMs - b.atMs).map(({ device }) => device);
}

function withLooked(book: EvidenceBook, looked: ReadonlyMap<string, DeviceReadings>, nextNoticeMs = book.nextNoticeMs): EvidenceBook {
  const devices = looked.size === 0 ? book.devices : new Map([...book.devices, ...looked]);
  return { ...book, devices, nextNoticeMs };
}

function withBegun(book: EvidenceBook, reads: readonly ReadRequest[], { perMinute }: ReadPolicy, nowMs: number): EvidenceBook {
  if (reads.length === 0) return book;
  const asking = new Set([...book.asking, ...reads.map(({ deviceId }) => deviceId)]);
  return { ...book, asking, nextStartMs: Math.max(book.nextStartMs, nowMs - CATCH_UP_MS) + (reads.length * 60_000) / perMinute };
}

/** Enters what came of reads. */
export function settleReads(
  book: EvidenceBook,
  outcomes: readonly ReadOutcome[],
  policy: ReadPolicy,
  { monoMs: nowMs }: Instant,
): EvidenceBook {
  if (outcomes.length === 0) return book;
  const devices = new Map(book.devices);
  const asking = new Set(book.asking);
  for (const { deviceId, reader: name, answered } of outcomes) {
    asking.delete(deviceId);
    const known = devices.get(deviceId);
    const reader = policy.readers.find((each) => each.name === name);
    if (!known || !reader) continue;
    const failures = answered ? 0 : (known.byReader[name]?.failures ?? 0) + 1;
    const waitMs = (answered ? reader.everyMs : retryMs(failures)) * paceOf(deviceId);
    const reading: Reading = { dueAtMs: nowMs + waitMs, failures, askedAtMs: nowMs };
    const begun = new Set(known.begun);
    begun.delete(name);
    // What else of it is due is found when it is looked at next.
    devices.set(deviceId, { ...known, nextAtMs: nowMs, byReader: { ...known.byReader, [name]: reading }, begun });
  }
  return noteEnded({ ...book, devices, asking }, new Set(outcomes.map(({ deviceId }) => deviceId)), nowMs);
}

/** Nine to eleven tenths: devices are not asked in step with each other, but all that one of them is asked stays together. */
function paceOf(deviceId: string): number {
  let hash = 0;
  for (let i = 0; i < deviceId.length; i++) hash = Math.imul(hash ^ deviceId.charCodeAt(i), 0x9e3779b1);
  // The last character counts as much as the others.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return 0.9 + (0.2 * ((hash ^ (hash >>> 13)) >>> 0)) / 2 ** 32;
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
export function mayBeAsked(device: Device, { leaveAlone }: Pick<ReadPolicy, 'leaveAlone'>): boolean {
  if (isSomebodys(device)) return false;
  // Also what answers through the MAC of one that is left alone: it is that one that would get the packets.
  const reachedBy = device.addresses.flatMap(({ ip, mac }) => [ip, mac]);
  return ![...macsOf(device), ...reachedBy].some((address) => leaveAlone.includes(address));
}

function isSomebodys(device: Device): boolean {
  const said = device.corrected?.personal?.value;
  if (said !== undefined) return said === 'yes';
  const kind = kindThatTellsWhose(device);
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
  if (!target) return { readings: keptIfSame(known, { byReader: known?.byReader ?? {}, nextAtMs: Number.POSITIVE_INFINITY }) };
  const mark = `${target.ip} ${device.services.toSorted().join(' ')}`;
  const shape = `${mark} ${target.vendor} ${target.kind} ${target.openPorts.join(' ')}`;
  const wanted = known?.shape === shape && known.wanted ? known.wanted : policy.readers.filter((reader) => reader.applies(target));
  const before = known?.mark !== undefined && known.mark !== mark ? dueAgain(known.byReader, nowMs) : (known?.byReader ?? {});
  const added = wanted.filter(({ name }) => before[name] === undefined);
  const first: Reading = { dueAtMs: known === undefined ? nowMs + policy.firstWaitMs : nowMs, failures: 0 };
  const byReader = added.length === 0 ? before : { ...before, ...Object.fromEntries(added.map(({ name }) => [name, first])) };

  // The others go by what `ports` finds.
  const portsFirst = wanted.find(({ name }) => name === 'ports' && byReader[name]?.askedAtMs === undefined);
  const dueOf = ({ name }: Reader): number => byReader[name]!.dueAtMs;
  const reader =
    portsFirst ?? wanted.reduce<Reader | undefined>((best, each) => (best && dueOf(best) <= dueOf(each) ? best : each), undefined);
  const begun = known?.begun ? { begun: known.begun } : {};
  const readings = keptIfSame(known, {
    byReader,
    nextAtMs: reader ? dueOf(reader) : Number.POSITIVE_INFINITY,
    mark,
    shape,
    wanted,
    ...begun,
  });
  return { readings, ...(reader ? { first: { deviceId: device.id, reader, target } } : {}) };
}

/** The same object again where nothing changed, so that the book need not be copied. */
function keptIfSame(before: DeviceReadings | undefined, now: DeviceReadings): DeviceReadings {
  const isSame = before?.byReader === now.byReader && before.nextAtMs === now.nextAtMs && before.shape === now.shape;
  return isSame ? before : now;
}

/** Everything that was not asked a moment ago, nor by an earlier process, is due, with its failures forgiven. */
function dueAgain(byReader: DeviceReadings['byReader'], nowMs: number): Record<string, Reading> {
  const entries = Object.entries(byReader).map(([name, reading]): [string, Reading] => {
    const { askedAtMs } = reading;
    const isFresh = askedAtMs === BEFORE_START || (askedAtMs !== undefined && nowMs - askedAtMs < FRESH_MS);
    return [name, isFresh ? reading : { ...reading, dueAtMs: Math.min(reading.dueAtMs, nowMs), failures: 0 }];
  });
  return Object.fromEntries(entries);
}

function withReturned(book: EvidenceBook, { back, now }: Occasion): EvidenceBook {
  const returned = [...back].flatMap((id): [string, DeviceReadings][] => {
    const known = book.devices.get(id);
    if (!known) return [];
    return [[id, { ...known, nextAtMs: now.monoMs, byReader: dueAgain(known.byReader, now.monoMs) }]];
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
