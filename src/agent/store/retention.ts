/** How much history the hub keeps of what is over: the desk is the archive, the hub answers "what happened lately". */
export type Retention = { readonly rows: number; readonly ageMs: number };

export const RETENTION: Retention = { rows: 5000, ageMs: 30 * 24 * 3_600_000 };
