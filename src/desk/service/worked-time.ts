/** Time that was worked, as it is billed: rounded up, and summed. Pure. */

/** One entry; `counted` minutes are what `minutes` come to by the policy's increment. `takenBack`: why it counts no more. */
export type WorkedTime = {
  readonly no: number;
  readonly site: string;
  readonly ticket: number;
  readonly at: number;
  readonly by: string;
  readonly text: string;
  readonly minutes: number;
  readonly counted: number;
  readonly billable: boolean;
  readonly consent?: { readonly from: string; readonly rate: string };
  /** Billed without the client's yes, and why. */
  readonly override?: string;
  readonly takenBack?: string;
};

/** Both in whole minutes. */
export function roundedUp(minutes: number, increment: number): number {
  return Math.ceil(minutes / increment) * increment;
}

/** In minutes, as counted. */
export type TimeSum = { readonly billable: number; readonly free: number };

export function sumOf(entries: readonly Pick<WorkedTime, 'counted' | 'billable' | 'takenBack'>[]): TimeSum {
  const kept = entries.filter(({ takenBack }) => takenBack === undefined);
  const sum = (some: typeof kept): number => some.reduce((all, { counted }) => all + counted, 0);
  return { billable: sum(kept.filter(({ billable }) => billable)), free: sum(kept.filter(({ billable }) => !billable)) };
}
