/** What happens to a device, added up on a day. */
import type { Effect } from './home.ts';

type Sum = Required<Omit<Effect, 'from' | 'over' | 'until' | 'growth'>>;

export function sumOf(effects: readonly Effect[], day: number): Sum {
  const sum = { loss: 0, delay: 0, tail: 0, drops: 0, reboots: 0, battery: 0, timer: 0, temperature: 0, damage: 0, discards: 0 };
  for (const effect of effects) {
    if (day < effect.from || day > effect.until) continue;
    const part = grown(effect, day);
    for (const name of Object.keys(sum) as (keyof Sum)[]) sum[name] += part * (effect[name] ?? 0);
  }
  return sum;
}

/** How much of an effect is there, from 0 to 1. */
function grown({ from, over, growth }: Effect, day: number): number {
  if (over <= 0) return 1;
  const part = Math.min(1, (day - from) / over);
  return growth === undefined ? part : Math.expm1(growth * part) / Math.expm1(growth);
}
