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

/** What outlives the process: the contests that people were told of, or that were found to be nobody's fault. */
export function declaredContests({ contests }: Contested): readonly Contest[] {
  return contests.size === 0 ? [] : [...contests.values()].filter(({ declaredAt }) => declaredAt !== undefined);
}

/** Whether contests were declared or are over; who claimed an address again is not worth a write. */
export function areSameDeclared(before: Contested, after: Contested): boolean {
  if (before.contests === after.contests) return true;
  const marksOf = (contested: Contested): string => declaredContests(contested).map(markOf).sort().join();
  return marksOf(before) === marksOf(after);
}

const markOf = (contest: Contest): string => `${addressKey(contest)} ${contest.declaredAt} ${contest.excuse !== undefined}`;

/** The contests again in a new process: each claimant has its ten minutes to claim the address once more, before it counts as given up. */
export function restoreContests(saved: readonly Contest[], wallMs: number): ReadonlyMap<string, Contest> {
  const renewed = ({ claimants, ...contest }: Contest): Contest => ({
    ...contest,
    claimants: claimants.map((claimant) => ({ ...claimant, lastAt: wallMs })),
    switches: [],
  });
  return new Map(saved.map((contest) => [addressKey(contest), renewed(contest)]));
}

/** How the reason begins why nothing is known of a device whose address another one claims. */
export const CONTESTED = 'Another device claims its address';

/** The owners of contested addresses, each with the reason why nothing is known of it. The desk hears it: it names nobody. */
export function contestedDevices(inventory: Contested): ReadonlyMap<string, string> {
  if (inventory.contests.size === 0) return NONE;
  const conflicts = [...inventory.contests.values()].filter(isConflict);
  const reason = ({ ip }: Contest): string => `${CONTESTED} ${ip} too: nobody knows which of them answers there.`;
  return new Map(conflicts.map((contest) => [contest.claimants[0]!.deviceId, reason(contest)]));
}

const NONE: ReadonlyMap<string, string> = new Map();
