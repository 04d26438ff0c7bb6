/**
 * What waits for the desk: entries as the stages hand them over, entries as they were committed, and the queue that keeps them.
 * How the queue is stored is src/agent/store's business, how it is sent is the uplink's.
 */
import type { Instant } from '../../base/clock.ts';
import type { ClockQuality, EntryBody, EntryKind, Envelope } from '../../protocol/messages.ts';

/** Something the desk must learn. It gets its id, position and session in the transaction that commits it, and keeps them. */
export type NewEntry = {
  [K in EntryKind]: { readonly kind: K; readonly body: EntryBody<K>; readonly at: Instant; readonly clock: ClockQuality };
}[EntryKind];

/** A committed entry, its body still the JSON text that was committed. */
export type OutboxEntry = {
  readonly pos: number;
  readonly id: string;
  readonly ses: number;
  readonly start: string;
  readonly kind: EntryKind;
  readonly body: string;
  readonly at: Instant;
  readonly clock: ClockQuality;
};

/** Where an entry stands in what its hub tells: by session, then by position. */
export type Place = Pick<OutboxEntry, 'ses' | 'pos'>;

/** What the queue may lose first when it is full, and under which name a `gap` entry counts the loss. */
export type EntryClass = 'alert' | 'state' | 'inventory' | 'snapshot' | 'gap';

/** The queue as the uplink sees it. Every method that changes it has committed when it returns. */
export interface Outbox {
  /** Up to `limit` waiting entries behind position `afterPos`, oldest first. */
  next(afterPos: number, limit: number): readonly OutboxEntry[];
  /** Forgets entries that the desk has committed; answers the places of those that were waiting, as the desk named them. */
  acknowledge(ids: readonly string[]): readonly Place[];
  waiting(): Waiting;
  /** The session that new entries carry: the last one granted, 0 before the very first. */
  session(): number;
  /** Keeps a granted session. True when it is greater than any before of this process start; then a snapshot is due. */
  grant(session: number): boolean;
  /** Whether the desk needs the whole present state: after each new grant, and after entries had to be dropped. */
  snapshotDue(): boolean;
  /** Commits all parts of a snapshot at once; then none is due. */
  commitSnapshot(parts: readonly EntryBody<'snapshot'>[], at: Instant, clock: ClockQuality): void;
}

export type Waiting = {
  readonly count: number;
  readonly bytes: number;
  /** Wall time of the oldest waiting entry. */
  readonly oldestAt?: number;
  /** Entries dropped since the database was made, because the queue was full. */
  readonly dropped: number;
};

const CLASSES: Readonly<Record<EntryKind, EntryClass>> = {
  'device.added': 'inventory',
  'device.changed': 'inventory',
  'device.removed': 'inventory',
  'device.state': 'state',
  'device.lifecycle': 'state',
  'alert.raised': 'alert',
  'alert.updated': 'alert',
  'alert.cleared': 'alert',
  'site.state': 'state',
  gap: 'gap',
  snapshot: 'snapshot',
};

export function classOf(kind: EntryKind): EntryClass {
  return CLASSES[kind];
}

/** Of two entries of class `state` with the same subject the newer one says all. */
export function subjectOf(entry: NewEntry): string | undefined {
  if (entry.kind === 'device.state') return entry.body.device;
  if (entry.kind === 'device.lifecycle') return `lifecycle:${entry.body.device}`;
  return entry.kind === 'site.state' ? 'site' : undefined;
}

/** The envelope (`up/ev`) as text. The stored body is put in as it is: what was committed is what is sent. */
export function encodeEntry(entry: OutboxEntry): string {
  const head: Omit<Envelope, 'd'> = {
    v: 1,
    id: entry.id,
    start: entry.start,
    ses: entry.ses,
    pos: entry.pos,
    ts: entry.at.wallMs,
    mono: entry.at.monoMs,
    clk: entry.clock,
    k: entry.kind,
  };
  return `${JSON.stringify(head).slice(0, -1)},"d":${entry.body}}`;
}
