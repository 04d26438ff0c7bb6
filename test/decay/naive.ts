/** What a simple monitor would do with the same weeks: last week against the mean of the first month, and a factor that looks bad. */
import { MEASURES, type Measure, type WeekValues } from '../../src/agent/decay/day.ts';

const FIRST_WEEKS = 4;
/** Worse than so much of what was usual, and by at least so much. */
const LIMITS: Readonly<Record<Measure, { readonly times: number; readonly more: number }>> = {
  reboots: { times: 2, more: 3 },
  drops: { times: 2, more: 3 },
  loss: { times: 2, more: 0.01 },
  delay: { times: 1.5, more: 1 },
  tail: { times: 1.5, more: 4 },
  battery: { times: 0.8, more: -1 },
  temperature: { times: 1.1, more: 4 },
  damage: { times: 2, more: 10 },
  discards: { times: 2, more: Number.POSITIVE_INFINITY },
};

/** Takes a week after the other; answers what is newly over its limit. */
export function naively(): (values: ReadonlyMap<string, WeekValues>) => { id: string; measure: Measure }[] {
  const known = new Map<string, { first: number[]; isTold: boolean }>();
  return (values) =>
    [...values].flatMap(([id, week]) =>
      MEASURES.flatMap((measure) => {
        const value = week[measure];
        if (value === undefined) return [];
        const key = `${id} ${measure}`;
        const one = known.get(key) ?? { first: [], isTold: false };
        known.set(key, one);
        if (one.first.length < FIRST_WEEKS) {
          one.first.push(value);
          return [];
        }
        const usual = one.first.reduce((sum, each) => sum + each, 0) / FIRST_WEEKS;
        const { times, more } = LIMITS[measure];
        const isBad = measure === 'battery' ? value < usual * times && value < usual + more : value > usual * times && value > usual + more;
        const isNew = isBad && !one.isTold;
        one.isTold = isBad;
        return isNew ? [{ id, measure }] : [];
      }),
    );
}
