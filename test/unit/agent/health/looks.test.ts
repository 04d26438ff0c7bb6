import { expect, test } from 'vitest';
import { decideLook, type Looks, lookDueAtMs, NO_LOOKS } from '../../../../src/agent/health/looks.ts';

/** At which seconds it looks, when somebody becomes a suspect at these. */
function looksFor(suspectsAtS: readonly number[], untilS: number): number[] {
  let looks: Looks = NO_LOOKS;
  const looked: number[] = [];
  for (let second = 0; second <= untilS; second++) {
    const decided = decideLook(looks, suspectsAtS.includes(second), second * 1000);
    looks = decided.looks;
    if (decided.look) looked.push(second);
  }
  return looked;
}

test('looks at once for three devices that fall silent one after the other, and again when they are called down', () => {
  expect(looksFor([0, 5, 7, 12, 40, 47], 200)).toEqual([0, 5, 7, 12, 40, 47]);
});

test('puts the seventh look off for a minute, and takes several that wait together', () => {
  expect(looksFor([0, 5, 7, 12, 40, 47, 50, 60], 600)).toEqual([0, 5, 7, 12, 40, 47, 107]);
});

test('looks once a minute in the long run, however many devices fall silent', () => {
  const always = Array.from({ length: 3601 }, (_, second) => second);
  expect(looksFor(always, 3600)).toHaveLength(65);
});

test('says when a look that was put off may be had, also where the first of many is long ago by then', () => {
  let looks: Looks = NO_LOOKS;
  for (const second of [0, 70, 140, 210, 280, 350, 351]) looks = decideLook(looks, true, second * 1000).looks;
  expect(lookDueAtMs(looks)).toBe(360_000);
  expect(decideLook(looks, false, 359_999).look).toBe(false);
  expect(decideLook(looks, false, 360_000).look).toBe(true);
});

test('does not look when nobody is a suspect', () => {
  expect(looksFor([], 400)).toEqual([]);
});
