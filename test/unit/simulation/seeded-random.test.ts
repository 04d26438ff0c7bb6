import { describe, expect, it } from 'vitest';
import type { Random } from '../../../src/base/random.ts';
import { exponential, fork, seededRandom } from '../../../src/simulation/seeded-random.ts';

const draw = (random: Random, count = 1000): number[] => Array.from({ length: count }, () => random.fraction());

describe('seeded randomness', () => {
  it('repeats for a seed and differs between seeds', () => {
    expect(draw(seededRandom('a'))).toEqual(draw(seededRandom('a')));
    expect(seededRandom(7).bytes(32)).toEqual(seededRandom(7).bytes(32));
    expect(draw(seededRandom(1))).not.toEqual(draw(seededRandom(2)));
  });

  it('never changes what a seed means, so that a kept seed stays a scenario', () => {
    expect([...seededRandom('hearthbeat').bytes(8)]).toEqual([126, 18, 36, 25, 14, 20, 237, 165]);
  });

  it('spreads evenly over [0, 1) and over all bytes', () => {
    const counts = new Array<number>(10).fill(0);
    for (const value of draw(seededRandom(3), 100_000)) counts[Math.floor(value * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(new Set(seededRandom(4).bytes(10_000)).size).toBe(256);
  });

  it('forks streams that do not shift each other', () => {
    const parent = seededRandom(5);
    const [first, second] = [fork(parent), fork(parent)];
    draw(first, 50);
    const other = seededRandom(5);
    fork(other);
    expect(draw(second)).toEqual(draw(fork(other)));
  });

  it('draws exponential times of the mean that was asked for', () => {
    const random = seededRandom(6);
    const mean = Array.from({ length: 50_000 }, () => exponential(random, 200)).reduce((sum, value) => sum + value, 0) / 50_000;
    expect(Math.abs(mean - 200)).toBeLessThan(4);
  });
});
