/** Which silences of a day were a device's own: not those that began together with others', nor those of what it hangs on. Pure. */

/** A silence of one device, from its first unanswered question on (monotonic). */
export type Gap = { readonly deviceId: string; readonly behind?: string | undefined; readonly fromMs: number };

/** What restarts takes its devices with it within one round of questions, over Wi-Fi a little later. */
const TOGETHER_MS = 60_000;
/** Two may fall silent at the same minute by chance. */
const FEWEST_TOGETHER = 3;

export function ownGaps(gaps: readonly Gap[]): Gap[] {
  const inOrder = gaps.toSorted((a, b) => a.fromMs - b.fromMs);
  let first = 0;
  return inOrder.filter((gap, i) => {
    while ((inOrder[first] as Gap).fromMs < gap.fromMs - TOGETHER_MS) first++;
    const beside = new Set<string>();
    for (let j = first; j < inOrder.length && (inOrder[j] as Gap).fromMs <= gap.fromMs + TOGETHER_MS; j++)
      if (j !== i) beside.add((inOrder[j] as Gap).deviceId);
    beside.delete(gap.deviceId);
    return beside.size < FEWEST_TOGETHER - 1 && !(gap.behind !== undefined && beside.has(gap.behind));
  });
}
