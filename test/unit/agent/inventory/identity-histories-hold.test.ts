import { describe, expect, it } from 'vitest';
import { playHistory } from '../../../histories/play.ts';

/** The first 500, and those that once broke a rule. */
const SEEDS = [...Array.from({ length: 500 }, (_, i) => i + 1), 201_434];

describe('in 500 generated histories of homes', () => {
  it('no two boxes are taken for one, no word of a person is lost, and what is undone leaves no trace', { timeout: 120_000 }, () => {
    expect(SEEDS.flatMap((seed) => playHistory(seed).violations)).toEqual([]);
  });

  it('the same seed leads to the same devices', () => {
    for (const seed of SEEDS.slice(0, 10)) expect(playHistory(seed).final).toBe(playHistory(seed).final);
  });

  it('cards of one box do find each other', () => {
    const merges = SEEDS.slice(0, 50).reduce((sum, seed) => sum + playHistory(seed).merges, 0);
    expect(merges).toBeGreaterThan(10);
  });
});
