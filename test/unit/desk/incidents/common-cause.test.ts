import { describe, expect, it } from 'vitest';
import {
  commonCauses,
  type Group,
  groupName,
  type HomeTraits,
  logChance,
  traitsShared,
  WINDOW_MS,
} from '../../../../src/desk/incidents/common-cause.ts';
import { seededRandom } from '../../../../src/simulation/seeded-random.ts';

/** Once in thirty days. */
const USUAL = WINDOW_MS / (30 * 86_400_000);

/** The groups of a fleet, by home. */
function fleet(homes: ReadonlyMap<string, HomeTraits>): (sites: Iterable<string>) => ReadonlyMap<string, readonly Group[]> {
  const sizes = new Map<string, number>();
  for (const traits of homes.values())
    for (const shared of traitsShared(traits)) sizes.set(groupName(shared), (sizes.get(groupName(shared)) ?? 0) + 1);
  const groups = (site: string): Group[] =>
    traitsShared(homes.get(site) ?? {}).map((shared) => ({ ...shared, size: sizes.get(groupName(shared)) ?? 0 }));
  return (sites) => new Map([...sites].map((site) => [site, groups(site)]));
}

/** 50,000 homes of ten providers in 500 areas. */
const homes = new Map<string, HomeTraits>(
  Array.from({ length: 50_000 }, (_, i) => [
    `home ${i}`,
    { provider: `net ${i % 10}`, area: `area ${Math.floor(i / 100)}`, version: i % 7 ? '1.1' : '1.0' },
  ]),
);
const groupsOf = fleet(homes);
const where = (is: (traits: HomeTraits, i: number) => boolean): string[] =>
  [...homes].filter(([, traits], i) => is(traits, i)).map(([site]) => site);
const found = (sites: Iterable<string>) =>
  commonCauses(groupsOf(sites), USUAL).map(({ group, sites: all }) => [groupName(group), all.length]);

describe('homes that fall silent together', () => {
  it('in one area, of one provider, of one provider in one area, of one version, everywhere: that is what they have in common', () => {
    expect(found(where(({ area }, i) => area === 'area 7' && i % 3 > 0))).toEqual([['area area 7', 67]]);
    expect(found(where(({ provider }, i) => provider === 'net 3' && i % 20 === 3))).toEqual([['provider net 3', 2_500]]);
    expect(found(where(({ provider, area }) => provider === 'net 3' && area === 'area 7'))).toEqual([
      ['provider-in-area net 3, area 7', 10],
    ]);
    expect(found(where(({ version }, i) => version === '1.0' && i % 5 === 0))).toEqual([['version 1.0', 1_429]]);
    expect(found(where((_, i) => i % 20 === 0 || i % 20 === 7))).toEqual([['all ', 5_000]]);
  });

  it('for two reasons at once are two causes', () => {
    const both = new Set([...where(({ area }) => area === 'area 7'), ...where(({ provider }, i) => provider === 'net 3' && i % 3 === 0)]);
    const causes = found(both);
    expect(causes[0]).toEqual(['provider net 3', expect.any(Number)]);
    expect(causes[1]).toEqual(['area area 7', expect.any(Number)]);
    expect(causes).toHaveLength(2);
  });

  it('five of a small area are enough, four are not', () => {
    const some = where(({ area }) => area === 'area 9');
    expect(found(some.slice(0, 5))).toEqual([['area area 9', 5]]);
    expect(found(some.slice(0, 4))).toEqual([]);
  });

  it('by chance are none, in five thousand windows of a fleet whose homes are silent ten times as often as usual', () => {
    const random = seededRandom('silent by chance');
    const all = [...homes.keys()];
    const mean = all.length * USUAL * 10;
    for (let windows = 0; windows < 5_000; windows++) {
      const count = poisson(mean, () => random.fraction());
      const fallen = Array.from({ length: count }, () => all[Math.floor(random.fraction() * all.length)] as string);
      expect(commonCauses(groupsOf(fallen), USUAL * 10)).toEqual([]);
    }
  });
});

describe('how likely it is by chance', () => {
  it('is what summing the terms gives', () => {
    for (const [count, mean] of [
      [5, 0.05],
      [12, 3],
      [60, 20],
      [3, 2.9],
    ] as const) {
      let [term, sum] = [Math.exp(-mean), 0];
      for (let i = 0; i < 400; i++) {
        if (i >= count) sum += term;
        term *= mean / (i + 1);
      }
      const log = logChance(count, mean);
      // An upper bound, and not far above.
      expect(log).toBeGreaterThanOrEqual(Math.log(sum) - 1e-9);
      expect(log - Math.log(sum)).toBeLessThan(0.7);
    }
    expect(logChance(2, 3)).toBe(0);
  });
});

/** By the gaps between events (Knuth, The Art of Computer Programming 3.4.1). */
function poisson(mean: number, uniform: () => number): number {
  let [count, passed] = [-1, 0];
  while (passed < mean) {
    passed -= Math.log(1 - uniform());
    count++;
  }
  return count;
}
