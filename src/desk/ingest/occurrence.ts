/**
 * When something happened, told by the desk's clock. The hub's wall clock may be wrong, its monotonic clock is not: the desk learns
 * where the zero of that clock lies (the anchor) from messages that are sent the moment they are made.
 */
import type { OccurredBy } from '../store/schema.ts';

/** Older than this at receipt and people are told that it arrived late. */
export const LATE_AFTER_MS = 60_000;

/** `offsetMs` is desk time minus hub time: what to add to the other instants of the same entry. */
export type Occurrence = { readonly at: number; readonly by: OccurredBy; readonly late: boolean; readonly offsetMs: number };

/**
 * `notBefore` is when the desk knows the hub's stream to have been shortly before. A start that never reached the desk has no anchor; when
 * its wall clock names an instant that cannot be, only the receipt is known, and the entry counts as late.
 */
export function occurrenceOf(
  entry: { readonly ts: number; readonly mono: number },
  anchorAt: number | null | undefined,
  notBefore: number | undefined,
  receivedAt: number,
): Occurrence {
  const at = Math.min(anchorAt == null ? entry.ts : Math.round(anchorAt + entry.mono), receivedAt);
  if (anchorAt == null && (entry.ts > receivedAt || entry.ts < (notBefore ?? 0)))
    return { at: receivedAt, by: 'receipt', late: true, offsetMs: receivedAt - entry.ts };
  return { at, by: anchorAt == null ? 'hub-clock' : 'anchor', late: receivedAt - at > LATE_AFTER_MS, offsetMs: at - entry.ts };
}

/** What one message that was sent at once says of its hub's clocks. */
export type ClockSample = {
  readonly start: string;
  /** Where the zero of the monotonic clock lies, by the desk's clock and by the hub's wall clock. */
  readonly anchorAt: number;
  readonly hubZeroAt: number;
};

export function clockSample(
  message: { readonly start: string; readonly ts: number; readonly mono: number },
  receivedAt: number,
): ClockSample {
  return { start: message.start, anchorAt: receivedAt - message.mono, hubZeroAt: message.ts - message.mono };
}

/** A later anchor than this is no matter of travel time. */
const SLACK_MS = 30_000;
/** Two estimates this near to each other tell the same. */
const AGREEMENT_MS = 5_000;

/**
 * Travel time only ever makes an estimate too late, so the smallest of a session is the best. But the monotonic clock of a hub that was
 * suspended stood still, and then the anchor truly is later. A stalled line looks alike for one message: so the hub's own wall clock must
 * have moved by as much, or a second message must say the same.
 */
export function nextAnchor(anchorAt: number | null, previous: ClockSample | undefined, sample: ClockSample): number {
  if (anchorAt === null || sample.anchorAt <= anchorAt) return sample.anchorAt;
  if (sample.anchorAt - anchorAt <= SLACK_MS || previous?.start !== sample.start) return anchorAt;
  const movedMs = sample.anchorAt - previous.anchorAt;
  const isAgreed = Math.abs(movedMs) <= AGREEMENT_MS;
  const movedAlike = Math.abs(sample.hubZeroAt - previous.hubZeroAt - movedMs) <= AGREEMENT_MS;
  return isAgreed || movedAlike ? sample.anchorAt : anchorAt;
}
