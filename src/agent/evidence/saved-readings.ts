/**
 * What of asking devices outlives the process. A card wears by the write, and a house is asked thousands of questions a day: before a device is asked
 * anything, all that it is about to be asked is saved at once, as if it had failed, and what came of it goes with that of others. So a hub that is
 * killed over a read, again and again, asks no more often than a silent device is asked. Pure.
 */
import type { Instant } from '../../base/clock.ts';
import { BEFORE_START, type DeviceReadings, EMPTY_EVIDENCE_BOOK, type EvidenceBook, type Reading, retryMs } from './evidence-book.ts';

/** Of one device: when each reader is due, in Unix milliseconds. */
export type SavedReadings = {
  readonly deviceId: string;
  readonly readings: Readonly<Record<string, { readonly dueAt: number; readonly failures: number }>>;
};

/** What is due within this time of the first read of a device belongs to the same visit. */
const VISIT_MS = 5 * 60_000;
/** What a crash takes back at most: the reads of this time count as failed, and are made again. */
const SAVED_EVERY_MS = 10 * 60_000;
const LONGEST_WAIT_MS = 2 * 86_400_000;

/** Notes reads that begin now. `toSave` is to be saved before anything is sent; nothing of a device whose visit was saved before. */
export function beginReads(
  book: EvidenceBook,
  reads: readonly { readonly deviceId: string; readonly reader: { readonly name: string } }[],
  now: Instant,
): { readonly book: EvidenceBook; readonly toSave: readonly SavedReadings[] } {
  const visits = reads.flatMap(({ deviceId, reader }): [string, DeviceReadings][] => {
    const known = book.devices.get(deviceId);
    if (!known || known.begun?.has(reader.name)) return [];
    return [[deviceId, { ...known, begun: new Set([...(known.begun ?? []), reader.name, ...namesOfVisit(known, now.monoMs)]) }]];
  });
  if (visits.length === 0) return { book, toSave: [] };
  const visited = new Set(visits.map(([id]) => id));
  const begun = { ...book, devices: new Map([...book.devices, ...visits]), unsaved: book.unsaved.difference(visited) };
  return { book: begun, toSave: visits.map(([id, known]) => saved(id, known, now)) };
}

/** A reader that an earlier process did not get to the end of may be what killed it: it begins alone, so that the others get on. */
function namesOfVisit({ wanted = [], byReader }: DeviceReadings, nowMs: number): string[] {
  return wanted.flatMap(({ name }) => {
    const reading = byReader[name];
    if (!reading || reading.dueAtMs > nowMs + VISIT_MS) return [];
    return reading.askedAtMs === BEFORE_START && reading.failures > 0 ? [] : [name];
  });
}

/** Notes that reads of these devices ended. */
export function noteEnded(book: EvidenceBook, deviceIds: Iterable<string>, nowMs: number): EvidenceBook {
  const saveAtMs = book.unsaved.size === 0 ? nowMs + SAVED_EVERY_MS : book.saveAtMs;
  return { ...book, unsaved: new Set([...book.unsaved, ...deviceIds]), saveAtMs };
}

/** What ended and was not saved yet, once it is due. */
export function outcomesDue(book: EvidenceBook, now: Instant): { readonly book: EvidenceBook; readonly toSave: readonly SavedReadings[] } {
  if (book.unsaved.size === 0 || now.monoMs < book.saveAtMs) return { book, toSave: [] };
  return { book: { ...book, unsaved: EMPTY_EVIDENCE_BOOK.unsaved }, toSave: unsavedOutcomes(book, now) };
}

/** The same before the process stops. */
export function unsavedOutcomes({ devices, unsaved }: EvidenceBook, now: Instant): SavedReadings[] {
  return [...unsaved].flatMap((id) => {
    const known = devices.get(id);
    return known ? [saved(id, known, now)] : [];
  });
}

function saved(deviceId: string, { byReader, begun }: DeviceReadings, now: Instant): SavedReadings {
  const readings = Object.entries(byReader).flatMap(([name, reading]) => {
    const { dueAtMs, failures, askedAtMs } = begun?.has(name) ? asFailed(reading, now.monoMs) : reading;
    return askedAtMs === undefined ? [] : [[name, { dueAt: Math.round(now.wallMs + dueAtMs - now.monoMs), failures }] as const];
  });
  return { deviceId, readings: Object.fromEntries(readings) };
}

function asFailed({ failures }: Reading, nowMs: number): Reading {
  return { dueAtMs: nowMs + retryMs(failures + 1), failures: failures + 1, askedAtMs: nowMs };
}

/** The book again after a restart. A clock that stepped meanwhile delays a read by two days at most. `soon`: a reader whose answers are wanted anew. */
export function restoreEvidenceBook(
  rows: readonly SavedReadings[],
  now: Instant,
  soon?: { readonly reader: string; readonly inMs: number },
): EvidenceBook {
  // Who answered last time; a read that was begun counts as failed, so a hub that restarts again and again asks no more often.
  const longestMs = (name: string, failures: number): number => (soon?.reader === name && failures === 0 ? soon.inMs : LONGEST_WAIT_MS);
  const devices = rows.map(({ deviceId, readings }): [string, DeviceReadings] => {
    const byReader = Object.entries(readings).map(([name, { dueAt, failures }]): [string, Reading] => [
      name,
      { dueAtMs: now.monoMs + Math.min(Math.max(0, dueAt - now.wallMs), longestMs(name, failures)), failures, askedAtMs: BEFORE_START },
    ]);
    return [deviceId, { byReader: Object.fromEntries(byReader), nextAtMs: 0 }];
  });
  return { ...EMPTY_EVIDENCE_BOOK, devices: new Map(devices) };
}
