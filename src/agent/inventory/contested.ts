/** What a contest for an address means for others: health believes nothing from there, and people are told with the evidence. */
import { addressKey } from './addresses.ts';
import { contestWords } from './contests.ts';
import type { Inventory } from './inventory.ts';
import type { Contest, InventoryContext } from './work.ts';

type Contested = Pick<Inventory, 'contests'>;

export function isContested({ contests }: Contested, address: { readonly interface: string; readonly ip: string }): boolean {
  const contest = contests.get(addressKey(address));
  return contest !== undefined && isConflict(contest);
}

export function isConflict({ declaredAt, excuse }: Contest): boolean {
  return declaredAt !== undefined && excuse === undefined;
}

/** The owners of contested addresses, each with the reason why nothing is known of it. */
export function contestedDevices(inventory: Contested, context: Pick<InventoryContext, 'vendorOf'>): ReadonlyMap<string, string> {
  if (inventory.contests.size === 0) return NONE;
  const conflicts = [...inventory.contests.values()].filter(isConflict);
  return new Map(
    conflicts.map((contest) => [contest.claimants[0]!.deviceId, `${contestWords(context, contest)}: nobody knows who answers there.`]),
  );
}

const NONE: ReadonlyMap<string, string> = new Map();
