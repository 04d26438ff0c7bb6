/**
 * How often suspicion alone may cause a sweep, which is some 750 packets in a /24: a few in a row, because one fault makes several devices
 * silent within a minute and each is looked for twice, and one a minute in the long run. What comes too often is put off, not forgotten. Pure.
 */

export type Looks = { readonly isWanted: boolean; readonly atMs: readonly number[] };

export const NO_LOOKS: Looks = { isWanted: false, atMs: [] };

const IN_A_ROW = 6;
const SPACING_MS = 60_000;
const WINDOW_MS = IN_A_ROW * SPACING_MS;

/** Whether to sweep now, when `isWanted` says that somebody has just become a suspect. */
export function decideLook(looks: Looks, isWanted: boolean, nowMs: number): { looks: Looks; look: boolean } {
  const wanted = looks.isWanted || isWanted;
  if (!wanted) return { looks, look: false };
  const atMs = looks.atMs.filter((at) => nowMs - at < WINDOW_MS);
  if (nowMs < nextAtMs(atMs)) return { looks: { isWanted: true, atMs }, look: false };
  return { looks: { isWanted: false, atMs: [...atMs, nowMs] }, look: true };
}

/** After so many in a row the next one a minute later, or when the first of them is long ago. */
function nextAtMs(atMs: readonly number[]): number {
  if (atMs.length < IN_A_ROW) return Number.NEGATIVE_INFINITY;
  return Math.min((atMs.at(-1) ?? 0) + SPACING_MS, (atMs[0] ?? 0) + WINDOW_MS);
}

/** When one that was put off may be had; Infinity where none was. */
export function lookDueAtMs({ isWanted, atMs }: Looks): number {
  return isWanted ? Math.max(0, nextAtMs(atMs)) : Number.POSITIVE_INFINITY;
}
