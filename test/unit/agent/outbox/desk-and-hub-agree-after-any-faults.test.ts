import { describe, expect, it } from 'vitest';
import { MUTANTS, playWorld } from '../../../fakes/outbox-world.ts';

/** `HB_SEED=17` plays one world again, `HB_SEEDS=50000` many. */
const only = process.env.HB_SEED;
const SEEDS = only === undefined ? range(1, Number(process.env.HB_SEEDS ?? 500)) : [Number(only)];
const BLOCK = 50;

describe('hub, broker and desk under random faults', () => {
  for (let i = 0; i < SEEDS.length; i += BLOCK) {
    const seeds = SEEDS.slice(i, i + BLOCK);
    it(`agree once the faults end, nothing lost, doubled or out of order (seeds ${seeds[0]} to ${seeds.at(-1)})`, {
      timeout: 60_000,
    }, async () => {
      for (const seed of seeds) {
        const violations = await playWorld(`outbox ${seed}`);
        expect(violations, `HB_SEED=${seed}`).toEqual([]);
      }
    });
  }

  it('play the same seed the same way twice', async () => {
    expect(await playWorld('outbox 3', 'no-dedupe')).toEqual(await playWorld('outbox 3', 'no-dedupe'));
  });
});

describe('the simulation', () => {
  it.each(MUTANTS)('notices %s within 50 seeds', { timeout: 60_000 }, async (mutant) => {
    let caughtBy: number | undefined;
    for (let seed = 1; seed <= 50 && caughtBy === undefined; seed++) {
      if ((await playWorld(`outbox ${seed}`, mutant)).length > 0) caughtBy = seed;
    }
    expect(caughtBy).toBeDefined();
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
