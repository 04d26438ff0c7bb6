/** An order of a person about devices, what the log knows of it, and the answer. How it is carried out: orders.ts; how it is read: order-form.ts. */
import type { Correctable } from './device.ts';
import type { LogRow } from './identity-log.ts';

export type Order =
  | { readonly do: 'set'; readonly device: string; readonly set: Readonly<Partial<Record<Correctable, string | null>>> }
  | { readonly do: 'merge'; readonly one: string; readonly other: string }
  | { readonly do: 'split'; readonly device: string; readonly identifiers: readonly string[] }
  | { readonly do: 'undo'; readonly row: number };

/** What the log knows that the order needs: the row to undo with all later ones, or those by which the device came to be what it is. */
export type Past = { readonly row?: LogRow | undefined; readonly later: readonly LogRow[]; readonly of: readonly LogRow[] };

export type Done = { readonly done: string; readonly row: number; readonly device: string };
export type Refused = { readonly problem: string; readonly fix: string };
export type Answer = Done | Refused;
