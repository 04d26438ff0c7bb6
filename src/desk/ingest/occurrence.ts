/**
 * When something happened, told by the desk's clock. The hub's wall clock may be wrong, its monotonic clock is not: the desk learns
 * where the zero of that clock lies (the anchor) from messages that are sent the moment they are made.
 */
import type { ClockQuality } from '../../protocol/messages.ts';
import type { OccurredBy } from '../store/schema.ts';

/** Older than this at receipt and people are told that it arrived late. */
export const LATE_AFTER_MS = 60_000;

/**
 * `offsetMs` is desk time minus hub time: what to add to the other instants of the same entry. `between`: nobody can say it nearer than that, and `at` is only the best guess.
 */
export type Occurrence = {
  readonly at: number;
  readonly by: OccurredBy;
  readonly late: boolean;
  readonly offsetMs: number;
  readonly between?: Between;
};

/** Desk time; nothing before `from` where nothing was heard before. */
export type Between = { readonly from?: number; readonly to: number };

/**
 * When the desk knows the hub's stream to have been before and after. A start that never reached the desk has no anchor: what it told lies between, and nearer than that only
 * where its own clock was known to be right. When that names an instant that cannot be, only the receipt is known, and the entry counts as late.
 */
type Neighbours = { readonly notBefore?: number | undefined; readonly notAfter?: number | undefined };

export function occurrenceOf(
  entry: { readonly ts: number; readonly mono: number; readonly clk?: ClockQuality },
  anchorAt: number | null | undefined,
  { notBefore, notAfter }: Neighbours,
  receivedAt: number,
): Occurrence {
  if (anchorAt != null) return occurred(entry, Math.min(Math.round(anchorAt + entry.mono), receivedAt), 'anchor', receivedAt);
  const to = Math.min(notAfter ?? receivedAt, receivedAt);
  const isPossible = entry.ts <= to && entry.ts >= (notBefore ?? 0);
  const guess = isPossible
    ? occurred(entry, entry.ts, 'hub-clock', receivedAt)
    : { ...occurred(entry, receivedAt, 'receipt', receivedAt), late: true };
  if (isPossible && entry.clk !== 'unsynced') return guess;
  // Of two processes that ran one after the other the later one's start is known to within the travel time of a message.
  return { ...guess, between: { ...(notBefore === undefined ? {} : { from: Math.min(notBefore, to) }), to } };
}

function occurred(entry: { readonly ts: number }, at: number, by: OccurredBy, receivedAt: number): Occurrence {
  return { at, by, late: receivedAt - at > LATE_AFTER_MS, offsetMs: at - entry.ts };
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
