/** What a share of values stays within. Pure. */

/** The nearest rank: a value that was measured. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
