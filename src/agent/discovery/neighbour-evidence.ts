/**
 * What two readings of the kernel's neighbour table prove of one address: whether it was there after the first reading.
 * The kernel goes on saying REACHABLE for up to 45 s after a cable is pulled, so a state alone never counts, only a newer confirmation does.
 */
import type { Neighbour } from '../ports.ts';

/** An entry (undefined: there was none) and the time, on the monotonic clock, between asking for the table and having it. */
export type Reading = { readonly entry: Neighbour | undefined; readonly askedAtMs: number; readonly readAtMs: number };

/** `confirmed`: the neighbour spoke after `before` was read. `failed`: it did not answer ARP. `open`: not decided yet. */
export type Evidence = 'confirmed' | 'failed' | 'open';

export function evidenceSince(before: Reading, now: Reading): Evidence {
  if (now.entry?.state === 'FAILED') return 'failed';
  if (!isResolved(now.entry)) return 'open';
  if (!isResolved(before.entry) || before.entry.mac !== now.entry.mac) return 'confirmed';
  // Only the neighbour's own ARP reply leads from PROBE to REACHABLE (from DELAY an old confirmation may).
  if (before.entry.state === 'PROBE' && now.entry.state === 'REACHABLE') return 'confirmed';
  return confirmedLater(before, now) ? 'confirmed' : 'open';
}

/** The age is told in whole seconds, rounded down; a source that tells none (/proc/net/arp) proves nothing. */
function confirmedLater(before: Reading, now: Reading): boolean {
  if (before.entry?.confirmedAgoMs === undefined || now.entry?.confirmedAgoMs === undefined) return false;
  const earliestNow = now.askedAtMs - now.entry.confirmedAgoMs - 1000;
  const latestBefore = before.readAtMs - before.entry.confirmedAgoMs;
  return earliestNow >= latestBefore;
}

/** Has a hardware address that the kernel would use now. */
export function isResolved(entry: Neighbour | undefined): entry is Neighbour & { mac: string } {
  return entry?.mac !== undefined && entry.state !== 'FAILED' && entry.state !== 'INCOMPLETE';
}
