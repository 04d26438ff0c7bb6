/**
 * How often suspicion alone may cause a sweep, which is some 750 packets in a /24: a few in a row, because one fault makes several devices
 * silent within a minute, and one a minute in the long run. What comes too often is put off, not forgotten. Pure.
 */

export type Looks = { readonly isWanted: boolean; readonly atMs: readonly number[] };

export const NO_LOOKS: Looks = { isWanted: false, atMs: [] };

const IN_A_ROW = 3;
const SPACING_MS = 60_000;
const WINDOW_MS = IN_A_ROW * SPACING_MS;

/** Whether to sweep now, when `isWanted` says that somebody has just become a suspect. */
export function decideLook(looks: Looks, isWanted: boolean, nowMs: number): { looks: Looks; look: boolean } {
  const wanted = looks.isWanted || isWanted;
  if (!wanted) return { looks, look: false };
  const atMs = looks.atMs.filter((at) => nowMs - at < WINDOW_MS);
  if (atMs.length >= IN_A_ROW) return { looks: { isWanted: true, atMs }, look: false };
  return { looks: { isWanted: false, atMs: [...atMs, nowMs] }, look: true };
}

/** When one that was put off may be had; Infinity where none was. */
export function lookDueAtMs({ isWanted, atMs }: Looks): number {
  return isWanted ? (atMs[0] ?? 0) + WINDOW_MS : Number.POSITIVE_INFINITY;
}
