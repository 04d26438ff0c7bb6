/** What a contest for an address means for others: health believes nothing from there, and people are told with the evidence. */
import { addressKey } from './addresses.ts';
import type { Inventory } from './inventory.ts';
import type { Contest } from './work.ts';

type Contested = Pick<Inventory, 'contests'>;

export function isContested({ contests }: Contested, address: { readonly interface: string; readonly ip: string }): boolean {
  const contest = contests.get(addressKey(address));
  return contest !== undefined && isConflict(contest);
}

export function isConflict({ declaredAt, excuse }: Contest): boolean {
  return declaredAt !== undefined && excuse === undefined;
}

/** The owners of contested addresses, each with the reason why nothing is known of it. The desk hears it: it names nobody. */
export function contestedDevices(inventory: Contested): ReadonlyMap<string, string> {
  if (inventory.contests.size === 0) return NONE;
  const conflicts = [...inventory.contests.values()].filter(isConflict);
  const reason = ({ ip }: Contest): string => `Another device claims its address ${ip} too: nobody knows which of them answers there.`;
  return new Map(conflicts.map((contest) => [contest.claimants[0]!.deviceId, reason(contest)]));
}

const NONE: ReadonlyMap<string, string> = new Map();
