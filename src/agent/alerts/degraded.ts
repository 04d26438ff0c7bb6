/**
 * Of the devices that answer worse than they used to (health/decline.ts), those that are told: where half of those on the same wire or the same
 * Wi-Fi got worse together, that is the hub's or an access point's affair and says nothing of any of them.
 */
import type { CheckRecord, HealthBook } from '../health/health.ts';

const FEWEST_TOGETHER = 3;
const SHARE_TOGETHER = 0.5;

export function declinedAlone(declined: readonly CheckRecord[], book: HealthBook): CheckRecord[] {
  return declined.filter((record) => {
    const together = declined.filter((other) => isBeside(record, other)).length;
    return together < FEWEST_TOGETHER || together < SHARE_TOGETHER * countBeside(record, book);
  });
}

function countBeside(record: CheckRecord, book: HealthBook): number {
  let count = 0;
  for (const other of book.values()) if (other.profile.silence === 'fault' && isBeside(record, other)) count++;
  return count;
}

/** On the same interface, and both on a wire or both on Wi-Fi. */
function isBeside(one: CheckRecord, other: CheckRecord): boolean {
  return one.interface === other.interface && (one.profile.name === 'other') === (other.profile.name === 'other');
}
