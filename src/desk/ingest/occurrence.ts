/**
 * When something happened, told by the desk's clock. The hub's wall clock may be wrong, its monotonic clock is not: the desk learns
 * where the zero of that clock lies (the anchor) from messages that are sent the moment they are made.
 */
import type { OccurredBy } from '../store/schema.ts';

/** Older than this at receipt and people are told that it arrived late. */
export const LATE_AFTER_MS = 60_000;

/** `offsetMs` is desk time minus hub time: what to add to the other instants of the same entry. */
export type Occurrence = { readonly at: number; readonly by: OccurredBy; readonly late: boolean; readonly offsetMs: number };

export function occurrenceOf(
  entry: { readonly ts: number; readonly mono: number },
  anchorAt: number | null | undefined,
  receivedAt: number,
): Occurrence {
  const claimed = anchorAt == null ? entry.ts : Math.round(anchorAt + entry.mono);
  const at = Math.min(claimed, receivedAt);
  const by = anchorAt != null ? 'anchor' : claimed > receivedAt ? 'receipt' : 'hub-clock';
  return { at, by, late: receivedAt - at > LATE_AFTER_MS, offsetMs: at - entry.ts };
}

/**
 * Travel time only ever makes an estimate of the anchor too late, so the smallest of a session is the best. But one that is later by more
 * than this is no travel time: the hub was suspended (its monotonic clock stood still), or its clock has drifted for weeks.
 */
export const ANCHOR_SLACK_MS = 30_000;

/** What one message says of the anchor, when it was sent at once. */
export function anchorEstimate(mono: number, receivedAt: number): number {
  return receivedAt - mono;
}
