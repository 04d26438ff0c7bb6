/** What every step of applying one entry needs, and how an instant of its hub becomes one of the desk. */
import type { Order } from '../order.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import type { Occurrence } from './occurrence.ts';

/** Instants are the desk's. */
export type Context = {
  readonly db: DeskDatabase;
  readonly site: string;
  readonly order: Order;
  readonly occurrence: Occurrence;
  readonly receivedAt: number;
  /** Counts what a home has too many of. */
  readonly tally: { overLimit: number };
};

/** The columns that say between which instants something happened, where nobody can say it nearer. */
export function uncertainty({ between }: Occurrence): { readonly not_before: number | null; readonly not_after: number | null } {
  return { not_before: between?.from ?? null, not_after: between?.to ?? null };
}

/** An instant of the hub's wall clock in the desk's time; never in the future. */
export function deskTime({ occurrence, receivedAt }: Context, hubAt: number): number {
  return Math.max(0, Math.min(hubAt + occurrence.offsetMs, receivedAt));
}
