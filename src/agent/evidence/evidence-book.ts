/** What is remembered of asking devices who they are: when each reader is due at each of them, who is being asked, and what is not saved yet. */
import type { Reader } from './reader.ts';

/** Of one device and one reader, on the monotonic clock. `askedAtMs`: undefined for never, minus infinity for by an earlier process. */
export type Reading = { readonly dueAtMs: number; readonly failures: number; readonly askedAtMs?: number };

export type DeviceReadings = {
  readonly byReader: Readonly<Record<string, Reading>>;
  /** When it is to be looked at again, to ask it. */
  readonly nextAtMs: number;
  /** Address and announcements when it was looked at last. */
  readonly mark?: string;
  /** All that readers go by, and those that applied to it. */
  readonly shape?: string;
  readonly wanted?: readonly Reader[];
  /** Readers that are saved as begun and have not ended: they may begin without another word. */
  readonly begun?: ReadonlySet<string>;
};

export type EvidenceBook = {
  /** At most one entry for each device of the inventory. */
  readonly devices: ReadonlyMap<string, DeviceReadings>;
  /** Ids of those that are being asked. */
  readonly asking: ReadonlySet<string>;
  /** When the next read may begin. */
  readonly nextStartMs: number;
  /** When all devices are looked at again, for new ones and for what changed. */
  readonly nextNoticeMs: number;
  /** Ids of those of which an outcome is not saved yet, and when it will be. */
  readonly unsaved: ReadonlySet<string>;
  readonly saveAtMs: number;
};

export const EMPTY_EVIDENCE_BOOK: EvidenceBook = {
  devices: new Map(),
  asking: new Set(),
  nextStartMs: 0,
  nextNoticeMs: 0,
  unsaved: new Set(),
  saveAtMs: 0,
};

/** Asked by an earlier process. What it sent that day is forgotten with it, so nothing but the day's own end makes such a read due. */
export const BEFORE_START = Number.NEGATIVE_INFINITY;

const DAY_MS = 86_400_000;
const FIRST_RETRY_MS = 10 * 60_000;
const RETRY_FACTOR = 6;

/** How long after so many failures on end a device is asked again. */
export const retryMs = (failures: number): number => Math.min(DAY_MS, FIRST_RETRY_MS * RETRY_FACTOR ** (failures - 1));
