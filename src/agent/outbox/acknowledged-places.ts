/**
 * Which positions of this session the desk acknowledged in its runs that are over. A desk that was started again and does not have one of them is an older copy of itself,
 * and must be told the present anew (decision 0024). Pure.
 */

/** So many a heartbeat may name (contract: `outbox.acked`). */
const MOST_NAMED = 8;
/** Of the answers of a run which, counted from the last, after the greatest position: the one that tells most first. */
const ANSWERS_NAMED = [2, 5, 3, 4, 8, 16];
const RECENT = Math.max(...ANSWERS_NAMED);

/** What a run of the desk acknowledged: the greatest position, and the last one of each of some answers, in the order in which the desk first had them. */
export type DeskRun = { readonly maxPos: number; readonly recent: readonly Last[] };

/** `arrival`: the desk's own number; of a desk that tells none, when it answered. */
type Last = { readonly pos: number; readonly arrival: number };

/** Of each run that is over some positions, the one that tells most first; the oldest run first. */
export type EndedRuns = readonly (readonly number[])[];

/** `places`: what one answer named, in the order in which the desk first had it; `arrival`: the desk's number of the last. */
export function answered(run: DeskRun | undefined, arrival: number, places: readonly number[]): DeskRun | undefined {
  const pos = places.at(-1);
  if (pos === undefined) return run;
  const recent = [...(run?.recent ?? []), { pos, arrival }].sort((one, other) => one.arrival - other.arrival).slice(-RECENT);
  return { maxPos: Math.max(...places, run?.maxPos ?? 0), recent };
}

/**
 * What came last is what an older copy lacks first. What was on its way while the database was put back, in the broker or in a hub that stood still, reached that copy too, so that it may
 * have the newest and not what came before (seed 509891): so some of those too.
 */
export function ended(before: EndedRuns, { maxPos, recent }: DeskRun): EndedRuns {
  const places = [recent.at(-1)?.pos, maxPos, ...ANSWERS_NAMED.map((n) => recent.at(-n)?.pos)].filter((pos) => pos !== undefined);
  return thinned([...before, [...new Set(places)]]);
}

/** An answer of a run that is known to be over: later than what is remembered of that run, so it tells more. */
export function answeredLate(before: EndedRuns, places: readonly number[]): EndedRuns {
  const last = places.at(-1);
  if (last === undefined) return before;
  const told = [...new Set([last, Math.max(...places), ...(before.at(-1) ?? [])])].slice(0, MOST_NAMED);
  return thinned([...before.slice(0, -1), told]);
}

export function placesNamed(runs: EndedRuns): number[] {
  return [...new Set(runs.flat())];
}

/**
 * Where there are too many, the run with the most loses the one that tells least, and only where each has one the oldest is forgotten: of a desk that was started again five times
 * between two heartbeats that it heard, the first may be the one whose answers it has lost (seed 326225).
 */
function thinned(runs: EndedRuns): EndedRuns {
  const most = Math.max(...runs.map(({ length }) => length));
  if (placesNamed(runs).length <= MOST_NAMED) return runs;
  if (most === 1) return thinned(runs.slice(1));
  const fullest = runs.findIndex(({ length }) => length === most);
  return thinned(runs.with(fullest, runs[fullest]!.slice(0, -1)));
}
